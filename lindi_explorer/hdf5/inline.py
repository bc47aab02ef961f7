"""Data kept inside the document: small arrays, strings, compounds, references (format sections 5, 7.1)."""

from __future__ import annotations

import json
from typing import Any

import h5py
import numcodecs
import numpy as np

from lindi_explorer.hdf5.values import EncodeReference, Json, encode
from lindi_explorer.references.annotations import COMPOUND, SCALAR
from lindi_explorer.references.chunks import ChunkTable
from lindi_explorer.references.model import Node

BLOSC = {"blocksize": 0, "clevel": 5, "cname": "lz4", "id": "blosc", "shuffle": 1}
"""The compressor upstream gives arrays without one of their own."""

JSON2 = {
    "allow_nan": True,
    "check_circular": True,
    "encoding": "utf-8",
    "ensure_ascii": True,
    "id": "json2",
    "indent": None,
    "separators": [",", ":"],
    "skipkeys": False,
    "sort_keys": True,
    "strict": True,
}
"""numcodecs' JSON codec, written in full as upstream does."""

_DEFAULT_FILL = {"b": False, "S": "", "U": "", "f": 0.0, "c": None, "V": None}
"""By kind of the Zarr type; 0 for all others. Zarr v2 wants no number for complex and raw types."""


def inline_node(
    array: np.ndarray[Any, Any],
    attributes: dict[str, Json],
    reference: EncodeReference,
    dtype: np.dtype[Any] | None = None,
) -> Node:
    """Make the node of an array whose data goes into the document.

    Parameters
    ----------
    array : numpy.ndarray
        All the data, as h5py reads it; shape ``()`` for a scalar.
    attributes : dict
        Content of ``.zattrs`` so far; the annotations are added to a copy.
    reference : callable
        Encodes one reference.
    dtype : numpy.dtype, optional
        The HDF5 type, where it is an array type: then the last axes of ``array`` are the type's.

    Returns
    -------
    Node
        What plain LINDI cannot say is there as raw bytes (``|V``) or as JSON values, and needs the side-car's
        ``type`` to be understood.
    """
    attributes = dict(attributes)
    kind = array.dtype if dtype is None else dtype
    own = array.shape if kind.subdtype is None else array.shape[: array.ndim - len(kind.subdtype[1])]
    if own == ():
        attributes[SCALAR] = True
    shape = own or (1,)
    zarr = zarr_dtype(kind)
    if zarr is not None:
        return _node(np.frombuffer(array.tobytes(), dtype=zarr).reshape(shape), attributes)
    text = _scalar_text(array) if own == () else None
    if text is not None:
        return _node(np.array(text, dtype=f"<U{max(len(text), 1)}").reshape(shape), attributes)
    fields = compound_fields(array.dtype)
    if fields is not None:
        attributes[COMPOUND] = fields
    values = encode(array.reshape(shape + array.shape[len(own) :]), reference, words=False)
    return _node(np.empty(shape, dtype=object), attributes, _json2_payload(values, shape))


def zarr_dtype(dtype: np.dtype[Any]) -> np.dtype[Any] | None:
    """The Zarr v2 type whose bytes are the HDF5 type's own.

    Parameters
    ----------
    dtype : numpy.dtype
        With h5py's marks.

    Returns
    -------
    numpy.dtype or None
        Raw bytes (``|V``) for opaque data, array types and floats that NumPy does not have everywhere. None
        for compounds (which LINDI writes as JSON rows) and for everything of variable length.
    """
    if dtype.hasobject or dtype.names is not None:
        return None
    if dtype.kind in "iubS" or (dtype.kind in "fc" and _is_portable(dtype)):
        return np.dtype(dtype.str) if dtype.itemsize else np.dtype("|S1")
    return np.dtype(f"|V{dtype.itemsize}") if dtype.itemsize else None


def _is_portable(dtype: np.dtype[Any]) -> bool:
    return dtype.itemsize <= (16 if dtype.kind == "c" else 8)


def _scalar_text(array: np.ndarray[Any, Any]) -> str | None:
    """The text of a variable-length string scalar, which upstream writes as Zarr text of its exact length."""
    if h5py.check_string_dtype(array.dtype) is None:
        return None
    value: Any = array[()]
    try:
        text = value if isinstance(value, str) else bytes(value or b"").decode("utf-8")
    except UnicodeDecodeError:
        return None
    # NumPy drops NULs at the end.
    return None if text.endswith("\0") else text


def compound_fields(dtype: np.dtype[Any]) -> list[list[str]] | None:
    """The value of ``_COMPOUND_DTYPE``, None where upstream knows no such field (format section 8.2)."""
    if dtype.fields is None:
        return None
    out = []
    for name in dtype.names or ():
        field = dtype.fields[name][0]
        if h5py.check_ref_dtype(field) is h5py.Reference:
            out.append([name, "<REFERENCE>"])
        elif (h5py.check_string_dtype(field) or field.kind in "iuf") and field.subdtype is None:
            # A vlen string field gets numpy's "object", which upstream's reader takes as plain strings.
            out.append([name, str(np.dtype(field.str)) if field.kind != "O" else "object"])
        elif field.kind == "b":
            out.append([name, "bool"])
        else:
            return None
    return out


def _json2_payload(values: Json, shape: tuple[int, ...]) -> bytes:
    """The values with the two trailing items of numcodecs' JSON codec: dtype and shape."""
    items = [*values, "|O", list(shape)]
    return json.dumps(items, sort_keys=True, separators=(",", ":")).encode("ascii")


def _node(array: np.ndarray[Any, Any], attributes: dict[str, Json], payload: bytes | None = None) -> Node:
    """The node of an array in one chunk; ``payload`` is the JSON text of an object array."""
    kind = array.dtype.kind
    metadata = {
        "chunks": [max(size, 1) for size in array.shape],
        "compressor": dict(BLOSC),
        "dtype": array.dtype.str,
        "fill_value": _DEFAULT_FILL.get(kind, 0),
        "filters": [dict(JSON2)] if kind == "O" else None,
        "order": "C",
        "shape": list(array.shape),
        "zarr_format": 2,
    }
    chunks: dict[tuple[int, ...], bytes] = {}
    if array.size:
        # Blosc shuffles by the size of an element; for JSON text that is a byte.
        data = array if payload is None else np.frombuffer(payload, dtype="u1")
        chunks[(0,) * array.ndim] = bytes(numcodecs.get_codec(dict(BLOSC)).encode(data))
    grid = tuple(1 if size else 0 for size in array.shape)
    return Node(attributes=attributes, array=metadata, chunks=ChunkTable.build(grid, inline=chunks))


def read_all(dataset: h5py.Dataset) -> np.ndarray[Any, Any]:
    """All the data of a dataset.

    Parameters
    ----------
    dataset : h5py.Dataset

    Returns
    -------
    numpy.ndarray
        Of its dtype, shape ``()`` for a scalar; the axes of an array type come last.
    """
    out = np.zeros(dataset.shape, dtype=dataset.dtype)
    if dataset.size:
        out[...] = dataset[()]
    return out
