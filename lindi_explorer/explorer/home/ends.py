"""The first and the last value of a time axis, read within a small budget."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from lindi_explorer.byterange import ByteRange
from lindi_explorer.errors import CancelledByUserError, LindiError
from lindi_explorer.explorer.home.look import node_at, values_at
from lindi_explorer.explorer.nodes import is_inline, open_object, shape_of
from lindi_explorer.references.chunks import ChunkTable
from lindi_explorer.references.model import Node

if TYPE_CHECKING:
    from lindi_explorer.explorer.state import State

_LARGEST_CHUNK = 2 << 20
"""Stored bytes of a compressed chunk that is read for one of its values."""

_BUDGET = 8 << 20
"""Stored bytes that one card reads of compressed chunks."""

_MOST_AXES = 40
"""Time axes that are looked at outside the document: each costs one or two requests."""


class Ends:
    """Reads the ends of time axes, each once; what is too dear is left out.

    Parameters
    ----------
    state : State
    """

    def __init__(self, state: State) -> None:
        self._state = state
        self._budget = _BUDGET
        self._axes = _MOST_AXES
        self._known: dict[str, tuple[float, float] | None] = {}

    def of(self, path: str) -> tuple[float, float] | None:
        """First and last value of a one-dimensional dataset of floats, in seconds; None where not known."""
        found = node_at(self._state, path)
        if found is None or found[1].array is None:
            return None
        path, node = found
        if path not in self._known:
            try:
                self._known[path] = self._read(path, node)
            except CancelledByUserError:
                raise
            except LindiError:
                # A broken time axis costs its bar, not the card.
                self._known[path] = None
        return self._known[path]

    def all_of(self, path: str, most: int) -> list[float]:
        """All values of a dataset that is kept in the document, if it has at most so many; else none."""
        found = node_at(self._state, path)
        shape = shape_of(found[1]) if found and found[1].array is not None else None
        if shape is None or math.prod(shape) > most:
            return []
        return [float(value) for value in values_at(self._state, path) if isinstance(value, (int, float))]

    def _read(self, path: str, node: Node) -> tuple[float, float] | None:
        shape, array = shape_of(node), node.array or {}
        dtype = np.dtype(array["dtype"])
        if not shape or len(shape) != 1 or not shape[0] or dtype.kind not in "fiu":
            return None
        if is_inline(node):
            dataset = open_object(self._state.file, path)
            return _finite(float(dataset[0]), float(dataset[-1]))
        if not isinstance(node.chunks, ChunkTable) or not self._axes:
            return None
        self._axes -= 1
        places = (0, shape[0] - 1)
        if not array["filters"] and not array["compressor"]:
            return _finite(*(self._raw(node.chunks, at, array["chunks"][0], dtype) for at in places))
        return self._decoded(path, node.chunks, array["chunks"][0], places)

    def _raw(self, chunks: ChunkTable, at: int, edge: int, dtype: np.dtype[np.generic]) -> float:
        """One value of plain bytes."""
        chunk = chunks.get((at // edge,))
        offset = at % edge * dtype.itemsize
        if not isinstance(chunk, ByteRange) or offset + dtype.itemsize > chunk.length:
            return math.nan
        data = self._state.file.reader.read_now(ByteRange(chunk.url, chunk.offset + offset, dtype.itemsize))
        return float(np.frombuffer(data, dtype=dtype)[0])

    def _decoded(
        self, path: str, chunks: ChunkTable, edge: int, places: tuple[int, int]
    ) -> tuple[float, float] | None:
        """Two values of compressed chunks, where these are small."""
        costs = [
            chunks.within((at // edge,), (at // edge + 1,))[1] for at in {at // edge * edge for at in places}
        ]
        if max(costs) > _LARGEST_CHUNK or sum(costs) > self._budget:
            return None
        self._budget -= sum(costs)
        dataset = open_object(self._state.file, path)
        return _finite(*(float(dataset[at]) for at in places))


def _finite(first: float, last: float) -> tuple[float, float] | None:
    return (first, last) if math.isfinite(first) and math.isfinite(last) and first <= last else None
