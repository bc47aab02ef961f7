"""Selections that are no product of their axes: their elements are written out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lindi_explorer.errors import UnsupportedError
from lindi_explorer.h5.virtual.indices import Numbers

_MOST_POINTS = 1 << 20
"""Elements that are written out for one virtual dataset, in a second at most, and kept while it is open."""

NOTHING = np.zeros(0, np.int64)


class Room:
    """How many elements may yet be written out for one virtual dataset."""

    def __init__(self) -> None:
        self._left = _MOST_POINTS

    def take(self, elements: int) -> None:
        """Use some of it.

        Parameters
        ----------
        elements : int

        Raises
        ------
        UnsupportedError
            If there is not so much.
        """
        self._left -= elements
        if self._left < 0:
            raise UnsupportedError(
                f"more than {_MOST_POINTS:,} elements in selections that are no products of their axes are "
                "too large to be read",
                hint="Make the virtual dataset of several sources with simple selections.",
            )


@dataclass(frozen=True, slots=True)
class Points:
    """Any selection that has an end.

    Attributes
    ----------
    low, shape : tuple of int
        Of the box around it.
    numbers : numpy.ndarray
        int64, ascending: which elements of that box, in the order of the file.
    """

    low: tuple[int, ...]
    shape: tuple[int, ...]
    numbers: Numbers

    unlimited = None

    @property
    def rank(self) -> int:
        """Number of axes."""
        return len(self.shape)

    @property
    def count(self) -> int:
        """Number of elements."""
        return len(self.numbers)

    @property
    def box(self) -> tuple[tuple[int, int], ...]:
        """First index, and behind the last, along each axis."""
        return tuple((low, low + size) for low, size in zip(self.low, self.shape, strict=True))

    def find(self, points: Numbers) -> tuple[Numbers, Numbers]:
        """Which of some points are elements, and which number these have; see `Product.find`."""
        box = np.array(self.box, np.int64)
        inside = np.all((points >= box[:, 0]) & (points < box[:, 1]), axis=1)
        asked = np.ravel_multi_index(tuple((points[inside] - box[:, 0]).T), self.shape)
        ranks = np.minimum(np.searchsorted(self.numbers, asked), len(self.numbers) - 1)
        found = self.numbers[ranks] == asked
        inside[inside] = found
        return inside, ranks[found]

    def at(self, ranks: Numbers) -> Numbers:
        """The points of some numbers."""
        places = np.unravel_index(self.numbers[ranks], self.shape)
        return np.stack(places, axis=-1).astype(np.int64) + np.array(self.low, np.int64)
