"""The chunks of an array, one by one, in the order in which reading them takes the fewest requests."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from lindi_explorer.byterange import ByteRange
from lindi_explorer.references.chunks import ChunkTable, Reference

Index = tuple[int, ...]
Box = tuple[slice, ...]

_ROWS = 4096
"""Of a table, that are Python objects at the same time."""


def stored_chunks(chunks: Mapping[Index, Reference]) -> Iterator[tuple[Index, Reference]]:
    """The chunks that are stored, by their place in the files.

    Parameters
    ----------
    chunks : mapping
        Of a node.

    Yields
    ------
    tuple
        Index and reference.
    """
    if not isinstance(chunks, ChunkTable):
        yield from chunks.items()
        return
    yield from chunks.inline.items()
    urls, columns = chunks.urls, (chunks.index, chunks.url, chunks.offset, chunks.length)
    order = np.lexsort((chunks.offset, chunks.url))
    for start in range(0, len(order), _ROWS):
        rows = order[start : start + _ROWS]
        for index, url, offset, length in zip(*(column[rows].tolist() for column in columns), strict=True):
            yield tuple(index), ByteRange(urls[url], offset, length)


def stored_size(chunks: Mapping[Index, Reference]) -> int:
    """Bytes of the stored chunks."""
    if isinstance(chunks, ChunkTable):
        return int(chunks.stored_bytes)
    return sum(item.length if isinstance(item, ByteRange) else len(item) for item in chunks.values())


def addresses(chunks: Mapping[Index, Reference]) -> set[str]:
    """Paths and URLs of the files the chunks lie in."""
    if isinstance(chunks, ChunkTable):
        return set(chunks.urls)
    return {item.url for item in chunks.values() if isinstance(item, ByteRange)}


def chunk_box(index: Index, edges: Sequence[int], shape: Sequence[int]) -> Box:
    """The elements of a chunk that lie inside of an array."""
    return tuple(
        slice(at * edge, min((at + 1) * edge, size))
        for at, edge, size in zip(index, edges, shape, strict=True)
    )


def boxes(shape: Sequence[int], unit: Sequence[int], most: int) -> Iterator[Box]:
    """Cut an array into boxes of whole units.

    Parameters
    ----------
    shape : sequence of int
        None of them 0.
    unit : sequence of int
        Edges of what should not be cut, such as a chunk.
    most : int
        Elements of a box, where it has more than one unit.

    Yields
    ------
    tuple of slice
        In the order of the elements, as far as the unit allows.
    """
    edges = box_edges(shape, unit, most)
    starts = [range(0, size, edge) for size, edge in zip(shape, edges, strict=True)]
    for start in itertools.product(*starts):
        yield tuple(
            slice(at, min(at + edge, size)) for at, edge, size in zip(start, edges, shape, strict=True)
        )


def box_edges(shape: Sequence[int], unit: Sequence[int], most: int) -> tuple[int, ...]:
    """Edges of the boxes that `boxes` cuts."""
    edges = [min(edge, size) for edge, size in zip(unit, shape, strict=True)]
    for axis in reversed(range(len(shape))):
        room = max(1, most // max(1, math.prod(edges)))
        edges[axis] = min(shape[axis], edges[axis] * room)
        if edges[axis] < shape[axis]:
            break
    return tuple(edges)


def is_raw(array: dict[str, Any]) -> bool:
    """Whether the bytes of an array's chunks are its elements."""
    return array["compressor"] is None and not array["filters"] and array["order"] == "C"
