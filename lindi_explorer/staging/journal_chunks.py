"""The long chunks of a journal on disk: one behind the other, in a file beside its text."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from lindi_explorer.errors import FormatError

LONG = 1000
"""Chunks of so many bytes or more are kept here, shorter ones in the text of the journal."""


class ChunkFile:
    """Appends chunks; each that is there already is not written again.

    Parameters
    ----------
    path : Path
        The file; it appears with the first chunk.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.end = 0
        """Bytes that are in use; what is behind them is overwritten."""
        self._known: dict[bytes, tuple[int, int]] = {}
        self._parts: list[bytes] = []

    def put(self, data: bytes) -> list[int]:
        """Take a chunk, which `flush` writes.

        Returns
        -------
        list of int
            Offset and length.
        """
        digest = hashlib.sha256(data).digest()
        place = self._known.get(digest)
        if place is None:
            place = self._known[digest] = (self.end, len(data))
            self._parts.append(data)
            self.end += len(data)
        return list(place)

    def flush(self) -> None:
        """Have what was taken on disk when this returns.

        Raises
        ------
        OSError
            If it cannot be written.
        """
        if not self._parts:
            return
        start = self.end - sum(map(len, self._parts))
        with self.path.open("r+b" if start else "wb") as file:
            file.seek(start)
            for part in self._parts:
                file.write(part)
            file.truncate()
            file.flush()
            os.fsync(file.fileno())
        self._parts.clear()

    def cut(self, end: int) -> None:
        """Forget what is behind a place; the bytes themselves go with the next chunks, or with the file."""
        self._parts.clear()
        if end < self.end:
            self.end = end
            self._known = {
                digest: place for digest, place in self._known.items() if place[0] + place[1] <= end
            }

    def remove(self) -> None:
        """Delete the file."""
        self.cut(0)
        self.path.unlink(missing_ok=True)


def read_chunk(path: Path, offset: int, length: int) -> bytes:
    """Read one chunk.

    Raises
    ------
    FormatError
        If it is not there.
    """
    require_chunk(path, offset, length)
    with path.open("rb") as file:
        file.seek(offset)
        return file.read(length)


def require_chunk(path: Path, offset: int, length: int) -> None:
    """Raise `FormatError` where a chunk is not there."""
    try:
        size = path.stat().st_size
    except OSError:
        size = 0
    if min(offset, length) < 0 or offset + length > size:
        raise FormatError(f"{path.name} lacks a chunk", hint="It was cut off, or deleted.")
