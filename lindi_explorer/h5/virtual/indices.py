"""The indices that a selection takes along one axis: as many as there are, or without end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from lindi_explorer.errors import FormatError
from lindi_explorer.references.checks import DAMAGED, LARGEST

Numbers = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class Regular:
    """Blocks of equal size at equal distances; nothing of it is written out.

    Attributes
    ----------
    start, stride, block : int
    length : int or None
        Number of indices; the last block may be cut. None without end.

    Raises
    ------
    FormatError
        If an index is larger than those of any dataset, and would not be itself in 64 bits.
    """

    start: int
    stride: int
    block: int
    length: int | None

    def __post_init__(self) -> None:
        if (self.stop or 0) > LARGEST:
            raise FormatError(
                f"a selection from {self.start} on at distances of {self.stride} goes beyond what any "
                "dataset has",
                hint=DAMAGED,
            )

    @property
    def stop(self) -> int | None:
        """Behind the last index."""
        if self.length is None:
            return None
        return self.start if not self.length else self.at(self.length - 1) + 1

    def at(self, position: Any) -> Any:
        """The index at a position, or at many."""
        return self.start + position // self.block * self.stride + position % self.block

    def find(self, numbers: Numbers) -> tuple[Numbers, Numbers]:
        """Which of some numbers are indices, and at which positions.

        Parameters
        ----------
        numbers : numpy.ndarray
            int64.

        Returns
        -------
        where : numpy.ndarray
            Of bool, for each number.
        positions : numpy.ndarray
            Of those that are.
        """
        turns, rest = np.divmod(numbers - self.start, self.stride)
        positions = turns * self.block + rest
        where = (numbers >= self.start) & (rest < self.block)
        if self.length is not None:
            where &= positions < self.length
        return where, positions[where]

    def within(self, size: int) -> Regular:
        """Those of an axis of some size."""
        turns, rest = divmod(max(size - self.start, 0), self.stride)
        length = turns * self.block + min(rest, self.block)
        return self.first(length if self.length is None else min(length, self.length))

    def first(self, length: int) -> Regular:
        """The first of them."""
        return Regular(self.start, self.stride, self.block, length)

    def turn(self, number: int) -> Regular:
        """One block alone."""
        return Regular(self.start + number * self.stride, 1, 1, self.block)


@dataclass(frozen=True, slots=True)
class Listed:
    """Ranges that do not overlap, in ascending order.

    Attributes
    ----------
    starts, sizes : numpy.ndarray
        int64.
    """

    starts: Numbers
    sizes: Numbers

    @property
    def length(self) -> int:
        """Number of indices."""
        return int(self.sizes.sum())

    @property
    def start(self) -> int:
        """The first index."""
        return int(self.starts[0])

    @property
    def stop(self) -> int:
        """Behind the last index."""
        return int(self.starts[-1] + self.sizes[-1])

    @property
    def _before(self) -> Numbers:
        """How many indices lie before each range."""
        return np.cumsum(self.sizes) - self.sizes

    def at(self, position: Any) -> Any:
        """The index at a position, or at many."""
        number = np.searchsorted(self._before, position, side="right") - 1
        return self.starts[number] + position - self._before[number]

    def find(self, numbers: Numbers) -> tuple[Numbers, Numbers]:
        """Which of some numbers are indices, and at which positions; see `Regular.find`."""
        number = np.searchsorted(self.starts, numbers, side="right") - 1
        rest = numbers - self.starts[number]
        where = (number >= 0) & (rest < self.sizes[number])
        return where, (self._before[number] + rest)[where]


Indices = Regular | Listed
