"""The half of the API that changes a dandiset; see `lindi_explorer.archive.client` for the other one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar
from urllib.parse import urlencode

import msgspec

from lindi_explorer.archive.client import Client
from lindi_explorer.archive.etag import Digest
from lindi_explorer.archive.instances import Instance
from lindi_explorer.archive.keys import key_headers, without_key
from lindi_explorer.archive.refusals import in_the_way, no_key, not_allowed, not_taken
from lindi_explorer.archive.replies import (
    AssetPage,
    AssetRow,
    BlobReply,
    CompleteReply,
    DandisetPage,
    DandisetReply,
    DescribedPage,
    Info,
    Started,
    Validation,
    detail_of,
)
from lindi_explorer.remote.calls import Reply
from lindi_explorer.remote.messages import Content
from lindi_explorer.remote.policy import may_carry_credentials
from lindi_explorer.remote.retry import RetryRules

_T = TypeVar("_T")

_ALGORITHM = "dandi:dandi-etag"
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_PAGE = 100
_MOST_PAGES = 100
_SOME = 5
_NOT_TAKEN = (400, 405, 423)

Metadata = dict[str, Any]


class Writer(Client):
    """Asks an archive, and puts something into it; always with the key.

    Parameters
    ----------
    instance : Instance
    dandiset : str
        Six digits.
    retries : RetryRules, optional
        When failed requests are sent again.
    waiting : callable, optional
        Told in words, before that happens.
    """

    def __init__(
        self,
        instance: Instance,
        dandiset: str,
        retries: RetryRules | None = None,
        waiting: Callable[[str], None] | None = None,
    ) -> None:
        super().__init__(instance, retries, waiting)
        self.dandiset = dandiset
        self._name = f"dandiset {dandiset}"
        self._draft = f"/dandisets/{dandiset}/versions/draft"

    # ------------------------------------------------------------ what is there

    def info(self) -> Info:
        """What the archive says of itself."""
        return self._ask("/info/", "description of itself", Info)

    def shown(self) -> DandisetReply:
        """The dandiset, with its embargo."""
        return self._ask(f"/dandisets/{self.dandiset}/", self._name, DandisetReply)

    def is_owned(self) -> bool:
        """Whether the key belongs to an owner of the dandiset."""
        for number in range(1, _MOST_PAGES):
            query = {"user": "me", "draft": "true", "empty": "true", "embargoed": "true"}
            route = f"/dandisets/?{urlencode({**query, 'page_size': _PAGE, 'page': number})}"
            page = self._read(self._send("GET", route), "your dandisets", DandisetPage)
            if any(found.identifier == self.dandiset for found in page.results):
                return True
            if page.next is None or not page.results:
                break
        return False

    def asset_at(self, path: str) -> AssetRow | None:
        """The file of the draft at exactly this path."""
        rows = self.assets(self.dandiset, "draft", path)
        return next((row for row in rows if row.path == path), None)

    def described(self) -> Iterator[Metadata]:
        """What the archive says of some files of the draft."""
        route = f"{self._draft}/assets/?{urlencode({'metadata': 'true', 'page_size': _SOME})}"
        for row in self._read(self._send("GET", route), self._name, DescribedPage).results:
            yield row.metadata

    def hindrance(self, path: str) -> str | None:
        """The path of a file of the draft that lies where there would be a folder, or the other way round."""
        below = self._page({"path": f"{path}/", "page_size": _PAGE})
        if found := [row.path for row in below if row.path.startswith(f"{path}/")]:
            return found[0]
        folder = path.rpartition("/")[0]
        while folder:
            if any(row.path == folder for row in self._page({"glob": folder})):
                return folder
            folder = folder.rpartition("/")[0]
        return None

    def _page(self, query: Mapping[str, Any]) -> list[AssetRow]:
        route = f"{self._draft}/assets/?{urlencode(query)}"
        return self._read(self._send("GET", route), self._name, AssetPage).results

    def is_listed(self, asset_id: str, version: str = "draft") -> bool:
        """Whether an asset is one of a version's."""
        route = f"/dandisets/{self.dandiset}/versions/{version}/assets/{asset_id}/"
        return self._send("GET", route, passing=(404,)).status == 200

    def blob_of(self, etag: str) -> BlobReply | None:
        """The bytes of this identity, if the archive has them."""
        reply = self._send("POST", "/blobs/digest/", {"algorithm": _ALGORITHM, "value": etag}, passing=(404,))
        return None if reply.status == 404 else self.blob_in(reply)

    def blob_in(self, reply: Reply) -> BlobReply:
        """The blob that a reply names."""
        found = self._read(reply, "a blob", BlobReply)
        if not _ID.fullmatch(found.blob_id):
            raise self._not_understood("a blob", "its id is none")
        return found

    def validation(self, asset_id: str) -> Validation | None:
        """Where the archive's check of an asset stands; None if it is in the draft no longer."""
        reply = self._send("GET", f"{self._draft}/assets/{asset_id}/validation/", passing=(404,))
        return None if reply.status == 404 else self._read(reply, "the check of the file", Validation)

    # ------------------------------------------------------------ bytes

    def initialize(self, digest: Digest) -> Started | str:
        """Begin an upload.

        Parameters
        ----------
        digest : Digest
            Of the file.

        Returns
        -------
        Started or str
            The id of the blob, where the archive has these bytes already.
        """
        known = {"algorithm": _ALGORITHM, "value": digest.etag}
        content = {"contentSize": digest.size, "digest": known, "dandiset": self.dandiset}
        reply = self._send("POST", "/uploads/initialize/", content, passing=(409,))
        if reply.status == 409:
            blob_id = reply.headers.get("location", "").rstrip("/").rpartition("/")[2]
            if not _ID.fullmatch(blob_id):
                raise self._not_understood("an upload", "the id of the blob is none")
            return blob_id
        started = self._read(reply, "an upload", Started)
        come = [(part.part_number, part.size) for part in started.parts]
        if come != [(part.number, part.size) for part in digest.parts] or not _ID.fullmatch(
            started.upload_id
        ):
            raise self._not_understood("an upload", "its parts are not those that were asked for")
        return started

    def complete(self, upload_id: str, digest: Digest) -> CompleteReply | None:
        """Ask how the parts are put together; None if the archive does not know the upload any more."""
        parts = [
            {"part_number": part.number, "size": part.size, "etag": f'"{part.md5}"'} for part in digest.parts
        ]
        reply = self._send("POST", f"/uploads/{upload_id}/complete/", {"parts": parts}, passing=(404,))
        return None if reply.status == 404 else self._read(reply, "an upload", CompleteReply)

    def validate(self, upload_id: str) -> Reply:
        """Have the archive take the bytes in: status 200, 400, 404 or 409, for the caller to judge."""
        return self._send("POST", f"/uploads/{upload_id}/validate/", {}, passing=(400, 404, 409))

    # ------------------------------------------------------------ files

    def create(self, metadata: Metadata, blob_id: str) -> AssetRow | Reply:
        """Put bytes under a new path; the reply where something is in the way (409) or gone."""
        content = {"metadata": metadata, "blob_id": blob_id}
        reply = self._send("POST", f"{self._draft}/assets/", content, passing=(404, 409))
        return self._row(reply) if reply.status == 200 else reply

    def replace(self, asset_id: str, metadata: Metadata, blob_id: str) -> AssetRow | Reply:
        """Put bytes in the place of an asset; the reply with status 404 where it is not in the draft."""
        content = {"metadata": metadata, "blob_id": blob_id}
        reply = self._send("PUT", f"{self._draft}/assets/{asset_id}/", content, passing=(404, 409))
        return self._row(reply) if reply.status == 200 else reply

    # ------------------------------------------------------------ asking

    def said(self, reply: Reply) -> str:
        """What a reply of this archive says, in one line that may be shown."""
        return without_key(detail_of(reply.body), key_headers(self.instance))

    def _row(self, reply: Reply) -> AssetRow:
        row = self._read(reply, "a file", AssetRow)
        if not _ID.fullmatch(row.asset_id):
            raise self._not_understood("a file", "its id is none")
        return row

    def _read(self, reply: Reply, what: str, kind: type[_T]) -> _T:
        try:
            return msgspec.json.decode(reply.body, type=kind)
        except msgspec.MsgspecError as error:
            raise self._not_understood(what, str(error)) from None

    def _send(
        self,
        method: str,
        route: str,
        content: Mapping[str, Any] | None = None,
        passing: tuple[int, ...] = (),
    ) -> Reply:
        """A reply with status 200, or one of those that the caller understands."""
        url = self.instance.api + route
        headers = key_headers(self.instance) if may_carry_credentials(url) else None
        if headers is None:
            raise no_key(self.instance)
        body = None if content is None else msgspec.json.encode(content)
        sent = None if body is None else Content(len(body), lambda: [body], "application/json")
        reply = self._calls.send(method, url, headers, sent)
        if reply.status == 200 or reply.status in passing:
            return reply
        if reply.status == 403:
            raise not_allowed(self.instance, self._name, self._account(), self.said(reply))
        if reply.status == 409:
            raise in_the_way(self.instance, self._name, self.said(reply))
        if method != "GET" and reply.status in _NOT_TAKEN:
            raise not_taken(self.instance, self._name, reply.status, self.said(reply))
        raise self._error(reply, self._name, headers)
