"""The attributes of a copy."""

from __future__ import annotations

from typing import Any

import h5py

from lindi_explorer.h5.group import LindiH5pyGroup
from lindi_explorer.h5.materialise.made import Made
from lindi_explorer.h5.materialise.pointers import Pointers
from lindi_explorer.h5.materialise.tally import Tally
from lindi_explorer.hdf5.types import array_parts, dtype_of
from lindi_explorer.hdf5.values import decode

PROBLEM = "lindi_explorer_problem"
"""The attribute of a copy that says why its data is missing."""


def copy_attributes(oid: Any, made: Made, pointers: Pointers, tally: Tally) -> None:
    """Write the attributes of an object, in their order, with their exact types.

    Parameters
    ----------
    oid : h5py low-level identifier
        Of the copy.
    made : Made
    pointers : Pointers
    tally : Tally
        Told which attributes could not be written.
    """
    path = made.path
    attributes = LindiH5pyGroup(made.view, path, path).attrs
    for name in attributes:
        with tally.losing(path, f"the attribute {name!r} is missing"):
            stored = attributes.stored(name)
            raw = name if isinstance(name, bytes) else name.encode("utf-8")
            if b"\0" in raw or not raw:
                raise ValueError("HDF5 has no such names")
            dtype = dtype_of(stored.type)
            kind = h5py.h5t.py_create(dtype, logical=True)
            if stored.shape is None:
                h5py.h5a.create(oid, raw, kind, h5py.h5s.create(h5py.h5s.NULL))
                continue
            base, inner = array_parts(dtype)
            value = decode(stored.value, base, stored.shape + inner, pointers.decoder(made))
            space = h5py.h5s.create_simple(stored.shape) if stored.shape else h5py.h5s.create(h5py.h5s.SCALAR)
            written = h5py.h5a.create(oid, raw, kind, space)
            try:
                written.write(value, mtype=h5py.h5t.py_create(dtype))
            except BaseException:
                h5py.h5a.delete(oid, raw)
                raise


def tell_problem(oid: Any, why: str) -> None:
    """Write into a copy why its data is missing, where nothing else says so.

    Parameters
    ----------
    oid : h5py low-level identifier
    why : str
    """
    kind = h5py.Dataset if isinstance(oid, h5py.h5d.DatasetID) else h5py.Group
    attributes = kind(oid).attrs
    if PROBLEM not in attributes:
        attributes[PROBLEM] = why.replace("\0", "").encode("utf-8", "replace").decode("utf-8")
