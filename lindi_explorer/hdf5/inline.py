"""Data kept inside the document: small arrays, strings, compounds, references (format sections 5, 7.1)."""

from __future__ import annotations

import json
from typing import Any

import h5py
import numcodecs
import numpy as np

from lindi_explorer.hdf5.values import EncodeReference, Json, encode
from lindi_explorer.references.annotations import COMPOUND, REFERENCE, SCALAR
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

_DEFAULT_FILL = {"b": False, "S": "", "f": 0.0}


def inline_node(
    array: np.ndarray[Any, Any], attributes: dict[str, Json], reference: EncodeReference
) -> Node | None:
    """Make the node of an array whose data goes into the document.

    Parameters
    ----------
    array : numpy.ndarray
        All the data, as h5py reads it; shape ``()`` for a scalar.
    attributes : dict
        Content of ``.zattrs`` so far; the annotations are added to a copy.
    reference : callable
        Encodes one reference.

    Returns
    -------
    Node or None
        None where plain LINDI has no way to say such data.
    """
    attributes = dict(attributes)
    if array.shape == ():
        attributes[SCALAR] = True
    shape = array.shape or (1,)
    plain = _plain_array(array)
    if plain is not None:
        return _node(plain.reshape(shape), attributes, compressed=plain.reshape(shape).tobytes())
    fields = compound_fields(array.dtype)
    if fields is not None:
        attributes[COMPOUND] = fields
    elif not _has_json_elements(array.dtype):
        return None
    values = encode(array.reshape(shape), reference, words=False)
    if not _fits_json2(values):
        return None
    payload = _json2_payload(values, shape)
    return _node(np.empty(shape, dtype=object), attributes, compressed=payload)


def _plain_array(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any] | None:
    """The array as Zarr v2 itself can say it, None where it cannot."""
    string = h5py.check_string_dtype(array.dtype)
    if string is not None and string.length is None and array.shape == ():
        # Upstream writes scalar strings as Zarr text of their exact length.
        text = _text(array[()])
        if text is None or text.endswith("\0"):
            return None
        return np.array(text, dtype=f"<U{max(len(text), 1)}")
    if array.dtype.kind == "b" or (array.dtype.kind in "iuf" and array.dtype.itemsize <= 8):
        return array.astype(array.dtype.str)
    if array.dtype.kind == "S":
        return array.astype(f"|S{max(array.dtype.itemsize, 1)}")
    return None


def _text(value: Any) -> str | None:
    if isinstance(value, str):
        return value
    try:
        return bytes(value).decode("utf-8")
    except UnicodeDecodeError:
        return None


def _has_json_elements(dtype: np.dtype[Any]) -> bool:
    """Whether elements of an object array are what upstream reads: strings and object references."""
    string = h5py.check_string_dtype(dtype)
    return (string is not None and string.length is None) or h5py.check_ref_dtype(dtype) is h5py.Reference


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


def _fits_json2(values: Json) -> bool:
    """Whether no value needed a spelling of our own (bytes that are not UTF-8)."""
    if isinstance(values, list):
        return all(map(_fits_json2, values))
    return not isinstance(values, dict) or REFERENCE in values


def _json2_payload(values: Json, shape: tuple[int, ...]) -> bytes:
    """The values with the two trailing items of numcodecs' JSON codec: dtype and shape."""
    items = [*values, "|O", list(shape)]
    return json.dumps(items, sort_keys=True, separators=(",", ":")).encode("ascii")


def _node(array: np.ndarray[Any, Any], attributes: dict[str, Json], *, compressed: bytes) -> Node:
    kind = array.dtype.kind
    metadata = {
        "chunks": [max(size, 1) for size in array.shape],
        "compressor": dict(BLOSC),
        "dtype": array.dtype.str,
        "fill_value": "" if kind in "SU" else _DEFAULT_FILL.get(kind, 0),
        "filters": [dict(JSON2)] if kind == "O" else None,
        "order": "C",
        "shape": list(array.shape),
        "zarr_format": 2,
    }
    chunks: dict[tuple[int, ...], bytes] = {}
    if array.size:
        # Blosc shuffles by the size of an element; for JSON text that is a byte.
        data = np.frombuffer(compressed, dtype="u1") if kind == "O" else array
        chunks[(0,) * array.ndim] = bytes(numcodecs.get_codec(dict(BLOSC)).encode(np.ascontiguousarray(data)))
    grid = tuple(1 if size else 0 for size in array.shape)
    return Node(attributes=attributes, array=metadata, chunks=ChunkTable.build(grid, inline=chunks))


def read_all(dataset: h5py.Dataset) -> np.ndarray[Any, Any]:
    """All the data of a dataset as an array of its dtype (shape ``()`` for a scalar).

    Parameters
    ----------
    dataset : h5py.Dataset

    Returns
    -------
    numpy.ndarray
    """
    out = np.empty(dataset.shape, dtype=dataset.dtype)
    if dataset.size:
        out[...] = dataset[()]
    return out
