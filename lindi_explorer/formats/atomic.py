"""Saving a file so that a reader, or a crash, sees the old one or the new one, never a part."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from lindi_explorer.errors import MissingFileError


def require_folder(path: Path) -> None:
    """Raise `MissingFileError` where the folder is missing that a file is to be put into.

    Parameters
    ----------
    path : Path
        Of the file.
    """
    if not path.parent.is_dir():
        raise MissingFileError(
            f"{path.name} cannot be written: there is no folder {path.parent}", hint="Make the folder first."
        )


def write_atomically(path: Path, data: bytes | Iterable[bytes]) -> int:
    """Write a file: temporary file beside it, fsync, rename.

    Parameters
    ----------
    path : Path
        Replaced where it exists; its permissions are kept. Where it is a symbolic link, the file behind it
        is replaced, as open() would do.
    data : bytes or iterable of bytes
        All of it, or its parts.

    Returns
    -------
    int
        Bytes written.

    Raises
    ------
    OSError
        If the folder is missing or not writable; the old file is untouched.
    """
    with replacing(path) as temporary, temporary.open("wb") as file:
        return sum(map(file.write, [data] if isinstance(data, bytes) else data))


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Write a file under another name; it takes its place when the block ends well, and goes otherwise.

    Parameters
    ----------
    path : Path
        As for `write_atomically`.

    Yields
    ------
    Path
        An empty file beside it. When the block ends it is closed by whoever has opened it.

    Raises
    ------
    OSError
        As for `write_atomically`.
    """
    path = path.resolve()
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    temporary = Path(name)
    try:
        os.close(handle)
        yield temporary
        sync(temporary)
        temporary.chmod(_mode(path))
        temporary.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
    sync_folder(path.parent)


@contextlib.contextmanager
def replacing_folder(path: Path) -> Iterator[Path]:
    """Write a folder under another name; it takes its place when the block ends well, and goes otherwise.

    Parameters
    ----------
    path : Path
        A folder that is there goes once the new one has its place. Whether it may, the caller knows.

    Yields
    ------
    Path
        An empty folder beside it.

    Raises
    ------
    OSError
        If the folder above is missing or not writable, or the rename fails; the old folder is untouched.
    """
    path = path.resolve()
    temporary = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp"))
    new, old = temporary / "new", temporary / "old"
    try:
        new.mkdir()
        yield new
        if hasattr(os, "sync"):
            # One call for all files: one for each would take a hundred times as long.
            os.sync()
        if path.exists():
            path.rename(old)
        try:
            new.rename(path)
        except BaseException:
            if old.exists():
                old.rename(path)
            raise
        sync_folder(path.parent)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def sync(path: Path) -> None:
    """Have a file on disk when this returns."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _mode(path: Path) -> int:
    try:
        return path.stat().st_mode & 0o777
    except FileNotFoundError:
        # What open() would give; os has no way to read the mask without setting it.
        mask = os.umask(0o077)
        os.umask(mask)
        return 0o666 & ~mask


def sync_folder(folder: Path) -> None:
    """Make what was renamed or created in a folder durable, where the system can."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
