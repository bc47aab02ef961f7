"""What the animal does: position and speed on the wheel, pupil, licks, rewards, and the stimulus it sees."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from hdmf.common import DynamicTable
from pynwb import TimeSeries
from pynwb.behavior import (
    BehavioralEpochs,
    BehavioralTimeSeries,
    Position,
    PupilTracking,
    SpatialSeries,
)
from pynwb.misc import IntervalSeries

from lindi_explorer.samples.signals import running

if TYPE_CHECKING:
    from lindi_explorer.samples.nwb import Scale
    from lindi_explorer.samples.signals import Floats

CAMERA_RATE = 30.0
WHEEL_RATE = 50.0


def add_behavior(nwbfile: Any, rng: np.random.Generator, scale: Scale, onsets: Floats) -> None:
    """Add behaviour as a processing module, and the stimulus with its annotations."""
    module = nwbfile.create_processing_module("behavior", "Behaviour measured during the session")
    speed = running(rng, int(scale.duration * WHEEL_RATE))
    bouts = np.diff((speed > 4).astype(int), prepend=0)
    module.add(
        BehavioralTimeSeries(
            time_series=TimeSeries(
                name="running_speed",
                description="Speed of the wheel's rim",
                data=speed.astype(np.float32),
                unit="cm/s",
                rate=WHEEL_RATE,
                starting_time=0.0,
            )
        )
    )
    module.add(
        BehavioralEpochs(
            interval_series=IntervalSeries(
                name="bouts",
                description="+1 where running starts, -1 where it stops",
                data=bouts[bouts != 0].astype(np.int8),
                timestamps=np.flatnonzero(bouts) / WHEEL_RATE,
            )
        )
    )
    _add_camera(module, rng, scale)
    _add_events(module, rng, onsets)
    _add_stimulus(nwbfile, scale, onsets)
    module.add(_log(scale.duration))


def _add_camera(module: Any, rng: np.random.Generator, scale: Scale) -> None:
    """Position and pupil, with the camera's own, slightly irregular timestamps."""
    n = int(scale.duration * CAMERA_RATE)
    timestamps = 0.4 + np.arange(n) / CAMERA_RATE + rng.uniform(0, 0.004, n)
    angle = np.cumsum(rng.normal(0.05, 0.02, n))
    radius = 20 + 3 * np.sin(0.31 * angle)
    position = SpatialSeries(
        name="position",
        description="Position in the arena",
        data=np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1).round(3),
        timestamps=timestamps,
        reference_frame="The centre of the arena is (0, 0)",
        unit="cm",
        conversion=0.01,
    )
    module.add(Position(spatial_series=position))
    diameter = 1.1 + 0.2 * np.sin(timestamps / 4) + rng.normal(0, 0.01, n)
    diameter[rng.random(n) < 0.02] = np.nan  # blinks
    pupil = TimeSeries(
        name="pupil_diameter",
        description="Diameter of the pupil; NaN while the eye is closed",
        data=diameter,
        timestamps=position,
        unit="mm",
    )
    module.add(PupilTracking(time_series=pupil))


def _add_events(module: Any, rng: np.random.Generator, onsets: Floats) -> None:
    licks = np.sort(np.concatenate([onset + 0.3 + np.cumsum(rng.gamma(9, 0.015, 6)) for onset in onsets]))
    rewards = onsets[rng.random(len(onsets)) < 0.5] + 0.9
    module.add(
        TimeSeries(
            name="licks",
            description="Contacts of the tongue with the spout",
            data=np.ones(len(licks), dtype=np.uint8),
            timestamps=licks,
            unit="n.a.",
        )
    )
    module.add(
        TimeSeries(
            name="rewards",
            description="Volume of every drop",
            data=np.full(len(rewards), 4.0),
            timestamps=rewards,
            unit="µl",
        )
    )


def _add_stimulus(nwbfile: Any, scale: Scale, onsets: Floats) -> None:
    times = np.arange(int(scale.duration * 60)) / 60
    shown = ((times[:, None] >= onsets) & (times[:, None] < onsets + 2)).any(axis=1)
    nwbfile.add_stimulus(
        TimeSeries(
            name="grating_phase",
            description="Phase of the grating, 0 without one",
            data=np.where(shown, (2 * np.pi * 2 * times) % (2 * np.pi), 0.0),
            unit="radians",
            rate=60.0,
            starting_time=0.0,
        )
    )


def _log(duration: float) -> Any:
    """A table with text and with a ragged column."""
    log = DynamicTable(name="log", description="Remarks of the experimenter")
    log.add_column("time", "When, in s")
    log.add_column("remark", "What was seen")
    log.add_column("tags", "What it is about", index=True)
    log.add_row(time=0.0, remark="session starts", tags=["session"])
    log.add_row(time=duration / 2, remark="mouse runs well – no artefacts", tags=["behaviour", "quality"])
    log.add_row(time=0.9 * duration, remark="water bottle refilled", tags=[""])
    return log
