"""Signals that look like recordings: oscillations, spikes, running, licking and a textured image."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


def field_potential(rng: np.random.Generator, times: Floats, n_channels: int) -> Floats:
    """Theta whose phase turns with depth, bursts of gamma on its peaks, and slow drift.

    Parameters
    ----------
    rng
        Source of randomness.
    times
        Sample times in seconds, shape (n_samples,).
    n_channels
        Number of channels, from the top of the probe to its tip.

    Returns
    -------
    numpy.ndarray
        Microvolts, shape (n_samples, n_channels).
    """
    depth = np.linspace(0, 1, n_channels)
    waxing = 0.75 + 0.25 * np.sin(2 * np.pi * 0.37 * times) + 0.2 * np.sin(2 * np.pi * 1.3 * times + 1)
    theta = waxing[:, None] * np.sin(2 * np.pi * 7.6 * times[:, None] - np.pi * depth)
    gamma = np.sin(2 * np.pi * 58 * times)[:, None] * np.clip(theta, 0, None) * (0.3 + depth)
    drift = np.cumsum(rng.normal(0, 1, (len(times), 1)), axis=0)
    drift = 40 * (drift - drift.mean()) / max(float(np.ptp(drift)), 1e-9)
    noise = rng.normal(0, 9, (len(times), n_channels))
    microvolts: Floats = 140 * theta * (1.2 - depth) + 25 * gamma + drift + noise
    return microvolts


def spike_train(rng: np.random.Generator, rate: float, onsets: Floats, duration: float) -> Floats:
    """Spike times of a unit that fires at some rate and answers every stimulus.

    Parameters
    ----------
    rng
        Source of randomness.
    rate
        Mean rate in Hz.
    onsets
        Times of the stimuli in seconds.
    duration
        Length of the recording in seconds.

    Returns
    -------
    numpy.ndarray
        Sorted times in seconds, with a refractory period of 2 ms.
    """
    spontaneous = rng.uniform(0, duration, rng.poisson(rate * duration))
    evoked = [onset + 0.05 + rng.exponential(0.08, rng.poisson(rate / 2)) for onset in onsets]
    times = np.sort(np.concatenate([spontaneous, *evoked]))
    times = times[(times > 0) & (times < duration - 0.01)]
    return times[np.diff(times, prepend=-1.0) > 0.002]


def waveform(rng: np.random.Generator, n_samples: int, n_channels: int) -> Floats:
    """Mean waveform of one unit: largest on one channel, fading along the probe.

    Returns
    -------
    numpy.ndarray
        Microvolts, shape (n_samples, n_channels).
    """
    t = np.linspace(-1, 2, n_samples)
    shape = -np.exp(-((t / 0.18) ** 2)) + 0.35 * np.exp(-(((t - 0.55) / 0.35) ** 2))
    center, width = rng.uniform(1, n_channels - 2), rng.uniform(0.8, 1.6)
    fading = np.exp(-(((np.arange(n_channels) - center) / width) ** 2))
    microvolts: Floats = rng.uniform(80, 220) * shape[:, None] * fading
    return microvolts


def texture(rng: np.random.Generator, height: int, width: int) -> Floats:
    """A cloudy image with values between 0 and 1: noise whose spectrum falls with frequency."""
    frequency = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.fftfreq(width)[None, :])
    spectrum = np.fft.fft2(rng.normal(size=(height, width))) / np.maximum(frequency, 1 / width) ** 1.6
    image: Floats = np.fft.ifft2(spectrum).real
    image -= image.min()
    image /= image.max()
    return image


def blobs(rng: np.random.Generator, n: int, size: int) -> Floats:
    """Round masks of cells with soft edges, shape (n, size, size), values between 0 and 1."""
    y, x = np.mgrid[:size, :size]
    centers = rng.uniform(0.12 * size, 0.88 * size, (n, 2))
    radii = rng.uniform(0.04, 0.07, n) * size
    distance = np.hypot(y - centers[:, :1, None], x - centers[:, 1:, None])
    masks = np.clip(1.4 - distance / radii[:, None, None], 0, 1)
    return np.where(masks > 0.1, masks, 0)


def calcium(rng: np.random.Generator, n_frames: int, n_cells: int) -> Floats:
    """Relative fluorescence with transients that decay slowly, shape (n_frames, n_cells)."""
    events = rng.random((n_frames, n_cells)) < 0.04
    kernel = np.exp(-np.arange(40) / 9)
    traces = np.stack([np.convolve(column, kernel)[:n_frames] for column in events.T.astype(float)], axis=1)
    return traces + rng.normal(0, 0.05, traces.shape)


def running(rng: np.random.Generator, n_samples: int) -> Floats:
    """Speed of a mouse on a wheel in cm/s: bouts of running and rests."""
    steps = rng.normal(0, 1, n_samples + 200)
    smooth = np.convolve(steps, np.hanning(120) / 8, mode="valid")[:n_samples]
    return np.clip(8 * smooth + 6, 0, None)
