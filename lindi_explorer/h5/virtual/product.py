"""Selections that are the product of one along each axis."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from lindi_explorer.errors import UnsupportedError
from lindi_explorer.h5.virtual.indices import Indices, Numbers
from lindi_explorer.references.checks import DAMAGED

MOST_ELEMENTS = 1 << 62
"""Elements of any selection: they are counted in 64 bits."""


@dataclass(frozen=True, slots=True)
class Product:
    """A selection that is the product of one along each axis.

    Attributes
    ----------
    axes : tuple of Indices

    Raises
    ------
    UnsupportedError
        If there are more elements than can be counted.
    """

    axes: tuple[Indices, ...]

    def __post_init__(self) -> None:
        if self.count > MOST_ELEMENTS:
            raise UnsupportedError("a selection of more than 2**62 elements is too large", hint=DAMAGED)

    @property
    def rank(self) -> int:
        """Number of axes."""
        return len(self.axes)

    @property
    def unlimited(self) -> int | None:
        """The axis along which it has no end."""
        return next((number for number, axis in enumerate(self.axes) if axis.length is None), None)

    @property
    def lengths(self) -> tuple[int, ...]:
        """Number of indices along each axis; none may be without end."""
        return tuple(axis.length or 0 for axis in self.axes)

    @property
    def count(self) -> int:
        """Number of elements."""
        return math.prod(self.lengths)

    @property
    def box(self) -> tuple[tuple[int, int], ...]:
        """First index, and behind the last, along each axis."""
        return tuple((axis.start, axis.stop or axis.start) for axis in self.axes)

    def replaced(self, number: int, axis: Indices) -> Product:
        """The same with other indices along one axis."""
        return Product((*self.axes[:number], axis, *self.axes[number + 1 :]))

    def find(self, points: Numbers) -> tuple[Numbers, Numbers]:
        """Which of some points are elements, and which number these have in the order of the file.

        Parameters
        ----------
        points : numpy.ndarray
            int64 of shape (n, axes).
        """
        where = np.ones(len(points), bool)
        for number, axis in enumerate(self.axes):
            where[where] = axis.find(points[where, number])[0]
        ranks = np.zeros(int(where.sum()), np.int64)
        for number, axis in enumerate(self.axes):
            ranks = ranks * (axis.length or 0) + axis.find(points[where, number])[1]
        return where, ranks

    def at(self, ranks: Numbers) -> Numbers:
        """The points of some numbers."""
        out = np.empty((len(ranks), self.rank), np.int64)
        positions = np.unravel_index(ranks, self.lengths) if self.axes else ()
        for number, (axis, position) in enumerate(zip(self.axes, positions, strict=True)):
            out[:, number] = axis.at(position)
        return out
