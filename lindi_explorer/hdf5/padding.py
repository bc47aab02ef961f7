"""What lies between the fields of rows, and behind the ten bytes of a long double."""

from __future__ import annotations

from typing import Any

import numpy as np

_LONG_DOUBLES = ("<f16", "<c32")
_LONG_DOUBLE = 16
_USED = 10
"""Bytes of an x86 long double that are a number."""


def without_padding(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The same values with zeros where a type has room that nobody uses.

    HDF5 leaves there what its memory held before: an index would not be the same twice, and would tell of it.

    Parameters
    ----------
    array : numpy.ndarray

    Returns
    -------
    numpy.ndarray
        The array itself, if its type is another.
    """
    names = array.dtype.names
    if names is not None:
        out = np.zeros(array.shape, dtype=array.dtype)
        for name in names:
            out[name] = without_padding(array[name])
        return out
    if array.dtype.str not in _LONG_DOUBLES or not _has_room():
        return array
    raw = np.frombuffer(bytearray(array.tobytes()), dtype="u1").reshape(-1, _LONG_DOUBLE)
    raw[:, _USED:] = 0
    return np.frombuffer(raw, dtype=array.dtype).reshape(array.shape)


def _has_room() -> bool:
    """Whether this machine's long doubles are those of x86."""
    return bool(np.finfo(np.longdouble).nmant == 63)
