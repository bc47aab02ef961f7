"""Datasets of an HDF5 copy, as h5py describes those they are copies of."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import h5py
import numpy as np
from h5py._hl.filters import guess_chunk

from lindi_explorer.h5.arrays.data import ArrayData
from lindi_explorer.h5.arrays.decode import decoded
from lindi_explorer.h5.dataset import LindiH5pyDataset
from lindi_explorer.h5.materialise.tally import Tally
from lindi_explorer.h5.view import View
from lindi_explorer.h5.virtual.data import VirtualData
from lindi_explorer.hdf5.filters import Filter, filter_of, filters_of
from lindi_explorer.references.model import Node

_LARGEST_CHUNK = (1 << 32) - 1
"""Bytes; HDF5 has no larger ones."""

_TRACKED = h5py.h5p.CRT_ORDER_TRACKED | h5py.h5p.CRT_ORDER_INDEXED


def create_dataset(group: Any, name: bytes, view: View, path: str, links: Any, tally: Tally) -> Any:
    """Create the copy of a dataset, without its data.

    Parameters
    ----------
    group : h5py.h5g.GroupID
    name : bytes
    view : View
    path : str
        Of the dataset.
    links : h5py.h5p.PropLCID
        How the link is created.
    tally : Tally
        Told what of the properties is lost.

    Returns
    -------
    h5py.h5d.DatasetID
    """
    data = view.data(path)
    why = data.node.sidecar.get("problem")
    if why:
        tally.lose(path, str(why), data=True)
    with tally.losing(path, "it is written without its data"):
        kind = _file_type(data, view)
        if why or data.shape is None:
            return h5py.h5d.create(group, name, kind, h5py.h5s.create(h5py.h5s.NULL), _plist(data), links)
        return _described(group, name, view, path, kind, links, tally)
    tally.lose(path, "its type or shape cannot be told", data=True)
    null = h5py.h5s.create(h5py.h5s.NULL)
    return h5py.h5d.create(group, name, h5py.h5t.STD_U8LE, null, _plist(data), links)


def _described(group: Any, name: bytes, view: View, path: str, kind: Any, links: Any, tally: Tally) -> Any:
    data = view.data(path)
    dataset = LindiH5pyDataset(view, path, path)
    shape = data.shape or ()
    space = h5py.h5s.create(h5py.h5s.SCALAR)
    plain = _plist(data)
    filters: list[Filter] = []
    if shape:
        maxshape = dataset.maxshape or shape
        limits = tuple(h5py.h5s.UNLIMITED if limit is None else limit for limit in maxshape)
        space = h5py.h5s.create_simple(shape, limits)
        chunks = dataset.chunks
        if chunks is None and maxshape != shape:
            # Virtual datasets and those in other files may grow without chunks; here only chunked ones may.
            chunks = guess_chunk(shape, maxshape, data.dtype.itemsize)
        if chunks is not None:
            plain.set_chunk(_possible_chunks(chunks, maxshape, kind.get_size()))
            filters = _filters(data, view)
    plist = plain.copy()
    for item in filters:
        # What is not installed here is left out for what is written here; chunks come as they are.
        needed = item.id == h5py.h5z.FILTER_FLETCHER32
        plist.set_filter(item.id, 0 if needed else h5py.h5z.FLAG_OPTIONAL, item.parameters)
    try:
        _set_fill(plist, data)
        return h5py.h5d.create(group, name, kind, space, plist, links)
    except (RuntimeError, TypeError, ValueError, OverflowError) as error:
        tally.lose(path, f"it is written without its filters and fill value: {error}")
        return h5py.h5d.create(group, name, kind, space, plain, links)


def _file_type(data: ArrayData, view: View) -> Any:
    """The type in the file: that of the linked file where there is one, which may be none of NumPy's."""
    if data.link is not None and not data.node.sidecar.get("problem"):
        stored = view.external.dataset(data.link).id.get_type().copy()
        if stored.dtype == data.dtype:
            return stored
    return h5py.h5t.py_create(data.dtype, logical=True)


def _plist(data: ArrayData) -> Any:
    plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    plist.set_obj_track_times(False)
    if data.node.sidecar.get("attribute_order"):
        plist.set_attr_creation_order(_TRACKED)
    return plist


def _set_fill(plist: Any, data: ArrayData) -> None:
    value, dtype = data.fillvalue, data.dtype
    string = h5py.check_string_dtype(dtype)
    # h5py cannot set one of references.
    if value is None or dtype.subdtype is not None or (dtype.hasobject and string is None):
        return
    exact = np.array(value, dtype=dtype)
    if string is not None and value:
        # As h5py does it: HDF5 converts the text to a fixed string.
        plist.set_fill_value(np.array(value, dtype=h5py.string_dtype(string.encoding)))
    elif string is None and any(exact.tobytes()):
        plist.set_fill_value(exact)
    blank = _blank(data)
    if blank is None or blank.tobytes() == exact.tobytes():
        return
    if any(blank.tobytes()):
        plist.set_fill_value(blank)
    else:
        # As in a file whose writer was told never to write the fill value: it is known, and not used.
        plist.set_fill_time(h5py.h5d.FILL_TIME_NEVER)


def _blank(data: ArrayData) -> np.ndarray[Any, Any] | None:
    """What elements are that have no chunk, None where all elements are written or HDF5 itself reads them."""
    if data.is_whole or data.link is not None or data.shape == () or isinstance(data, VirtualData):
        return None
    element = Node(array={**(data.node.array or {}), "shape": [], "chunks": []})
    blank = decoded(element, lambda _range: b"")
    return blank.view(data.dtype) if blank.dtype.itemsize == data.dtype.itemsize else None


def _filters(data: ArrayData, view: View) -> list[Filter]:
    if data.link is not None:
        return filters_of(view.external.dataset(data.link).id.get_create_plist())
    array: dict[str, Any] = data.node.array or {}
    if "filters" in data.node.sidecar:
        return [
            Filter(int(number), str(name), tuple(map(int, values)))
            for number, name, values in data.node.sidecar["filters"]
        ]
    found = [filter_of(codec) for codec in array["filters"] or ()]
    return [item for item in found if item is not None]


def _possible_chunks(chunks: Sequence[int], maxshape: Sequence[int | None], itemsize: int) -> tuple[int, ...]:
    """The chunk shape, no larger than HDF5 takes it."""
    edges = [
        max(1, edge if limit is None else min(edge, limit))
        for edge, limit in zip(chunks, maxshape, strict=True)
    ]
    while math.prod(edges) * itemsize > _LARGEST_CHUNK:
        longest = edges.index(max(edges))
        edges[longest] = -(-edges[longest] // 2)
    return tuple(edges)
