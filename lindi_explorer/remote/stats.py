"""What a reader has done so far: the numbers the explorer shows and the tests assert."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Stats:
    """Counts at one moment.

    Attributes
    ----------
    requests : int
        HTTP requests sent, retries and redirects included.
    bytes : int
        Body bytes received over HTTP.
    hits : int
        Reads answered without a request: from pages in memory or from the local cache.
    misses : int
        Reads of a `RemoteFile` that had to wait for a request of their own.
    retries : int
        Requests that were sent again after a failure.
    """

    requests: int = 0
    bytes: int = 0
    hits: int = 0
    misses: int = 0
    retries: int = 0


@dataclass(frozen=True, slots=True)
class Walked:
    """How far a walk has come.

    Attributes
    ----------
    objects, chunks : int
        Object headers and chunks that were found.
    requests, bytes : int
        What was fetched.
    """

    objects: int
    chunks: int
    requests: int
    bytes: int


class ReaderStats:
    """Counters that threads and event loops share.

    Each thread counts on its own row, so that nobody waits for anybody; a snapshot adds the rows up.
    """

    def __init__(self) -> None:
        self._rows: dict[int, list[int]] = {}

    def add(
        self, *, requests: int = 0, received: int = 0, hits: int = 0, misses: int = 0, retries: int = 0
    ) -> None:
        """Count something; ``received`` is in bytes."""
        row = self._rows.get(threading.get_ident())
        if row is None:
            row = self._rows.setdefault(threading.get_ident(), [0, 0, 0, 0, 0])
        # Line by line: it is called for every record of every file.
        row[0] += requests
        row[1] += received
        row[2] += hits
        row[3] += misses
        row[4] += retries

    @property
    def received(self) -> int:
        """Body bytes received so far."""
        return sum([row[1] for row in list(self._rows.values())])

    def snapshot(self) -> Stats:
        """Return the counts of this moment."""
        return Stats(*(sum(column) for column in zip(*self._rows.values(), [0] * 5, strict=True)))


class Progress:
    """Adds up what has come and tells the caller."""

    def __init__(
        self, callback: Callable[[int, int | None], None] | None, size: int | None, done: int
    ) -> None:
        self._callback, self._size, self._done = callback, size, 0
        self.now(done)

    def now(self, done: int) -> None:
        """Tell that so many bytes have come in all."""
        self._done = done
        if self._callback is not None:
            self._callback(done, self._size)

    def more(self, count: int) -> None:
        """Tell that so many more bytes have come."""
        self.now(self._done + count)
