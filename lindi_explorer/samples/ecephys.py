"""Extracellular recordings on two shanks: raw traces, LFP, electrodes and sorted units."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from pynwb import H5DataIO
from pynwb.ecephys import LFP, ElectricalSeries

from lindi_explorer.samples.signals import field_potential, spike_train, waveform

if TYPE_CHECKING:
    from lindi_explorer.samples.nwb import Scale
    from lindi_explorer.samples.signals import Floats

RAW_RATE = 30_000.0
LFP_RATE = 1000.0
MICROVOLTS_PER_COUNT = 0.195
WAVEFORM_SAMPLES = 48  # 1.6 ms at the raw rate
SHANKS = ("shank0", "shank1")


def add_ecephys(nwbfile: Any, rng: np.random.Generator, scale: Scale, onsets: Floats) -> None:
    """Add probe, electrodes, raw recording, LFP and units; the raw traces hold the spikes of the units."""
    groups = _add_electrodes(nwbfile, rng, scale.n_channels)
    spikes = [spike_train(rng, rate, onsets, scale.duration) for rate in rng.gamma(2, 3, scale.n_units) + 0.5]
    waveforms = [waveform(rng, WAVEFORM_SAMPLES, scale.n_channels) for _ in spikes]
    everything = nwbfile.create_electrode_table_region(
        list(range(scale.n_channels)), "All electrodes of the probe"
    )
    nwbfile.add_acquisition(
        ElectricalSeries(
            name="raw",
            description="Broadband recording",
            data=_compressed(_raw(rng, scale, spikes, waveforms), (6000, 8)),
            electrodes=everything,
            rate=RAW_RATE,
            starting_time=0.0,
            conversion=MICROVOLTS_PER_COUNT / 1e6,
            filtering="0.1 Hz to 10 kHz",
        )
    )
    _add_lfp(nwbfile, rng, scale, everything)
    _add_units(nwbfile, rng, groups, spikes, waveforms)


def _compressed(data: Any, chunks: tuple[int, ...]) -> Any:
    chunks = tuple(min(chunk, length) for chunk, length in zip(chunks, data.shape, strict=True))
    return H5DataIO(data, compression="gzip", compression_opts=4, shuffle=True, chunks=chunks)


def _add_electrodes(nwbfile: Any, rng: np.random.Generator, n_channels: int) -> list[Any]:
    probe = nwbfile.create_device(name="probe", description="Two shanks of silicon, 25 µm between sites")
    groups = [
        nwbfile.create_electrode_group(
            name=shank,
            description=f"Sites of {shank}",
            location="VISp",
            device=probe,
            position=(x, 0.0, -3.1),
        )
        for shank, x in zip(SHANKS, (0.0, 0.25), strict=True)
    ]
    nwbfile.add_electrode_column("label", "Shank and site")
    nwbfile.add_electrode_column("bad", "Whether the site is broken")
    for channel in range(n_channels):
        shank, site = divmod(channel, n_channels // len(groups))
        nwbfile.add_electrode(
            x=250.0 * shank,
            y=-25.0 * site,
            z=0.0,
            imp=float(rng.normal(1.2e6, 1e5)),
            location=f"VISp layer {2 + 4 * site // (n_channels // 2)}",
            filtering="none",
            group=groups[shank],
            label=f"{SHANKS[shank]}-{site:02d}",
            bad=bool(rng.random() < 0.1),
        )
    return groups


def _raw(rng: np.random.Generator, scale: Scale, spikes: list[Floats], waveforms: list[Floats]) -> Any:
    """Counts of the converter: fields, spikes and noise, int16, shape (n_samples, n_channels)."""
    times = np.arange(int(scale.raw_duration * RAW_RATE)) / RAW_RATE
    microvolts = field_potential(rng, times, scale.n_channels)
    for train, shape in zip(spikes, waveforms, strict=True):
        for start in (train * RAW_RATE).astype(int):
            if start + WAVEFORM_SAMPLES <= len(times):
                microvolts[start : start + WAVEFORM_SAMPLES] += shape
    return np.round(microvolts / MICROVOLTS_PER_COUNT).astype(np.int16)


def _add_lfp(nwbfile: Any, rng: np.random.Generator, scale: Scale, electrodes: Any) -> None:
    times = np.arange(int(scale.duration / 2 * LFP_RATE)) / LFP_RATE
    counts = np.round(field_potential(rng, times, scale.n_channels) / MICROVOLTS_PER_COUNT).astype(np.int16)
    series = ElectricalSeries(
        name="lfp",
        description="Local field potential of the first half of the session",
        data=_compressed(counts, (5000, 8)),
        electrodes=electrodes,
        rate=LFP_RATE,
        starting_time=0.0,
        conversion=MICROVOLTS_PER_COUNT / 1e6,
        channel_conversion=np.round(rng.normal(1, 0.02, scale.n_channels), 4),
    )
    module = nwbfile.create_processing_module("ecephys", "Filtered and downsampled recordings")
    module.add(LFP(electrical_series=series))


def _add_units(
    nwbfile: Any, rng: np.random.Generator, groups: list[Any], spikes: list[Floats], waveforms: list[Floats]
) -> None:
    nwbfile.add_unit_column("quality", "Judgement of the person who curated the sorting")
    nwbfile.add_unit_column("snr", "Peak of the mean waveform over the noise")
    end = max(float(train[-1]) for train in spikes if len(train)) + 1
    for train, shape in zip(spikes, waveforms, strict=True):
        peak = int(np.argmax(np.ptp(shape, axis=0)))
        shank = int(peak >= shape.shape[1] // 2)
        nwbfile.add_unit(
            spike_times=train,
            obs_intervals=[[0.0, end]],
            waveform_mean=shape.astype(np.float32),
            electrodes=sorted({max(peak - 1, 0), peak, min(peak + 1, shape.shape[1] - 1)}),
            electrode_group=groups[shank],
            quality=str(rng.choice(["good", "multi-unit", "noise"], p=[0.6, 0.3, 0.1])),
            snr=round(float(np.ptp(shape)) / 40, 2),
        )
