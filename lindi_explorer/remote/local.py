"""Reading parts of local files."""

from __future__ import annotations

import errno
import os
import stat
import threading
from collections import OrderedDict
from pathlib import Path

from lindi_explorer.errors import AccessDeniedError, FormatError, LindiError, MissingFileError, TransferError
from lindi_explorer.remote import growing
from lindi_explorer.remote.faults import past_end, stale


class LocalFile:
    """A local file that is open for reading at any position, from any thread.

    The descriptor closes when the last reference to the object goes: a read under way in another thread can
    then never meet a descriptor that was closed, or given to another file, under its feet.

    Parameters
    ----------
    path : str
        Where the file is.

    Raises
    ------
    MissingFileError, AccessDeniedError, FormatError
        If there is no such file, it may not be read, or it is no regular file.
    """

    def __init__(self, path: str) -> None:
        self._descriptor = -1
        self.path = path
        try:
            self._descriptor = os.open(
                path, os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
            )
        except (OSError, ValueError) as error:
            raise _opening_error(path, error) from None
        status = os.fstat(self._descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise FormatError(f"{path} is not a file.", hint="Give the path of a file.")
        self.identity = (status.st_size, status.st_mtime_ns)
        self._file = growing.identity(status)

    def __del__(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)

    @property
    def size(self) -> int:
        """Size in bytes when the file was opened."""
        return self.identity[0]

    @property
    def grows(self) -> bool:
        """Whether this process appends to it: then it is the same file still, whatever its size."""
        return growing.grows(self._file)

    def read(self, offset: int, length: int) -> bytes:
        """Return ``length`` bytes from ``offset`` on.

        Raises
        ------
        FormatError
            If the file ends before.
        StaleFileError
            If the file was changed since it was opened.
        TransferError
            If the system cannot read it.
        """
        grows = self.grows
        if offset + length > self.size and not grows:
            raise past_end(self.path, offset + length, self.size)
        pieces: list[bytes] = []
        missing = length
        try:
            while missing > 0 and (piece := self._pread(missing, offset + length - missing)):
                pieces.append(piece)
                missing -= len(piece)
            status = os.fstat(self._descriptor)
        except OSError as error:
            raise TransferError(f"{self.path} could not be read: {error.strerror}.") from error
        if grows and missing > 0:
            raise past_end(self.path, offset + length, status.st_size)
        if not grows and (missing > 0 or (status.st_size, status.st_mtime_ns) != self.identity):
            raise stale(self.path)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def _pread(self, length: int, offset: int) -> bytes:
        if hasattr(os, "pread"):
            return os.pread(self._descriptor, length, offset)
        # Windows has no pread; a descriptor of its own gives each read its own position.
        with Path(self.path).open("rb", buffering=0) as file:
            file.seek(offset)
            return file.read(length)


def _opening_error(path: str, error: OSError | ValueError) -> LindiError:
    if isinstance(error, PermissionError):
        return AccessDeniedError(f"{path} may not be read.", hint="Check the permissions of the file.")
    if isinstance(error, (FileNotFoundError, NotADirectoryError, ValueError)):
        return MissingFileError(f"There is no file {path}.", hint="Check the path.")
    if error.errno == errno.ENAMETOOLONG:
        return MissingFileError(
            f"There is no file {path[:80]}…: no name is that long.", hint="Check the path."
        )
    return TransferError(f"{path} could not be opened: {error.strerror}.")


_MOST_OPEN = 128
"""Files that one reader keeps open: a document may refer to more of them than a process may have open."""


class LocalFiles:
    """The local files that one reader has open: those that were read last."""

    def __init__(self) -> None:
        self._open: OrderedDict[str, LocalFile] = OrderedDict()
        self._identities: dict[str, tuple[int, int]] = {}
        self._lock = threading.Lock()

    def get(self, path: str) -> LocalFile:
        """Return the open file at a path.

        Raises
        ------
        StaleFileError
            If it is not the file any more that it was at first.
        LindiError
            As `LocalFile`.
        """
        with self._lock:
            file = self._open.get(path)
            if file is None:
                file = LocalFile(path)
                if self._identities.setdefault(path, file.identity) != file.identity and not file.grows:
                    raise stale(path)
                self._open[path] = file
                if len(self._open) > _MOST_OPEN:
                    self._open.popitem(last=False)
            self._open.move_to_end(path)
            return file

    def forget(self, path: str) -> None:
        """Open the file anew next time: it was replaced."""
        with self._lock:
            self._open.pop(path, None)
            self._identities.pop(path, None)

    def close(self) -> None:
        """Let go of the files; each closes when the reads under way are done."""
        with self._lock:
            self._open.clear()
            self._identities.clear()
