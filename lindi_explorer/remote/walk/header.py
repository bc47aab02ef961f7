"""Object headers (format specification, IV.A.1): the messages that make up a group, dataset or type."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from lindi_explorer.remote.walk import layout, messages
from lindi_explorer.remote.walk.cursor import OddError
from lindi_explorer.remote.walk.survey import NEIGHBOURHOOD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lindi_explorer.remote.walk.survey import Survey
    from lindi_explorer.remote.walk.want import Want

# HDF5 reads so much of an object header, by a guess, and then what is missing.
GUESS = 512
CONTINUATION = 0x10
_SHARED = 0x02


@dataclass(slots=True)
class Found:
    """What the messages of one object say, gathered until its header is complete.

    Attributes
    ----------
    level : int
        Steps from the root group.
    version : int
        Of the header: how its messages are packed.
    ordered : bool
        Whether messages of version 2 carry a creation order.
    pending : int
        Parts of the header that have not come yet.
    datatype, dataspace, layout, pipeline : bytes
        Those messages; empty where there is none.
    shared_type : bool
        Whether ``datatype`` only says where the type is.
    """

    level: int
    version: int = 1
    ordered: bool = False
    pending: int = 1
    datatype: bytes = b""
    dataspace: bytes = b""
    layout: bytes = b""
    pipeline: bytes = b""
    shared_type: bool = False


def object_header(survey: Survey, address: int, level: int) -> Iterator[Want]:
    """Follow the object at an address."""
    if level <= survey.levels:
        parse = partial(_first_part, survey, address, Found(level))
        yield from survey.visit(address, GUESS, parse, around=NEIGHBOURHOOD)


def _first_part(survey: Survey, address: int, found: Found, data: bytes) -> Iterator[Want]:
    start, end = extent(survey, found, data)
    if end > len(data):
        if len(data) == GUESS:
            parse = partial(_first_part, survey, address, found)
            yield from survey.want(address, end, parse, around=NEIGHBOURHOOD)
        return
    survey.objects += 1
    yield from _part(survey, found, start, end, data)


def extent(survey: Survey, found: Found, data: bytes) -> tuple[int, int]:
    """Where the messages of the first part begin and end; notes in ``found`` how they are packed."""
    cursor = survey.cursor(data)
    if data[:4] == b"OHDR":
        cursor.skip(5)
        flags = cursor.number(1)
        cursor.skip((16 if flags & 0x20 else 0) + (4 if flags & 0x10 else 0))
        length = cursor.number(1 << (flags & 0x03))
        found.version, found.ordered = 2, bool(flags & 0x04)
        return cursor.at, cursor.at + length
    if cursor.number(1) != 1:
        raise OddError
    cursor.skip(7)
    return 16, 16 + cursor.number(4)


def _continued(survey: Survey, found: Found, data: bytes) -> Iterator[Want]:
    start, end = 0, len(data)
    if found.version == 2:
        survey.cursor(data).expect(b"OCHK")
        start, end = 4, len(data) - 4
    yield from _part(survey, found, start, end, data)


def _part(survey: Survey, found: Found, start: int, end: int, data: bytes) -> Iterator[Want]:
    for kind, flags, body in messages_in(found, start, end, data):
        try:
            if kind == CONTINUATION:
                cursor = survey.cursor(body)
                parse = partial(_continued, survey, found)
                wants = survey.visit(cursor.address(), cursor.length(), parse, around=NEIGHBOURHOOD)
                found.pending += len(wants)
                yield from wants
            else:
                yield from messages.follow(survey, found, kind, body, shared=bool(flags & _SHARED))
        except OddError:  # one odd message costs itself
            continue
    found.pending -= 1
    # Scalars are read whenever one looks at them: no axes, which the second byte of a dataspace counts.
    wanted = survey.full or found.dataspace[1:2] == b"\0"
    if found.pending == 0 and found.layout and wanted:
        yield from layout.data_layout(survey, found)


def messages_in(found: Found, start: int, end: int, data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Type, flags and body of each message between two positions (IV.A.1.a, IV.A.1.b)."""
    old = found.version == 1
    head = 8 if old else 6 if found.ordered else 4
    while start + head <= end:
        if old:
            kind = data[start] | data[start + 1] << 8
            length = data[start + 2] | data[start + 3] << 8
            flags = data[start + 4]
        else:
            kind, flags = data[start], data[start + 3]
            length = data[start + 1] | data[start + 2] << 8
        start += head
        if start + length > end:
            return
        yield kind, flags, data[start : start + length]
        start += length
