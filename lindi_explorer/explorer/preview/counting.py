"""Which chunks a selection touches, and how much is stored in them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from lindi_explorer.byterange import ByteRange
from lindi_explorer.explorer.selection import Part, Selection, Span
from lindi_explorer.references.chunks import ChunkTable, LazyChunkTable, LazyInline, Reference

_LOOKED_UP = 512
"""Chunks that are looked up one by one where the chunk index has not been read, as reading them does."""

_SAMPLED = 8


def count(
    table: ChunkTable, selection: Selection, edges: Sequence[int], *, remote: bool
) -> tuple[int, int, int]:
    """Count what a selection touches.

    Parameters
    ----------
    table : ChunkTable
    selection : tuple of int or Span
        Not empty.
    edges : sequence of int
        Shape of a chunk.
    remote : bool
        Whether reading the chunk index takes requests; then many chunks are estimated from a few.

    Returns
    -------
    chunks : int
        Stored chunks.
    stored : int
        Their bytes.
    fetched : int
        Those of the bytes that lie outside the document.
    """
    if _is_looked_up(table, selection, edges):
        found = [table.get(index) for index in itertools.product(*_numbers(selection, edges))]
        return _lengths(found)
    if remote and not table.loaded:
        return _estimate(table, selection, edges)
    inside = touched(table.index, selection, edges)
    fetched = int(table.length[inside].sum())
    inline = [
        index for index in table.inline if touched(np.array([index], dtype=np.int64), selection, edges)[0]
    ]
    kept = sum(table.within(index, [at + 1 for at in index])[1] for index in inline) if inline else 0
    outside = kept if isinstance(table.inline, LazyInline) else 0
    return int(inside.sum()) + len(inline), fetched + kept, fetched + outside


def is_known(table: ChunkTable, selection: Selection, edges: Sequence[int]) -> bool:
    """Whether `count` is exact without reading the chunk index."""
    return table.loaded or _is_looked_up(table, selection, edges)


def _is_looked_up(table: ChunkTable, selection: Selection, edges: Sequence[int]) -> bool:
    """Whether the chunks are few enough to be looked up one by one, which on the web is fewer than here."""
    return isinstance(table, LazyChunkTable) and table.is_quick(positions(selection, edges), _LOOKED_UP)


def _estimate(table: ChunkTable, selection: Selection, edges: Sequence[int]) -> tuple[int, int, int]:
    """From a few chunks, spread over the selection: the chunk index of a remote file may be large."""
    numbers = _numbers(selection, edges)
    count = math.prod(map(len, numbers))
    sample = []
    for step in range(_SAMPLED):
        rest = (count - 1) * step // (_SAMPLED - 1)
        index = []
        for along in reversed(numbers):
            rest, at = divmod(rest, len(along))
            index.append(along[at])
        sample.append(table.get(tuple(reversed(index))))
    chunks, stored, fetched = _lengths(sample)
    return tuple(number * count // _SAMPLED for number in (chunks, stored, fetched))  # type: ignore[return-value]


def _lengths(found: Sequence[Reference | None]) -> tuple[int, int, int]:
    ranges = [item.length for item in found if isinstance(item, ByteRange)]
    kept = [len(item) for item in found if isinstance(item, bytes)]
    return len(ranges) + len(kept), sum(ranges) + sum(kept), sum(ranges)


def touched(
    index: npt.NDArray[np.int64], selection: Selection, edges: Sequence[int]
) -> npt.NDArray[np.bool_]:
    """Which chunks a selection touches.

    Parameters
    ----------
    index : numpy.ndarray
        int64 of shape (n, axes): chunk indices.
    selection : tuple of int or Span
        Not empty.
    edges : sequence of int
        Shape of a chunk.

    Returns
    -------
    numpy.ndarray
        bool of shape (n,).
    """
    inside = np.ones(len(index), dtype=bool)
    if not len(index):
        return inside
    for axis, (part, edge) in enumerate(zip(selection, edges, strict=True)):
        span = as_span(part)
        start = index[:, axis] * edge
        # The first selected index from the chunk's start on has to lie before its end, and before the stop.
        steps = np.maximum(0, -((span.start - start) // span.step))
        first = span.start + steps * span.step
        inside &= (first < start + edge) & (first < span.stop)
    return inside


def _numbers(selection: Selection, edges: Sequence[int]) -> list[Sequence[int]]:
    """Chunk numbers along each axis that a selection touches."""
    out: list[Sequence[int]] = []
    for part, edge in zip(selection, edges, strict=True):
        span = as_span(part)
        indices = range(span.start, span.stop, span.step)
        # Where a step is longer than a chunk, each index lies in a chunk of its own.
        out.append(
            range(indices[0] // edge, indices[-1] // edge + 1) if span.step <= edge else _Floor(indices, edge)
        )
    return out


class _Floor(Sequence[int]):
    """``index // edge`` of every index, without a list."""

    def __init__(self, indices: range, edge: int) -> None:
        self._indices = indices
        self._edge = edge

    def __len__(self) -> int:
        return len(self._indices)

    def __getitem__(self, at: Any) -> Any:
        return self._indices[at] // self._edge


def positions(selection: Selection, edges: Sequence[int]) -> int:
    """How many chunks of the grid a selection touches, whether they were written or not."""
    return math.prod(map(len, _numbers(selection, edges)))


def as_span(part: Part) -> Span:
    """The part as a span, one index as a span of one."""
    return part if isinstance(part, Span) else Span(part, part + 1)
