"""Messages that stand elsewhere: committed types, and the table of shared messages (IV.A.2, III.H)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from lindi_explorer.remote.walk import header
from lindi_explorer.remote.walk.btree2 import tree
from lindi_explorer.remote.walk.heap import heap

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from lindi_explorer.remote.walk.survey import Survey
    from lindi_explorer.remote.walk.want import Want

_DATATYPE = 0x03
_COMMITTED = 2
_MOST_PARTS = 4
_LIST = 0
# Of a record of a list of shared messages, with addresses of 8 bytes.
_LIST_RECORD = 17


def address_of(survey: Survey, body: bytes) -> int | None:
    """The object whose header holds a shared message; None if it is in the heap of shared messages."""
    cursor = survey.cursor(body)
    version, kind = cursor.number(1), cursor.number(1)
    if version == 1:
        cursor.skip(6)
    elif version == 3 and kind != _COMMITTED:
        return None
    return cursor.address()


def shared_at(survey: Survey, body: bytes, level: int) -> Iterator[Want]:
    """Follow the object whose header holds a message."""
    address = address_of(survey, body)
    if address is not None:
        yield from header.object_header(survey, address, level)


def with_committed(survey: Survey, body: bytes, then: Callable[[bytes], Iterable[Want]]) -> Iterator[Want]:
    """Look up a committed type, and go on with its datatype message."""
    address = address_of(survey, body)
    if address is not None:
        yield from header.object_header(survey, address, 0)
        yield from survey.want(address, header.GUESS, partial(_committed, survey, then))


def _committed(survey: Survey, then: Callable[[bytes], Iterable[Want]], data: bytes) -> Iterator[Want]:
    found = header.Found(0)
    start, end = header.extent(survey, found, data)
    yield from _type_in(survey, then, found, _MOST_PARTS, data[start:end])


def _type_in(
    survey: Survey, then: Callable[[bytes], Iterable[Want]], found: header.Found, parts: int, data: bytes
) -> Iterator[Want]:
    """Look for the datatype message in a part of a header, and in those it goes on in."""
    for kind, _flags, body in header.messages_in(found, 0, len(data), data):
        if kind == _DATATYPE:
            yield from then(body)
        elif kind == header.CONTINUATION and parts:
            cursor = survey.cursor(body)
            address, length = cursor.address(), cursor.length()
            skip = 4 if found.version == 2 else 0  # the signature
            parse = partial(_type_in, survey, then, found, parts - 1)
            yield from survey.want(address + skip, length - skip, parse)


def shared_message_table(survey: Survey, address: int, count: int) -> Iterator[Want]:
    """Follow the table of shared messages, its indexes and their heaps."""

    def table(data: bytes) -> Iterator[Want]:
        cursor = survey.cursor(data)
        cursor.expect(b"SMTB")
        for _ in range(count):
            cursor.skip(1)
            kind = cursor.number(1)
            cursor.skip(6)
            most = cursor.number(2)
            cursor.skip(4)
            index, messages = cursor.address(), cursor.address()
            if kind == _LIST:
                yield from survey.visit(index, 8 + most * _LIST_RECORD)
            else:
                yield from tree(survey, index)
            yield from heap(survey, messages)

    length = 8 + count * (14 + 2 * survey.offset_width)
    yield from survey.visit(address, length, table)
