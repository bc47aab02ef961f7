"""From wants to requests: which need none, which share one, and in which order they go."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lindi_explorer.remote.pages import PAGE
from lindi_explorer.remote.walk.cursor import OddError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence

    from lindi_explorer.remote.pages import PageCache
    from lindi_explorer.remote.walk.want import Want

    Fetch = Callable[[int, int], Awaitable[bytes]]

# Pages in between that cost less than another request, and the size at which requests no longer grow.
_LARGEST_GAP = (64 << 10) // PAGE
_LARGEST_REQUEST = (4 << 20) // PAGE
# Wants that are worked off before requests are sent: what comes first is under way while the rest is parsed.
_TURN = 200
# Putting pages takes no time, so a thread that is in the way will not be there for long.
_PUT_TRIES = 1000


@dataclass(slots=True)
class _Waiting:
    """A want whose pages have not all come."""

    want: Want
    missing: int


class Scheduler:
    """Carries out one walk on the running event loop.

    Parameters
    ----------
    pages : PageCache
        Takes what is fetched; what it holds is not fetched.
    size : int
        Size of the file in bytes.
    fetch : callable
        ``await fetch(offset, length)`` returns the bytes.
    most_requests : callable
        ``most_requests()`` says how many may be under way now.
    most_bytes : int
        No more than this is asked for.
    arrived : callable, optional
        ``arrived(offset, data)`` is called with each answer.
    turned : callable, optional
        Called after each round of work.
    """

    forgiving = True
    """Whether a fault in a rule ends its branch only; the tests want to see it."""

    def __init__(
        self,
        pages: PageCache,
        size: int,
        fetch: Fetch,
        *,
        most_requests: Callable[[], int],
        most_bytes: int,
        arrived: Callable[[int, bytes], None] | None = None,
        turned: Callable[[], None] | None = None,
    ) -> None:
        self._pages = pages
        self._size = size
        self._last_page = -(-size // PAGE)
        self._fetch = fetch
        self._most_requests = most_requests
        self._bytes_left = most_bytes
        self._tell_arrived = arrived
        self._tell_turned = turned
        self._ready: deque[Want] = deque()
        self._missing: dict[int, bool] = {}  # page -> whether it may wait
        self._asked: set[int] = set()
        self._waiting: dict[int, list[_Waiting]] = {}
        self._first: deque[tuple[int, int]] = deque()
        self._later: deque[tuple[int, int]] = deque()
        self._tasks: set[asyncio.Task[None]] = set()  # the loop itself holds tasks weakly only
        self._answers: list[tuple[int, bytes]] = []
        self._failure: BaseException | None = None
        self._wake = asyncio.Event()

    async def run(self, wants: Iterable[Want]) -> None:
        """Follow the wants and all that they lead to, and put the pages into the cache.

        Raises
        ------
        LindiError
            If a request fails for good.
        """
        self._ready.extend(wants)
        try:
            while self._ready or self._first or self._later or self._tasks:
                for _ in range(min(_TURN, len(self._ready))):
                    self._take(self._ready.popleft())
                self._queue_missing()
                self._send()
                if self._tell_turned is not None:
                    self._tell_turned()
                if self._ready:
                    await asyncio.sleep(0)
                elif self._tasks:
                    await self._wake.wait()
                self._wake.clear()
                await self._collect()
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            if self._tell_arrived is not None:
                for start, data in self._answers:  # nobody looks at them any more, but they may be kept
                    self._tell_arrived(start, data)

    # ------------------------------------------------------------ from wants to pages

    def _take(self, want: Want) -> None:
        """Follow a want if its pages are at hand, else have them fetched."""
        first, stop = want.offset // PAGE, -(-(want.offset + want.length) // PAGE)
        missing = self._pages.lacks(first, stop)
        if not missing:
            self._follow(want)
            return
        waiting = _Waiting(want, len(missing))
        for page in missing:
            self._waiting.setdefault(page, []).append(waiting)
        if want.around and not self._asked.issuperset(missing):
            more = want.around // PAGE
            first, stop = max(0, first - more // 4), min(self._last_page, stop + more)
            missing = self._pages.lacks(first, stop)
        for page in missing:
            if page not in self._asked:
                self._missing[page] = self._missing.get(page, True) and want.late

    def _follow(self, want: Want) -> None:
        if want.parse is None:
            return
        data = bytearray(want.length)
        if self._pages.fill(data, want.offset):
            return  # dropped already: the memory limit is smaller than what this structure takes
        try:
            self._ready.extend(want.parse(bytes(data)))
        except OddError:
            return
        except Exception:  # a guess that goes wrong costs requests, and must never cost the file
            if not self.forgiving:
                raise

    # ------------------------------------------------------------ from pages to requests

    def _queue_missing(self) -> None:
        for first, stop, late in _merged(self._missing):
            (self._later if late else self._first).append((first, stop))
            self._asked.update(range(first, stop))
        self._missing.clear()

    def _send(self) -> None:
        most = self._most_requests()
        while len(self._tasks) < most and (queue := self._first or self._later):
            first, stop = queue.popleft()
            start, end = first * PAGE, min(stop * PAGE, self._size)
            self._bytes_left -= end - start
            if self._bytes_left < 0:
                self._first.clear()
                self._later.clear()
                self._ready.clear()
                return
            task = asyncio.get_running_loop().create_task(self._request(start, end - start))
            self._tasks.add(task)
            task.add_done_callback(self._done)

    async def _request(self, start: int, length: int) -> None:
        data = await self._fetch(start, length)
        self._answers.append((start, data))

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._failure = self._failure or error
        self._wake.set()

    # ------------------------------------------------------------ from answers to wants

    async def _collect(self) -> None:
        if self._failure is not None:
            raise self._failure
        answers, self._answers = self._answers, []
        for start, data in answers:
            for _ in range(_PUT_TRIES):
                if self._pages.put(start, data):
                    break
                await asyncio.sleep(0)  # another thread is at it
            if self._tell_arrived is not None:
                self._tell_arrived(start, data)
            for page in range(start // PAGE, -(-(start + len(data)) // PAGE)):
                self._asked.discard(page)
                for waiting in self._waiting.pop(page, ()):
                    waiting.missing -= 1
                    if waiting.missing == 0:
                        self._follow(waiting.want)


def _merged(pages: dict[int, bool]) -> Sequence[tuple[int, int, bool]]:
    """Runs of pages, start and stop, that are fetched together; one is late if all its pages are."""
    runs: list[tuple[int, int, bool]] = []
    for page in sorted(pages):
        if runs:
            first, stop, late = runs[-1]
            if page - stop <= _LARGEST_GAP and page + 1 - first <= _LARGEST_REQUEST:
                runs[-1] = (first, page + 1, late and pages[page])
                continue
        runs.append((page, page + 1, pages[page]))
    return runs
