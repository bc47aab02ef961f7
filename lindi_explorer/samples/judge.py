"""What h5py and pynwb say about a file: judges that know nothing of this package."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import h5py
import numpy as np


@contextmanager
def read_nwb(file: h5py.File) -> Iterator[Any]:
    """Read a file with pynwb.

    Parameters
    ----------
    file
        Anything that is an h5py.File; pynwb closes it at the end.

    Yields
    ------
    pynwb.NWBFile
    """
    from pynwb import NWBHDF5IO

    with NWBHDF5IO(file=file, mode="r") as io:
        yield io.read()


def differences(original: str | os.PathLike[str], other: h5py.File) -> tuple[int, list[str]]:
    """Compare an HDF5 file, as h5py reads it, with another file: every attribute and all data.

    Parameters
    ----------
    original
        Path of the HDF5 file.
    other
        Anything that is an h5py.File.

    Returns
    -------
    compared : int
        How many attributes and datasets were compared.
    different : list of str
        ``/path`` of a dataset or object, ``/path.name`` of an attribute; empty = all is equal.
    """
    with h5py.File(original) as one:
        values, others = (dict(_values(file)) for file in (one, other))
        places = values.keys() | others.keys()
        different = [
            place
            for place in sorted(places)
            if place not in values or place not in others or not _same(values[place], others[place])
        ]
    return len(places), different


def _values(file: h5py.File) -> Iterator[tuple[str, Any]]:
    """Every object, attribute and dataset by its place; references as the paths they lead to."""
    objects: list[tuple[str, Any]] = [("", file)]
    file.visititems(lambda name, item: objects.append((name, item)))
    for name, item in objects:
        yield f"/{name}", _plain(item[()], file) if isinstance(item, h5py.Dataset) else None
        for key, value in item.attrs.items():
            yield f"/{name}.{key}", _plain(value, file)


def _plain(value: Any, file: h5py.File) -> Any:
    if isinstance(value, h5py.Reference):
        return file[value].name
    if isinstance(value, np.ndarray) and value.dtype.names:
        return [_plain(value[name], file) for name in value.dtype.names]
    if isinstance(value, np.ndarray) and value.dtype == object:
        return [_plain(item, file) for item in value.reshape(-1)]
    return value


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, list):
        pairs_up = isinstance(other, list) and len(one) == len(other)
        return pairs_up and all(map(_same, one, other))
    if isinstance(one, np.ndarray | np.generic):
        typed = getattr(other, "dtype", None) == one.dtype
        is_float = one.dtype.kind in "fc"
        return typed and np.shape(one) == np.shape(other) and np.array_equal(one, other, equal_nan=is_float)
    return type(one) is type(other) and bool(one == other)
