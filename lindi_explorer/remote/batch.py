"""Gathering small reads into few requests.

Readers of chunks ask for many small ranges at once, often neighbours. Reads that arrive within a moment of
each other are collected; neighbours in the same file become one request.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lindi_explorer.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Iterator

# Long enough for a burst of reads to be queued by their tasks, short against any round trip.
TICK_SECONDS = 0.002
# Bytes in between that cost less than another request, and the size at which requests no longer grow.
LARGEST_GAP = 64 << 10
LARGEST_MERGED = 1 << 20


@dataclass(slots=True)
class _Read:
    """A range that someone waits for."""

    offset: int
    end: int
    data: asyncio.Future[bytes]


@dataclass(slots=True)
class _Request:
    """Neighbouring reads of one file, which are fetched together."""

    offset: int
    end: int
    reads: list[_Read] = field(default_factory=list)


class Batcher:
    """Collects the reads of one event loop.

    Parameters
    ----------
    fetch : callable
        ``await fetch(url, offset, length)`` returns the bytes.
    """

    def __init__(self, fetch: Callable[[str, int, int], Awaitable[bytes]]) -> None:
        self._fetch = fetch
        self._waiting: dict[str, list[_Read]] = {}
        self._tasks: set[asyncio.Task[None]] = set()  # the loop itself holds tasks weakly only

    def read(self, url: str, offset: int, length: int) -> asyncio.Future[bytes]:
        """Queue a read; cancelling the future takes it back."""
        loop = asyncio.get_running_loop()
        if not self._waiting:
            loop.call_later(TICK_SECONDS, self._flush)
        read = _Read(offset, offset + length, loop.create_future())
        self._waiting.setdefault(url, []).append(read)
        return read.data

    def _flush(self) -> None:
        waiting, self._waiting = self._waiting, {}
        for url, reads in waiting.items():
            for request in merged(read for read in reads if not read.data.done()):
                self._start(url, request)

    def _start(self, url: str, request: _Request) -> None:
        task = asyncio.get_running_loop().create_task(self._serve(url, request))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

        wanted = len(request.reads)

        def stop_if_unwanted(_: asyncio.Future[bytes]) -> None:
            nonlocal wanted
            wanted -= 1
            if wanted == 0:
                task.cancel()

        for read in request.reads:
            read.data.add_done_callback(stop_if_unwanted)

    async def _serve(self, url: str, request: _Request) -> None:
        try:
            data = memoryview(await self._fetch(url, request.offset, request.end - request.offset))
        except FormatError as error:
            if len(request.reads) == 1:
                _fail(request, error)
            else:  # one of them goes past the end of the file; the others are not to suffer
                for read in request.reads:
                    if not read.data.done():
                        self._start(url, _Request(read.offset, read.end, [read]))
        except Exception as error:  # noqa: BLE001 - whatever it is, those who wait for the data must hear of it
            _fail(request, error)
        else:
            for read in request.reads:
                if not read.data.done():
                    read.data.set_result(
                        bytes(data[read.offset - request.offset : read.end - request.offset])
                    )


def _fail(request: _Request, error: Exception) -> None:
    for read in request.reads:
        if not read.data.done():
            read.data.set_exception(error)


def merged(reads: Iterable[_Read]) -> Iterator[_Request]:
    """Yield requests that cover the reads: neighbours together, up to a size."""
    request: _Request | None = None
    for read in sorted(reads, key=lambda read: read.offset):
        end = read.end if request is None else max(request.end, read.end)
        if (
            request is not None
            and read.offset - request.end <= LARGEST_GAP
            and (end == request.end or end - request.offset <= LARGEST_MERGED)
        ):
            request.end = end
            request.reads.append(read)
            continue
        if request is not None:
            yield request
        request = _Request(read.offset, read.end, [read])
    if request is not None:
        yield request
