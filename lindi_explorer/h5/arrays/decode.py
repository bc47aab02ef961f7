"""Data that is decoded as a whole: what the document keeps, and object arrays wherever they lie.

No zarr here, and no other thread is waited for: pynwb reads such data while h5py holds its global lock.
"""

from __future__ import annotations

import base64
import json
import math
import operator
import sys
from collections.abc import Callable, Sequence
from typing import Any

import numcodecs
import numpy as np

from lindi_explorer.byterange import ByteRange
from lindi_explorer.errors import FormatError, LindiError, UnsupportedError
from lindi_explorer.h5.arrays.dtypes import stored_dtype
from lindi_explorer.h5.arrays.inflate import inflated
from lindi_explorer.references.checks import refuse_unsafe
from lindi_explorer.references.model import Node

_DAMAGED = "The file is damaged."

_SAME_LENGTH = frozenset({"zlib", "shuffle", "fletcher32"})
"""Codecs that give as many bytes as the chunk has, or a few more that check the others."""

_LARGEST_CHECKSUM = 16


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
    put_fill(out, array)
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


def put_fill(out: np.ndarray[Any, Any], array: dict[str, Any]) -> None:
    """Put the fill value everywhere.

    Parameters
    ----------
    out : numpy.ndarray
        Of zeros, with the type as Zarr says it.
    array : dict
        Content of ``.zarray``.

    Raises
    ------
    FormatError
        If the fill value does not fit the type.
    """
    try:
        with np.errstate(over="ignore"):  # a number beyond the type becomes infinite, as in HDF5
            fill = _fill(array["fill_value"], out.dtype)
            if not _is_zero(fill, out.dtype):
                out[...] = fill
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
    if dtype.kind == "f":
        return _number(value)
    if dtype.kind in "iu" and (not isinstance(value, (int, float)) or value != int(value)):
        raise ValueError("not a whole number")
    return value


def _is_zero(fill: Any, dtype: np.dtype[Any]) -> bool:
    """Whether an array of zeros is full of it already."""
    return dtype.kind in "iufb" and fill == 0 and not np.signbit(fill)


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
    length = dtype.itemsize * math.prod(shape)
    most = length + _LARGEST_CHECKSUM if all(config.get("id") in _SAME_LENGTH for config in codecs) else None
    value: Any = data
    for config in reversed(codecs):
        value = _decoded(value, config, most)
    if isinstance(value, np.ndarray) and value.dtype == object:
        return value.reshape(shape)
    if isinstance(value, list):
        return _nested(value, tuple(shape))
    raw = value.tobytes() if isinstance(value, np.ndarray) else bytes(value)
    if not codecs and raw and all(map(operator.le, array["chunks"], array["shape"])):
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


def _decoded(value: Any, config: dict[str, Any], most: int | None) -> Any:
    """What one codec makes of its input; numcodecs has all of them, but these two not as they are needed."""
    if config.get("id") == "zlib":
        return inflated(value, most)
    return _json_elements(value) if config.get("id") == "json2" else codec(config).decode(value)


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
