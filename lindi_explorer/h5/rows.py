"""Reading rows of raw chunks: only the bytes of the rows, where zarr reads whole chunks.

Contiguous data, and data in one raw chunk, is one chunk of up to 20 MB: ten rows of it are a few kilobytes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from lindi_explorer.byterange import ByteRange
from lindi_explorer.h5.selection import Plan
from lindi_explorer.references.chunks import Reference
from lindi_explorer.references.model import Node
from lindi_explorer.remote import RangeReader, is_remote


def read_rows(
    node: Node, chunks: Mapping[tuple[int, ...], Reference], read: Plan, reader: RangeReader
) -> np.ndarray[Any, Any] | None:
    """Read a selection whose first axis is a slice.

    Parameters
    ----------
    node : Node
        Of an array with at least one axis.
    chunks : mapping
        Its chunks, as far as the selection touches them.
    read : Plan
        Not empty.
    reader : RangeReader

    Returns
    -------
    numpy.ndarray or None
        None where the bytes of the rows do not stand one after the other in byte ranges.
    """
    array: dict[str, Any] = node.array or {}
    shape, edges = array["shape"], array["chunks"]
    raw = array["compressor"] is None and not array["filters"] and array["order"] == "C"
    if not raw or edges[1:] != shape[1:] or read.axes is None or not isinstance(read.axes[0], slice):
        return None
    dtype = np.dtype(array["dtype"]) if isinstance(array["dtype"], str) else np.dtype("V0")
    row = dtype.itemsize * math.prod(shape[1:])
    if not row:
        return None
    rows, edge = read.axes[0], edges[0]
    ranges = []
    for number in range(rows.start // edge, (rows.stop - 1) // edge + 1):
        reference = chunks.get((number, *(0,) * (len(shape) - 1)))
        start = max(rows.start - number * edge, 0) * row
        length = min(rows.stop - number * edge, edge) * row - start
        # Chunks in the document, missing ones and short ones are left to zarr.
        if not isinstance(reference, ByteRange) or start + length > reference.length:
            return None
        ranges.append(ByteRange(reference.url, reference.offset + start, length))
    if any(is_remote(one.url) for one in ranges):
        pieces = reader.read_many(ranges)
    else:
        pieces = [reader.read_now(one) for one in ranges]
    out = np.frombuffer(b"".join(pieces), dtype=dtype).reshape(rows.stop - rows.start, *shape[1:])
    for number, axis in enumerate((slice(None, None, rows.step), *read.axes[1:])):
        out = out[(slice(None),) * number + (axis,)]
    # A copy: what was read cannot be written to, and what h5py gives can.
    return out.copy()
