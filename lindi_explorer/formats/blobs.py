"""Blob files: where encoded chunks are kept, one behind the other, in few large files."""

from __future__ import annotations

import os
import secrets
import threading
import weakref
from collections.abc import Iterable
from io import FileIO
from pathlib import Path

from lindi_explorer.byterange import ByteRange
from lindi_explorer.formats.write_back import WriteBack
from lindi_explorer.remote.growing import let_grow

FULL = 256 << 20
"""A blob file of so many bytes takes no more: few files for much data, and not too much in one transfer."""

_PIECE = 256 << 10
"""So much is written at once: for a whole megabyte Linux looks for pages of that size, which takes long."""


class BlobFiles:
    """Appends data to blob files in one folder; any thread may do so.

    What was appended is never changed: a file only grows, until it has `FULL` bytes or more. No two files
    have the same name, wherever they are.

    Parameters
    ----------
    folder : Path
        Absolute; made when the first data comes, and the folders above it.
    full : int, optional
        From so many bytes on a new file begins.
    """

    def __init__(self, folder: Path, full: int = FULL) -> None:
        self.folder = folder
        self.written: list[Path] = []
        """The files that were begun here, the oldest first."""
        self._full = full
        self._lock = threading.Lock()
        self._file: FileIO | None = None
        self._behind: WriteBack
        self._size = 0
        self._unsynced = False
        self._release = weakref.finalize(self, lambda: None)

    def put(self, data: bytes | memoryview | Iterable[bytes]) -> ByteRange:
        """Append data.

        Parameters
        ----------
        data : bytes, memoryview or iterable of bytes
            All of it, or its parts, which other threads' data does not come between.

        Returns
        -------
        ByteRange
            With the absolute path of the file. It can be read at once; it is on disk, whatever happens to the
            machine, after `flush`.

        Raises
        ------
        OSError
            If it cannot be written; then nothing was appended.
        """
        with self._lock:
            file = self._current()
            length = 0
            self._unsynced = True
            try:
                for part in [data] if isinstance(data, (bytes, memoryview)) else data:
                    length += _write(file, part)
            except BaseException:
                # The next data takes the place of the beginning of this.
                file.seek(self._size)
                file.truncate()
                raise
            start, self._size = self._size, self._size + length
            self._behind.reached(self._size)
            return ByteRange(str(self.written[-1]), start, length)

    def flush(self) -> None:
        """Have everything on disk when this returns."""
        with self._lock:
            self._sync()

    def close(self) -> None:
        """Flush, and let go of the file; what is put later begins a new one."""
        with self._lock:
            self._end()

    def _current(self) -> FileIO:
        if self._file is not None and self._size >= self._full:
            self._end()
        if self._file is None:
            self.folder.mkdir(parents=True, exist_ok=True)
            path = self.folder / secrets.token_hex(8)
            self._file, self._size = FileIO(path, "x"), 0
            self._behind = WriteBack(self._file.fileno())
            # Whoever forgets to close it lets go of the file all the same.
            self._release = weakref.finalize(self, self._file.close)
            # Not only until the file is full: a reader may have met it when it was shorter.
            weakref.finalize(self, let_grow(self._file.fileno()))
            self.written.append(path)
        return self._file

    def _end(self) -> None:
        self._sync()
        self._release()
        self._file = None

    def _sync(self) -> None:
        if self._file is not None and self._unsynced:
            os.fsync(self._file.fileno())
            self._unsynced = False


def _write(file: FileIO, data: bytes | memoryview) -> int:
    """Write all of it: one call to the system may take a part only."""
    rest = memoryview(data)
    while rest:
        rest = rest[file.write(rest[:_PIECE]) :]
    return len(data)
