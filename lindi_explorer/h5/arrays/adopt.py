"""Datasets that only HDF5 reads, taken over into chunks of our own before they are changed."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from lindi_explorer.errors import UnsupportedError
from lindi_explorer.h5.arrays.selection import Plan
from lindi_explorer.h5.arrays.writing import one_chunk, write_raw
from lindi_explorer.h5.virtual.mapping import VIRTUAL
from lindi_explorer.hdf5.inline import BLOSC, zarr_dtype
from lindi_explorer.hdf5.layout import split_rows
from lindi_explorer.hdf5.types import type_of
from lindi_explorer.references.annotations import EXTERNAL_ARRAY_LINK
from lindi_explorer.references.chunks import chunk_grid
from lindi_explorer.references.model import Node

if TYPE_CHECKING:
    from lindi_explorer.h5.arrays.data import ArrayData
    from lindi_explorer.h5.view import View

_MOST_BYTES = 4 << 30
"""Decoded bytes of a dataset that is taken over: all of it is read and written again."""

_LARGEST_PIECE = 20_000_000


def adopted(view: View, path: str, data: ArrayData) -> Node:
    """Copy the data of an external array link, chunk by chunk.

    Parameters
    ----------
    view : View
    path : str
        For messages.
    data : ArrayData
        With an external array link.

    Returns
    -------
    Node
        With the same data in chunks of this file.

    Raises
    ------
    UnsupportedError
        If that is too much.
    """
    shape, dtype = data.shape or (), data.dtype
    size = math.prod(shape) * dtype.itemsize
    if size > _MOST_BYTES:
        raise UnsupportedError(
            f"/{path} is read through the HDF5 file it lies in; to change it, all of its {size:,} bytes "
            f"would be copied, and {_MOST_BYTES:,} is the most that is",
            hint="Write the part you need to a new dataset.",
        )
    attributes = {name: value for name, value in data.node.attributes.items() if name != EXTERNAL_ARRAY_LINK}
    own = {name: value for name, value in data.node.sidecar.items() if name != VIRTUAL}
    sidecar = {"type": type_of(dtype), **own}
    zarr = zarr_dtype(dtype)
    if zarr is None:
        value = np.asarray(data.read((), None))
        return one_chunk(view, Node(attributes, data.node.array, {}, sidecar), dtype, value)[0]
    edges = tuple((data.node.array or {})["chunks"])
    if edges == shape:
        edges = (split_rows(shape, zarr.itemsize, _LARGEST_PIECE) or shape[0], *shape[1:])
    array: dict[str, Any] = {
        **(data.node.array or {}),
        "dtype": zarr.str,
        "chunks": list(edges),
        "compressor": dict(BLOSC),
    }
    if zarr.kind in "SV" and not isinstance(array["fill_value"], str):
        array["fill_value"] = "" if zarr.kind == "S" else None
    if edges != tuple((data.node.array or {})["chunks"]):
        sidecar.setdefault("chunks", None)
    node = Node(attributes, array, {}, sidecar)
    for index in itertools.product(*map(range, chunk_grid(shape, edges))):
        box = tuple(
            slice(at * edge, min((at + 1) * edge, length))
            for at, edge, length in zip(index, edges, shape, strict=True)
        )
        part = np.asarray(data.read(box, None))
        counted = part.reshape(-1, *part.shape[len(shape) :])
        node = write_raw(view, node, [(Plan(axes=box, points=None, shape=part.shape), counted)])
    return node
