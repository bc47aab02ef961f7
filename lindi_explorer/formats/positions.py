"""Reading and writing at any position of an open file, all of it or an error."""

from __future__ import annotations

import os


def write_at(descriptor: int, data: bytes | memoryview, at: int) -> None:
    """Write bytes at a position; they are with the system when this returns.

    Parameters
    ----------
    descriptor : int
        Of a file that no other thread writes to or reads at the same moment.
    data : bytes
    at : int

    Raises
    ------
    OSError
        If there is no space left, or the system cannot write.
    """
    view = memoryview(data)
    while view:
        done = _write(descriptor, view, at)
        view, at = view[done:], at + done


def read_at(descriptor: int, length: int, at: int) -> bytes:
    """Read bytes at a position; fewer where the file ends."""
    pieces = []
    while length > 0 and (piece := _read(descriptor, length, at)):
        pieces.append(piece)
        length, at = length - len(piece), at + len(piece)
    return b"".join(pieces)


def _write(descriptor: int, data: memoryview, at: int) -> int:
    if hasattr(os, "pwrite"):
        return os.pwrite(descriptor, data, at)
    # Windows has no pwrite.
    os.lseek(descriptor, at, os.SEEK_SET)
    return os.write(descriptor, data)


def _read(descriptor: int, length: int, at: int) -> bytes:
    if hasattr(os, "pread"):
        return os.pread(descriptor, length, at)
    os.lseek(descriptor, at, os.SEEK_SET)
    return os.read(descriptor, length)
