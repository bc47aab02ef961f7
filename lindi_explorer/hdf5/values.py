"""Values of any HDF5 type as JSON and back.

=====================  ==================================================================================
HDF5 value             JSON
=====================  ==================================================================================
integer, enum          integer
float                  number; ``"NaN"``, ``"Infinity"``, ``"-Infinity"``; ``{"bytes": base64}`` for those of
                       more than 64 bits that no number says exactly
complex                ``[real, imaginary]``
boolean                ``true``, ``false``
string                 string; ``{"bytes": base64}`` where the bytes are not UTF-8
opaque                 ``{"bytes": base64}``
object reference       ``{"_REFERENCE": {"object_id", "path", "source", "source_object_id"}}``; null: ``null``
region reference       the same with ``"region"``: ``[[start...], [end...]]`` blocks or ``{"points": [...]}``
compound               array of the fields' values
vlen, array, dataset   array, nested as the shape
=====================  ==================================================================================

Strings and references are what upstream LINDI writes (format sections 8.2, 8.3, 9.1); the rest is its own.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Callable
from typing import Any

import h5py
import numpy as np

from lindi_explorer.errors import FormatError
from lindi_explorer.hdf5.types import array_parts

Json = Any
"""A JSON value: None, bool, int, float, str, list, dict."""

EncodeReference = Callable[[Any], Json]
"""From h5py's reference to the JSON object; null references give None."""

DecodeReference = Callable[[dict[str, Any] | None, bool], Any]
"""From the inside of ``_REFERENCE`` (None = null), and whether it is a region reference, to an object."""

_DOUBLE = 8
"""Bytes of the largest float that JSON holds."""

_SPECIAL = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


def encode_float(value: float) -> float | str:
    """A float as JSON number or one of the three words that JSON lacks."""
    if math.isfinite(value):
        return value
    if math.isnan(value):
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"


def decode_float(value: Json) -> float:
    """The inverse of `encode_float`."""
    if isinstance(value, str):
        return _SPECIAL[value]
    return float(value)


def encode_bytes(value: bytes) -> Json:
    """Bytes of a string as a JSON string, or as base64 where they are not UTF-8."""
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return {"bytes": base64.b64encode(value).decode("ascii")}


def decode_bytes(value: Json) -> bytes:
    """The inverse of `encode_bytes`."""
    if isinstance(value, str):
        return value.encode("utf-8", "surrogateescape")
    if isinstance(value, dict) and isinstance(value.get("bytes"), str):
        return base64.b64decode(value["bytes"], validate=True)
    # Upstream fills object arrays with 0, and other writers use null, where nothing has been written.
    if value is None or (type(value) is int and value == 0):
        return b""
    raise FormatError(f"{value!r} is not a string", hint="The file is damaged.")


def encode(array: np.ndarray[Any, Any], reference: EncodeReference, *, words: bool = True) -> Json:
    """Turn an array into JSON, nested as its shape (a bare value for shape ``()``).

    Parameters
    ----------
    array : numpy.ndarray
        Any dtype h5py reads, with h5py's marks; strings as ``bytes`` or ``str``.
    reference : callable
        Encodes one reference.
    words : bool
        Whether floats that JSON lacks become words; otherwise they stay floats, for a writer of bare ``NaN``.

    Returns
    -------
    Json
    """
    dtype = array.dtype
    if dtype.kind in "iub":
        return array.tolist()
    if dtype.kind == "f" and dtype.itemsize <= _DOUBLE:
        if not words or np.isfinite(array).all():
            return array.astype("f8").tolist()
        return _nest(array, lambda item: encode_float(float(item)))
    if dtype.kind == "S":
        # NumPy strips trailing NULs, as h5py does.
        return _nest(array, lambda item: encode_bytes(bytes(item)))
    return _nest(array, _element_encoder(dtype, reference, words))


def _nest(array: np.ndarray[Any, Any], element: Callable[[Any], Json]) -> Json:
    if array.shape == ():
        return element(array[()])
    if array.ndim == 1:
        return [element(item) for item in array]
    return [_nest(row, element) for row in array]


def _element_encoder(dtype: np.dtype[Any], reference: EncodeReference, words: bool) -> Callable[[Any], Json]:
    """The function that encodes one element of a dtype that is not a plain number or fixed string."""
    if h5py.check_string_dtype(dtype) is not None:
        # h5py gives None for elements of a compound that were never written.
        return lambda item: item if isinstance(item, str) else encode_bytes(bytes(item or b""))
    if h5py.check_ref_dtype(dtype) is not None:
        return reference
    if h5py.check_vlen_dtype(dtype) is not None:
        base = np.dtype(h5py.check_vlen_dtype(dtype))
        return lambda item: encode(_sequence(item, base), reference, words=words)
    if dtype.names is not None:
        fields = [(name, dtype.fields[name][0]) for name in dtype.names] if dtype.fields else []
        return lambda row: [
            encode(_as_array(row[name], kind), reference, words=words) for name, kind in fields
        ]
    if dtype.kind == "f":
        return lambda item: _encode_long(item, words)
    if dtype.kind == "c":
        return lambda item: [_encode_long(item.real, words=True), _encode_long(item.imag, words=True)]
    if dtype.kind in "VmM":
        return lambda item: {"bytes": base64.b64encode(np.asarray(item).tobytes()).decode("ascii")}
    raise FormatError(f"values of dtype {dtype!r} cannot be written as JSON", hint="Leave this object out.")


def _encode_long(item: Any, words: bool) -> Json:
    """A float as a number, or its bytes where it is none that a 64-bit float can hold."""
    value = float(item)
    if value == item or math.isnan(value):
        return encode_float(value) if words else value
    return {"bytes": base64.b64encode(item.tobytes()).decode("ascii")}


def _decode_long(value: Json, dtype: np.dtype[Any]) -> Any:
    """The inverse of `_encode_long`."""
    if isinstance(value, dict):
        return np.frombuffer(base64.b64decode(value["bytes"], validate=True), dtype=dtype, count=1)[0]
    return decode_float(value)


def _sequence(items: Any, base: np.dtype[Any]) -> np.ndarray[Any, Any]:
    """One variable-length element as an array that keeps h5py's marks; h5py gives None for an empty one."""
    items = () if items is None else items
    out = np.empty(len(items), dtype=base)
    out[:] = items
    return out


def _as_array(value: Any, dtype: np.dtype[Any]) -> np.ndarray[Any, Any]:
    """One field of a row as an array of the field's dtype; array fields keep their shape."""
    base, shape = array_parts(dtype)
    if shape:
        return np.asarray(value, dtype=base).reshape(shape)
    out = np.empty((), dtype=dtype)
    out[()] = value
    return out


def decode(
    value: Json, dtype: np.dtype[Any], shape: tuple[int, ...], reference: DecodeReference
) -> np.ndarray[Any, Any]:
    """Turn JSON into an array, the inverse of `encode`.

    Parameters
    ----------
    value : Json
        Nested as ``shape``.
    dtype : numpy.dtype
        With h5py's marks.
    shape : tuple of int
    reference : callable
        Makes one reference.

    Returns
    -------
    numpy.ndarray
        Shape ``shape``; variable-length strings are ``bytes``, as h5py reads datasets.

    Raises
    ------
    FormatError
        If the JSON does not fit the dtype and shape.
    """
    try:
        if dtype.kind in "iub" and h5py.check_enum_dtype(dtype) is None:
            return np.array(value, dtype=dtype).reshape(shape)
        out = np.zeros(shape, dtype=dtype)
        element = _element_decoder(dtype, reference)
        flat = _flatten(value, len(shape))
        if len(flat) != out.size:
            raise ValueError(f"{len(flat)} values for shape {shape}")  # noqa: TRY301 - one message for all misfits
        view = out.reshape(-1)
        with np.errstate(over="ignore"):  # a number beyond the type becomes infinite, as in HDF5
            for position, item in enumerate(flat):
                view[position] = element(item)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise FormatError(
            f"a value does not fit its type {dtype!r}: {error}", hint="The file is damaged."
        ) from error
    return out


def _flatten(value: Json, depth: int) -> list[Json]:
    flat = [value]
    for _ in range(depth):
        flat = [item for part in flat for item in part]
    return flat


def _element_decoder(dtype: np.dtype[Any], reference: DecodeReference) -> Callable[[Json], Any]:
    string = h5py.check_string_dtype(dtype)
    if string is not None:
        return decode_bytes
    kind = h5py.check_ref_dtype(dtype)
    if kind is not None:
        region = kind is h5py.RegionReference
        return lambda item: reference(None if item in (None, 0) else item["_REFERENCE"], region)
    vlen = h5py.check_vlen_dtype(dtype)
    if vlen is not None:
        base, axes = array_parts(np.dtype(vlen))
        # h5py does not mark the arrays inside of an array.
        inside = np.dtype("O") if base.kind == "O" else base
        return lambda item: decode(item or [], base, (len(item or []), *axes), reference).view(inside)
    if dtype.names is not None and dtype.fields is not None:
        fields = [dtype.fields[name][0] for name in dtype.names]
        blank = tuple(_never_written(field, reference) for field in fields)
        # A row that was never written is the fill value of object arrays: 0 or null.
        return lambda row: (
            blank
            if row is None or (type(row) is int and row == 0)
            else tuple(_field(item, field, reference) for item, field in zip(row, fields, strict=True))
        )
    if dtype.kind in "iu":
        return int
    if dtype.kind == "b":
        return bool
    if dtype.kind == "f":
        return lambda item: _decode_long(item, dtype)
    if dtype.kind == "c":
        return lambda item: _decode_complex(item, dtype)
    return lambda item: np.frombuffer(base64.b64decode(item["bytes"], validate=True), dtype=dtype)[0]


def _decode_complex(item: Json, dtype: np.dtype[Any]) -> Any:
    out = np.zeros((), dtype=dtype)
    out.real, out.imag = (_decode_long(part, out.real.dtype) for part in item)
    return out[()]


def _never_written(dtype: np.dtype[Any], reference: DecodeReference) -> Any:
    """A field of a row that was never written and has no fill value."""
    base, shape = array_parts(dtype)
    if base.kind == "O":
        one = _element_decoder(base, reference)(None if h5py.check_string_dtype(base) is None else "")
    elif base.names is not None:
        one = _element_decoder(base, reference)(None)
    else:
        one = np.zeros((), dtype=base)[()]
    if not shape:
        return one
    out = np.empty(shape, dtype=base)
    for place in np.ndindex(*shape):
        out[place] = one
    return out


def _field(item: Json, dtype: np.dtype[Any], reference: DecodeReference) -> Any:
    base, shape = array_parts(dtype)
    out = decode(item, base, shape, reference)
    return out if shape else out[()]
