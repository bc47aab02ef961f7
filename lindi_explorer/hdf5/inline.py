"""Data kept inside the document: small arrays, strings, compounds, references (format sections 5, 7.1)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import h5py
import numcodecs
import numpy as np

from lindi_explorer.hdf5.padding import without_padding
from lindi_explorer.hdf5.types import array_parts
from lindi_explorer.hdf5.values import EncodeReference, Json, encode
from lindi_explorer.references.annotations import COMPOUND, SCALAR
from lindi_explorer.references.chunks import ChunkTable, LazyInline
from lindi_explorer.references.model import Node

BLOSC = {"blocksize": 0, "clevel": 5, "cname": "lz4", "id": "blosc", "shuffle": 1}
"""The compressor upstream gives arrays without one of their own."""

_blosc = numcodecs.get_codec(dict(BLOSC))

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
    kind = array.dtype if dtype is None else dtype
    axes = array_parts(kind)[1]
    own = array.shape[: array.ndim - len(axes)]
    shape = own or (1,)
    text = _scalar_text(array) if array.shape == () else None
    if text is not None:
        data = np.array(text, dtype=f"<U{max(len(text), 1)}").reshape(shape)
        metadata = inline_metadata(shape, data.dtype)
        chunk = _compressed(data)
    else:
        metadata = inline_metadata(shape, zarr_dtype(kind))
        chunk = _chunk(array, shape + axes, shape, zarr_dtype(kind), reference)
    inline = {(0,) * len(shape): chunk} if 0 not in shape else {}
    table = ChunkTable.build(_one_chunk(shape), inline=inline)
    return Node(annotated(attributes, own, kind), metadata, table)


def lazy_inline_node(
    read: Callable[[], np.ndarray[Any, Any]],
    shape: tuple[int, ...],
    dtype: np.dtype[Any],
    size: int,
    attributes: dict[str, Json],
    reference: EncodeReference,
) -> Node:
    """Make the same node without reading the data yet; not for scalars, whose text decides their Zarr type.

    Parameters
    ----------
    read : callable
        Reads all the data, as for `inline_node`.
    shape : tuple of int
        At least one axis.
    dtype : numpy.dtype
        The HDF5 type.
    size : int
        Bytes the data takes in the file.
    attributes, reference
        As for `inline_node`.

    Returns
    -------
    Node
    """
    zarr = zarr_dtype(dtype)
    inline = LazyInline(
        (0,) * len(shape),
        encode=lambda: _chunk(read(), shape + array_parts(dtype)[1], shape, zarr, reference),
        array=None if has_references(dtype) else read,
        size=size,
    )
    table = ChunkTable.build(_one_chunk(shape), inline={} if 0 in shape else inline)
    return Node(annotated(attributes, shape, dtype), inline_metadata(shape, zarr), table)


def annotated(attributes: dict[str, Json], shape: tuple[int, ...], dtype: np.dtype[Any]) -> dict[str, Json]:
    """Attributes with the annotations of a scalar and of a compound type added."""
    out = dict(attributes)
    if shape == ():
        out[SCALAR] = True
    fields = compound_fields(dtype)
    if fields is not None:
        out[COMPOUND] = fields
    return out


def has_references(dtype: np.dtype[Any]) -> bool:
    """Whether a type holds object or region references, however deep.

    Parameters
    ----------
    dtype : numpy.dtype

    Returns
    -------
    bool
    """
    if dtype.names is not None and dtype.fields is not None:
        return any(has_references(dtype.fields[name][0]) for name in dtype.names)
    if dtype.subdtype is not None:
        return has_references(array_parts(dtype)[0])
    vlen = h5py.check_vlen_dtype(dtype)
    return has_references(np.dtype(vlen)) if vlen is not None else h5py.check_ref_dtype(dtype) is not None


def inline_metadata(shape: tuple[int, ...], zarr: np.dtype[Any] | None) -> dict[str, Any]:
    """``.zarray`` of an array in one chunk inside the document; no Zarr type means JSON values."""
    kind = "O" if zarr is None else zarr.kind
    return {
        "chunks": [max(size, 1) for size in shape],
        "compressor": dict(BLOSC),
        "dtype": "|O" if zarr is None else zarr.str,
        "fill_value": _DEFAULT_FILL.get(kind, 0),
        "filters": [dict(JSON2)] if kind == "O" else None,
        "order": "C",
        "shape": list(shape),
        "zarr_format": 2,
    }


def _one_chunk(shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(1 if size else 0 for size in shape)


def _chunk(
    array: np.ndarray[Any, Any],
    nested: tuple[int, ...],
    shape: tuple[int, ...],
    zarr: np.dtype[Any] | None,
    reference: EncodeReference,
) -> bytes:
    """The bytes of the only chunk; ``nested`` is its shape with the axes of an array type."""
    if zarr is not None:
        return _compressed(np.frombuffer(without_padding(array).tobytes(), dtype=zarr).reshape(shape))
    values = encode(array.reshape(nested), reference, words=False)
    return _compressed(np.frombuffer(_json2_payload(values, shape), dtype="u1"))


def typed_chunk(
    array: np.ndarray[Any, Any], shape: tuple[int, ...], dtype: np.dtype[Any], reference: EncodeReference
) -> bytes:
    """The bytes of the only chunk of an array inside the document.

    Parameters
    ----------
    array : numpy.ndarray
        All the data; the axes of an array type come last.
    shape : tuple of int
        As ``.zarray`` has it.
    dtype : numpy.dtype
        The HDF5 type.
    reference : callable
        Encodes one reference.

    Returns
    -------
    bytes
    """
    return _chunk(array, shape + array_parts(dtype)[1], shape, zarr_dtype(dtype), reference)


def json_chunk(values: list[Any], shape: tuple[int, ...], array: dict[str, Any]) -> bytes:
    """The bytes of a chunk of JSON values.

    Parameters
    ----------
    values : list
        Nested as the shape.
    shape : tuple of int
    array : dict
        Content of ``.zarray``, whose filters end in LINDI's JSON codec.

    Returns
    -------
    bytes
    """
    data: Any = np.frombuffer(_json2_payload(values, shape), dtype="u1")
    compressor = array["compressor"]
    return bytes(data) if compressor is None else bytes(numcodecs.get_codec(dict(compressor)).encode(data))


def _compressed(data: np.ndarray[Any, Any]) -> bytes:
    """Blosc shuffles by the size of an element; JSON text comes as bytes."""
    return bytes(_blosc.encode(data))


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
    string = h5py.check_string_dtype(array.dtype)
    if string is None or string.length is not None:
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
