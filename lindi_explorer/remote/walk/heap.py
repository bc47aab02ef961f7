"""Fractal heaps (format specification, III.G), where dense links and attributes and shared messages are."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from lindi_explorer.remote.walk.btree2 import tree
from lindi_explorer.remote.walk.cursor import OddError
from lindi_explorer.remote.walk.survey import NEIGHBOURHOOD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from lindi_explorer.remote.walk.survey import Survey
    from lindi_explorer.remote.walk.want import Want

_MANAGED, _HUGE = 0, 1


@dataclass(slots=True)
class Heap:
    """The blocks of one heap as they come, and those who wait for objects in them.

    Attributes
    ----------
    follow : callable or None
        ``follow(object)`` gives what an object of the heap leads to.
    pending : int
        Blocks that have not come yet; the header is one.
    """

    follow: Callable[[bytes], Iterable[Want]] | None = None
    pending: int = 1
    offset_width: int = 0
    width: int = 0
    start: int = 0
    direct_rows: int = 0
    _waiting: list[bytes] = field(default_factory=list)
    _blocks: dict[int, bytes] = field(default_factory=dict)
    _starts: list[int] = field(default_factory=list)

    def row_size(self, row: int) -> int:
        """Bytes of a block in a row of the doubling table."""
        return self.start << max(0, row - 1)

    def came(self, start: int, data: bytes) -> Iterator[Want]:
        """Note a block, which begins at ``start`` in the space of the heap."""
        self._blocks[start] = data
        yield from self.done()

    def done(self) -> Iterator[Want]:
        """Note that one of the pending parts has come."""
        self.pending -= 1
        if self.pending == 0:
            self._starts = sorted(self._blocks)
            waiting, self._waiting = self._waiting, []
            yield from self.objects(waiting)

    def objects(self, identifiers: Sequence[bytes]) -> Iterator[Want]:
        """Follow objects by their heap IDs, now or when all blocks are there."""
        if self.pending:
            self._waiting.extend(identifiers)
            return
        for identifier in identifiers:
            found = self._find(identifier)
            if found and self.follow is not None:
                try:
                    yield from self.follow(found)
                except OddError:  # one odd object costs itself
                    continue

    def _find(self, identifier: bytes) -> bytes:
        if not identifier or identifier[0] >> 4 != _MANAGED:
            return b""
        offset = int.from_bytes(identifier[1 : 1 + self.offset_width], "little")
        length = int.from_bytes(identifier[1 + self.offset_width :], "little")
        place = bisect_right(self._starts, offset) - 1
        if place < 0:
            return b""
        start = self._starts[place]
        return self._blocks[start][offset - start : offset - start + length]


def heap(survey: Survey, address: int) -> Iterator[Want]:
    """Follow all blocks of a heap; see `open_heap` for one whose objects are followed, too."""
    _, wants = open_heap(survey, address, None)
    yield from wants


def open_heap(
    survey: Survey, address: int, follow: Callable[[bytes], Iterable[Want]] | None
) -> tuple[Heap, tuple[Want, ...]]:
    """Make the state of a heap, and what is wanted first."""
    state = Heap(follow)
    length = 22 + 12 * survey.length_width + 3 * survey.offset_width + 4
    return state, survey.visit(address, length, partial(_header, survey, state), around=NEIGHBOURHOOD)


def _header(survey: Survey, state: Heap, data: bytes) -> Iterator[Want]:
    cursor = survey.cursor(data)
    cursor.expect(b"FRHP")
    cursor.skip(3)
    filters = cursor.number(2)
    cursor.skip(5 + survey.length_width)
    huge = cursor.address()
    cursor.skip(survey.length_width + survey.offset_width + 8 * survey.length_width)
    state.width, state.start = cursor.number(2), cursor.length()
    largest, bits = cursor.length(), cursor.number(2)
    cursor.skip(2)
    root, rows = cursor.address(), cursor.number(2)
    if filters or state.start == 0 or state.width == 0:
        raise OddError  # compressed blocks would have to be undone, for groups that hardly anyone makes
    state.offset_width = -(-bits // 8)
    state.direct_rows = largest.bit_length() - state.start.bit_length() + 2
    yield from tree(survey, huge, partial(_huge, survey, state))
    if rows == 0:
        yield from _direct(survey, state, root, 0, state.start)
    else:
        yield from _indirect(survey, state, root, rows, 0)
    yield from state.done()


def _direct(survey: Survey, state: Heap, address: int, start: int, size: int) -> Iterator[Want]:
    wants = survey.visit(address, size, partial(state.came, start))
    state.pending += len(wants)
    yield from wants


def _indirect(survey: Survey, state: Heap, address: int, rows: int, start: int) -> Iterator[Want]:
    length = 5 + survey.offset_width + state.offset_width + rows * state.width * survey.offset_width + 4
    wants = survey.visit(address, length, partial(_table, survey, state, rows, start))
    state.pending += len(wants)
    yield from wants


def _table(survey: Survey, state: Heap, rows: int, start: int, data: bytes) -> Iterator[Want]:
    cursor = survey.cursor(data)
    cursor.expect(b"FHIB")
    cursor.skip(1 + survey.offset_width + state.offset_width)
    for row in range(rows):
        size = state.row_size(row)
        for _ in range(state.width):
            child = cursor.address()
            if row < state.direct_rows:
                yield from _direct(survey, state, child, start, size)
            else:
                below = size.bit_length() - state.start.bit_length() - (state.width.bit_length() - 1) + 1
                yield from _indirect(survey, state, child, max(0, below), start)
            start += size
    yield from state.done()


def _huge(survey: Survey, state: Heap, records: Sequence[bytes]) -> Iterator[Want]:
    """Follow objects that are too large for blocks: each record begins with address and length."""
    for record in records:
        cursor = survey.cursor(record)
        yield from survey.visit(cursor.address(), cursor.length(), state.follow)
