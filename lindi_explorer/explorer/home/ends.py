"""The first and the last value of time axes, read together and within a small budget."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from lindi_explorer.byterange import ByteRange
from lindi_explorer.errors import CancelledByUserError, LindiError
from lindi_explorer.explorer.home.look import node_at, values_at
from lindi_explorer.explorer.nodes import is_inline, open_object, shape_of
from lindi_explorer.references.chunks import ChunkTable

if TYPE_CHECKING:
    from lindi_explorer.explorer.state import State
    from lindi_explorer.references.model import Node

_LARGEST_CHUNK = 2 << 20
"""Stored bytes of a compressed chunk that is read for one of its values."""

_BUDGET = 8 << 20
"""Stored bytes that one card reads of compressed chunks."""

_MOST_PLAIN = 32
"""Axes of plain bytes that are looked at: each costs two small reads, all at once."""

_MOST_COMPRESSED = 8
"""Axes of compressed chunks that are looked at, one after the other."""

Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class _Plain:
    """Where the two values of an axis stand in plain bytes."""

    path: str
    dtype: np.dtype[Any]
    first: ByteRange
    last: ByteRange


class Ends:
    """Ends of time axes: say which are wanted, fetch them, then ask. What is too dear is left out.

    Parameters
    ----------
    state : State
    """

    def __init__(self, state: State) -> None:
        self._state = state
        self._spans: dict[str, Span | None] = {}
        self._plain: list[_Plain] = []
        self._compressed: list[str] = []
        self._budget = _BUDGET

    def want(self, path: str) -> None:
        """Note an axis: a one-dimensional dataset of numbers, in seconds. Anything else has no ends."""
        found = node_at(self._state, path)
        if found is None or found[1].array is None or found[0] in self._spans:
            return
        self._spans[found[0]] = None
        try:
            self._plan(*found)
        except CancelledByUserError:
            raise
        except LindiError:
            # A broken time axis costs its bar, not the card.
            return

    def fetch(self) -> None:
        """Read the ends of all axes that were noted."""
        plain, self._plain = self._plain[:_MOST_PLAIN], []
        try:
            ranges = [item for axis in plain for item in (axis.first, axis.last)]
            data = self._state.file.reader.read_many(ranges) if ranges else []
        except CancelledByUserError:
            raise
        except LindiError:
            data, plain = [], []
        for axis, first, last in zip(plain, data[::2], data[1::2], strict=True):
            self._spans[axis.path] = _span(
                *(np.frombuffer(item, dtype=axis.dtype)[0] for item in (first, last))
            )
        for path in self._compressed[:_MOST_COMPRESSED]:
            self._spans[path] = self._read(path)
        self._compressed = []

    def of(self, path: str) -> Span | None:
        """First and last value of an axis; None where they are not known, or not in order."""
        found = node_at(self._state, path)
        return None if found is None else self._spans.get(found[0])

    def all_of(self, path: str, most: int) -> list[float]:
        """All values of a dataset that is kept in the document, if it has at most so many; else none."""
        found = node_at(self._state, path)
        shape = shape_of(found[1]) if found and found[1].array is not None else None
        if shape is None or math.prod(shape) > most:
            return []
        return [float(value) for value in values_at(self._state, path) if isinstance(value, (int, float))]

    def _plan(self, path: str, node: Node) -> None:
        shape, array = shape_of(node), node.array or {}
        dtype = np.dtype(array["dtype"])
        if not shape or len(shape) != 1 or not shape[0] or dtype.kind not in "fiu":
            return
        if is_inline(node):
            self._spans[path] = self._read(path)
        elif isinstance(node.chunks, ChunkTable):
            edge = array["chunks"][0]
            if array["filters"] or array["compressor"]:
                self._plan_compressed(path, node.chunks, {0, (shape[0] - 1) // edge})
            else:
                places = [_place(node.chunks, at, edge, dtype) for at in (0, shape[0] - 1)]
                if places[0] is not None and places[1] is not None:
                    self._plain.append(_Plain(path, dtype, places[0], places[1]))

    def _plan_compressed(self, path: str, chunks: ChunkTable, wanted: set[int]) -> None:
        costs = [chunks.within((index,), (index + 1,))[1] for index in wanted]
        if max(costs) <= _LARGEST_CHUNK and sum(costs) <= self._budget:
            self._budget -= sum(costs)
            self._compressed.append(path)

    def _read(self, path: str) -> Span | None:
        try:
            dataset = open_object(self._state.file, path)
            return _span(dataset[0], dataset[-1])
        except CancelledByUserError:
            raise
        except LindiError:
            return None


def _place(chunks: ChunkTable, at: int, edge: int, dtype: np.dtype[Any]) -> ByteRange | None:
    """Where one value stands in a chunk of plain bytes."""
    chunk = chunks.get((at // edge,))
    offset = at % edge * dtype.itemsize
    if not isinstance(chunk, ByteRange) or offset + dtype.itemsize > chunk.length:
        return None
    return ByteRange(chunk.url, chunk.offset + offset, dtype.itemsize)


def _span(first: Any, last: Any) -> Span | None:
    start, stop = float(first), float(last)
    return (start, stop) if math.isfinite(start) and math.isfinite(stop) and start <= stop else None
