"""Links and attributes that are too many for an object header (IV.A.2.c, IV.A.2.v): heap and name index."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from lindi_explorer.remote.walk.btree2 import tree
from lindi_explorer.remote.walk.heap import open_heap

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from lindi_explorer.remote.walk.cursor import Cursor
    from lindi_explorer.remote.walk.heap import Heap
    from lindi_explorer.remote.walk.survey import Survey
    from lindi_explorer.remote.walk.want import Want

    Follow = Callable[[bytes], Iterable[Want]]

_HAS_ORDER, _HAS_ORDER_INDEX = 0x01, 0x02
# Where the heap ID stands in the records of the name indexes (III.A.2, types 5 and 8).
_LINK_ID = slice(4, 11)
_ATTRIBUTE_ID = slice(0, 8)


def dense_links(survey: Survey, message: bytes, follow: Follow) -> Iterator[Want]:
    """Follow a link info message; ``follow`` takes link messages."""
    yield from _dense(survey, message, 8, _LINK_ID, follow)


def dense_attributes(survey: Survey, message: bytes, follow: Follow) -> Iterator[Want]:
    """Follow an attribute info message; ``follow`` takes attribute messages."""
    yield from _dense(survey, message, 2, _ATTRIBUTE_ID, follow)


def _dense(survey: Survey, message: bytes, order_width: int, place: slice, follow: Follow) -> Iterator[Want]:
    cursor = survey.cursor(message, 1)
    flags = cursor.number(1)
    cursor.skip(order_width if flags & _HAS_ORDER else 0)
    state, wants = open_heap(survey, cursor.address(), follow)
    yield from wants
    yield from tree(survey, cursor.address(), partial(_named, state, place))
    if flags & _HAS_ORDER_INDEX:
        yield from _ordered(survey, cursor)


def _named(state: Heap, place: slice, records: Sequence[bytes]) -> Iterator[Want]:
    yield from state.objects([record[place] for record in records])


def _ordered(survey: Survey, cursor: Cursor) -> Iterator[Want]:
    """The index by order of creation leads to the same objects, but HDF5 may list by it."""
    yield from tree(survey, cursor.address())
