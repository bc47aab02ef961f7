"""How numbers are written in answers, and what is counted about them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from lindi_explorer.explorer.protocol import Statistics

_MINUS = "\N{MINUS SIGN}"
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def number(value: float, digits: int = 4) -> str:
    """A number for people, rounded: ``412.6``, ``−0.3``, ``4,071``, ``2.34 × 10⁻⁶``.

    Parameters
    ----------
    value : int or float
        A Python or NumPy integer is written whole.
    digits : int
        Significant digits of a float.

    Returns
    -------
    str
    """
    if isinstance(value, (int, np.integer)):
        return f"{int(value):,}".replace("-", _MINUS)
    value = float(value)
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else f"{_MINUS}inf" if value < 0 else "inf"
    if value == 0:
        return "0"
    mantissa, _, power = f"{value:.{digits - 1}e}".partition("e")
    exponent = int(power)
    if -4 <= exponent < max(6, digits):
        text = f"{float(f'{mantissa}e{power}'):,.{max(0, digits - 1 - exponent)}f}"
        return (text.rstrip("0").rstrip(".") if "." in text else text).replace("-", _MINUS)
    short = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    return f"{short} × 10{str(exponent).translate(_SUPERSCRIPTS)}".replace("-", _MINUS)


class Tally:
    """Smallest, largest and mean value of what has been added; NaN is counted and left out."""

    def __init__(self) -> None:
        self.minimum: Any = None
        self.maximum: Any = None
        self.nan = 0
        self._count = 0
        self._sum = 0.0
        self._squares = 0.0

    def add(self, values: npt.NDArray[Any]) -> None:
        """Take values into account.

        Parameters
        ----------
        values : numpy.ndarray
            Booleans, integers or floats; any shape.
        """
        if values.dtype.kind == "b":
            values = values.view(np.uint8)
        missing = int(np.isnan(values).sum()) if values.dtype.kind == "f" else 0
        self.nan += missing
        if missing == values.size:
            return
        # fmin and fmax pass over NaN.
        low, high = np.fmin.reduce(values, axis=None), np.fmax.reduce(values, axis=None)
        self.minimum = low if self.minimum is None else min(self.minimum, low)
        self.maximum = high if self.maximum is None else max(self.maximum, high)
        self._count += values.size - missing
        with np.errstate(invalid="ignore", over="ignore"):
            self._sum += float(np.nansum(values, dtype=np.float64))
            finite = np.where(np.isfinite(values), values, 0) if values.dtype.kind == "f" else values
            self._squares += float(np.square(finite, dtype=np.float64).sum())

    @property
    def rms(self) -> float:
        """Root mean square; 0 where there are no numbers."""
        return math.sqrt(self._squares / self._count) if self._count else 0.0

    def statistics(self, factor: float = 1.0) -> Statistics:
        """The texts.

        Parameters
        ----------
        factor : float
            From the unit that was added to the one shown.

        Returns
        -------
        Statistics
        """
        if self.minimum is None:
            return Statistics(minimum="NaN", maximum="NaN", mean="NaN", nan=self.nan)
        ends = (self.minimum, self.maximum) if factor == 1 else (self.minimum * factor, self.maximum * factor)
        return Statistics(
            minimum=number(ends[0]),
            maximum=number(ends[1]),
            mean=number(self._sum / self._count * factor),
            nan=self.nan,
        )
