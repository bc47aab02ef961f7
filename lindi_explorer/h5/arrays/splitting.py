"""Large chunks of plain bytes in pieces, so that one element can be written without copying megabytes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from lindi_explorer.hdf5.layout import split_rows, split_table
from lindi_explorer.references.chunks import ChunkTable, chunk_grid
from lindi_explorer.references.model import Node
from lindi_explorer.references.written import WrittenChunks, plain_table

MOST_BYTES = 1 << 20
"""Chunks of more bytes are split."""

SHORT_KINDS = "iuf"
"""Kinds of which the last chunk of one piece of data may be short (see `references/annotations.py`)."""

_LEAST_BYTES = 1 << 14
"""Pieces that would be smaller than this are not made: there would be too many."""


def in_pieces(node: Node) -> Node:
    """The same array with smaller chunks, where its chunks are large and their bytes those of the elements.

    Only references change: a piece of a chunk is a part of its byte range.

    Parameters
    ----------
    node : Node
        Of an array.

    Returns
    -------
    Node
        The same where nothing is to be split, or nothing can be.
    """
    array: dict[str, Any] = node.array or {}
    edges = tuple(array["chunks"])
    if array["compressor"] or array["filters"] or array["order"] != "C":
        return node
    itemsize = np.dtype(array["dtype"]).itemsize
    shape, before = tuple(array["shape"]), edges
    pending = isinstance(node.chunks, WrittenChunks) and node.chunks.is_pending
    if math.prod(edges) * itemsize <= MOST_BYTES or pending:
        return node
    table = plain_table(node.chunks, chunk_grid(shape, edges))
    start = _start_of_run(table, shape, itemsize)
    if start is not None and np.dtype(array["dtype"]).kind in SHORT_KINDS:
        edges = (split_rows(shape, itemsize, MOST_BYTES) or shape[0], *edges[1:])
        table = split_table(*start, shape, itemsize, edges[0])
    smaller, whole = _edges(edges, itemsize), math.prod(edges) * itemsize
    if smaller != edges and not _has_others(table, whole):
        table = _pieces(table, edges, smaller, shape, math.prod(smaller) * itemsize)
        edges = smaller
    if edges == before:
        return node
    sidecar = {"chunks": list(before), **node.sidecar}
    if sidecar["chunks"] == list(edges):
        del sidecar["chunks"]
    return Node(node.attributes, {**array, "chunks": list(edges)}, table, sidecar)


def _start_of_run(table: ChunkTable, shape: tuple[int, ...], itemsize: int) -> tuple[str, int] | None:
    """Address and offset where the data begins, if all of it lies in one piece of one file."""
    order = np.argsort(table.index[:, 0])
    offset, length = table.offset[order], table.length[order]
    if table.inline or not len(offset) or int(length.sum()) != math.prod(shape) * itemsize:
        return None
    if (table.grid[1:] != (1,) * (len(shape) - 1)) or len(set(table.url.tolist())) != 1:
        return None
    if (offset[1:] != offset[:-1] + length[:-1]).any():
        return None
    return table.urls[table.url[0]], int(offset[0])


def _has_others(table: ChunkTable, length: int) -> bool:
    """Whether there are chunks of another length, whose pieces would be no pieces."""
    return bool((table.length != length).any()) or any(len(data) != length for data in table.inline.values())


def _edges(edges: tuple[int, ...], itemsize: int) -> tuple[int, ...]:
    """Edges of pieces that follow one another in a chunk; the same where there are none of a good size."""
    out = list(edges)
    if math.prod(edges) * itemsize <= MOST_BYTES:
        return edges
    for axis, edge in enumerate(edges):
        behind = math.prod(edges[axis + 1 :]) * itemsize
        out[axis] = _largest_divisor(edge, MOST_BYTES // behind) if behind <= MOST_BYTES else 1
        if behind <= MOST_BYTES:
            break
    return tuple(out) if math.prod(out) * itemsize >= _LEAST_BYTES else edges


def _largest_divisor(number: int, most: int) -> int:
    """The largest divisor of a number that is not larger than another."""
    small = [one for one in range(1, math.isqrt(number) + 1) if number % one == 0]
    return max(one for one in (*small, *(number // one for one in small)) if one <= most)


def _pieces(
    table: ChunkTable, edges: tuple[int, ...], smaller: tuple[int, ...], shape: tuple[int, ...], length: int
) -> ChunkTable:
    grid = chunk_grid(shape, smaller)
    counts = np.array(edges) // np.array(smaller)
    # Where each piece is in its chunk, in the order of the bytes.
    places = np.indices(tuple(counts)).reshape(len(edges), -1).T
    index = (table.index[:, None, :] * counts + places[None, :, :]).reshape(-1, len(edges))
    offset = (table.offset[:, None] + np.arange(len(places)) * length).reshape(-1)
    # What lies wholly beyond the end of the array is in no chunk any more.
    kept = (index < np.array(grid)).all(axis=1)
    inline = {}
    for chunk, data in table.inline.items():
        for number, place in enumerate(places):
            where = tuple((np.array(chunk) * counts + place).tolist())
            if all(at < most for at, most in zip(where, grid, strict=True)):
                inline[where] = data[number * length : (number + 1) * length]
    return ChunkTable(
        grid,
        table.urls,
        index[kept],
        np.repeat(table.url, len(places))[kept],
        offset[kept],
        np.full(int(kept.sum()), length, dtype=np.int64),
        inline,
    )
