"""Selections of virtual datasets and their sources as HDF5's dataspaces."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import h5py

from lindi_explorer.h5.arrays.selection import region_space


def to_space(spec: Any, shape: Sequence[int], maxshape: Sequence[int | None] | None = None) -> Any:
    """The dataspace of a selection; the inverse of `lindi_explorer.hdf5.virtual_layout.selection_of`.

    Parameters
    ----------
    spec : Json
    shape : sequence of int
        Of the dataset.
    maxshape : sequence, optional

    Returns
    -------
    h5py.h5s.SpaceID
    """
    if not isinstance(spec, dict) or "start" not in spec:
        return region_space(tuple(shape), spec)
    most = None if maxshape is None else tuple(map(_or_unlimited, maxshape))
    space = h5py.h5s.create_simple(tuple(shape), most)
    ones = [1] * len(shape)
    count, block = (tuple(map(_or_unlimited, spec.get(name, ones))) for name in ("count", "block"))
    space.select_hyperslab(tuple(spec["start"]), count, tuple(spec.get("stride", ones)), block)
    return space


def _or_unlimited(number: int | None) -> int:
    return int(h5py.h5s.UNLIMITED) if number is None else number
