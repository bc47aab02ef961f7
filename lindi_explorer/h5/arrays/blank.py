"""Elements that were never written."""

from __future__ import annotations

from typing import Any

import h5py
import numpy as np

from lindi_explorer.h5.reference import make_reference
from lindi_explorer.hdf5.inline import has_references
from lindi_explorer.hdf5.values import decode


def blank(shape: tuple[int, ...], dtype: np.dtype[Any], fill: Any) -> np.ndarray[Any, Any]:
    """Elements that were never written.

    Parameters
    ----------
    shape : tuple of int
    dtype : numpy.dtype
        With h5py's marks; no array type.
    fill : object
        None for the default.

    Returns
    -------
    numpy.ndarray
    """
    if fill is not None:
        out = np.empty(shape, dtype=dtype)
        out[...] = fill
        return out
    if has_references(dtype) and dtype.names is None:
        out = np.empty(shape, dtype=dtype)
        null = make_reference(None, h5py.check_ref_dtype(dtype) is h5py.RegionReference)
        out.reshape(-1)[:] = [null] * out.size
        return out
    if dtype.kind == "O":
        # To h5py, text is of variable length, too.
        empty: Any = "" if h5py.check_string_dtype(dtype) is not None else []
        value = decode(empty, dtype, (), make_reference)
        out = np.empty(shape, dtype=dtype)
        for place in np.ndindex(*shape):
            out[place] = value[()]
        return out
    return np.zeros(shape, dtype=dtype)
