"""Stored numbers -> the quantity they stand for, in the unit shown."""

from __future__ import annotations

import math
from collections.abc import MutableMapping
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from lindi_explorer.explorer.preview.need import Need, need_of
from lindi_explorer.explorer.preview.numbers import number
from lindi_explorer.explorer.preview.reading import Reading
from lindi_explorer.explorer.preview.subject import Subject
from lindi_explorer.explorer.selection import Selection, Span
from lindi_explorer.nwb.meaning import unit_symbol

_PREFIXES = {-15: "f", -12: "p", -9: "n", -6: "µ", -3: "m", 0: "", 3: "k", 6: "M"}
_PREFIXED = frozenset({"V", "A", "S", "Ω", "F", "W", "Pa"})
"""Symbols that take a prefix; seconds and metres are left as they are, as axes and files compare by them."""

_chosen: MutableMapping[Any, dict[tuple[str, float, str], int]] = WeakKeyDictionary()
"""The power of ten each dataset is shown in, by file: once chosen it stays, so that pictures compare."""


class Quantity:
    """How the numbers of one dataset become what is shown of a selection.

    Parameters
    ----------
    subject : Subject
    selection : tuple of int or Span
    """

    def __init__(self, subject: Subject, selection: Selection) -> None:
        self._subject = subject
        self._selection = selection
        self._scaling = subject.scaling
        self._factors: npt.NDArray[np.float64] | float = self._scaling.conversion
        self._channels = subject.file[self._scaling.channels] if self._scaling.channels else None

    @property
    def need(self) -> Need:
        """What reading the factors of the channels takes."""
        if self._channels is None:
            return Need()
        return need_of(self._channels, self._of_channels())

    def _of_channels(self) -> Selection:
        return (self._selection[self._scaling.channel_axis],)

    def prepare(self, reading: Reading) -> None:
        """Read the factors of the channels, if there are any."""
        if self._channels is None:
            return
        factors = (
            reading.take(self._channels, self._of_channels()).astype(np.float64) * self._scaling.conversion
        )
        axis = self._scaling.channel_axis
        after = sum(isinstance(part, Span) for part in self._selection[axis + 1 :])
        self._factors = factors.reshape(factors.shape + (1,) * after) if factors.ndim else factors

    def of(self, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """The quantity of values as read with the selection, or with a part of one of its other axes.

        Returns
        -------
        numpy.ndarray
            float64 where anything is applied, otherwise the values themselves.
        """
        if self._scaling.plain:
            return values
        with np.errstate(invalid="ignore", over="ignore"):
            return np.asarray(values.astype(np.float64) * self._factors + self._scaling.offset)

    @property
    def words(self) -> str:
        """What is applied, e.g. ``conversion 2.34 × 10⁻⁶``; empty = nothing."""
        scaling = self._scaling
        applied = []
        if scaling.conversion != 1:
            applied.append(f"conversion {number(scaling.conversion)}")
        if scaling.channels:
            applied.append("channel_conversion")
        if scaling.offset:
            applied.append(f"offset {number(scaling.offset)}")
        if not scaling.ignored:
            return ", ".join(applied)
        return f"{', '.join(applied) or 'nothing'} ({scaling.ignored})"

    @property
    def unit(self) -> str:
        """The unit without a prefix."""
        return unit_symbol(self._scaling.unit)

    def shown_unit(self, rms: float) -> tuple[float, str]:
        """The unit with the prefix that suits the first picture, kept for all later ones.

        Parameters
        ----------
        rms : float
            Root mean square of what was read, in the unit without prefix.

        Returns
        -------
        factor : float
            What values are multiplied by.
        unit : str
        """
        unit = self.unit
        if unit not in _PREFIXED:
            return 1.0, unit
        powers = _chosen.setdefault(self._subject.file, {})
        key = (self._subject.path, self._scaling.conversion, unit)
        if key not in powers and rms > 0 and math.isfinite(rms):
            power = 3 * math.floor(math.log10(rms) / 3)
            powers[key] = min(max(power, min(_PREFIXES)), max(_PREFIXES))
        power = powers.get(key, 0)
        return 10.0**-power, _PREFIXES[power] + unit
