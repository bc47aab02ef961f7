"""New datasets: h5py itself decides, in a file in memory, what its arguments mean; here is the node."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
from h5py._hl.base import array_for_new_object
from h5py._hl.dataset import make_new_dset

from lindi_explorer.formats.in_place import INLINE
from lindi_explorer.h5.arrays.blank import blank
from lindi_explorer.h5.arrays.scratch import as_stored, scratch
from lindi_explorer.h5.arrays.selection import Plan
from lindi_explorer.h5.arrays.writing import one_chunk, write_raw
from lindi_explorer.h5.attribute_values import reference_type
from lindi_explorer.h5.datatype import LindiH5pyDatatype
from lindi_explorer.h5.raw_files import write_into
from lindi_explorer.h5.raw_layout import raw_layout
from lindi_explorer.h5.reference import encode_reference
from lindi_explorer.hdf5.facts import Facts, Hdf5Facts
from lindi_explorer.hdf5.inline import (
    BLOSC,
    annotated,
    inline_metadata,
    inline_node,
    zarr_dtype,
)
from lindi_explorer.hdf5.layout import split_rows
from lindi_explorer.hdf5.names import ObjectNames
from lindi_explorer.hdf5.sidecar import describe, zarr_fill
from lindi_explorer.hdf5.types import array_parts, type_of
from lindi_explorer.references.model import Node

if TYPE_CHECKING:
    from lindi_explorer.h5.view import View

_LARGEST_PIECE = 20_971_520
"""Bytes of a chunk where none are asked for, as upstream has it (format section 7.6)."""

_USUAL = object()
"""Stands for a compression that nobody has asked for."""


def new_dataset(
    view: View, shape: Any, dtype: Any, data: Any, name: str, options: dict[str, Any], raw_prefix: str = ""
) -> Node:
    """Make the node of a new dataset; what it holds is encoded and kept.

    Parameters
    ----------
    view : View
    shape, dtype, data
        As for `h5py.Group.create_dataset`.
    name : str
        For messages.
    options : dict
        Its other keywords. ``compression`` may be a numcodecs codec. Where it is left out, and no filter is
        asked for, data is compressed as upstream does it if it goes into the document; where it is None, it
        is not.

    raw_prefix : str
        The folder where ``external`` files are looked for.

    Returns
    -------
    Node

    Raises
    ------
    TypeError, ValueError
        As h5py raises them.
    UnsupportedError
        For raw data in other files that Zarr has no type for, or that cannot be cut into chunks.
    """
    codec = options.get("compression", _USUAL)
    options = {**options, "compression": None} if codec is _USUAL else options
    own_codec = codec.get_config() if hasattr(codec, "get_config") and hasattr(codec, "codec_id") else None
    if own_codec is not None:
        if options.get("compression_opts") is not None:
            raise TypeError("compression_opts does not go with a numcodecs codec, which holds its own")
        options = {**options, "compression": None}
    if isinstance(dtype, LindiH5pyDatatype):
        dtype = dtype.dtype
    values: Any = None
    if data is not None and not isinstance(data, h5py.Empty):
        # h5py knows references of its own kind only.
        dtype = reference_type(data) if dtype is None else dtype
        values = array_for_new_object(data, specified_dtype=dtype)
        shape = values.shape if shape is None else shape
        wanted = (shape,) if isinstance(shape, int) else tuple(shape)
        if np.prod(wanted, dtype=np.int64) != values.size:
            raise ValueError("Shape tuple is incompatible with data")
        values = values.reshape(wanted)
        dtype = values.dtype if dtype is None else dtype
        data = None
    facts, fill, sidecar = _asked_of_h5py(shape, dtype, data, options, own_codec)
    if facts.shape is None:
        own = {"type": type_of(facts.dtype), "null": True}
        return Node(array=_metadata((0,), (1,), "|u1", 0, None, None), sidecar={**sidecar, **own})
    if facts.external:
        return _in_files(view, facts, values, sidecar, name, raw_prefix)
    if facts.shape == () or zarr_dtype(facts.dtype) is None:
        return _typed(view, facts, values, fill, sidecar)
    compressor = own_codec or (None if facts.codecs or codec is None else _usual(view, facts))
    return _raw(view, facts, values, compressor, sidecar)


def _usual(view: View, facts: Facts) -> dict[str, Any] | None:
    """How data is compressed for which nobody has asked for anything that a Zarr codec can do.

    As upstream does it, where it goes into the document or a filter was asked for. Long chunks that go into
    files are written as they are, as HDF5 does: that is faster, and parts of them can be read.
    """
    long = math.prod(facts.chunks or facts.shape or ()) * facts.dtype.itemsize >= INLINE
    return None if view.saving.in_files and long and not facts.filters else dict(BLOSC)


def _asked_of_h5py(
    shape: Any, dtype: Any, data: Any, options: dict[str, Any], own_codec: dict[str, Any] | None
) -> tuple[Hdf5Facts, Any, dict[str, Any]]:
    """What h5py makes of the arguments: facts, fill value where one was set, side-car."""
    if own_codec is not None and options.get("chunks") is None:
        options = {**options, "chunks": True}
    with scratch() as file:
        identifier = make_new_dset(file, shape, dtype, data, None, **options)
        plist = identifier.get_create_plist()
        facts = Hdf5Facts.of(identifier, plist)
        ordered = plist.get_attr_creation_order() & h5py.h5p.CRT_ORDER_INDEXED
        return facts, facts.fill_value(), {"attribute_order": []} if ordered else {}


def _described(facts: Facts, node: Node, sidecar: dict[str, Any]) -> Node:
    with scratch() as file:
        more = describe(facts, node, ObjectNames(file))
    return Node(node.attributes, node.array, node.chunks, {**sidecar, **more})


# ---------------------------------------------------------------- elements of fixed size


def _raw(
    view: View, facts: Facts, values: Any, compressor: dict[str, Any] | None, sidecar: dict[str, Any]
) -> Node:
    shape, zarr = facts.shape or (), zarr_dtype(facts.dtype)
    assert zarr is not None
    filters = facts.codecs or None
    edges = facts.chunks or _edges(shape, zarr.itemsize)
    node = Node(array=_metadata(shape, edges, zarr.str, zarr_fill(facts), filters, compressor))
    node = _described(facts, node, sidecar)
    if values is None or 0 in shape:
        return node
    stored = _stored(values, facts.dtype)
    everything = Plan(axes=tuple(slice(0, size) for size in shape), points=None, shape=shape)
    return write_raw(view, node, [(everything, stored)])


def _in_files(
    view: View, facts: Hdf5Facts, values: Any, sidecar: dict[str, Any], name: str, prefix: str
) -> Node:
    shape, zarr = facts.shape or (), zarr_dtype(facts.dtype)
    where, own = raw_layout(facts, facts.plist, name, prefix)
    array: dict[str, Any] = where.array or {}
    fill = None if zarr is None else zarr_fill(facts)
    metadata = _metadata(shape, tuple(array["chunks"]), array["dtype"], fill, None, None)
    node = Node({}, metadata, where.chunks)
    node = _described(facts, node, {**sidecar, **own})
    view.raw_files.update(getattr(where.chunks, "urls", ()))
    if values is not None and 0 not in shape:
        everything = Plan(axes=tuple(slice(0, size) for size in shape), points=None, shape=shape)
        write_into(view, node, name, [(everything, _stored(values, facts.dtype))])
    return node


def _edges(shape: tuple[int, ...], itemsize: int) -> tuple[int, ...]:
    if 0 in shape:
        return (1,) * len(shape)
    return (split_rows(shape, itemsize, _LARGEST_PIECE) or shape[0], *shape[1:])


def _stored(values: Any, dtype: np.dtype[Any]) -> np.ndarray[Any, Any]:
    """Values as the dataset holds them: shape (n,), the axes of an array type behind."""
    axes = array_parts(dtype)[1]
    count = int(np.prod(values.shape[: values.ndim - len(axes)] if axes else values.shape, dtype=np.int64))
    kind = h5py.h5t.py_create(np.dtype((values.dtype, axes))) if axes else None
    return as_stored(np.ascontiguousarray(values), kind, dtype, count, lambda: None)


# ---------------------------------------------------------------- scalars, and what is kept as JSON values


def _typed(view: View, facts: Facts, values: Any, fill: Any, sidecar: dict[str, Any]) -> Node:
    shape, dtype = facts.shape or (), facts.dtype
    base, axes = array_parts(dtype)
    if values is not None:
        data = _stored(values, dtype).reshape(shape + axes)
    elif shape == () or (fill is not None and 0 not in shape):
        data = blank(shape + axes, base, fill)
    else:
        # Never written: without a chunk every element is what it is by default.
        metadata = inline_metadata(shape, None)
        return _described(facts, Node(annotated({}, shape, dtype), metadata), sidecar)
    if shape == ():
        return _described(facts, inline_node(data, {}, encode_reference, dtype), sidecar)
    if 0 in shape:
        return _described(facts, Node(annotated({}, shape, dtype), inline_metadata(shape, None)), sidecar)
    made, state = one_chunk(view, Node(annotated({}, shape, dtype)), dtype, data)
    if data.size < _ENCODED_AT_ONCE:
        state.put_away()
    return _described(facts, Node(made.attributes, made.array, made.chunks), sidecar)


_ENCODED_AT_ONCE = 1000
"""Elements; longer data is encoded when it is needed, as it may be written to again before."""


def _metadata(
    shape: tuple[int, ...],
    chunks: tuple[int, ...],
    dtype: str,
    fill: Any,
    filters: list[dict[str, Any]] | None,
    compressor: dict[str, Any] | None,
) -> dict[str, Any]:
    return {
        "chunks": list(chunks),
        "compressor": compressor,
        "dtype": dtype,
        "fill_value": fill,
        "filters": filters,
        "order": "C",
        "shape": list(shape),
        "zarr_format": 2,
    }
