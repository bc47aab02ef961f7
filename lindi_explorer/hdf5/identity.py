"""What tells HDF5 objects apart."""

from __future__ import annotations

import ctypes
from typing import Any, NamedTuple

import h5py

_WORD = 8 * ctypes.sizeof(ctypes.c_ulong)
"""HDF5 gives addresses as two numbers of so many bits."""


class Identity(NamedTuple):
    """What tells an object from others, and how many hard links lead to it."""

    file: tuple[int, ...]
    address: int
    links: int


def identity_of(oid: Any) -> Identity:
    """The identity of an open object.

    Parameters
    ----------
    oid : h5py low-level identifier

    Returns
    -------
    Identity
    """
    # Not h5o.get_info: that also adds up the size of the object's metadata, for which HDF5 reads the whole
    # chunk index of a dataset (megabytes, over the network).
    info = h5py.h5g.get_objinfo(oid, b".")
    low, high = info.objno
    return Identity(tuple(info.fileno), low | high << _WORD, info.nlink)


def address_of(oid: Any) -> int:
    """Where the header of an object is, counted from the beginning of the HDF5 data."""
    return identity_of(oid).address
