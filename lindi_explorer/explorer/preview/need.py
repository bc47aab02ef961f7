"""What reading a selection takes, found in the chunk table before anything is read."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lindi_explorer.explorer.preview.counting import count, is_known, positions
from lindi_explorer.explorer.preview.raw import raw_pieces
from lindi_explorer.explorer.preview.subject import node_of
from lindi_explorer.explorer.protocol import Cost
from lindi_explorer.explorer.selection import Selection, selected_shape
from lindi_explorer.references.annotations import EXTERNAL_ARRAY_LINK, SCALAR
from lindi_explorer.references.chunks import ChunkTable, LazyInline
from lindi_explorer.references.model import Node

UNASKED = 8_000_000
"""Bytes that are read without asking."""

UNASKED_DECODED = 64_000_000
_USUAL_RATIO = 8
"""Bytes in memory, and times of what is fetched, up to which only the latter counts: decoding is quick."""

BUDGET = 1_000_000_000
"""The most bytes that a single answer takes, whatever is agreed to."""

_VISIT = 31_250
"""What looking for one chunk counts as, in decoded bytes: it takes as long, even where there is none.
A first picture may decode 16 MB, so it looks for 512 chunks at most, which are looked up one by one."""

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
        Chunks of the dataset's grid.
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
        usual = max(UNASKED_DECODED, _USUAL_RATIO * self.fetched)
        return self.fetched if self.decoded <= usual else self.decoded

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


def need_of(dataset: Any, selection: Selection) -> Need:
    """What reading a selection of a dataset takes.

    Parameters
    ----------
    dataset : LindiH5pyDataset
    selection : tuple of int or Span
        One part for each dimension.

    Returns
    -------
    Need
        An estimate where knowing would cost too much: for data that only HDF5 itself can read (external array
        links), and for very many chunks of a remote HDF5 file whose chunk index has not been read.
    """
    node, itemsize = node_of(dataset), dataset.dtype.itemsize
    array, table = node.array or {}, node.chunks
    edges: Sequence[int] = array["chunks"]
    elements = math.prod(selected_shape(selection)) * itemsize
    if SCALAR in node.attributes:
        selection = (0,)
    total = math.prod(-(-size // max(edge, 1)) for size, edge in zip(array["shape"], edges, strict=True))
    if is_elsewhere(node):
        return _linked_need(node, selection, elements, total)
    if elements == 0 or not isinstance(table, ChunkTable):
        return Need(total=total, decoded=elements)
    if is_decoded_whole(node):
        outside = isinstance(table.inline, LazyInline)
        stored = table.stored_bytes
        return Need(total, total, stored, stored if outside else int(table.length.sum()), elements)
    pieces = raw_pieces(node, selection)
    if pieces is not None:
        stored = sum(piece.length for piece in pieces)
        return Need(len(pieces), total, stored, stored, max(elements, stored))
    chunks, stored, fetched = count(table, selection, edges, remote=dataset.file.source.kind == "remote")
    chunk_bytes = math.prod(edges) * np.dtype(array["dtype"]).itemsize
    looked_for = positions(selection, edges) if chunks else 0
    return Need(chunks, total, stored, fetched, max(elements, chunks * chunk_bytes, looked_for * _VISIT))


def is_elsewhere(node: Node) -> bool:
    """Whether HDF5 has the data, or other datasets that this one is put together from."""
    linked = EXTERNAL_ARRAY_LINK in node.attributes and not _has_chunks(node)
    return linked or "virtual" in node.sidecar


def _has_chunks(node: Node) -> bool:
    return isinstance(node.chunks, ChunkTable) and (not node.chunks.loaded or len(node.chunks) > 0)


def is_decoded_whole(node: Node) -> bool:
    """Whether any read takes all of an array: text and JSON values, which are no plain Zarr chunks."""
    return np.dtype((node.array or {})["dtype"]).kind in "OU" or SCALAR in node.attributes


def is_unwritten(dataset: Any, selection: Selection) -> bool:
    """Whether a selection of numbers lies in chunks that were never written: there is nothing to read.

    Parameters
    ----------
    dataset : LindiH5pyDataset
    selection : tuple of int or Span
        Not empty.

    Returns
    -------
    bool
        False also where that is not known for sure.
    """
    node = node_of(dataset)
    table, array = node.chunks, node.array or {}
    if np.dtype(array["dtype"]).kind not in "iufb" or is_elsewhere(node):
        return False
    if isinstance(table, ChunkTable) and not is_known(table, selection, array["chunks"]):
        return False
    return need_of(dataset, selection).chunks == 0


def _linked_need(node: Node, selection: Selection, elements: int, total: int) -> Need:
    """Where the chunks lie is HDF5's secret: count them as if none were missing or compressed."""
    edges: Sequence[int] = (node.array or {})["chunks"]
    if node.sidecar.get("chunks", edges) is None or not elements:
        return Need(min(total, elements), total, elements, elements, elements)
    chunks = positions(selection, edges)
    size = math.prod(selected_shape(selection))
    stored = chunks * math.prod(edges) * (elements // size)
    return Need(chunks, total, stored, stored, max(elements, stored))
