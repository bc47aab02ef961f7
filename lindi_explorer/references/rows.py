"""Which row of a table of chunks is whose: found by one number for each chunk, not by a tuple."""

from __future__ import annotations

import itertools
import operator
from bisect import bisect_right

import numpy as np
import numpy.typing as npt

_LARGEST = (1 << 63) - 1


class RowsByChunk:
    """Chunk index -> row.

    Sorted numbers are made in a tenth of the time that a dict of tuples takes, and Python's collector does
    not look at them again and again.

    Parameters
    ----------
    index : numpy.ndarray
        int64 of shape (n, axes), n of 1 or more. Of rows with the same indices the last one counts.
    """

    def __init__(self, index: npt.NDArray[np.int64]) -> None:
        self._low: list[int] = index.min(axis=0).tolist()
        self._high: list[int] = index.max(axis=0).tolist()
        counts = [high - low + 1 for low, high in zip(self._low, self._high, strict=True)]
        sizes = [*itertools.accumulate(reversed(counts), operator.mul, initial=1)]
        self._steps = sizes[-2::-1]
        # Beyond 64 bits the numbers would not be of one chunk each any more; Python's own are.
        kind = np.int64 if sizes[-1] <= _LARGEST else object
        steps = np.array(self._steps, dtype=kind)
        numbers = (index.astype(kind, copy=False) - np.array(self._low, dtype=kind)) @ steps
        # Most tables are in order.
        self._order = None if (numbers[1:] > numbers[:-1]).all() else np.argsort(numbers, kind="stable")
        self._numbers = (numbers if self._order is None else numbers[self._order]).tolist()

    def get(self, chunk: object) -> int | None:
        """The row of a chunk; None if there is none.

        Parameters
        ----------
        chunk : object
            A chunk's number along each axis; anything else has no row.

        Returns
        -------
        int or None
        """
        low = self._low
        if not isinstance(chunk, tuple) or len(chunk) != len(low):
            return None
        try:
            at = [*map(operator.index, chunk)]
        except TypeError:
            return None
        if not (all(map(operator.le, low, at)) and all(map(operator.le, at, self._high))):
            return None
        number = sum(map(operator.mul, map(operator.sub, at, low), self._steps))
        place = bisect_right(self._numbers, number) - 1
        if place < 0 or self._numbers[place] != number:
            return None
        return place if self._order is None else int(self._order[place])
