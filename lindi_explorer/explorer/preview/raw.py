"""What is read of data that lies in the file as it is in memory: only the bytes of the selected rows."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from lindi_explorer.byterange import ByteRange
from lindi_explorer.explorer.selection import Selection, Span
from lindi_explorer.h5.arrays.pieces import WORTH_CUTTING
from lindi_explorer.references.chunks import ChunkTable
from lindi_explorer.references.model import Node

_PLAIN_KINDS = "iuf"


def raw_pieces(node: Node, selection: Selection) -> list[ByteRange] | None:
    """The bytes of the rows that a selection takes of raw data.

    Parameters
    ----------
    node : Node
        Of an array with at least one axis.
    selection : tuple of int or Span
        Not empty.

    Returns
    -------
    list of ByteRange or None
        In the order of the rows, without gaps between them. None where the data is encoded, cut along another
        axis than the first, not written everywhere, or in small chunks.
    """
    array = node.array or {}
    table = node.chunks
    if not isinstance(table, ChunkTable) or not table.grid or not _is_raw(array):
        return None
    edge, row = array["chunks"][0], _row_bytes(array)
    if not row or edge * row < WORTH_CUTTING or any(count != 1 for count in table.grid[1:]):
        return None
    start, stop = _rows(selection)
    pieces = []
    for chunk in range(start // edge, -(-stop // edge)):
        stored = table.get((chunk, *(0 for _ in table.grid[1:])))
        low, high = max(start, chunk * edge), min(stop, (chunk + 1) * edge)
        offset = (low - chunk * edge) * row
        length = (high - low) * row
        if not isinstance(stored, ByteRange) or stored.length < offset + length:
            return None
        pieces.append(ByteRange(stored.url, stored.offset + offset, length))
    return pieces


def _is_raw(array: dict[str, Any]) -> bool:
    """Whether chunks are the bytes of the array itself, row by row."""
    return (
        array.get("compressor") is None
        and not array.get("filters")
        and array.get("order", "C") == "C"
        and np.dtype(array["dtype"]).kind in _PLAIN_KINDS
        and array["chunks"][1:] == array["shape"][1:]
    )


def _row_bytes(array: dict[str, Any]) -> int:
    size: int = np.dtype(array["dtype"]).itemsize * math.prod(array["shape"][1:])
    return size


def _rows(selection: Selection) -> tuple[int, int]:
    """First row and end of the rows from the first selected one to the last."""
    first = selection[0]
    if isinstance(first, Span):
        return first.start, first.start + (len(first) - 1) * first.step + 1
    return first, first + 1
