"""A file in memory where h5py itself decides what is stored: its types, its conversions, its errors."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import h5py
import numpy as np
from h5py import File

from lindi_explorer.hdf5.facts import read_all
from lindi_explorer.hdf5.inline import has_references
from lindi_explorer.hdf5.types import array_parts

_lock = threading.RLock()
_file: File | None = None


@contextmanager
def scratch() -> Iterator[File]:
    """The file, for one thread at a time."""
    global _file  # noqa: PLW0603 - one scratch file for the process, made when first needed
    with _lock:
        if _file is None:
            _file = File("scratch", "w", driver="core", backing_store=False)
        yield _file


def as_stored(
    values: np.ndarray[Any, Any], kind: Any, dtype: np.dtype[Any], count: int, held: Any
) -> np.ndarray[Any, Any]:
    """Values as a dataset holds them once they are written.

    Parameters
    ----------
    values : numpy.ndarray
        What is written, in the order of the file.
    kind : h5py.h5t.TypeID or None
        Their type in memory, where it is not that of their dtype.
    dtype : numpy.dtype
        Of the dataset.
    count : int
        Elements that are written.
    held : callable
        Gives what stands there now, shape (count,): asked for where only some fields are written.

    Returns
    -------
    numpy.ndarray
        Of the dataset's dtype; shape (count,), the axes of an array type behind.

    Raises
    ------
    TypeError, ValueError, OSError
        As h5py raises them for values that do not fit.
    """
    base, axes = array_parts(dtype)
    if values.dtype == dtype and kind is None and not dtype.hasobject:
        return values.reshape(count, *axes)
    if _is_part(kind, dtype):
        return _with_fields(values, kind, dtype, count, held())
    if has_references(dtype):
        out = np.empty((count, *axes), dtype=base)
        out[...] = values.reshape(count, *axes)
        return out
    with scratch() as file:
        space = h5py.h5s.create_simple((count,))
        dataset = h5py.h5d.create(file.id, None, h5py.h5t.py_create(dtype, logical=True), space)
        # Of one element, h5py would take a scalar's shape () as it is.
        flat = (
            values.reshape(count, *values.shape[values.ndim - len(axes) :]) if axes else values.reshape(count)
        )
        dataset.write(h5py.h5s.ALL, h5py.h5s.ALL, np.ascontiguousarray(flat), kind)
        return read_all(dataset, (count,), dtype)


def _is_part(kind: Any, dtype: np.dtype[Any]) -> bool:
    """Whether a type in memory has only some of the fields."""
    return kind is not None and dtype.names is not None and kind.get_class() == h5py.h5t.COMPOUND


def _with_fields(
    values: np.ndarray[Any, Any], kind: Any, dtype: np.dtype[Any], count: int, held: np.ndarray[Any, Any]
) -> np.ndarray[Any, Any]:
    out = held.astype(dtype, copy=True)
    names = [kind.get_member_name(number).decode("utf-8") for number in range(kind.get_nmembers())]
    for name in names:
        field = dtype.fields[name][0]  # type: ignore[index]
        part = values[name] if values.dtype.names is not None else values
        out[name] = as_stored(np.ascontiguousarray(part), None, field, count, lambda: None)
    return out
