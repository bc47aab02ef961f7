"""The superblock (format specification, II.A): where the root group is, and how wide addresses are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lindi_explorer.remote.walk.cursor import OddError
from lindi_explorer.remote.walk.group import symbol_entry
from lindi_explorer.remote.walk.header import object_header

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lindi_explorer.remote.walk.cursor import Cursor
    from lindi_explorer.remote.walk.survey import Survey
    from lindi_explorer.remote.walk.want import Want

SIGNATURE = b"\x89HDF\r\n\x1a\n"
# The longest one: version 1 with addresses of 8 bytes.
LENGTH = 100
_WIDTHS = frozenset({2, 4, 8})


def places(size: int) -> Iterator[int]:
    """Where a superblock may stand: at the beginning, or behind a user block of 512, 1024, ... bytes."""
    place = 0
    while place < size:
        yield place
        place = max(512, place * 2)


def superblock(survey: Survey, place: int, data: bytes) -> Iterator[Want]:
    """Follow the superblock at a place; raises OddError if there is none."""
    cursor = survey.cursor(data)
    cursor.expect(SIGNATURE)
    version = cursor.number(1)
    survey.base = place  # HDF5 goes by where it found the superblock, whatever its base address says
    if version < 2:
        yield from _old(survey, cursor, version)
    elif version < 4:
        yield from _new(survey, cursor)
    else:
        raise OddError


def _old(survey: Survey, cursor: Cursor, version: int) -> Iterator[Want]:
    cursor.skip(4)
    _widths(survey, cursor)
    cursor.skip(1)
    survey.group_leaf_k, survey.group_k = cursor.number(2), cursor.number(2)
    cursor.skip(4)
    if version == 1:
        survey.chunk_k = cursor.number(2)
        cursor.skip(2)
    cursor.skip(3 * survey.offset_width)  # base, free space, end of file
    driver = cursor.address()
    yield from survey.want(driver, 1 << 10)
    yield from symbol_entry(survey, cursor, level=0)


def _new(survey: Survey, cursor: Cursor) -> Iterator[Want]:
    _widths(survey, cursor)
    cursor.skip(1 + survey.offset_width)
    extension = cursor.address()
    cursor.skip(survey.offset_width)
    root = cursor.address()
    # First the extension: it may say how large B-tree nodes are.
    yield from object_header(survey, extension, level=0)
    yield from object_header(survey, root, level=0)


def _widths(survey: Survey, cursor: Cursor) -> None:
    survey.offset_width, survey.length_width = cursor.number(1), cursor.number(1)
    if not {survey.offset_width, survey.length_width} <= _WIDTHS:
        raise OddError
    cursor.offset_width, cursor.length_width = survey.offset_width, survey.length_width
