"""Uploading an edited file: first the blob files of its staging area, then the document that leads there."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import filelock

from lindi_explorer.errors import ConflictError
from lindi_explorer.formats.json_file import write_json
from lindi_explorer.references import codec
from lindi_explorer.references.model import References
from lindi_explorer.references.secrets import without_secret
from lindi_explorer.staging.area import StagingArea
from lindi_explorer.staging.consolidate import consolidate, whole_file
from lindi_explorer.staging.live import inside
from lindi_explorer.staging.published import addresses_in, refuse_local
from lindi_explorer.staging.transfer import BlobUpload, OnUpload, Uploaded

DOCUMENT = "rfs.lindi.json"
"""Name of the document: in the area with its staged chunks, and as it is given to ``on_upload_main``."""


def upload(
    references: References,
    area: StagingArea | None,
    *,
    on_upload_blob: OnUpload,
    on_upload_main: OnUpload,
    extra: Mapping[str, Any] | None = None,
    addresses: Mapping[str, str] | None = None,
    verify: bool = True,
    progress: Callable[[Uploaded], None] | None = None,
) -> str:
    """Upload a hierarchy and the new chunks that it has in a staging area.

    The document with its staged chunks is saved in the area first, so that an upload that was interrupted,
    however that was, can be begun again: by calling this again, or by opening ``rfs.lindi.json`` of the area
    and uploading that. What was uploaded is noted in the area by its content, and not uploaded again.

    Parameters
    ----------
    references : References
        The file with its edits; nothing of it is changed.
    area : StagingArea or None
        None where there is nothing but references that others can follow.
    on_upload_blob : callable
        Given the absolute path of a blob file, uploads it and returns the URL from which everybody can read
        it; or an ``s3://`` address; or the path of a file where others find it. No two files have the same
        name. What it raises is raised again, and all that came before it stays noted.
    on_upload_main : callable
        Given the path of the document, ``rfs.lindi.json``, when all blobs are in their places. The document
        holds no path of this machine that ``on_upload_blob`` did not return, and no signatures of URLs.
    extra, addresses : mapping, optional
        As for `lindi_explorer.references.codec.outline`.
    verify : bool, optional
        Read back what was uploaded: its size, beginning, middle and end, and all of it where it is small or
        on this machine.
    progress : callable, optional
        Told after every blob file.

    Returns
    -------
    str
        What ``on_upload_main`` returned.

    Raises
    ------
    AccessDeniedError
        If there are references to files of this machine outside of the area. Nothing was uploaded.
    ConflictError
        If the area is being uploaded already.
    TransferError
        If what was uploaded is not what was to be uploaded.
    MissingFileError, RangeNotSupportedError, TransferError
        If what was uploaded cannot be read back.
    ValueError, TypeError
        If ``on_upload_blob`` returns anything else, or a URL with a signature that would be published; or if
        the area has been removed.
    """
    document = _Document(extra or {}, addresses or {})
    if area is None:
        found = addresses_in(document.outline(references))
        refuse_local(found, None)
        with tempfile.TemporaryDirectory(prefix="lindi_upload_") as folder:
            return on_upload_main(document.write_published(references, found, {}, Path(folder)))
    with _alone(area):
        real = inside(area)
        found = document.write_staged(references, area)
        refuse_local(found, {address: path for address in found if (path := real(address))})
        references = consolidate(references, area)
        found = document.write_staged(references, area)
        files = {address: whole_file(Path(path), area) for address in found if (path := real(address))}
        places = BlobUpload(area, on_upload_blob, verify=verify).run(files.values(), progress)
        uploaded = {address: places[path] for address, path in files.items()}
        apart = Path(area.directory) / ".upload"
        apart.mkdir(exist_ok=True)
        return on_upload_main(document.write_published(references, found, uploaded, apart))


class _Document:
    """Writes the document of an upload, as long as it is staged and when it is published."""

    def __init__(self, extra: Mapping[str, Any], addresses: Mapping[str, str]) -> None:
        self._extra = extra
        self._addresses = addresses

    def outline(self, references: References) -> codec.Outline:
        return codec.outline(references, self._extra, self._addresses)

    def write_staged(self, references: References, area: StagingArea) -> list[str]:
        """Save the document in the area, with what it refers to; gives the addresses it has."""
        outline = self.outline(references)
        # Only now, as chunks may have been put there for the outline.
        area.seal()
        write_json(Path(area.directory) / DOCUMENT, outline)
        return addresses_in(outline)

    def write_published(
        self, references: References, found: list[str], uploaded: Mapping[str, str], folder: Path
    ) -> str:
        """Write the document for others; gives its path."""
        final = {address: uploaded.get(address, without_secret(address)) for address in found}
        final |= {address: final.get(other, other) for address, other in self._addresses.items()}
        path = folder / DOCUMENT
        write_json(path, codec.outline(references, self._extra, final))
        return str(path)


@contextmanager
def _alone(area: StagingArea) -> Iterator[None]:
    """Keep others from uploading the same area at the same time."""
    area.begin()
    lock = filelock.FileLock(Path(area.directory) / ".lock", timeout=0)
    try:
        lock.acquire()
    except filelock.Timeout:
        raise ConflictError(
            f"the staging area {area.directory} is being uploaded already", hint="Wait until that is done."
        ) from None
    try:
        yield
    finally:
        lock.release()
