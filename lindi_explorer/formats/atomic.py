"""Saving a file so that a reader, or a crash, sees the old one or the new one, never a part."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path


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
    path = path.resolve()
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            size = sum(map(file.write, [data] if isinstance(data, bytes) else data))
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(_mode(path))
        Path(temporary).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(temporary).unlink()
        raise
    sync_folder(path.parent)
    return size


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
