"""Version 2 B-trees (format specification, III.A.2)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from lindi_explorer.remote.hdf5_shapes import count_widths
from lindi_explorer.remote.walk.cursor import OddError
from lindi_explorer.remote.walk.survey import NEIGHBOURHOOD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from lindi_explorer.remote.walk.survey import Survey
    from lindi_explorer.remote.walk.want import Want

    Take = Callable[[Sequence[bytes]], Iterator[Want]]

_NODE_HEAD = 6  # signature, version, type
_NODE_FRAME = _NODE_HEAD + 4  # and checksum
_DEEPEST = 16


@dataclass(slots=True)
class _Tree:
    """The shape of one tree.

    Attributes
    ----------
    node_size, record_size : int
    count_width : int
    total_widths : list of int
        See `count_widths`.
    take : callable or None
        Is given the records of each node.
    """

    node_size: int
    record_size: int
    count_width: int
    total_widths: list[int]
    take: Take | None


def tree(survey: Survey, address: int, take: Take | None = None, *, chunks: bool = False) -> Iterator[Want]:
    """Follow a tree.

    Parameters
    ----------
    survey : Survey
    address : int
        Of its header.
    take : callable, optional
        ``take(records)`` gives what records lead to; called once for each node.
    chunks : bool, optional
        Whether its records are chunks, which are counted.
    """
    length = 4 + 18 + survey.offset_width + survey.length_width
    yield from survey.visit(address, length, partial(_header, survey, take, chunks), around=NEIGHBOURHOOD)


def _header(survey: Survey, take: Take | None, chunks: bool, data: bytes) -> Iterator[Want]:
    cursor = survey.cursor(data)
    cursor.expect(b"BTHD")
    cursor.skip(2)
    node_size, record_size, depth = cursor.number(4), cursor.number(2), cursor.number(2)
    cursor.skip(2)
    root, count, total = cursor.address(), cursor.number(2), cursor.length()
    if record_size == 0 or depth > _DEEPEST or node_size <= _NODE_FRAME:
        raise OddError
    if chunks:
        survey.chunks += total
    widths = count_widths(node_size, record_size, depth, survey.offset_width)
    shape = _Tree(node_size, record_size, *widths, take)
    yield from _node(survey, shape, root, count, depth)


def _node(survey: Survey, shape: _Tree, address: int, count: int, height: int) -> Iterator[Want]:
    parse = partial(_records, survey, shape, count, height) if height or shape.take else None
    yield from survey.visit(address, shape.node_size, parse, late=parse is None)


def _records(survey: Survey, shape: _Tree, count: int, height: int, data: bytes) -> Iterator[Want]:
    cursor = survey.cursor(data)
    cursor.expect(b"BTIN" if height else b"BTLF")
    cursor.skip(2)
    records = [cursor.take(shape.record_size) for _ in range(count)]
    if height:
        for _ in range(count + 1):
            child, inside = cursor.address(), cursor.number(shape.count_width)
            cursor.skip(shape.total_widths[height - 1])
            yield from _node(survey, shape, child, inside, height - 1)
    if shape.take is not None:
        yield from shape.take(records)
