"""Pages of one file in memory: where h5py's reads are answered from.

Whoever reads ahead puts here what it read: the opening request, the read-ahead of `RemoteFile`. Pages are
small because HDF5's records are; they are dropped in groups because neighbours are used together.
"""

from __future__ import annotations

import threading
from collections import OrderedDict

PAGE = 4096
_PAGES_PER_GROUP = 32
_GROUP = PAGE * _PAGES_PER_GROUP
_NONE: dict[int, bytes] = {}


class PageCache:
    """Keeps pages of one file, the least recently used going first.

    Threads may share it. None waits for another (see the package): one that meets another at work goes
    without keeping its pages, or without noting that it used some.

    Parameters
    ----------
    size : int
        Size of the file in bytes.
    memory_limit : int
        The most bytes of pages that are kept.
    """

    def __init__(self, size: int, *, memory_limit: int) -> None:
        self._size = size
        self._limit = memory_limit
        self._groups: OrderedDict[int, dict[int, bytes]] = OrderedDict()
        self._memory = 0
        self._turn = threading.Lock()
        self._latest = -1

    @property
    def memory(self) -> int:
        """Bytes of the pages that are kept."""
        return self._memory

    def put(self, offset: int, data: bytes) -> bool:
        """Keep what was read; parts of pages at either end are left out, but for the end of the file.

        Parameters
        ----------
        offset : int
            Where the data begin in the file.
        data : bytes
            What stands there.

        Returns
        -------
        bool
            False if another thread was at work, so that nothing was kept.
        """
        end = offset + len(data)
        if not self._turn.acquire(blocking=False):
            return False
        try:
            for page in range(-(-offset // PAGE), -(-end // PAGE)):
                start, stop = page * PAGE, min((page + 1) * PAGE, self._size)
                if stop <= end:
                    self._put_page(page, data[start - offset : stop - offset])
            while self._memory > self._limit:
                _, group = self._groups.popitem(last=False)
                self._memory -= sum(len(page) for page in group.values())
        finally:
            self._turn.release()
        return True

    def lacks(self, first: int, stop: int) -> list[int]:
        """Return which pages, by number, from ``first`` up to but not with ``stop``, are not kept."""
        groups = self._groups
        return [
            page for page in range(first, stop) if page not in groups.get(page // _PAGES_PER_GROUP, _NONE)
        ]

    def peek(self, offset: int, length: int) -> bytes | None:
        """What lies within one page, if that is kept: short records are read by the thousand.

        It counts as no hit.

        Parameters
        ----------
        offset, length : int
            In bytes, within the file.

        Returns
        -------
        bytes or None
        """
        page, start = divmod(offset, PAGE)
        stop = start + length
        if stop > PAGE:
            return None
        number = page // _PAGES_PER_GROUP
        found = self._groups.get(number, _NONE).get(page)
        if found is None:
            return None
        self._note_use(number, number + 1)
        return found[start:stop]

    def fill(self, out: bytearray | memoryview, offset: int) -> list[tuple[int, int]]:
        """Copy what is kept into ``out`` and say what is missing.

        Parameters
        ----------
        out : bytearray or memoryview
            Takes the bytes from ``offset`` on.
        offset : int
            Position in the file.

        Returns
        -------
        list of (int, int)
            The stretches, start and stop in the file, for which nothing was copied.
        """
        if (record := self.peek(offset, len(out))) is not None:
            out[:] = record
            return []
        end = offset + len(out)
        missing: list[tuple[int, int]] = []
        for page in range(offset // PAGE, -(-end // PAGE)):
            start, stop = max(offset, page * PAGE), min(end, (page + 1) * PAGE)
            found = self._groups.get(page // _PAGES_PER_GROUP, {}).get(page)
            if found is not None:
                out[start - offset : stop - offset] = found[start - page * PAGE : stop - page * PAGE]
            elif missing and missing[-1][1] == start:
                missing[-1] = (missing[-1][0], stop)
            else:
                missing.append((start, stop))
        self._note_use(offset // _GROUP, -(-end // _GROUP))
        return missing

    def clear(self) -> None:
        """Drop all pages, unless another thread is just putting some."""
        if self._turn.acquire(blocking=False):
            try:
                self._groups.clear()
                self._memory = 0
            finally:
                self._turn.release()

    def _put_page(self, page: int, data: bytes) -> None:
        number = page // _PAGES_PER_GROUP
        group = self._groups.setdefault(number, {})
        self._memory += len(data) - len(group.get(page, b""))
        group[page] = data
        self._groups.move_to_end(number)
        self._latest = -1

    def _note_use(self, first: int, stop: int) -> None:
        if first == self._latest == stop - 1:
            return  # the same as the last time, and still the last to go
        if self._memory <= self._limit // 2:
            return  # none will have to go for long
        self._latest = stop - 1
        if self._turn.acquire(blocking=False):
            try:
                for number in range(first, stop):
                    if number in self._groups:
                        self._groups.move_to_end(number)
            finally:
                self._turn.release()
