"""One writer at a time: the lock of a file that is open for writing.

It is a lock of the operating system on an empty file beside the container, ``.<name>.lindi-lock``. The
container itself cannot carry it, as saving may replace it, and as on some systems nobody could read it then.
The system lets go of the lock when the process ends, however it ends; `release` removes the file.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import filelock

from lindi_explorer.errors import AccessDeniedError, FileInUseError


class WriteLock:
    """The lock of one container, held from now on.

    Parameters
    ----------
    address : str
        Path of the file or folder, which need not exist; links are followed.

    Raises
    ------
    FileInUseError
        If it is open for writing elsewhere, in this process or another.
    AccessDeniedError
        If its folder is not writable.
    """

    def __init__(self, address: str) -> None:
        path = Path(address).resolve()
        self._path = path.with_name(f".{path.name}.lindi-lock")
        self._process = os.getpid()
        # Whoever closes the container may do so in another thread than the one that opened it.
        self._lock = filelock.FileLock(self._path, timeout=0, thread_local=False)
        try:
            self._lock.acquire()
        except filelock.Timeout:
            raise FileInUseError(
                f"{address} is open for writing elsewhere",
                hint="Close it there, or end the program that has it open. Reading it is possible.",
            ) from None
        except PermissionError as error:
            raise AccessDeniedError(
                f"{address} cannot be opened for writing: {error.filename or self._path} cannot be written",
                hint="Check the permissions of the folder, or write a copy elsewhere.",
            ) from error

    def release(self) -> None:
        """Let go of the lock, and leave nothing beside the container; doing it again does nothing."""
        # A process that was forked off has a copy of this object, but not the lock.
        if not self._lock.is_locked or os.getpid() != self._process:
            return
        if os.name != "nt":
            # Nobody may lock the file between the two: it would be removed under his feet.
            self._remove()
            self._lock.release()
        else:
            # There a file that is open cannot be removed, and one that another has locked stays.
            self._lock.release()
            self._remove()

    def _remove(self) -> None:
        with contextlib.suppress(OSError):
            self._path.unlink()
