"""Whether the bytes in an HDF5 file are those of the NumPy dtype that h5py reports for them."""

from __future__ import annotations

from typing import Any

import h5py
import numpy as np

_BITFIELDS = tuple(
    getattr(h5py.h5t, f"STD_B{bits}{order}") for bits in (8, 16, 32, 64) for order in ("LE", "BE")
)


def is_exact(stored: Any, dtype: np.dtype[Any]) -> bool:
    """Whether the file holds a type byte for byte as NumPy would.

    HDF5 knows numbers that NumPy does not, such as bfloat16 or integers of 12 bits, and h5py reads them as
    the next larger type that NumPy has. Only HDF5 can convert those.

    Parameters
    ----------
    stored : h5py.h5t.TypeID
        The type in the file.
    dtype : numpy.dtype
        What h5py makes of it; neither a compound with names nor of variable length.

    Returns
    -------
    bool
    """
    if stored.get_size() != dtype.itemsize:
        return False
    kind = stored.get_class()
    if kind == h5py.h5t.INTEGER:
        return bool(stored.get_precision() == 8 * dtype.itemsize)
    if kind == h5py.h5t.BITFIELD:
        return any(stored.equal(whole) for whole in _BITFIELDS)
    if kind == h5py.h5t.FLOAT:
        return bool(stored.equal(h5py.h5t.py_create(dtype)))
    if kind in (h5py.h5t.ENUM, h5py.h5t.ARRAY):
        base = dtype.subdtype[0] if dtype.subdtype is not None else dtype
        return is_exact(stored.get_super(), base)
    if kind == h5py.h5t.STRING:
        # NumPy pads with NULs. After the NUL that ends a string, anything may follow in the file.
        return bool(stored.get_strpad() == h5py.h5t.STR_NULLPAD)
    if kind == h5py.h5t.OPAQUE:
        return True
    return dtype.kind == "c" and _is_exact_complex(stored, np.dtype(f"f{dtype.itemsize // 2}"))


def _is_exact_complex(stored: Any, part: np.dtype[Any]) -> bool:
    """Whether a complex type is two floats without gaps: h5py's compound, or HDF5's own class."""
    if stored.get_class() != h5py.h5t.COMPOUND:
        return _is_exact_float(stored.get_super(), part)
    places = [stored.get_member_offset(at) for at in range(2)]
    return places == [0, part.itemsize] and all(
        _is_exact_float(stored.get_member_type(at), part) for at in range(2)
    )


def _is_exact_float(stored: Any, part: np.dtype[Any]) -> bool:
    return any(stored.equal(h5py.h5t.py_create(kind)) for kind in (part, part.newbyteorder()))
