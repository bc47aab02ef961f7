"""Handing blob files to who uploads them, each content once, and looking whether it arrived."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lindi_explorer.byterange import redact_url
from lindi_explorer.errors import FormatError, MissingFileError, TransferError
from lindi_explorer.references.secrets import without_secret
from lindi_explorer.remote import RangeReader, https_address, is_remote, is_s3
from lindi_explorer.staging.area import StagingArea
from lindi_explorer.staging.record import UploadRecord, digest_of
from lindi_explorer.staging.verify import is_copy

OnUpload = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Uploaded:
    """How far an upload has come.

    Attributes
    ----------
    files, files_total : int
        Blob files that are uploaded, and all of them.
    bytes, bytes_total : int
        Their bytes.
    """

    files: int
    files_total: int
    bytes: int
    bytes_total: int


class BlobUpload:
    """Uploads the blob files of an area.

    Parameters
    ----------
    area : StagingArea
        Holds the record of what has been uploaded.
    on_upload_blob, verify
        As for `lindi_explorer.staging.upload.upload`.
    """

    def __init__(self, area: StagingArea, on_upload_blob: OnUpload, *, verify: bool) -> None:
        self._area = area
        self._on_upload_blob = on_upload_blob
        self._verify = verify
        self._record = UploadRecord(Path(area.directory) / ".uploaded.json")

    def run(
        self, paths: Collection[Path], progress: Callable[[Uploaded], None] | None = None
    ) -> dict[Path, str]:
        """Upload what has not been uploaded.

        Parameters
        ----------
        paths : collection of Path
        progress : callable, optional
            Told after every file.

        Returns
        -------
        dict
            Path -> address.
        """
        sizes = {path: path.stat().st_size for path in paths}
        addresses: dict[Path, str] = {}
        done = 0
        with RangeReader(None) as reader:
            for path, size in sizes.items():
                addresses[path] = self._one(path, reader)
                done += size
                if progress is not None:
                    progress(Uploaded(len(addresses), len(sizes), done, sum(sizes.values())))
        return addresses

    def _one(self, path: Path, reader: RangeReader) -> str:
        digest = digest_of(path)
        known = self._record.get(digest)
        if known is not None and self._is_there(known, path, reader):
            return known
        address = _accepted(self._on_upload_blob(str(path)), path, self._area)
        if not path.exists():
            raise MissingFileError(
                f"on_upload_blob took {path.name} out of the staging area, which is read from there",
                hint="Have it copy the file, not move it.",
            )
        self._record.add(digest, address)
        if self._verify and not is_copy(reader, address, path):
            raise TransferError(
                f"{redact_url(address)} is not what was to be uploaded, {path.name}: "
                "it was damaged on its way, or something else lies at that address",
                hint="Upload again; if it stays so, look at what on_upload_blob does.",
            )
        return address

    def _is_there(self, address: str, path: Path, reader: RangeReader) -> bool:
        try:
            return not self._verify or is_copy(reader, address, path)
        except MissingFileError:
            return False


def _accepted(answer: Any, path: Path, area: StagingArea) -> str:
    """What ``on_upload_blob`` returned, as the document will have it."""
    if not isinstance(answer, (str, os.PathLike)):
        raise TypeError(f"on_upload_blob returned {type(answer).__name__} for {path.name}, not a URL")
    address = str(os.fspath(answer))
    if is_s3(address):
        return https_address(address)
    if is_remote(address):
        if without_secret(address) != address:
            raise FormatError(
                f"on_upload_blob returned a URL with a signature, user or fragment: {redact_url(address)}",
                hint="The URL is published with the document: return one that stays valid, without secrets.",
            )
        return address
    if not Path(address).is_file() or area.holds(address):
        raise FormatError(
            f"on_upload_blob returned {redact_url(address)!r} for {path.name}",
            hint="It has to return an http(s) URL, or the path of a file outside of the staging area.",
        )
    return os.path.abspath(address)  # noqa: PTH100 - resolve() would follow links
