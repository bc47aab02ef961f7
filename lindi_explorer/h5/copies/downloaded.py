"""How far a download has come."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from lindi_explorer.remote import CancelToken

_EVERY = 0.1
"""Seconds between two calls of a progress function."""


@dataclass(frozen=True, slots=True)
class Downloaded:
    """How far a download has come.

    Attributes
    ----------
    objects, objects_total : int
        Datasets whose chunks are here, and all that were chosen.
    chunks, chunks_total : int
    bytes, bytes_total : int
        Stored bytes; of data that only HDF5 reads, bytes of its elements.
    resumed : int
        Bytes that an earlier run had fetched.
    rate : float
        Bytes in a second, without these.
    changed : tuple of str
        Addresses whose content has changed since that run: they are fetched anew.
    """

    objects: int
    objects_total: int
    chunks: int
    chunks_total: int
    bytes: int
    bytes_total: int
    resumed: int
    rate: float
    changed: tuple[str, ...]


class Counts:
    """Counts what a download has brought here, tells whoever wants to know, and stops where that is wanted.

    Parameters
    ----------
    progress : callable or None
        Told now and then how far it has come.
    cancel : CancelToken or None
    """

    def __init__(self, progress: Callable[[Downloaded], None] | None, cancel: CancelToken | None) -> None:
        self.objects = self.chunks = self.bytes = self.resumed = 0
        self.changed: dict[str, None] = {}
        """Addresses whose content has changed."""
        self._progress = progress
        self._cancel = cancel
        self._left: dict[str, int] = {}
        self._objects_total = self._chunks_total = self._bytes_total = 0
        self._start = self._told = time.monotonic()

    def expect(self, path: str, chunks: int, size: int) -> None:
        """Count what is going to come of a dataset; where nobody knows how many chunks, `finish` ends it."""
        self._objects_total += 1
        self._chunks_total += chunks
        self._bytes_total += size
        if chunks:
            self._left[path] = chunks

    def begin(self) -> None:
        """From now on it is measured how fast it is."""
        self._start = time.monotonic()

    def add(self, path: str, chunks: int, size: int, *, resumed: bool = False) -> None:
        """Count chunks that are here; raises `CancelledByUserError` where the download is to stop."""
        self.chunks += chunks
        self.bytes += size
        self.resumed += size if resumed else 0
        if path in self._left:
            self._left[path] -= chunks
            self.objects += self._left[path] == 0 < chunks
        if self._cancel is not None:
            self._cancel.check()
        if time.monotonic() - self._told >= _EVERY:
            self.tell()

    def finish(self) -> None:
        """Count a dataset of which nobody knew how many chunks it would have."""
        self.objects += 1

    def tell(self) -> None:
        """Tell how far it has come, now."""
        self._told = time.monotonic()
        if self._progress is None:
            return
        self._progress(
            Downloaded(
                objects=self.objects,
                objects_total=self._objects_total,
                chunks=self.chunks,
                chunks_total=max(self._chunks_total, self.chunks),
                bytes=self.bytes,
                bytes_total=self._bytes_total,
                resumed=self.resumed,
                rate=(self.bytes - self.resumed) / max(self._told - self._start, 1e-9),
                changed=tuple(self.changed),
            )
        )
