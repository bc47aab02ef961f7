"""The chunks of one array, known before they are read."""

from __future__ import annotations

import itertools
import math
from collections.abc import Collection, Iterator, Mapping, Sequence

import numpy as np

from lindi_explorer.h5.arrays.selection import Plan
from lindi_explorer.references.chunks import LazyChunkTable, Reference
from lindi_explorer.references.model import Node
from lindi_explorer.references.written import PendingChunk, WrittenChunks

_LOOKED_UP = 512
"""Chunks that are looked up one by one; for more the whole chunk index is read."""


class ArrayChunks:
    """Looks up the chunks of an array in the calling thread: that may read the HDF5 file.

    Parameters
    ----------
    node : Node
        Of an array.
    """

    def __init__(self, node: Node) -> None:
        self._table = node.chunks
        self._edges: Sequence[int] = (node.array or {})["chunks"]
        self._known: dict[tuple[int, ...], Reference] = {}
        lazy = isinstance(node.chunks, (LazyChunkTable, WrittenChunks)) and not node.chunks.loaded
        self._chunks: Mapping[tuple[int, ...], Reference] = self._known if lazy else node.chunks
        if isinstance(self._chunks, WrittenChunks):
            # Chunks that are being written are encoded in the calling thread: h5py is asked about types.
            self._chunks = _Encoded(self._chunks, self._known)

    def of(self, read: Plan) -> Mapping[tuple[int, ...], Reference]:
        """The chunks that a read touches, among others.

        Parameters
        ----------
        read : Plan

        Returns
        -------
        mapping
            Index -> reference.
        """
        self._require(read)
        return self._chunks

    def _require(self, read: Plan) -> None:
        table = self._table
        if self._chunks is table or not isinstance(table, (LazyChunkTable, WrittenChunks)):
            return
        if isinstance(table, WrittenChunks) and table.loaded:
            for index in _touched(read, self._edges) if table.is_pending else ():
                if isinstance(found := table.current(index), PendingChunk):
                    self._known[index] = found.data()
            return
        if table.is_quick(_count(read, self._edges), _LOOKED_UP):
            for index in _touched(read, self._edges):
                if index not in self._known:
                    reference = table.get(index)
                    if reference is not None:
                        self._known[index] = reference
            return
        self._chunks = table.table


class _Encoded(Mapping[tuple[int, ...], Reference]):
    """Chunks of which some are being written: those are known by their bytes."""

    def __init__(self, table: WrittenChunks, known: Mapping[tuple[int, ...], Reference]) -> None:
        self._table = table
        self._known = known

    def __getitem__(self, index: tuple[int, ...]) -> Reference:
        known = self._known.get(index)
        return self._table[index] if known is None else known

    def __iter__(self) -> Iterator[tuple[int, ...]]:
        return iter(self._table)

    def __len__(self) -> int:
        return len(self._table)


def _rows(read: Plan, edges: Sequence[int]) -> list[Collection[int]]:
    """Chunk numbers along each axis that a product of indices touches."""
    assert read.axes is not None
    out: list[Collection[int]] = []
    for axis, edge in zip(read.axes, edges, strict=True):
        if isinstance(axis, slice):
            step = axis.step or 1
            numbers = range(axis.start // edge, (axis.stop - 1) // edge + 1)
            out.append(
                numbers if step <= edge else sorted({at // edge for at in range(axis.start, axis.stop, step)})
            )
        else:
            out.append(np.unique(axis // edge).tolist())
    return out


def _count(read: Plan, edges: Sequence[int]) -> int:
    if read.points is not None:
        return len(read.points)
    return math.prod(len(numbers) for numbers in _rows(read, edges))


def _touched(read: Plan, edges: Sequence[int]) -> list[tuple[int, ...]]:
    if read.points is not None:
        return [tuple(index) for index in np.unique(read.points // np.array(edges), axis=0).tolist()]
    return list(itertools.product(*_rows(read, edges)))
