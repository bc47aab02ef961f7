"""Which chunks of two states of an array are not the same references, without looking at single rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from lindi_explorer.references.chunks import ChunkTable, LazyChunkTable, Reference
from lindi_explorer.references.model import Node
from lindi_explorer.references.written import Index, WrittenChunks, plain_table

_Rows = npt.NDArray[np.int64]


def differing(
    old: Mapping[Index, Reference], new: Mapping[Index, Reference], before: Index, after: Index
) -> list[Index]:
    """The chunks that are not the same in two states of one array.

    Parameters
    ----------
    old, new : mapping
        Chunk index -> reference.
    before, after : tuple of int
        Chunks along each axis; as many axes.

    Returns
    -------
    list of tuple of int
        In ascending order; without those that a smaller grid has no place for.
    """
    if new is old:
        return []
    found = _written(old, new, before)
    if found is None:
        found = _compared(plain_table(old, before), plain_table(new, after))
    return sorted(index for index in found if all(at < most for at, most in zip(index, after, strict=True)))


def locate(node: Node) -> None:
    """Have the chunks of a node stand for places; looking one up in a remote file may give its bytes."""
    chunks = node.chunks
    while isinstance(chunks, WrittenChunks):
        chunks = chunks.base
    if isinstance(chunks, LazyChunkTable):
        plain_table(chunks, chunks.grid)


def _written(
    old: Mapping[Index, Reference], new: Mapping[Index, Reference], before: Index
) -> list[Index] | None:
    """Where one comes of the other by writing: what was written, and the rest is not asked for."""
    if not isinstance(new, WrittenChunks):
        return None
    known = WrittenChunks.over(old, before)
    grown = all(
        low >= min(high, now) for low, high, now in zip(new.reach, known.reach, new.grid, strict=True)
    )
    if known.base is not new.base or not grown:
        return None
    return [index for index in {**known.written, **new.written} if old.get(index) != new.get(index)]


def _compared(old: ChunkTable, new: ChunkTable) -> list[Index]:
    inline = {
        index
        for index in {**old.inline, **new.inline}
        if index not in old.inline or index not in new.inline or old.inline[index] != new.inline[index]
    }
    numbers: dict[str, int] = {}
    one, other = _sorted(old, numbers), _sorted(new, numbers)
    axes = old.index.shape[1]
    if one.shape == other.shape and np.array_equal(one[:, :axes], other[:, :axes]):
        rows = one[np.any(one != other, axis=1), :axes]
    else:
        # What both have alike stands in there twice.
        both, counts = np.unique(np.concatenate([one, other]), axis=0, return_counts=True)
        rows = np.unique(both[counts == 1, :axes], axis=0)
    return [*inline, *(index for index in map(tuple, rows.tolist()) if index not in inline)]


def _sorted(table: ChunkTable, numbers: dict[str, int]) -> _Rows:
    """Index, address, offset and length of each row, in the order of the chunks."""
    known = [numbers.setdefault(url, len(numbers)) for url in table.urls]
    url = np.array(known, dtype=np.int64)[table.url] if known else np.empty(0, np.int64)
    columns: list[npt.NDArray[Any]] = [
        table.index,
        url[:, None],
        table.offset[:, None],
        table.length[:, None],
    ]
    rows = np.concatenate(columns, axis=1)
    axes = table.index.shape[1]
    return rows[np.lexsort(table.index.T[::-1])] if axes else rows
