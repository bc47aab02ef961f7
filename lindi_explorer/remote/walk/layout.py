"""Data layout messages (format specification, IV.A.2.i): where the data or its chunk index is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from lindi_explorer.remote.walk import chunk_array, chunk_tree
from lindi_explorer.remote.walk.btree2 import tree
from lindi_explorer.remote.walk.chunk import ChunkData
from lindi_explorer.remote.walk.cursor import OddError
from lindi_explorer.remote.walk.datatype import (
    BITFIELD,
    COMPOUND,
    REFERENCE,
    VARIABLE,
    Kind,
    datatype,
    elements,
)
from lindi_explorer.remote.walk.shared import with_committed
from lindi_explorer.remote.walk.values import behind, collection

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lindi_explorer.remote.walk.cursor import Cursor
    from lindi_explorer.remote.walk.header import Found
    from lindi_explorer.remote.walk.survey import Survey
    from lindi_explorer.remote.walk.want import Want

_COMPACT, _CONTIGUOUS, _CHUNKED, _VIRTUAL = range(4)
_SINGLE, _IMPLICIT, _FIXED_ARRAY, _EXTENSIBLE_ARRAY, _TREE = range(1, 6)
_FILTERED_SINGLE = 0x02
# What goes into the document when a file is indexed; `hdf5.datasets` has the same numbers. Where they differ
# it costs requests, and the tests count those.
_FEW_NUMBERS = 1000
_LARGE = 1 << 20
# Of what always goes there, so much is read ahead; beyond, HDF5's own reads are large.
_LARGEST = 16 << 20


@dataclass(slots=True)
class _Dataset:
    """What the layout rules know of a dataset.

    Attributes
    ----------
    kind : Kind
    nbytes : int
        Of all its elements.
    is_read : bool
        Whether indexing reads its data.
    pipeline : bytes
        The filter message.
    """

    kind: Kind
    nbytes: int
    is_read: bool
    pipeline: bytes

    def chunk_data(self) -> ChunkData | None:
        """How to read its chunks; None where they are not read."""
        return ChunkData(self.kind, self.pipeline) if self.is_read else None


def data_layout(survey: Survey, found: Found) -> Iterator[Want]:
    """Follow the layout of a dataset whose header is complete."""
    if found.shared_type:
        yield from with_committed(survey, found.datatype, partial(_typed, survey, found))
    else:
        yield from _typed(survey, found, found.datatype)


def _typed(survey: Survey, found: Found, type_message: bytes) -> Iterator[Want]:
    kind = datatype(type_message, survey.offset_width)
    count = elements(survey.cursor(found.dataspace)) if found.dataspace else 0
    dataset = _Dataset(kind, count * kind.size, _is_read(kind, count), found.pipeline)
    cursor = survey.cursor(found.layout)
    version = cursor.number(1)
    if version in {1, 2}:
        yield from _oldest(survey, dataset, cursor)
    elif version in {3, 4, 5}:  # 5 is what HDF5 2.0 writes; it differs in nothing that matters here
        yield from _newer(survey, dataset, cursor, version)


def _is_read(kind: Kind, count: int) -> bool:
    if kind.is_number or kind.family == BITFIELD:
        return count < _FEW_NUMBERS
    always = kind.family in {COMPOUND, REFERENCE, VARIABLE} or kind.pointers
    return count * kind.size <= (_LARGEST if always else _LARGE)


def _oldest(survey: Survey, dataset: _Dataset, cursor: Cursor) -> Iterator[Want]:
    axes, family = cursor.number(1), cursor.number(1)
    cursor.skip(5)
    if family == _COMPACT:
        cursor.skip(4 * axes)
        yield from behind(survey, dataset.kind, cursor.take(cursor.number(4)))
    elif family == _CONTIGUOUS:
        yield from _contiguous(survey, dataset, cursor.address())
    elif family == _CHUNKED:
        yield from chunk_tree.chunk_tree(survey, cursor.address(), axes, dataset.chunk_data())


def _newer(survey: Survey, dataset: _Dataset, cursor: Cursor, version: int) -> Iterator[Want]:
    family = cursor.number(1)
    if family == _COMPACT:
        yield from behind(survey, dataset.kind, cursor.take(cursor.number(2)))
    elif family == _CONTIGUOUS:
        yield from _contiguous(survey, dataset, cursor.address())
    elif family == _VIRTUAL:
        yield from collection(survey, cursor.address())
    elif family == _CHUNKED and version == 3:
        axes = cursor.number(1)
        yield from chunk_tree.chunk_tree(survey, cursor.address(), axes, dataset.chunk_data())
    elif family == _CHUNKED:
        yield from _indexed(survey, dataset, cursor)


def _contiguous(survey: Survey, dataset: _Dataset, address: int) -> Iterator[Want]:
    if dataset.is_read:
        yield from survey.want(
            address, dataset.nbytes, partial(behind, survey, dataset.kind) if dataset.kind.pointers else None
        )


def _indexed(survey: Survey, dataset: _Dataset, cursor: Cursor) -> Iterator[Want]:
    """Follow the chunk index of layout version 4 and later."""
    flags, axes = cursor.number(1), cursor.number(1)
    width = cursor.number(1)
    edges = [cursor.number(width) for _ in range(axes)]
    index = cursor.number(1)
    chunk = dataset.chunk_data()
    if index == _SINGLE:
        size, skipped = dataset.nbytes, 0
        if flags & _FILTERED_SINGLE:
            size, skipped = cursor.length(), cursor.number(4)
        survey.chunks += 1
        if chunk is not None:
            yield from chunk.want(survey, cursor.address(), size, skipped)
    elif index == _IMPLICIT:
        if chunk is not None:
            yield from survey.want(cursor.address(), dataset.nbytes)
    elif index == _FIXED_ARRAY:
        cursor.skip(1)
        yield from chunk_array.fixed_array(survey, cursor.address(), _raw_size(edges), chunk)
    elif index == _EXTENSIBLE_ARRAY:
        cursor.skip(5)
        yield from chunk_array.extensible_array(survey, cursor.address(), _raw_size(edges), chunk)
    elif index == _TREE:
        cursor.skip(6)
        take = None if chunk is None else partial(chunk.records, survey, _raw_size(edges), axes - 1)
        yield from tree(survey, cursor.address(), take, chunks=True)
    else:
        raise OddError


def _raw_size(edges: list[int]) -> int:
    """Bytes of a chunk without filters; the last edge is the size of an element."""
    size = 1
    for edge in edges:
        size *= edge
    return size
