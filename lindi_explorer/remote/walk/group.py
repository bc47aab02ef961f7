"""Groups: symbol tables (format specification, III.A.1, III.B, III.C, III.D) and link messages (IV.A.2.g)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from lindi_explorer.remote.walk import header
from lindi_explorer.remote.walk.cursor import OddError
from lindi_explorer.remote.walk.survey import NEIGHBOURHOOD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lindi_explorer.remote.walk.cursor import Cursor
    from lindi_explorer.remote.walk.survey import Survey
    from lindi_explorer.remote.walk.want import Want

_SCRATCH = 16
_CACHED_SYMBOL_TABLE, _CACHED_SOFT_LINK = 1, 2
# HDF5 reads so much for the head of a local heap, by a guess.
_HEAP_GUESS = 512
_HARD_LINK = 0


def symbol_table(survey: Survey, tree: int, heap: int, level: int) -> Iterator[Want]:
    """Follow the B-tree and the names of a group; ``level`` is that of its children."""
    yield from group_tree(survey, tree, level)
    yield from local_heap(survey, heap)


def symbol_entry(survey: Survey, cursor: Cursor, level: int) -> Iterator[Want]:
    """Follow a symbol table entry; ``level`` is that of the object."""
    cursor.skip(survey.offset_width)
    address = cursor.address()
    kind = cursor.number(4)
    cursor.skip(4)
    scratch = survey.cursor(cursor.take(_SCRATCH))
    if kind == _CACHED_SOFT_LINK:
        return
    yield from header.object_header(survey, address, level)
    if kind == _CACHED_SYMBOL_TABLE and level < survey.link_levels:
        # The entry repeats what the group's header says, which saves a round trip.
        yield from symbol_table(survey, scratch.address(), scratch.address(), level + 1)


def group_tree(survey: Survey, address: int, level: int) -> Iterator[Want]:
    """Follow a node of a group's B-tree."""
    entry = survey.offset_width + survey.length_width
    length = 8 + 2 * survey.offset_width + 2 * survey.group_k * entry + survey.length_width
    parse = partial(_group_node, survey, level)
    yield from survey.visit(address, length, parse, around=NEIGHBOURHOOD)


def _group_node(survey: Survey, level: int, data: bytes) -> Iterator[Want]:
    cursor = survey.cursor(data)
    cursor.expect(b"TREE\0")
    depth, count = cursor.number(1), cursor.number(2)
    cursor.skip(2 * survey.offset_width)
    for _ in range(count):
        cursor.skip(survey.length_width)
        child = cursor.address()
        if depth:
            yield from group_tree(survey, child, level)
        else:
            length = 8 + 2 * survey.group_leaf_k * _entry_width(survey)
            parse = partial(_symbol_node, survey, level)
            yield from survey.visit(child, length, parse, around=NEIGHBOURHOOD)


def _symbol_node(survey: Survey, level: int, data: bytes) -> Iterator[Want]:
    cursor = survey.cursor(data)
    cursor.expect(b"SNOD")
    cursor.skip(2)
    for _ in range(cursor.number(2)):
        yield from symbol_entry(survey, cursor, level)


def _entry_width(survey: Survey) -> int:
    return 2 * survey.offset_width + 8 + _SCRATCH


def local_heap(survey: Survey, address: int) -> Iterator[Want]:
    """Follow a local heap, which holds names."""

    def head(data: bytes) -> Iterator[Want]:
        cursor = survey.cursor(data)
        cursor.expect(b"HEAP")
        cursor.skip(4)
        length = cursor.length()
        cursor.skip(survey.length_width)
        yield from survey.want(cursor.address(), length)

    yield from survey.visit(address, _HEAP_GUESS, head, around=NEIGHBOURHOOD)


def link(survey: Survey, level: int, message: bytes) -> Iterator[Want]:
    """Follow a link message; ``level`` is that of the object it leads to."""
    cursor = survey.cursor(message)
    version, flags = cursor.number(1), cursor.number(1)
    if version != 1:
        raise OddError
    kind = cursor.number(1) if flags & 0x08 else _HARD_LINK
    cursor.skip((8 if flags & 0x04 else 0) + (1 if flags & 0x10 else 0))
    cursor.skip(cursor.number(1 << (flags & 0x03)))
    if kind == _HARD_LINK:
        yield from header.object_header(survey, cursor.address(), level)
