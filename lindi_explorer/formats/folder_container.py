"""``.lindi.d``, written in its place: chunks are appended to few large files in its folder ``blobs``."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from lindi_explorer.byterange import ByteRange
from lindi_explorer.errors import FormatError
from lindi_explorer.formats.atomic import sync_folder
from lindi_explorer.formats.blobs import BlobFiles
from lindi_explorer.formats.directory import DOCUMENT, inside
from lindi_explorer.formats.in_place import EMPTY, INLINE, Container
from lindi_explorer.formats.json_file import write_json
from lindi_explorer.formats.lock import WriteLock
from lindi_explorer.formats.relocated import Relocated
from lindi_explorer.formats.splice import Splice
from lindi_explorer.references.chunks import Reference
from lindi_explorer.references.model import References
from lindi_explorer.references.outline import Outline
from lindi_explorer.references.places import RELATIVE

BLOBS = "blobs"
"""The folder of the chunks inside the container."""


class FolderContainer(Container):
    """A folder with a document and blob files. Files that were saved once are never changed.

    Parameters
    ----------
    address, lock
        See `Container`.
    """

    format = "LINDI folder"

    def __init__(self, address: str, lock: WriteLock) -> None:
        super().__init__(address, lock)
        _check_links(address)
        self._inside = os.path.join(address, "")  # noqa: PTH118 - addresses are text everywhere
        self._blobs = BlobFiles(Path(address) / BLOBS)
        self._needed: set[str] = set()

    def put(self, data: bytes | memoryview) -> Reference:
        """Keep the bytes of one chunk; see `Container.put`."""
        self._check_open()
        return bytes(data) if len(data) < INLINE else self._blobs.put(data)

    def append(self, parts: Iterable[bytes], length: int) -> ByteRange:
        """Keep the bytes of one chunk in a blob file, however short it is; as in `TarContainer.append`."""
        self._check_open()
        found = self._blobs.put(parts)
        assert found.length == length
        return found

    def relocated(self, references: References) -> Relocated:
        """The hierarchy as the document has it; see `Container.relocated`."""
        return Relocated(references, self._renamed)

    def text(self) -> bytes:
        """The text of the saved document."""
        return Path(self.address, DOCUMENT).read_bytes()

    def write(self, document: Outline | Splice) -> None:
        """Make a document the saved one; see `Container.write`."""
        with self._mutex:
            self._check_open()
            # What comes next goes into a new file: readers of this document never see its files change.
            self._blobs.close()
            if self._blobs.written:
                sync_folder(Path(self.address) / BLOBS)
                sync_folder(Path(self.address))
            write_json(os.path.join(self.address, DOCUMENT), document)  # noqa: PTH118 - as above
            self._needed = document.addresses() if self._blobs.written else set()

    def _drop(self) -> None:
        self._blobs.close()
        for path in self._blobs.written:
            if self._renamed(str(path)) not in self._needed:
                with contextlib.suppress(OSError):
                    path.unlink()

    def _renamed(self, url: str) -> str:
        if not url.startswith(self._inside):
            return url
        return RELATIVE + url.removeprefix(self._inside).replace(os.sep, "/")


def make_folder(address: str, lock: WriteLock) -> FolderContainer:
    """Make an empty folder, or empty one that is a LINDI file.

    Parameters
    ----------
    address, lock
        See `Container`.

    Returns
    -------
    FolderContainer

    Raises
    ------
    FormatError
        If there is a file, or a folder of something else.
    """
    folder = Path(address)
    if folder.exists() and not folder.is_dir():
        raise FormatError(f"{address} is a file, not a folder", hint="Remove it, or give another name.")
    if folder.is_dir() and not (folder / DOCUMENT).is_file() and any(folder.iterdir()):
        raise FormatError(
            f"the folder {address} is no LINDI file and not empty: it is not replaced",
            hint="Give another name.",
        )
    folder.mkdir(exist_ok=True)
    _check_links(address)
    write_json(folder / DOCUMENT, EMPTY)
    sync_folder(folder.parent)
    # The chunks of the document that was there before are nobody's now.
    blobs = folder / BLOBS
    if blobs.is_dir() and not blobs.is_symlink():
        shutil.rmtree(blobs)
    return FolderContainer(address, lock)


def _check_links(address: str) -> None:
    """Refuse a folder through which files elsewhere would be replaced, or made."""
    for name in (DOCUMENT, BLOBS):
        inside(address)(name)
