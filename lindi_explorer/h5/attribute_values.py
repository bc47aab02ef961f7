"""What h5py would store in an attribute: the value goes through an attribute of a file in memory."""

from __future__ import annotations

import itertools
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import h5py
import numpy as np

from lindi_explorer.errors import UnsupportedError
from lindi_explorer.h5.arrays.scratch import scratch
from lindi_explorer.h5.reference import encode_reference, make_reference, require_kinds
from lindi_explorer.hdf5.attributes import StoredAttribute, decode_attribute, encode_attribute
from lindi_explorer.hdf5.inline import has_references
from lindi_explorer.hdf5.read_attributes import read_attribute
from lindi_explorer.hdf5.types import array_parts, dtype_of

_TEXT = h5py.string_dtype()

_names = map(str, itertools.count())
"""Names in memory; HDF5 does not take all names that a document may have."""


def stored_value(name: str, data: Any, shape: Any, dtype: Any) -> StoredAttribute:
    """The attribute that `h5py.AttributeManager.create` would make.

    Parameters
    ----------
    name : str
    data, shape, dtype
        As for h5py; references must be of our kind.

    Returns
    -------
    StoredAttribute

    Raises
    ------
    TypeError, ValueError, OSError
        As h5py raises them.
    """
    plain = _plain(data) if shape is None and dtype is None else None
    if plain is not None:
        return encode_attribute(plain, encode_reference, name=name)
    if isinstance(dtype, h5py.Datatype):
        dtype = dtype.dtype
    kind = None if dtype is None else np.dtype(dtype)
    found = reference_type(data)
    if found is not None or (kind is not None and has_references(kind)):
        return _with_references(name, data, shape, kind or found)
    with _group() as (group, place):
        group.attrs.create(place, data, shape, dtype)
        return _read(name, group, place)


def _plain(data: Any) -> np.ndarray[Any, Any] | None:
    """What h5py makes of Python's texts and numbers, which most attributes are; None for anything else."""
    if type(data) is str and "\0" not in data:
        out = np.empty((), dtype=_TEXT)
        try:
            out[()] = data.encode("utf-8")
        except UnicodeEncodeError:
            return None  # h5py says what is wrong with it
        return out
    if type(data) in (bool, float) or (type(data) is int and -(1 << 63) <= data < 1 << 63):
        return np.array(data)
    return None


def modified_value(name: str, old: StoredAttribute, value: Any) -> StoredAttribute:
    """The attribute with the same type and another value, as `h5py.AttributeManager.modify` would make it.

    Parameters
    ----------
    name : str
    old : StoredAttribute
    value : object
        Of the same shape, or of one element.

    Returns
    -------
    StoredAttribute

    Raises
    ------
    TypeError, ValueError, OSError
        As h5py raises them.
    """
    dtype = dtype_of(old.type)
    if old.shape is not None and has_references(dtype):
        array = np.asarray(value, dtype=dtype).view(dtype)
        if array.size != int(np.prod(old.shape, dtype=np.int64)):
            raise TypeError("Shape of data is incompatible with existing attribute")
        return _with_references(name, array.reshape(old.shape), None, dtype)
    with _group() as (group, place):
        if old.shape is None:
            group.attrs[place] = h5py.Empty(dtype)
        else:
            kind = h5py.h5t.py_create(dtype, logical=True)
            h5py.h5a.create(group.id, place.encode(), kind, h5py.h5s.create_simple(old.shape))
        group.attrs.modify(place, value)
        return _read(name, group, place)


def low_level(name: str, stored: StoredAttribute) -> Any:
    """An attribute of HDF5's low-level interface with the same type and value, for reading.

    Parameters
    ----------
    name : str
    stored : StoredAttribute

    Returns
    -------
    h5py.h5a.AttrID

    Raises
    ------
    UnsupportedError
        For references: those of HDF5 lead into HDF5 files.
    """
    dtype = dtype_of(stored.type)
    if has_references(dtype):
        raise UnsupportedError(
            f"the attribute {name!r} has no low-level identifier: it holds references",
            hint="Read its value.",
        )
    with scratch() as file:
        place = next(_names)
        attributes = file.create_group(place).attrs
        attributes.create(name, decode_attribute(stored, make_reference), dtype=dtype)
        attribute = attributes.get_id(name)
        weakref.finalize(attribute, _forget, place).atexit = False
        return attribute


def _forget(place: str) -> None:
    with scratch() as file:
        del file[place]


@contextmanager
def _group() -> Iterator[tuple[h5py.Group, str]]:
    """A group in memory that nobody else has, and a name for its attribute."""
    with scratch() as file:
        # HDF5 shares what is open by place and name: a name that was used before could give an old value.
        yield h5py.Group(h5py.h5g.create(file.id, None)), next(_names)


def _read(name: str, group: h5py.Group, place: str) -> StoredAttribute:
    attribute = group.attrs.get_id(place)
    return encode_attribute(read_attribute(attribute), encode_reference, name=name, dtype=attribute.dtype)


def reference_type(data: Any) -> np.dtype[Any] | None:
    """The type of data that is one reference or some; None for anything else."""
    first = data
    if isinstance(data, (list, tuple, np.ndarray)):
        try:
            array = np.asarray(data)
        except ValueError:
            return None  # of different lengths
        if array.dtype != object or not array.size:
            return None
        if has_references(array.dtype):
            return array.dtype
        first = array.reshape(-1)[0]
    if not isinstance(first, h5py.Reference):
        return None
    region = isinstance(first, h5py.RegionReference)
    kind: np.dtype[Any] = h5py.regionref_dtype if region else h5py.ref_dtype
    return kind


def _with_references(name: str, data: Any, shape: Any, kind: Any) -> StoredAttribute:
    """References of our kind are none that h5py could store."""
    base, axes = array_parts(kind)
    # NumPy lets an array of objects go through without h5py's mark.
    array = np.asarray(data, dtype=base).view(base)
    if shape is not None and array.shape != shape:
        array = array.reshape(shape)
    require_kinds(array, kind)
    return encode_attribute(array, encode_reference, name=name, dtype=kind if axes else None)
