"""Taking what is planned from a source."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from lindi_explorer.h5.arrays.selection import Plan, index_of

if TYPE_CHECKING:
    from lindi_explorer.h5.arrays.data import ArrayData


_SPARSE = 4
"""Elements of a box for each that is wanted of it, up to which the box is read."""


def taken(data: ArrayData, plan: Plan) -> np.ndarray[Any, Any]:
    """What a plan takes of a source, whoever reads that.

    Parameters
    ----------
    data : ArrayData
    plan : Plan
        Not empty.

    Returns
    -------
    numpy.ndarray
        As `ArrayData.take` gives it.
    """
    if data.shape == ():
        return data.whole()
    low, high = box_of(plan)
    dense = plan.points is not None and _volume(low, high) <= _SPARSE * len(plan.points)
    if data.link is None and not dense:
        return data.take(plan)
    # One box is read much faster than many points; and HDF5 takes no other selection here.
    box = np.asarray(data.read(tuple(map(slice, low, high)), None))
    if plan.points is not None:
        return np.asarray(box[tuple((plan.points - np.array(low)).T)])
    axes = [
        slice(axis.start - first, axis.stop - first, axis.step) if isinstance(axis, slice) else axis - first
        for axis, first in zip(plan.axes or (), low, strict=True)
    ]
    return np.asarray(box[index_of(Plan(tuple(axes), None, plan.shape))])


def lengths_of(read: Plan) -> tuple[int, ...]:
    """The lengths of what a plan takes."""
    if read.points is not None:
        return (len(read.points),)
    return tuple(
        len(range(axis.start, axis.stop, axis.step or 1)) if isinstance(axis, slice) else len(axis)
        for axis in read.axes or ()
    )


def box_of(read: Plan) -> tuple[list[int], list[int]]:
    """First indices, and behind the last, of a plan that is not empty."""
    if read.points is not None:
        return read.points.min(axis=0).tolist(), (read.points.max(axis=0) + 1).tolist()
    ends = [
        (axis.start, axis.stop) if isinstance(axis, slice) else (int(axis.min()), int(axis.max()) + 1)
        for axis in read.axes or ()
    ]
    return [low for low, _ in ends], [high for _, high in ends]


def _volume(low: list[int], high: list[int]) -> int:
    return math.prod(stop - start for start, stop in zip(low, high, strict=True))
