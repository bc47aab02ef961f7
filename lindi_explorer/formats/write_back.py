"""Data on its way to the disk while more of it comes, so that the end of a save has little to wait for."""

from __future__ import annotations

import contextlib
import ctypes
import functools
from collections.abc import Callable

_PIECE = 8 << 20
"""So much is handed over at once: the disk is kept busy, and few calls are made."""

_WRITE = 2
"""``SYNC_FILE_RANGE_WRITE``: begin to write, and do not wait."""


class WriteBack:
    """Has the system write what was appended to a file, without waiting for it.

    Nothing is promised by that, and no fault of the disk is told or forgotten: both are the business of the
    ``fsync`` that follows. Where the system has no such call, nothing is done.

    Parameters
    ----------
    descriptor : int
        Of the file.
    start : int, optional
        Where it is appended to.
    """

    def __init__(self, descriptor: int, start: int = 0) -> None:
        self._descriptor = descriptor
        self._start = start

    def reached(self, end: int) -> None:
        """Tell that the file was written up to a position."""
        if end - self._start >= _PIECE:
            if (begin := _begin_writing()) is not None:
                begin(self._descriptor, self._start, end - self._start, _WRITE)
            self._start = end


@functools.cache
def _begin_writing() -> Callable[[int, int, int, int], int] | None:
    """Linux's ``sync_file_range``, which Python does not have; None on other systems."""
    with contextlib.suppress(OSError, AttributeError, TypeError):
        function = ctypes.CDLL(None).sync_file_range
        function.argtypes = (ctypes.c_int, ctypes.c_int64, ctypes.c_int64, ctypes.c_uint)
        function.restype = ctypes.c_int
        return function
    return None
