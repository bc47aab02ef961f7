"""The most frequent writing, numbers of a dataset's own type into a box: h5py need not be asked about it."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lindi_explorer.h5.arrays.selection import Plan

if TYPE_CHECKING:
    from lindi_explorer.h5.arrays.data import ArrayData

_KINDS = "iufcb"
"""Kinds of numbers, which are stored as they are."""

_ALL = slice(None)


class Box(NamedTuple):
    """What is written: a box of a dataset, and its values as they are stored.

    Attributes
    ----------
    plan : Plan
    values : numpy.ndarray
        Shape (n,), in the order of the file.
    """

    plan: Plan
    values: np.ndarray[Any, Any]


def box_of(data: ArrayData, args: Any, value: Any) -> Box | None:
    """What ``dataset[args] = value`` writes, where that is a box of numbers.

    Parameters
    ----------
    data : ArrayData
        Of the dataset.
    args, value : object
        As the caller has given them.

    Returns
    -------
    Box or None
        None where h5py has to say what is meant, or what is wrong with it.
    """
    shape = data.shape
    if not shape or type(value) is not np.ndarray or not value.size or not value.flags.c_contiguous:
        return None
    if value.dtype.kind not in _KINDS or value.dtype != data.dtype:
        return None
    args = args if isinstance(args, tuple) else (args,)
    if len(args) == 1 and args[0] is Ellipsis:
        args = ()
    if len(args) > len(shape):
        return None
    axes: list[slice] = []
    lengths: list[int] = []
    for size, arg in zip(shape, itertools.chain(args, itertools.repeat(_ALL)), strict=False):
        axis = _axis(size, arg)
        if axis is None:
            return None
        axes.append(axis)
        if type(arg) is slice:
            lengths.append(axis.stop - axis.start)
    if tuple(lengths) != value.shape:
        return None
    return Box(Plan(axes=tuple(axes), points=None, shape=(value.size,)), value.reshape(-1))


def _axis(size: int, arg: Any) -> slice | None:
    """The part of one axis; None where it is empty, outside, or no part in one piece."""
    if type(arg) is int:
        return slice(arg, arg + 1) if 0 <= arg < size else None
    if type(arg) is not slice or not all(map(_is_end, (arg.start, arg.stop, arg.step))):
        return None
    start, stop, step = arg.indices(size)
    return slice(start, stop) if step == 1 and start < stop else None


def _is_end(value: Any) -> bool:
    return value is None or isinstance(value, (int, np.integer))
