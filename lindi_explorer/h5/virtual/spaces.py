"""Selections of virtual datasets and their sources: from HDF5's dataspaces to JSON, and back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import h5py

from lindi_explorer.h5.selection import region_of_space, region_space


def to_json(space: Any) -> Any:
    """The selection of a dataspace as the side-car has it.

    Parameters
    ----------
    space : h5py.h5s.SpaceID

    Returns
    -------
    Json
    """
    if space.get_select_type() != h5py.h5s.SEL_HYPERSLABS or not space.is_regular_hyperslab():
        return region_of_space(space)
    start, stride, count, block = map(list, space.get_regular_hyperslab())
    out: dict[str, Any] = {"start": start, "count": [_or_none(number) for number in count]}
    if any(number != 1 for number in block):
        out["block"] = [_or_none(number) for number in block]
    # HDF5 gives any stride to what is one block.
    if any(step != 1 and number != 1 for step, number in zip(stride, count, strict=True)):
        out["stride"] = stride
    return out


def _or_none(number: int) -> int | None:
    return None if number == h5py.h5s.UNLIMITED else number


def to_space(spec: Any, shape: Sequence[int], maxshape: Sequence[int | None] | None = None) -> Any:
    """The dataspace that a selection of a side-car stands for; the inverse of `to_json`.

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
