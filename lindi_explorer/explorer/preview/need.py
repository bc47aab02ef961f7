"""What reading a selection takes, found in the chunk table before anything is read."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from lindi_explorer.explorer.preview.raw import raw_pieces
from lindi_explorer.explorer.protocol import Cost
from lindi_explorer.explorer.selection import Part, Selection, Span, selected_shape
from lindi_explorer.references.annotations import EXTERNAL_ARRAY_LINK, SCALAR
from lindi_explorer.references.chunks import ChunkTable
from lindi_explorer.references.model import Node

UNASKED = 8_000_000
"""Bytes that are read without asking."""

UNASKED_DECODED = 64_000_000
"""Bytes in memory up to which only what has to be fetched counts: well compressed data is decoded quickly."""

BUDGET = 1_000_000_000
"""Bytes that no single answer reads, or decodes, whatever is agreed to."""

_VISIT = 8_000
"""What looking for one chunk counts as, in decoded bytes: it takes as long, even where there is none."""

_REMOTE_SPEED = 10e6
_REMOTE_DELAY = 0.1
_DECODING_SPEED = 400e6


@dataclass(frozen=True, slots=True)
class Need:
    """What a read takes.

    Attributes
    ----------
    chunks : int
        Stored chunks the selection touches.
    total : int
        Stored chunks of the dataset.
    stored : int
        Stored bytes of the touched chunks.
    fetched : int
        Those of them that lie outside the document and have to be fetched; bytes.
    decoded : int
        Bytes in memory, of the selection or of the touched chunks, whichever is more; or what looking for
        very many chunks is worth.
    """

    chunks: int = 0
    total: int = 0
    stored: int = 0
    fetched: int = 0
    decoded: int = 0

    def __add__(self, other: Need) -> Need:
        return Need(
            self.chunks + other.chunks,
            self.total + other.total,
            self.stored + other.stored,
            self.fetched + other.fetched,
            self.decoded + other.decoded,
        )

    @property
    def weight(self) -> int:
        """The bytes that limits are compared with."""
        return self.fetched if self.decoded <= UNASKED_DECODED else max(self.fetched, self.decoded)

    def is_within(self, agreed: int = 0) -> bool:
        """Whether it may be read when ``agreed`` bytes have been agreed to."""
        return self.weight <= min(max(UNASKED, agreed), BUDGET)

    def cost(self, *, seconds: float | None = None, requests: int | None = None) -> Cost:
        """The cost after the read, as measured."""
        return Cost(
            chunks=self.chunks, total_chunks=self.total, bytes=self.stored, seconds=seconds, requests=requests
        )

    def estimate(self, file: Any) -> Cost:
        """The cost before the read, with the seconds it may take.

        Where the bytes in memory are what counts, these are named, as they are what is agreed to.
        """
        seconds = self.decoded / _DECODING_SPEED
        if file.source.kind == "remote" and self.fetched:
            seconds += _REMOTE_DELAY + self.fetched / _REMOTE_SPEED
        heavy = self.weight > self.fetched
        return Cost(
            chunks=self.chunks,
            total_chunks=self.total,
            bytes=self.weight if heavy else self.stored,
            seconds=round(seconds, 3),
        )


def need_of(node: Node, selection: Selection, itemsize: int) -> Need:
    """What reading a selection of a dataset takes.

    Parameters
    ----------
    node : Node
        Of an array.
    selection : tuple of int or Span
        One part for each dimension.
    itemsize : int
        Bytes of an element in memory.

    Returns
    -------
    Need
        For data that only HDF5 itself can read (external array links) an upper estimate.
    """
    array = node.array or {}
    elements = math.prod(selected_shape(selection))
    if SCALAR in node.attributes:
        selection = (0,)
    edges: Sequence[int] = array["chunks"]
    if not node.chunks and EXTERNAL_ARRAY_LINK in node.attributes:
        return _linked_need(node, selection, edges, elements * itemsize)
    table = node.chunks if isinstance(node.chunks, ChunkTable) else ChunkTable.build([0] * node.axes)
    if elements == 0:
        return Need(total=len(table))
    if is_decoded_whole(node):
        stored = table.stored_bytes
        return Need(len(table), len(table), stored, int(table.length.sum()), elements * itemsize)
    pieces = raw_pieces(node, selection)
    if pieces is not None:
        stored = sum(piece.length for piece in pieces)
        return Need(len(pieces), len(table), stored, stored, max(elements * itemsize, stored))
    inside = touched(table.index, selection, edges)
    fetched = int(table.length[inside].sum())
    inline = [
        data
        for index, data in table.inline.items()
        if touched(np.array([index], dtype=np.int64), selection, edges)[0]
    ]
    chunks = int(inside.sum()) + len(inline)
    chunk_bytes = math.prod(edges) * np.dtype(array["dtype"]).itemsize
    looked_for = _positions(selection, edges) if chunks else 0
    return Need(
        chunks=chunks,
        total=len(table),
        stored=fetched + sum(map(len, inline)),
        fetched=fetched,
        decoded=max(elements * itemsize, chunks * chunk_bytes, looked_for * _VISIT),
    )


def is_decoded_whole(node: Node) -> bool:
    """Whether any read takes all of an array: text and JSON values, which are no plain Zarr chunks."""
    return np.dtype((node.array or {})["dtype"]).kind in "OU" or SCALAR in node.attributes


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


def _positions(selection: Selection, edges: Sequence[int]) -> int:
    """How many chunks of the grid a selection touches, whether they were written or not."""
    counts = []
    for part, edge in zip(selection, edges, strict=True):
        span = as_span(part)
        last = span.start + (len(span) - 1) * span.step
        counts.append(min(len(span), last // edge - span.start // edge + 1))
    return math.prod(counts)


def as_span(part: Part) -> Span:
    """The part as a span, one index as a span of one."""
    return part if isinstance(part, Span) else Span(part, part + 1)


def _linked_need(node: Node, selection: Selection, edges: Sequence[int], decoded: int) -> Need:
    """Where the chunks lie is HDF5's secret: count them as if none were missing or compressed."""
    shape = (node.array or {})["shape"]
    total = math.prod(-(-size // max(edge, 1)) for size, edge in zip(shape, edges, strict=True))
    if node.sidecar.get("chunks", edges) is None or decoded == 0:
        return Need(min(total, decoded), total, decoded, decoded, decoded)
    chunks = _positions(selection, edges)
    elements = math.prod(selected_shape(selection))
    stored = chunks * math.prod(edges) * (decoded // elements)
    return Need(chunks, total, stored, stored, max(decoded, stored))
