"""The walk over one remote file: bounds, cancelling, progress, and what is kept on disk."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from lindi_explorer.remote.apart import run_apart
from lindi_explorer.remote.cancel import cancelling_task, current_token
from lindi_explorer.remote.messages import Ask
from lindi_explorer.remote.stats import Walked
from lindi_explorer.remote.walk.cursor import OddError
from lindi_explorer.remote.walk.header import object_header
from lindi_explorer.remote.walk.schedule import Scheduler
from lindi_explorer.remote.walk.superblock import LENGTH, places, superblock
from lindi_explorer.remote.walk.survey import Survey

if TYPE_CHECKING:
    from collections.abc import Callable

    from lindi_explorer.remote.cancel import CancelToken
    from lindi_explorer.remote.pages import PageCache
    from lindi_explorer.remote.reader import RangeReader
    from lindi_explorer.remote.walk.want import Want

MOST_REQUESTS = 256
"""Requests under way at a time: one round trip brings so many nodes."""

_PROGRESS_SECONDS = 0.1
# What has come is written to disk in groups: one transaction costs as much as dozens of its rows.
_KEEP_PARTS = 128
_KEEP_BYTES = 4 << 20
_KEEP_SECONDS = 0.5


def read_ahead(
    reader: RangeReader,
    url: str,
    pages: PageCache,
    size: int,
    *,
    most_bytes: int,
    chunks: bool = True,
    levels: int | None = None,
    names: bool = False,
    at: int | None = None,
    progress: Callable[[Walked], None] | None = None,
    cancel: CancelToken | None = None,
) -> Walked:
    """Walk over a file, and wait for the end; never call this while h5py is on the stack.

    Parameters
    ----------
    reader : RangeReader
        Does the reading.
    url : str
        The file.
    pages : PageCache
        Takes what is read; holds the beginning of the file.
    size : int
        Size of the file in bytes.
    most_bytes : int
        No more than this is fetched.
    chunks : bool, optional
        Whether to read chunk indexes and small data, as indexing needs, or objects and attributes only.
    levels : int, optional
        Only objects that are so many steps from the root group, or fewer.
    names : bool, optional
        Whether the names of objects one step deeper are wanted, too, but not these objects.
    at : int, optional
        Only the object whose header has this address.
    progress : callable, optional
        Told now and then, in another thread.
    cancel : CancelToken, optional
        Stops the walk; by default the one of the surrounding `cancelling` block.

    Returns
    -------
    Walked
        At the end.

    Raises
    ------
    LindiError
        If a request fails for good.
    """
    survey = Survey(size, full=chunks)
    if levels is not None or at is not None:
        survey.levels = levels or 0
        survey.link_levels = survey.levels + names
    cancel = cancel or current_token()
    walk = _Walk(reader, url, survey, progress)

    async def main() -> None:
        transport = reader.transport(MOST_REQUESTS)

        async def fetch(offset: int, length: int) -> bytes:
            return (await transport.fetch(Ask(url, offset, length))).body

        scheduler = Scheduler(
            pages,
            size,
            fetch,
            most_requests=lambda: transport.slots.limit,
            most_bytes=most_bytes,
            arrived=walk.arrived,
            turned=walk.turned,
        )
        try:
            with cancelling_task(cancel):
                await scheduler.run(beginning(survey, pages, size, at))
        finally:
            try:
                await walk.keep_the_rest()
            finally:
                await reader.release()

    run_apart(main)
    walked = walk.state()
    if progress is not None:
        progress(walked)
    return walked


def beginning(survey: Survey, pages: PageCache, size: int, at: int | None) -> list[Want]:
    """What the first superblock that is at hand leads to, or the object at an address instead."""
    for place in places(size):
        data = bytearray(min(LENGTH, size - place))
        if pages.fill(data, place):
            break
        try:
            root = list(superblock(survey, place, bytes(data)))
            return root if at is None else list(object_header(survey, at, level=0))
        except OddError:
            continue
    return []


class _Walk:
    """Counts what comes, tells about it, and keeps it on disk."""

    def __init__(
        self, reader: RangeReader, url: str, survey: Survey, progress: Callable[[Walked], None] | None
    ) -> None:
        self._reader = reader
        self._url = url
        self._survey = survey
        self._progress = progress
        self._told = time.monotonic()
        self._requests = self._bytes = 0
        self._parts: list[tuple[int, bytes]] = []
        self._parts_bytes = 0
        self._writing: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None

    def state(self) -> Walked:
        return Walked(self._survey.objects, self._survey.chunks, self._requests, self._bytes)

    def arrived(self, offset: int, data: bytes) -> None:
        self._requests += 1
        self._bytes += len(data)
        if self._reader.local_cache is not None:
            self._parts.append((offset, data))
            self._parts_bytes += len(data)
            if self._timer is None:
                # A walk that waits for a slow server has nothing that comes, and may be killed any time.
                self._timer = asyncio.get_running_loop().call_later(_KEEP_SECONDS, self._late)

    def turned(self) -> None:
        if self._progress is not None and time.monotonic() - self._told >= _PROGRESS_SECONDS:
            self._told = time.monotonic()
            self._progress(self.state())
        if len(self._parts) >= _KEEP_PARTS or self._parts_bytes >= _KEEP_BYTES:
            self._begin_writing()

    def _late(self) -> None:
        self._timer = None
        if not self._begin_writing() and self._parts:
            self._timer = asyncio.get_running_loop().call_later(_KEEP_SECONDS, self._late)

    def _begin_writing(self) -> bool:
        """Write what has come; False where the last lot is still being written."""
        if self._writing is not None and not self._writing.done():
            return False
        self._writing = asyncio.get_running_loop().create_task(self._write())
        return True

    async def _write(self) -> None:
        parts, self._parts, self._parts_bytes = self._parts, [], 0
        await asyncio.to_thread(self._reader.kept.keep_ahead, self._url, parts)

    async def keep_the_rest(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._writing is not None:
            await self._writing
        if self._parts:
            await self._write()
