"""A file in memory where h5py itself decides what is stored: its types, its conversions, its errors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import h5py
import numpy as np
from h5py import File
from h5py._objects import phil

from lindi_explorer.h5.reference import encode_reference, require_kinds
from lindi_explorer.hdf5.facts import read_all
from lindi_explorer.hdf5.inline import has_references
from lindi_explorer.hdf5.types import array_parts
from lindi_explorer.hdf5.values import encode

_file: File | None = None


@contextmanager
def scratch() -> Iterator[File]:
    """The file, for one thread at a time."""
    global _file  # noqa: PLW0603 - one scratch file for the process, made when first needed
    with phil:
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
        Gives what stands there now, shape (count,), or None for what was never written: asked for where some
        fields may stay as they are.

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
    if values.dtype == dtype and kind is None and not dtype.hasobject and dtype.kind not in "mM":
        return values.reshape(count, *axes)
    some = dtype.names is not None and (kind is not None or values.dtype != dtype)
    if has_references(dtype):
        if some:
            return _with_fields(values, kind, dtype, count, held())
        out = np.empty((count, *axes), dtype=base)
        out[...] = values.reshape(count, *axes)
        # It is kept as it is, and encoded later: what cannot be must not get so far.
        require_kinds(out, dtype)
        encode(out, encode_reference)
        return out
    _require_sequences(values, dtype)
    with scratch() as file:
        space = h5py.h5s.create_simple((count,))
        dataset = h5py.h5d.create(file.id, None, h5py.h5t.py_create(dtype, logical=True), space)
        before = held() if some else None
        if before is not None:
            dataset.write(h5py.h5s.ALL, h5py.h5s.ALL, np.ascontiguousarray(before.astype(dtype)))
        # Of one element, h5py would take a scalar's shape () as it is.
        flat = values.reshape(count, *values.shape[values.ndim - len(axes) :] if axes else ())
        dataset.write(h5py.h5s.ALL, h5py.h5s.ALL, np.ascontiguousarray(flat), kind)
        return read_all(dataset, (count,), dtype)


def _require_sequences(values: np.ndarray[Any, Any], dtype: np.dtype[Any]) -> None:
    """Raise TypeError where something else stands for a sequence: it would end the process in h5py."""
    if h5py.check_vlen_dtype(dtype) in (None, str, bytes) or values.dtype.kind != "O":
        return
    for item in values.reshape(-1):
        if item is not None and np.ndim(item) != 1:
            raise TypeError(f"{item!r} is no sequence, as the type {dtype} wants it")


def _with_fields(
    values: np.ndarray[Any, Any],
    kind: Any,
    dtype: np.dtype[Any],
    count: int,
    held: np.ndarray[Any, Any] | None,
) -> np.ndarray[Any, Any]:
    """The same for rows with references of our kind, which HDF5 cannot write: field by field."""
    out = np.zeros(count, dtype=dtype) if held is None else held.astype(dtype, copy=True)
    names = list(values.dtype.names or ())
    if kind is not None:
        names = [kind.get_member_name(number).decode("utf-8") for number in range(kind.get_nmembers())]
    for name in names:
        field = dtype.fields[name][0]  # type: ignore[index]
        part = np.ascontiguousarray(values[name] if values.dtype.names is not None else values)
        axes = array_parts(field)[1]
        inner = h5py.h5t.py_create(np.dtype((part.dtype, axes))) if axes else None
        out[name] = as_stored(part, inner, field, count, lambda: None)
    return out
