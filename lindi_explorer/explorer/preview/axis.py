"""The x axis of traces: computed where samples come at a rate, looked up where they have timestamps."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from lindi_explorer.explorer.preview.need import Need, need_of
from lindi_explorer.explorer.preview.reading import Reading
from lindi_explorer.explorer.preview.subject import Subject
from lindi_explorer.explorer.protocol import Axis
from lindi_explorer.explorer.selection import Span


class SampleAxis:
    """Coordinates of the samples that a span selects along one dimension.

    Parameters
    ----------
    subject : Subject
    dimension : int
        The dimension that is along x.
    span : Span
    """

    def __init__(self, subject: Subject, dimension: int, span: Span) -> None:
        self._span = span
        self._time = subject.time if dimension == 0 else None
        self._timestamps: Any = None
        self._label, self._unit = ("time", "s") if self._time is not None else ("sample", "")
        if self._time is not None and self._time.step is None:
            timestamps = subject.file[self._time.timestamps]
            if timestamps.shape[0] >= span.stop:
                self._timestamps = timestamps
            else:
                self._fall_back("timestamps end earlier")

    def _fall_back(self, why: str) -> None:
        self._time, self._timestamps = None, None
        self._label, self._unit = f"sample ({why})", ""

    @property
    def need(self) -> Need:
        """What reading the timestamps takes."""
        if self._timestamps is None:
            return Need()
        return need_of(self._timestamps, (self._span,))

    @property
    def header(self) -> str:
        """Label and unit for the head of a column."""
        return f"{self._label} ({self._unit})" if self._unit else self._label

    def coordinates(self, reading: Reading) -> npt.NDArray[Any]:
        """The coordinates of all selected samples; timestamps are read for it.

        Parameters
        ----------
        reading : Reading

        Returns
        -------
        numpy.ndarray
            float64, or int64 sample numbers where there are no times; of shape (samples,).
        """
        samples = np.arange(self._span.start, self._span.stop, self._span.step)
        if self._timestamps is not None:
            parts = [part for _, part in reading.blocks(self._timestamps, (self._span,), 0)]
            times = np.concatenate(parts).astype(np.float64) if parts else np.empty(0)
            # NaN fails the comparison too: an axis has to go forwards.
            if bool(np.all(np.diff(times) >= 0)) and np.isfinite(times[:1]).all():
                return times
            self._fall_back("timestamps go back or are NaN")
        if self._time is None or self._time.step is None:
            return samples
        # Divided by the rate, 1,001 samples at 1 kHz are 1.001 s; times the step they are a little more.
        return self._time.start + samples / (1 / self._time.step)

    def points(self, reading: Reading, per_point: int) -> tuple[Axis, list[bytes]]:
        """The axis of a picture, and the buffer of its coordinates where it needs one.

        Parameters
        ----------
        reading : Reading
        per_point : int
            Samples that share a point; a point stands at the first of them.

        Returns
        -------
        axis : Axis
        buffers : list of bytes
            One of float64, or none for a regular axis.
        """
        if self._timestamps is None and self._span.step == 1:
            start, step = (self._time.start, self._time.step) if self._time is not None else (0.0, 1.0)
            return Axis(label=self._label, unit=self._unit, start=start, step=step), []
        found = self.coordinates(reading)
        at = found[::per_point].astype(np.float64)
        if self._time is None and self._span.step == 1:
            return Axis(label=self._label, unit=self._unit, start=0.0, step=1.0), []
        start = float(at[0]) if len(at) else 0.0
        return Axis(label=self._label, unit=self._unit, start=start, step=None), [at.tobytes()]
