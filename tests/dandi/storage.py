"""The second origin: the bucket, as S3 answers for it."""

from __future__ import annotations

import hashlib
import re
import time
from typing import TYPE_CHECKING
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from tests.dandi import signing
from tests.dandi.archive import BUCKET
from tests.dandi.etag import joined_etag
from tests.dandi.web import Answer, Request

if TYPE_CHECKING:
    from pathlib import Path

    from tests.dandi.archive import Archive
    from tests.dandi.records import Upload

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


class Storage:
    """Answers requests to the bucket."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def answer(self, request: Request) -> Answer:
        """The answer to a request."""
        signed = "X-Amz-Algorithm=" in request.query
        if "authorization" in request.headers:
            return _error(
                400, "InvalidArgument", _ONE_MECHANISM if signed else "Unsupported Authorization Type"
            )
        if signed:
            refused = signing.refusal(
                request.method, request.path, request.query, request.headers, self._archive.now()
            )
            if refused is not None:
                status = 400 if refused[0].startswith("Authorization") else 403
                return _error(status, *refused)
        key = request.path.removeprefix(f"/{BUCKET}/")
        if key == request.path:
            return _error(404, "NoSuchBucket", "The specified bucket does not exist")
        query = parse_qs(request.query)
        if request.method in {"GET", "HEAD"}:
            return self._get(request, key, query, signed=signed)
        if signed and "uploadId" in query:
            with self._archive.lock:
                upload = self._archive.uploads.get(query["uploadId"][0])
            if upload is None or upload.key != key or upload.whole is not None:
                return _error(404, "NoSuchUpload", "The specified upload does not exist.")
            if request.method == "PUT" and "partNumber" in query:
                return self._put(request, upload, int(query["partNumber"][0]))
            if request.method == "POST":
                return self._complete(request, upload)
        return _error(403, "AccessDenied", "Access Denied")

    def _get(self, request: Request, key: str, query: dict[str, list[str]], *, signed: bool) -> Answer:
        with self._archive.lock:
            blob = next((blob for blob in self._archive.blobs.values() if blob.key == key), None)
            if blob is None and signed:
                return _error(404, "NoSuchKey", "The specified key does not exist.")
            if blob is None or (blob.embargoed and not signed):
                return _error(403, "AccessDenied", "Access Denied")
            etag, size, path = f'"{blob.etag}"', blob.size, blob.path
        headers = {"ETag": etag, "Accept-Ranges": "bytes", "Last-Modified": "Thu, 01 Jan 2026 00:00:00 GMT"}
        if request.headers.get("if-match", etag) not in {etag, "*"}:
            return _error(
                412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold"
            )
        if request.headers.get("if-none-match") in {etag, "*"}:
            return Answer(304, headers)
        headers["Content-Type"] = "application/octet-stream"
        if "response-content-disposition" in query:
            headers["Content-Disposition"] = query["response-content-disposition"][0]
        return _part(request.headers.get("range", ""), size, headers, path)

    def _put(self, request: Request, upload: Upload, number: int) -> Answer:
        digest = hashlib.md5(usedforsecurity=False)
        path = self._archive.folder / f"part-{upload.upload_id}-{number}"
        size = 0
        time.sleep(self._archive.part_seconds)
        with path.open("wb") as file:
            for piece in request.pieces:
                size += len(piece)
                digest.update(piece)
                file.write(piece)
        if size != int(request.headers["content-length"]):
            return _error(400, "IncompleteBody", "You did not provide the number of bytes specified.")
        with self._archive.lock:
            upload.come[number] = digest.digest(), path
        return Answer(200, {"ETag": f'"{digest.hexdigest()}"'})

    def _complete(self, request: Request, upload: Upload) -> Answer:
        text = request.body().decode()
        parts = re.findall(
            r"<Part>\s*<PartNumber>(\d+)</PartNumber>\s*<ETag>(.*?)</ETag>\s*</Part>", text, re.DOTALL
        )
        named = [(int(number), etag.replace("&quot;", "").strip('"')) for number, etag in parts]
        if not named:
            return _error(400, "MalformedXML", "The XML you provided was not well-formed")
        if named != sorted(set(named)):
            return _error(400, "InvalidPartOrder", "The list of parts was not in ascending order.")
        with self._archive.lock:
            come = upload.come
            if any(number not in come or come[number][0].hex() != etag for number, etag in named):
                return _error(400, "InvalidPart", "One or more of the specified parts could not be found.")
            whole = self._archive.folder / f"whole-{upload.upload_id}"
            with whole.open("wb") as file:
                for number, _ in named:
                    file.write(come[number][1].read_bytes())
            upload.whole_etag = joined_etag([come[number][0] for number, _ in named])
            upload.whole = whole
        body = (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            '<CompleteMultipartUploadResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
            f"<Bucket>{BUCKET}</Bucket><Key>{upload.key}</Key>"
            f"<ETag>&quot;{upload.whole_etag}&quot;</ETag></CompleteMultipartUploadResult>"
        )
        return Answer(200, {"Content-Type": "application/xml"}, body.encode())


_ONE_MECHANISM = (
    "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string "
    "parameter or the Authorization header should be specified"
)


def _part(wanted: str, size: int, headers: dict[str, str], path: Path) -> Answer:
    """What a Range header asks for; one that is not understood asks for everything."""
    match = _RANGE.fullmatch(wanted.strip())
    if (
        match is None
        or not (match[1] or match[2])
        or (match[1] and match[2] and int(match[2]) < int(match[1]))
    ):
        return Answer(200, headers, file=path, length=size)
    if match[1]:
        start, stop = int(match[1]), min(int(match[2]) + 1, size) if match[2] else size
    else:
        start, stop = max(0, size - int(match[2])), size
    if start >= stop:
        refused = _error(416, "InvalidRange", "The requested range is not satisfiable")
        refused.headers["Content-Range"] = f"bytes */{size}"
        return refused
    headers["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
    return Answer(206, headers, file=path, start=start, length=stop - start)


def _error(status: int, code: str, message: str) -> Answer:
    error = f"<Error><Code>{code}</Code><Message>{escape(message)}</Message></Error>"
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n{error}'
    return Answer(status, {"Content-Type": "application/xml"}, body.encode())
