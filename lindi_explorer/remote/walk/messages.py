"""The header messages that lead somewhere (format specification, IV.A.2)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from lindi_explorer.remote.walk import group
from lindi_explorer.remote.walk.attribute import attribute
from lindi_explorer.remote.walk.dense import dense_attributes, dense_links
from lindi_explorer.remote.walk.shared import shared_at, shared_message_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from lindi_explorer.remote.walk.header import Found
    from lindi_explorer.remote.walk.survey import Survey
    from lindi_explorer.remote.walk.want import Want

_DATATYPE = 0x03


def follow(survey: Survey, found: Found, kind: int, body: bytes, *, shared: bool) -> Iterable[Want]:
    """Follow a message, or note what it says."""
    if kind == _DATATYPE:
        found.datatype, found.shared_type = body, shared
    if shared:
        return shared_at(survey, body, found.level)
    if kind in _NOTED:
        setattr(found, _NOTED[kind], body)
    return _FOLLOWED[kind](survey, found, body) if kind in _FOLLOWED else ()


def _symbol_table(survey: Survey, found: Found, body: bytes) -> Iterator[Want]:
    if found.level < survey.link_levels:
        cursor = survey.cursor(body)
        yield from group.symbol_table(survey, cursor.address(), cursor.address(), found.level + 1)


def _link(survey: Survey, found: Found, body: bytes) -> Iterable[Want]:
    return group.link(survey, found.level + 1, body)


def _link_info(survey: Survey, found: Found, body: bytes) -> Iterator[Want]:
    if found.level < survey.link_levels:
        follow_link = partial(group.link, survey, found.level + 1)
        yield from dense_links(survey, body, follow_link)


def _attribute(survey: Survey, _found: Found, body: bytes) -> Iterable[Want]:
    return attribute(survey, body)


def _attribute_info(survey: Survey, _found: Found, body: bytes) -> Iterator[Want]:
    yield from dense_attributes(survey, body, partial(attribute, survey))


def _external_files(survey: Survey, _found: Found, body: bytes) -> Iterator[Want]:
    yield from group.local_heap(survey, survey.cursor(body, 8).address())


def _tree_sizes(survey: Survey, _found: Found, body: bytes) -> Iterator[Want]:
    cursor = survey.cursor(body, 1)
    survey.chunk_k, survey.group_k, survey.group_leaf_k = (
        cursor.number(2),
        cursor.number(2),
        cursor.number(2),
    )
    yield from ()


def _shared_table(survey: Survey, _found: Found, body: bytes) -> Iterator[Want]:
    cursor = survey.cursor(body, 1)
    yield from shared_message_table(survey, cursor.address(), cursor.number(1))


_NOTED = {0x01: "dataspace", 0x08: "layout", 0x0B: "pipeline"}
_FOLLOWED: dict[int, Callable[[Survey, Found, bytes], Iterable[Want]]] = {
    0x02: _link_info,
    0x06: _link,
    0x07: _external_files,
    0x0C: _attribute,
    0x0F: _shared_table,
    0x11: _symbol_table,
    0x13: _tree_sizes,
    0x15: _attribute_info,
}
