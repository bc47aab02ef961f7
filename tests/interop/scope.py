"""What plain LINDI, as the original reads and writes it, can say of an HDF5 file: all else is beyond it."""

from __future__ import annotations

import h5py
import numpy as np

MAPPED_FILTERS = {1, 2, 3, 32001, 32015}
"""deflate, shuffle, fletcher32, blosc, zstd: those with a codec in Zarr 2."""


def beyond_name(path, *, globs):
    """Why a reader cannot find an object by its name; empty where it can.

    fsspec takes some characters for patterns (``globs``); Zarr takes a backslash for a slash.
    """
    if "\\" in path:
        return "backslash"
    if globs and set(path) & set("*?["):
        return "pattern"
    return "" if path.isascii() or not any("\udc80" <= one <= "\udcff" for one in path) else "no UTF-8"


def beyond_dataset(item):
    """Why the original would not convert a dataset, or not read it; empty where it does both."""
    dtype = item.dtype
    if item.shape is None:
        return "null dataspace"
    if item.is_virtual or item.external:
        return "data in other files"
    if dtype.names:
        return _beyond_compound(item)
    if dtype.subdtype or h5py.check_vlen_dtype(dtype) is not None or dtype.kind in "cVmM":
        return f"type {dtype}"
    if h5py.check_ref_dtype(dtype) is not None:
        return _beyond_references(item)
    if dtype.kind == "O":
        return _beyond_strings(item)
    if dtype.kind == "f" and dtype.itemsize > 8:
        return "long double"
    if dtype.kind in "iuf":
        return _beyond_filters(item)
    return ""


def _beyond_compound(item):
    if item.ndim != 1:
        return "compound data that is not one-dimensional"
    for name in item.dtype.names:
        field = item.dtype[name]
        if h5py.check_ref_dtype(field) is h5py.Reference:
            if not all(item[name]):
                return "null reference"
        elif (
            field.kind not in "iufbS"
            or field.names
            or field.subdtype
            or (field.itemsize > 8 and field.kind == "f")
        ):
            return f"a column of type {field}"
    return ""


def _beyond_references(item):
    if h5py.check_ref_dtype(item.dtype) is h5py.RegionReference:
        return "region references"
    if item.ndim == 0:
        return "scalar reference"
    return "" if all(item[()].reshape(-1)) else "null reference"


def _beyond_strings(item):
    data = np.asarray(item[()]).reshape(-1)
    try:
        for one in data:
            one.decode("utf-8") if isinstance(one, bytes) else one.encode("utf-8")
    except UnicodeError:
        return "text that is no UTF-8"
    return ""


def _beyond_filters(item):
    if 0 < item.size < 1000 or item.ndim == 0:
        return ""  # kept in the document
    created = item.id.get_create_plist()
    filters = [created.get_filter(at)[0] for at in range(created.get_nfilters())]
    if not set(filters) <= MAPPED_FILTERS:
        return f"filters {filters}"
    if 3 in filters and len(filters) > 1:
        return "fletcher32 and a compressor: chunks are padded before they are decoded"
    if 2 in filters[1:]:
        return "shuffle is not the first filter"
    if created.get_layout() == h5py.h5d.COMPACT:
        return "compact layout"
    if created.get_layout() == h5py.h5d.CONTIGUOUS and item.id.get_offset() is None and item.size:
        return "never written"
    if created.get_layout() == h5py.h5d.CHUNKED:
        masks = {item.id.get_chunk_info(at).filter_mask for at in range(item.id.get_num_chunks())}
        if masks - {0}:
            return "a filter that was left out of some chunks"
    return ""


def beyond_attribute(item, name):
    """Why the original would not convert an attribute, or not read it; empty where it does both."""
    try:
        value = item.attrs[name]
    except Exception:  # noqa: BLE001 - h5py has many ways to say that it cannot read one
        return "h5py cannot read it"
    if isinstance(value, h5py.Empty):
        return "null dataspace"
    if isinstance(value, h5py.Reference):
        return "" if value and not isinstance(value, h5py.RegionReference) else "null or region reference"
    array = np.asarray(value)
    if array.dtype.names or array.dtype.kind in "cV" or h5py.check_ref_dtype(array.dtype) is not None:
        return f"type {array.dtype}"
    if array.dtype.kind == "f" and array.dtype.itemsize > 8:
        return "long double"
    elements = array.reshape(-1).tolist()
    if not all(isinstance(one, (bytes, str, bool, int, float)) for one in elements):
        return "elements of several numbers"
    if array.ndim and any(isinstance(one, int) and one >= 2**63 for one in elements):
        return "integers that do not fit into an int64 array"
    texts = [one for one in elements if isinstance(one, (bytes, str))]
    try:
        texts = [one.decode() if isinstance(one, bytes) else one.encode() and one for one in texts]
    except UnicodeError:
        return "text that is no UTF-8"
    if set(texts) & {"NaN", "Infinity", "-Infinity"}:
        return "the words that stand for numbers"
    return "reserved name" if name in RESERVED else ""


RESERVED = {"_SCALAR", "_COMPOUND_DTYPE", "_REFERENCE", "_EXTERNAL_ARRAY_LINK", "_SOFT_LINK"}
