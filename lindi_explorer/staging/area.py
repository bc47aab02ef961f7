"""The staging area: a folder for new chunks, until they are uploaded."""

from __future__ import annotations

import os
import secrets
import shutil
import string
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from lindi_explorer.byterange import ByteRange
from lindi_explorer.errors import AccessDeniedError
from lindi_explorer.formats.atomic import sync_folder, write_atomically
from lindi_explorer.formats.blobs import BlobFiles
from lindi_explorer.formats.in_place import INLINE
from lindi_explorer.references.chunks import Reference

_MARK = ".staging_area"
"""An empty file, by which a folder is known as a staging area that may be removed as a whole."""


class StagingArea:
    """A folder that holds new chunks while a file is edited; made by `create`.

    The folder appears with the first data, and is removed at the end of the ``with`` block, or by `cleanup`.
    What lay in the folder before it became a staging area stays.

    Parameters
    ----------
    directory : str
        Absolute path.

    Examples
    --------
    >>> with StagingArea.create(base_dir="lindi_staging") as area:  # doctest: +SKIP
    ...     file = LindiH5pyFile.from_lindi_file(url, mode="r+", staging_area=area)
    ...     file.create_dataset("new", data=data)
    ...     file.upload(on_upload_blob=on_upload_blob, on_upload_main=on_upload_main)
    """

    def __init__(self, directory: str) -> None:
        self.directory = directory
        """Absolute path of the folder."""
        self.removed = False
        """Whether the folder has been removed; nothing can be put there any more."""
        self._blobs = BlobFiles(Path(directory) / "blobs")
        self._foreign = _foreign(Path(directory))
        self._marked = False

    @staticmethod
    def create(
        *,
        base_dir: str | os.PathLike[str] | None = None,
        dir: str | os.PathLike[str] | None = None,  # noqa: A002 - the original's name
    ) -> StagingArea:
        """Make a staging area.

        Parameters
        ----------
        base_dir : str or path, optional
            The area is a new folder in this one.
        dir : str or path, optional
            The area is this folder. An area that was left behind, by a process that was killed for example,
            goes on being used.

        Returns
        -------
        StagingArea

        Raises
        ------
        ValueError
            Unless exactly one of them is given.
        """
        if (base_dir is None) == (dir is None):
            raise ValueError("Provide either base_dir or dir, but not both")
        if dir is not None:
            return StagingArea(os.path.abspath(dir))  # noqa: PTH100 - resolve() would follow links
        assert base_dir is not None
        letters = string.ascii_lowercase + string.digits
        name = f"{datetime.now(UTC):%Y%m%d%H%M%S}-{''.join(secrets.choice(letters) for _ in range(8))}"
        return StagingArea(os.path.abspath(os.path.join(base_dir, name)))  # noqa: PTH100, PTH118 - as above

    @property
    def blob_folder(self) -> Path:
        """Where the files are whose names no other file has; without links."""
        return Path(os.path.realpath(self._blobs.folder))

    def put(self, data: bytes | memoryview) -> Reference:
        """Keep one encoded chunk; any thread may do so.

        Parameters
        ----------
        data : bytes

        Returns
        -------
        bytes or ByteRange
            ``data`` itself where it is so short that it stays in the document. Otherwise where it is in the
            area: it can be read at once.

        Raises
        ------
        ValueError
            If the area has been removed.
        OSError
            If it cannot be written.
        """
        if len(data) < INLINE:
            return bytes(data)
        self.begin()
        return self._blobs.put(data)

    def append(self, parts: Iterable[bytes]) -> ByteRange:
        """Keep data that comes in parts, however long it is; see `put`."""
        self.begin()
        return self._blobs.put(parts)

    def store_file(self, relpath: str, value: bytes) -> str:
        """Write a file of the area, at once or not at all.

        Parameters
        ----------
        relpath : str
            Path inside the area; folders are made, an existing file is replaced.
        value : bytes

        Returns
        -------
        str
            The absolute path.

        Raises
        ------
        AccessDeniedError
            If the path leads out of the area.
        ValueError
            If the area has been removed.
        """
        path = Path(self.get_full_path(relpath))
        self.begin()
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, value)
        return str(path)

    def get_full_path(self, relpath: str) -> str:
        """The absolute path of a file of the area, whether there is one or not.

        Parameters
        ----------
        relpath : str
            Path inside the area.

        Returns
        -------
        str

        Raises
        ------
        AccessDeniedError
            If it leads out of the area, by ``..``, through a link, or because it is absolute.
        """
        parts = relpath.replace("\\", "/").split("/")
        path = os.path.join(self.directory, relpath)  # noqa: PTH118 - an empty part must not vanish
        if {"", ".", ".."}.intersection(parts) or os.path.isabs(relpath) or not self.holds(path):  # noqa: PTH117
            raise AccessDeniedError(
                f"{relpath[:200]!r} is no path of a file inside the staging area",
                hint="Give a path relative to it, such as group/dataset/0.0.",
            )
        return path

    def holds(self, path: str) -> bool:
        """Whether a path, links followed, leads to something inside the area."""
        real, root = os.path.realpath(path), os.path.realpath(self.directory)
        return real.startswith(os.path.join(root, ""))  # noqa: PTH118 - text is compared

    def seal(self) -> None:
        """Have all that was put here on disk, and end its files: what is put later goes into new ones."""
        self._blobs.close()
        sync_folder(self._blobs.folder)
        sync_folder(Path(self.directory))

    def cleanup(self) -> None:
        """Remove the folder; what has not been uploaded is gone."""
        self._blobs.close()
        self.removed = True
        root = Path(self.directory)
        if not root.is_dir():
            return
        for path in root.iterdir():
            if path.name in self._foreign:
                continue
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
        if not self._foreign:
            # Where the folder itself is a link, both go.
            root.resolve().rmdir()
            root.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.cleanup()

    def begin(self) -> None:
        """Make the folder, where it is not there yet.

        Raises
        ------
        ValueError
            If the area has been removed.
        """
        if self.removed:
            raise ValueError(f"the staging area {self.directory} has been removed: nothing can be put there")
        if not self._marked:
            root = Path(self.directory)
            root.parent.mkdir(parents=True, exist_ok=True)
            # New data is nobody else's business until it is uploaded.
            root.mkdir(mode=0o700, exist_ok=True)
            if not self._foreign:
                (root / _MARK).touch()
            self._marked = True


def _foreign(folder: Path) -> frozenset[str]:
    """Names of what lies in a folder that is no staging area yet."""
    names = frozenset(path.name for path in folder.iterdir()) if folder.is_dir() else frozenset()
    return frozenset() if _MARK in names else names
