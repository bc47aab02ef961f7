"""What of a read lies in one mapping: where it goes in the result, and what of the source it takes."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from lindi_explorer.h5.arrays.selection import AxisIndex, Plan, product_index
from lindi_explorer.h5.virtual.indices import Numbers
from lindi_explorer.h5.virtual.product import Product
from lindi_explorer.h5.virtual.selected import Selected

_AT_ONCE = 1 << 20
"""Elements that are looked up one by one at the same time."""


class Part(NamedTuple):
    """A part of a read that comes from one source.

    Attributes
    ----------
    place : object
        Index into the result.
    lengths : tuple of int
        What that selects.
    source : Plan
        As many elements, in the same order.
    """

    place: Any
    lengths: tuple[int, ...]
    source: Plan


def parts(read: Plan, to: Selected, of: Selected) -> Iterator[Part]:
    """The parts of a read that a mapping gives.

    Parameters
    ----------
    read : Plan
        Of the virtual dataset.
    to, of : Selected
        What of it the mapping sets, and what of the source it takes: as many elements, in this order.

    Yields
    ------
    Part
    """
    if not to.count:
        return
    if read.points is not None:
        where, ranks = to.find(read.points)
        if len(ranks):
            yield Part(np.flatnonzero(where), (len(ranks),), _points(of.at(ranks)))
        return
    asked = [_numbers(axis) for axis in read.axes or ()]
    places = [
        np.flatnonzero((axis >= low) & (axis < high)) for axis, (low, high) in zip(asked, to.box, strict=True)
    ]
    if isinstance(to, Product):
        if isinstance(of, Product) and _long(to.lengths) == _long(of.lengths):
            yield from _along_axes(asked, to, of)
            return
        places = [np.flatnonzero(one.find(axis)[0]) for one, axis in zip(to.axes, asked, strict=True)]
    lengths = tuple(map(len, places))
    total = math.prod(lengths)
    for first in range(0, total, _AT_ONCE):
        turn = np.unravel_index(np.arange(first, min(first + _AT_ONCE, total)), lengths)
        at = [place[number] for place, number in zip(places, turn, strict=True)]
        where, ranks = to.find(np.stack([axis[one] for axis, one in zip(asked, at, strict=True)], axis=-1))
        if len(ranks):
            yield Part(tuple(one[where] for one in at), (len(ranks),), _points(of.at(ranks)))


def _along_axes(asked: list[Numbers], to: Product, of: Product) -> Iterator[Part]:
    """The same where the axes of both go together, but for those of one element."""
    places, positions = [], []
    for numbers, axis in zip(asked, to.axes, strict=True):
        where, found = axis.find(numbers)
        if not len(found):
            return
        places.append(np.flatnonzero(where))
        if axis.length != 1:
            positions.append(found)
    rest = iter(positions)
    taken = [_index(axis.at(np.zeros(1, np.int64) if axis.length == 1 else next(rest))) for axis in of.axes]
    lengths = tuple(map(len, places))
    yield Part(product_index(list(map(_index, places))), lengths, Plan(tuple(taken), None, lengths))


def _long(lengths: tuple[int, ...]) -> list[int]:
    return [length for length in lengths if length != 1]


def _points(points: Numbers) -> Plan:
    return Plan(axes=None, points=points, shape=(len(points),))


def _numbers(axis: AxisIndex) -> Numbers:
    return np.arange(axis.start, axis.stop, axis.step) if isinstance(axis, slice) else np.asarray(axis)


def _index(numbers: Numbers) -> AxisIndex:
    """A slice wherever the indices are one."""
    step = int(numbers[1] - numbers[0]) if len(numbers) > 1 else 1
    if step > 0 and np.all(np.diff(numbers) == step):
        return slice(int(numbers[0]), int(numbers[-1]) + 1, step)
    return numbers
