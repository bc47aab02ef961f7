"""Arrays in the types that h5py gives."""

from __future__ import annotations

from typing import Any

import h5py
import numpy as np

from lindi_explorer.errors import FormatError
from lindi_explorer.h5.reference import make_reference
from lindi_explorer.hdf5.types import array_parts
from lindi_explorer.hdf5.values import decode


def typed(raw: np.ndarray[Any, Any], dtype: np.dtype[Any]) -> np.ndarray[Any, Any]:
    """What was decoded, JSON values and texts included, with h5py's dtype.

    Parameters
    ----------
    raw : numpy.ndarray
    dtype : numpy.dtype
        With h5py's marks.

    Returns
    -------
    numpy.ndarray

    Raises
    ------
    TypeError, ValueError, OverflowError, FormatError
        If it is nothing of this type.
    """
    if raw.dtype.kind == "O":
        base, inner = array_parts(dtype)
        return decode(raw.tolist(), base, raw.shape + inner, make_reference)
    if raw.dtype.kind == "U":
        out = np.empty(raw.shape, dtype=dtype)
        out.reshape(-1)[:] = [str(text).encode("utf-8", "surrogateescape") for text in raw.reshape(-1)]
        return out
    return marked(raw, dtype)


def _require_fit(array: np.ndarray[Any, Any], dtype: np.dtype[Any]) -> None:
    """Raise `FormatError` where a side-car calls plain bytes something of variable length."""
    if dtype.hasobject and not array.dtype.hasobject:
        raise FormatError(
            f"the side-car says {dtype!r}, and the data is {array.dtype}", hint="The file is damaged."
        )


def marked(array: np.ndarray[Any, Any], dtype: np.dtype[Any]) -> np.ndarray[Any, Any]:
    """The same bytes with h5py's dtype: enum names, charset, an array type with its axes last.

    Parameters
    ----------
    array : numpy.ndarray
    dtype : numpy.dtype

    Returns
    -------
    numpy.ndarray

    Raises
    ------
    FormatError
        If they cannot be that.
    """
    _require_fit(array, dtype)
    base, inner = array_parts(dtype)
    if inner:
        return np.frombuffer(array.tobytes(), dtype=base).reshape(array.shape + inner)
    return array.view(dtype) if array.dtype.itemsize == dtype.itemsize else array.astype(dtype)


def as_dtype(array: np.ndarray[Any, Any], dtype: np.dtype[Any] | None) -> np.ndarray[Any, Any]:
    """The values in another type, converted as HDF5 does.

    Parameters
    ----------
    array : numpy.ndarray
    dtype : numpy.dtype or None
        None leaves them as they are; of a compound type, the fields that are wanted.

    Returns
    -------
    numpy.ndarray
    """
    if dtype is None or dtype is array.dtype:
        return array
    if dtype.names is not None and array.dtype.names is not None:
        out = np.empty(array.shape, dtype=dtype)
        for name in dtype.names:
            out[name] = array[name]
        return out
    if array.dtype.kind in "iuf" and dtype.kind in "iuf" and not array_parts(dtype)[1]:
        return _converted(array, dtype)
    return array.astype(dtype)


def _converted(array: np.ndarray[Any, Any], dtype: np.dtype[Any]) -> np.ndarray[Any, Any]:
    """Numbers in another type, converted by HDF5: what does not fit becomes the nearest that does."""
    widest = max(array.dtype.itemsize, dtype.itemsize)
    buffer = np.zeros(array.size * widest, dtype="u1")
    buffer[: array.nbytes] = np.frombuffer(array.tobytes(), dtype="u1")
    source, target = h5py.h5t.py_create(array.dtype), h5py.h5t.py_create(dtype)
    h5py.h5t.convert(source, target, array.size, buffer)
    return buffer[: array.size * dtype.itemsize].view(dtype).reshape(array.shape)
