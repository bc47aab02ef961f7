"""What HDF5's low-level interface would say of an object: asked of property lists and spaces made alike."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np

from lindi_explorer.h5.raw_files import raw_files
from lindi_explorer.h5.virtual.listed import sources_of
from lindi_explorer.h5.virtual.mapping import VIRTUAL
from lindi_explorer.hdf5.filters import Filter, filter_of

if TYPE_CHECKING:
    from lindi_explorer.h5.arrays.data import ArrayData
    from lindi_explorer.references.model import Node

_ORDERED = h5py.h5p.CRT_ORDER_TRACKED | h5py.h5p.CRT_ORDER_INDEXED


def group_properties(node: Node) -> Any:
    """The creation properties of a group.

    Parameters
    ----------
    node : Node

    Returns
    -------
    h5py.h5p.PropGCID
    """
    plist = h5py.h5p.create(h5py.h5p.GROUP_CREATE)
    if "order" in node.sidecar:
        plist.set_link_creation_order(_ORDERED)
    if "attribute_order" in node.sidecar:
        plist.set_attr_creation_order(_ORDERED)
    return plist


def dataset_properties(data: ArrayData) -> Any:
    """The creation properties of a dataset.

    Parameters
    ----------
    data : ArrayData

    Returns
    -------
    h5py.h5p.PropDCID
    """
    plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    plist.set_obj_track_times(False)
    if "attribute_order" in data.node.sidecar:
        plist.set_attr_creation_order(_ORDERED)
    value = data.fillvalue
    if value is not None and not data.dtype.hasobject and data.dtype.subdtype is None and np.any(value):
        plist.set_fill_value(np.array([value], dtype=data.dtype))
    if VIRTUAL in data.node.sidecar:
        _set_sources(plist, data)
    for file, offset, size in raw_files(data.node) or ():
        plist.set_external(os.fsencode(file), offset, size)
    if data.chunks is not None and VIRTUAL not in data.node.sidecar:
        plist.set_chunk(data.chunks)
        for item in filters_of_node(data.node):
            # Optional: a filter that HDF5 does not have here can be named all the same.
            plist.set_filter(item.id, h5py.h5z.FLAG_OPTIONAL, item.parameters)
    return plist


def _set_sources(plist: Any, data: ArrayData) -> None:
    plist.set_layout(h5py.h5d.VIRTUAL)
    for one in sources_of(data):
        name = one.dset_name.encode("utf-8", "surrogateescape")
        plist.set_virtual(one.vspace, os.fsencode(one.file_name), name, one.src_space)


def filters_of_node(node: Node) -> list[Filter]:
    """The HDF5 filters of a dataset, in the order of writing."""
    if "filters" in node.sidecar:
        return [Filter(number, name, tuple(values)) for number, name, values in node.sidecar["filters"]]
    found = [filter_of(codec) for codec in (node.array or {}).get("filters") or ()]
    return [item for item in found if item is not None]


def dataset_space(shape: tuple[int, ...] | None, maxshape: tuple[int | None, ...] | None) -> Any:
    """The dataspace of a dataset.

    Parameters
    ----------
    shape : tuple of int or None
        None for a null dataspace.
    maxshape : tuple or None

    Returns
    -------
    h5py.h5s.SpaceID
    """
    if shape is None:
        return h5py.h5s.create(h5py.h5s.NULL)
    most = None if not shape or maxshape is None else tuple(map(_limit, maxshape))
    return h5py.h5s.create_simple(shape, most)


def _limit(most: int | None) -> int:
    return int(h5py.h5s.UNLIMITED) if most is None else most
