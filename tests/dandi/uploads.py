"""The routes of the API that take bytes in: in parts, which go to the bucket, not here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from tests.dandi.archive import BUCKET
from tests.dandi.etag import part_sizes
from tests.dandi.records import Blob, Upload, User
from tests.dandi.refusals import NOT_YOURS, content_of, refuse, refuse_html
from tests.dandi.signing import presign
from tests.dandi.web import Answer, Request, in_json

if TYPE_CHECKING:
    from tests.dandi.access import Access
    from tests.dandi.archive import Archive
    from tests.dandi.writing import Route

_ALGORITHM = "dandi:dandi-etag"
_LARGEST = 5 << 40
_UPLOAD_SECONDS = 7 * 24 * 3600


class Uploads:
    """Blobs and uploads."""

    def __init__(self, archive: Archive, access: Access) -> None:
        self._archive = archive
        self._access = access

    def routes(self) -> list[Route]:
        """Method, path and function of each."""
        upload = r"/uploads/([0-9a-f-]{36})/"
        return [
            ("POST", "/blobs/digest/", self._digest),
            ("POST", "/uploads/initialize/", self._initialize),
            ("POST", f"{upload}complete/", self._complete),
            ("POST", f"{upload}validate/", self._validate),
        ]

    def _digest(self, request: Request, user: User | None) -> Answer:
        content = content_of(request)
        if content.get("algorithm") != _ALGORITHM:
            raise refuse(400, {"algorithm": ["Unsupported digest algorithm."]})
        blob = self._archive.blob_of(str(content.get("value")))
        if blob is None:
            raise refuse(404, {"detail": "No AssetBlob matches the given query."})
        return in_json(200, self._blob(blob))

    def _blob(self, blob: Blob) -> dict[str, Any]:
        return {
            "blob_id": blob.blob_id,
            "etag": blob.etag,
            "sha256": self._archive.sha256(blob),
            "size": blob.size,
        }

    def _initialize(self, request: Request, user: User | None) -> Answer:
        user = self._access.known(user)
        content = content_of(request)
        size, digest, identifier = (content.get(name) for name in ("contentSize", "digest", "dandiset"))
        if not isinstance(size, int) or size <= 0:
            raise refuse(400, {"contentSize": ["Ensure this value is greater than or equal to 1."]})
        if size > _LARGEST:
            raise refuse_html(500)
        if not isinstance(digest, dict) or digest.get("algorithm") != _ALGORITHM:
            raise refuse(400, ["Unsupported Digest Type"])
        dandiset = self._access.dandiset(user, str(identifier))
        if user.username not in dandiset.owners:
            raise refuse(403, "Action not allowed")
        if user.status != "APPROVED":
            raise refuse(403, {"detail": "Your account has not been approved."})
        if dandiset.embargo == "UNEMBARGOING":
            raise refuse(400, "Unembargo in progress")
        etag = str(digest.get("value"))
        known = self._archive.blob_of(etag)
        if known is not None:
            return in_json(409, "Blob already exists.", Location=known.blob_id)
        upload_id = self._archive.new_id()
        sizes = dict(enumerate(part_sizes(size, self._archive.part), 1))
        key = f"blobs/{upload_id[:3]}/{upload_id[3:6]}/{upload_id}"
        embargoed = dandiset.embargo != "OPEN"
        upload = Upload(upload_id, size, etag, dandiset.identifier, embargoed, key, sizes)
        self._archive.uploads[upload_id] = upload
        parts = [
            {"part_number": number, "size": length, "upload_url": self._part_url(upload, number, length)}
            for number, length in sizes.items()
        ]
        return in_json(200, {"upload_id": upload_id, "parts": parts})

    def _part_url(self, upload: Upload, number: int, length: int) -> str:
        query = {"uploadId": upload.upload_id, "partNumber": str(number)}
        return self._signed("PUT", upload, query, {"content-length": str(length)})

    def _signed(
        self, method: str, upload: Upload, query: dict[str, str], headers: dict[str, str] | None = None
    ) -> str:
        host, path = self._archive.storage.partition("://")[2], f"/{BUCKET}/{upload.key}"
        now, last = self._archive.now(), _UPLOAD_SECONDS
        return presign(method, host, path, now=now, seconds=last, query=query, headers=headers)

    def _upload(self, user: User | None, upload_id: str) -> Upload:
        user = self._access.known(user)
        upload = self._archive.uploads.get(upload_id)
        if upload is None:
            raise refuse(404, {"detail": "No Upload matches the given query."})
        if user.username not in self._archive.dandisets[upload.dandiset].owners:
            raise refuse(403, NOT_YOURS)
        return upload

    def _complete(self, request: Request, user: User | None, upload_id: str) -> Answer:
        upload = self._upload(user, upload_id)
        parts = content_of(request).get("parts")
        if not isinstance(parts, list) or not all(isinstance(part, dict) for part in parts):
            raise refuse(400, {"parts": ["This field is required."]})
        listed = "".join(
            f"<Part><PartNumber>{part.get('part_number')}</PartNumber>"
            f"<ETag>{escape(str(part.get('etag')))}</ETag></Part>"
            for part in parts
        )
        space = "http://s3.amazonaws.com/doc/2006-03-01/"
        body = f'<CompleteMultipartUpload xmlns="{space}">{listed}</CompleteMultipartUpload>'
        url = self._signed("POST", upload, {"uploadId": upload.upload_id})
        return in_json(200, {"complete_url": url, "body": body})

    def _validate(self, request: Request, user: User | None, upload_id: str) -> Answer:
        upload = self._upload(user, upload_id)
        if upload.whole is None:
            raise refuse(400, ["Object does not exist."])
        size = upload.whole.stat().st_size
        if size != upload.size:
            raise refuse(400, [f"Size {upload.size} does not match actual size {size}."])
        if upload.whole_etag != upload.etag:
            raise refuse(400, [f"ETag {upload.etag} does not match actual ETag {upload.whole_etag}."])
        del self._archive.uploads[upload_id]
        if self._archive.blob_of(upload.etag) is not None:
            raise refuse(409, "An identical blob has already been uploaded.")
        blob = Blob(upload_id, upload.etag, size, upload.whole, upload.embargoed, self._archive.now())
        self._archive.blobs[blob.blob_id] = blob
        return in_json(200, {**self._blob(blob), "sha256": None})
