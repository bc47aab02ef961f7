"""Many samples -> few points, none of their extremes lost."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt


class Decimator:
    """Lowest and highest value of every so many samples, taken in as they are read.

    Parameters
    ----------
    samples : int
        How many there will be.
    per_point : int
        Samples that share a point; 1 = every sample is a point.
    traces : int
    """

    def __init__(self, samples: int, per_point: int, traces: int) -> None:
        self.per_point = per_point
        self.points = -(-samples // per_point)
        self.low: npt.NDArray[np.float64] = np.full((self.points, traces), np.nan)
        self.high = self.low if per_point == 1 else self.low.copy()

    def add(self, first: int, values: npt.NDArray[Any]) -> None:
        """Take in some samples.

        Parameters
        ----------
        first : int
            Number of the first of them.
        values : numpy.ndarray
            Shape (samples, traces); NaN is passed over where there are numbers beside it.
        """
        if not len(values):
            return
        if self.per_point == 1:
            self.low[first : first + len(values)] = values
            return
        begin, end = first // self.per_point, (first + len(values) - 1) // self.per_point + 1
        starts = np.maximum(np.arange(begin, end) * self.per_point - first, 0)
        # A point may have begun in the samples before.
        here = slice(begin, end)
        self.low[here] = np.fmin(self.low[here], np.fmin.reduceat(values, starts, axis=0))
        self.high[here] = np.fmax(self.high[here], np.fmax.reduceat(values, starts, axis=0))

    def buffers(self, factor: float = 1.0) -> list[bytes]:
        """The points as they are sent.

        Parameters
        ----------
        factor : float
            Values are multiplied by it.

        Returns
        -------
        list of bytes
            float32 of shape (traces, points): low, and high where it differs.
        """
        arrays = [self.low] if self.per_point == 1 else [self.low, self.high]
        with np.errstate(invalid="ignore", over="ignore"):
            return [as_float32(array.T * factor).tobytes() for array in arrays]


def per_point(samples: int, width: int, traces: int, most_bytes: int) -> int:
    """How many samples have to share a point.

    Parameters
    ----------
    samples : int
    width : int
        Pixel columns.
    traces : int
    most_bytes : int
        The points of all traces together take no more.

    Returns
    -------
    int
        1 where there are at most two samples to a pixel, as low and high would be no fewer numbers.
    """
    points = max(1, min(width, most_bytes // (8 * max(traces, 1))))
    return 1 if samples <= 2 * points else -(-samples // points)


def as_float32(values: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
    """Values as float32; finite ones stay finite.

    Parameters
    ----------
    values : numpy.ndarray

    Returns
    -------
    numpy.ndarray
        In C order.
    """
    with np.errstate(over="ignore"):
        small = np.ascontiguousarray(values, dtype=np.float32)
    lost = np.isinf(small) & np.isfinite(values)
    if lost.any():
        small[lost] = np.copysign(np.finfo(np.float32).max, values[lost])
    return small
