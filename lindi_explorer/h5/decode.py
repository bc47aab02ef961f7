"""Data that is decoded as a whole: what the document keeps, and object arrays wherever they lie.

No zarr here, and no other thread is waited for: pynwb reads such data while h5py holds its global lock.
"""

from __future__ import annotations

import base64
import json
import math
import sys
from collections.abc import Callable, Sequence
from typing import Any

import numcodecs
import numpy as np

from lindi_explorer.byterange import ByteRange
from lindi_explorer.errors import FormatError, LindiError, UnsupportedError
from lindi_explorer.h5.dtypes import stored_dtype
from lindi_explorer.h5.inflate import inflated
from lindi_explorer.references.checks import refuse_unsafe
from lindi_explorer.references.model import Node

_DAMAGED = "The file is damaged."


def decoded(node: Node, fetch: Callable[[ByteRange], bytes]) -> np.ndarray[Any, Any]:
    """All the data of an array as Zarr says it.

    Parameters
    ----------
    node : Node
        Of an array.
    fetch : callable
        Reads a byte range in this thread.

    Returns
    -------
    numpy.ndarray
        Shape of the array; for object arrays the elements are JSON values.

    Raises
    ------
    FormatError
        If a chunk does not decode to what the metadata says.
    UnsupportedError
        If a codec is not installed, or the shape is larger than memory.
    """
    array = node.array or {}
    shape, chunks = tuple(array["shape"]), tuple(array["chunks"])
    dtype = stored_dtype(array)
    try:
        out = np.zeros(shape, dtype=dtype)
    except (ValueError, MemoryError) as error:
        raise UnsupportedError(
            f"data of the shape {shape} is too large to be decoded as a whole",
            hint="The file may be damaged.",
        ) from error
    _put_fill(out, array)
    for index, reference in node.chunks.items():
        data = fetch(reference) if isinstance(reference, ByteRange) else reference
        try:
            chunk = chunk_array(data, array, dtype, chunks)
        except LindiError:
            raise
        except Exception as error:
            raise FormatError(f"chunk {index} does not decode: {error}", hint=_DAMAGED) from error
        start = [at * edge for at, edge in zip(index, chunks, strict=True)]
        box: Any = (..., *(slice(low, low + edge) for low, edge in zip(start, chunks, strict=True)))
        target = out[box]
        target[...] = chunk[tuple(slice(0, size) for size in target.shape)]
    return out


def filled(shape: Sequence[int], array: dict[str, Any], dtype: np.dtype[Any]) -> np.ndarray[Any, Any]:
    """An array of the fill value.

    Parameters
    ----------
    shape : sequence of int
    array : dict
        Content of ``.zarray``.
    dtype : numpy.dtype
        Its Zarr type.

    Returns
    -------
    numpy.ndarray

    Raises
    ------
    FormatError
        If the fill value does not fit the type.
    """
    out = np.zeros(shape, dtype=dtype)
    _put_fill(out, array)
    return out


def _put_fill(out: np.ndarray[Any, Any], array: dict[str, Any]) -> None:
    try:
        with np.errstate(over="ignore"):  # a number beyond the type becomes infinite, as in HDF5
            out[...] = _fill(array["fill_value"], out.dtype)
    except (TypeError, ValueError, OverflowError) as error:
        raise FormatError(
            f"{array['fill_value']!r} is not a fill value of the type {out.dtype}", hint=_DAMAGED
        ) from error


def _fill(value: Any, dtype: np.dtype[Any]) -> Any:
    """The fill value of ``.zarray`` for NumPy, by the rules of Zarr v2."""
    if dtype.kind == "O":
        return value
    if value is None or (value == 0 and dtype.kind != "f"):
        return np.zeros((), dtype=dtype)[()]
    if dtype.kind in "SV":
        return np.frombuffer(base64.b64decode(value).ljust(dtype.itemsize, b"\0"), dtype=dtype, count=1)[0]
    if dtype.kind == "c":
        return complex(*map(_number, value))
    return _number(value) if dtype.kind == "f" else value


def _number(value: Any) -> float:
    return float(value.replace("Infinity", "inf") if isinstance(value, str) else value)


def chunk_array(
    data: bytes, array: dict[str, Any], dtype: np.dtype[Any], shape: Sequence[int]
) -> np.ndarray[Any, Any]:
    """The array of one chunk, which may not be written to.

    Parameters
    ----------
    data : bytes
    array : dict
        Content of ``.zarray``.
    dtype : numpy.dtype
        Its Zarr type.
    shape : sequence of int
        Of a chunk.

    Returns
    -------
    numpy.ndarray
    """
    codecs = [*(array["filters"] or ()), *([array["compressor"]] if array["compressor"] is not None else [])]
    value: Any = data
    for config in reversed(codecs):
        value = (
            _DECODERS[name](value) if (name := config.get("id")) in _DECODERS else codec(config).decode(value)
        )
    if isinstance(value, np.ndarray) and value.dtype == object:
        return value.reshape(shape)
    if isinstance(value, list):
        return _nested(value, tuple(shape))
    raw = value.tobytes() if isinstance(value, np.ndarray) else bytes(value)
    length = dtype.itemsize * math.prod(shape)
    if not codecs and raw:
        raw = raw.ljust(length, b"\0")  # the last piece of contiguous data ends where the array ends
    if len(raw) != length:
        raise ValueError(f"it has {len(raw):,} bytes, and an array of {tuple(shape)} needs {length:,}")
    if dtype.kind == "U" and np.frombuffer(raw, dtype=f"{dtype.byteorder}u4").max(initial=0) > sys.maxunicode:
        # NumPy takes such text and fails when it is looked at.
        raise ValueError("the text holds numbers that are no characters")
    return np.frombuffer(raw, dtype=dtype, count=length // dtype.itemsize).reshape(
        shape, order=array["order"]
    )


def codec(config: dict[str, Any]) -> Any:
    """The numcodecs codec of a configuration.

    Raises
    ------
    UnsupportedError
        If there is none of that name here, or decoding could run programs.
    """
    refuse_unsafe(config)
    try:
        return numcodecs.get_codec(dict(config))
    except (ValueError, TypeError) as error:
        raise UnsupportedError(
            f"the codec {config.get('id')!r} is not available: {error}",
            hint="Install the package that brings it (such as imagecodecs), or read the source file.",
        ) from error


def _json_elements(data: Any) -> list[Any]:
    """The payload of numcodecs' JSON codec without its last two items, dtype and shape."""
    items = json.loads(bytes(data))
    if not isinstance(items, list) or len(items) < 2:
        raise ValueError("the JSON is not a list of elements, dtype and shape")
    return items[:-2]


_DECODERS: dict[str, Callable[[Any], Any]] = {"json2": _json_elements, "zlib": inflated}
"""Of codecs that numcodecs has, too, but not as they are needed here."""


def _nested(items: list[Any], shape: tuple[int, ...]) -> np.ndarray[Any, Any]:
    """Nested lists as an object array; the elements may themselves be lists (compound rows)."""
    out = np.empty(shape, dtype=object)
    flat = items
    for _ in shape[1:]:
        flat = [item for part in flat for item in part]
    if len(flat) != out.size:
        raise ValueError(f"{len(flat)} elements where the shape {shape} needs {out.size}")
    view = out.reshape(-1)
    for position, item in enumerate(flat):
        view[position] = item
    return out
