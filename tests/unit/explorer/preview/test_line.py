"""Traces: what is drawn is what was stored, scaled and placed as the file says."""

from __future__ import annotations

import h5py
import numpy as np
import pytest

from lindi_explorer.errors import InvalidSelectionError
from lindi_explorer.explorer.protocol import EmptyPreview


def traces(answer, buffers):
    """Low and high of each trace, and the coordinates."""
    arrays = [
        np.frombuffer(buffer, np.float32).reshape(answer.traces, answer.points) for buffer in buffers[:2]
    ]
    decimated = answer.samples_per_point > 1
    return arrays[0], arrays[1] if decimated else arrays[0]


@pytest.fixture
def series(make):
    """An ElectricalSeries by hand: 5,000 samples of 4 channels, at a rate."""
    data = np.random.default_rng(1).integers(-2000, 2000, (5000, 4), dtype="i2")
    data[3333, 2], data[100, 0] = 32_000, -32_000
    factors = np.array([1.0, 2.0, 0.5, 1.0])

    def fill(file):
        group = file.create_group("acquisition/raw")
        group.attrs["neurodata_type"] = "ElectricalSeries"
        data_set = group.create_dataset("data", data=data, chunks=(512, 2), compression="gzip")
        data_set.attrs.update({"conversion": 2e-7, "offset": 1e-6, "unit": "volts"})
        group["channel_conversion"] = factors
        group["channel_conversion"].attrs["axis"] = np.int32(1)
        group["starting_time"] = 10.0
        group["starting_time"].attrs.update({"rate": np.float32(1000.0), "unit": "seconds"})

    return make(fill), data * 2e-7 * factors + 1e-6


def test_values_are_scaled_in_the_unit_shown(series, ask):
    file, volts = series
    answer, buffers = ask(file, "/acquisition/raw/data", view="line", selection="0:200, 0:4", width=400)
    low, high = traces(answer, buffers)
    assert answer.y.unit == "µV"
    assert answer.scaling == "conversion 2 × 10⁻⁷, channel_conversion, offset 1 × 10⁻⁶"
    np.testing.assert_allclose(low, volts[:200].T * 1e6, rtol=1e-6)
    assert high is low
    assert answer.trace_labels == ["0", "1", "2", "3"]
    assert answer.statistics.minimum == "−6,399"
    assert answer.y.label == "raw"


def test_one_channel_has_its_own_factor(series, ask):
    file, volts = series
    answer, buffers = ask(file, "/acquisition/raw/data", view="line", selection="10:20, 1")
    np.testing.assert_allclose(traces(answer, buffers)[0][0], volts[10:20, 1] * 1e6, rtol=1e-6)
    assert answer.trace_labels == [""]


def test_channels_with_a_step_have_theirs(series, ask):
    file, volts = series
    answer, buffers = ask(file, "/acquisition/raw/data", view="line", selection="10:20, 0:4:2")
    np.testing.assert_allclose(traces(answer, buffers)[0], volts[10:20, ::2].T * 1e6, rtol=1e-6)
    assert answer.trace_labels == ["0", "2"]


def test_the_unit_stays_while_looking_elsewhere(series, ask):
    file, _ = series
    units = {
        ask(file, "/acquisition/raw/data", view="line", selection=selection)[0].y.unit
        for selection in ("0:200, 0:4", "3333, 0:4", "3333:3334, 2")
    }
    assert units == {"µV"}


def test_spikes_survive_decimation(series, ask):
    file, volts = series
    answer, buffers = ask(file, "/acquisition/raw/data", view="line", width=50)
    low, high = traces(answer, buffers)
    assert (answer.first, answer.last, answer.points, answer.samples_per_point) == (0, 5000, 50, 100)
    np.testing.assert_allclose(high[2, 33], volts[3333, 2] * 1e6, rtol=1e-6)
    np.testing.assert_allclose(low[0, 1], volts[100, 0] * 1e6, rtol=1e-6)
    np.testing.assert_allclose(low, volts.reshape(50, 100, 4).min(axis=1).T * 1e6, rtol=1e-5)
    np.testing.assert_allclose(high, volts.reshape(50, 100, 4).max(axis=1).T * 1e6, rtol=1e-5)


def test_time_is_that_of_the_rate(series, ask):
    file, _ = series
    answer, buffers = ask(file, "/acquisition/raw/data", view="line", selection="1000:1100, 0")
    assert (answer.x.label, answer.x.unit, answer.x.start, answer.x.step) == ("time", "s", 10.0, 0.001)
    assert len(buffers) == 1


def test_samples_with_a_step_have_their_times(series, ask):
    file, volts = series
    answer, buffers = ask(file, "/acquisition/raw/data", view="line", selection="1000:1100:10, 0")
    assert answer.x.step is None
    np.testing.assert_allclose(np.frombuffer(buffers[-1]), 10 + np.arange(1000, 1100, 10) / 1000)
    np.testing.assert_allclose(np.frombuffer(buffers[0], np.float32), volts[1000:1100:10, 0] * 1e6, rtol=1e-6)
    assert answer.samples_per_point == 10


# ---------------------------------------------------------------- timestamps


def with_timestamps(times, *, samples=None, **attributes):
    def fill(file):
        group = file.create_group("speed")
        group["data"] = np.arange(len(times) if samples is None else samples, dtype="f4")
        group["data"].attrs.update(attributes)
        group["timestamps"] = times

    return fill


def test_irregular_times_are_given_point_by_point(make, ask):
    times = np.cumsum(np.random.default_rng(2).exponential(1, 3000))
    file = make(with_timestamps(times, unit="cm/s"))
    answer, buffers = ask(file, "/speed/data", view="line", width=100)
    assert (answer.x.label, answer.x.unit, answer.x.step) == ("time", "s", None)
    every = answer.samples_per_point
    np.testing.assert_array_equal(np.frombuffer(buffers[2]), times[::every])
    assert answer.y.unit == "cm/s"
    timestamps, _ = ask(file, "/speed/timestamps", view="line")
    assert answer.cost.bytes == timestamps.cost.bytes + 12_000, "the cost has both"


@pytest.mark.parametrize(
    ("times", "samples", "why"),
    [
        ([0.0, 1.0, 0.5, 2.0, 3.0], 5, "timestamps go back or are NaN"),
        ([0.0, 1.0, np.nan, 2.0, 3.0], 5, "timestamps go back or are NaN"),
        ([0.0, 1.0, 2.0], 5, "timestamps end earlier"),
    ],
)
def test_times_that_make_no_axis_are_named(make, ask, times, samples, why):
    file = make(with_timestamps(np.array(times), samples=samples))
    answer, buffers = ask(file, "/speed/data", view="line")
    assert (answer.x.label, answer.x.unit, answer.x.step) == (f"sample ({why})", "", 1.0)
    assert len(buffers) == 1


def test_a_rate_that_is_none_falls_back_to_samples(make, ask):
    def fill(file):
        group = file.create_group("x")
        group["data"] = np.arange(100)
        group["data"].attrs.update({"conversion": "high", "unit": "volts"})
        group["starting_time"] = 0.0
        group["starting_time"].attrs["rate"] = "fast"
        group["channel_conversion"] = np.ones(3)

    answer, _ = ask(make(fill), "/x/data", view="line")
    assert (answer.x.label, answer.x.step) == ("sample", 1.0)
    assert (
        answer.scaling
        == "nothing (channel_conversion does not fit the data, conversion is not a finite number)"
    )
    assert answer.statistics.maximum == "99"


# ---------------------------------------------------------------- kinds of numbers


@pytest.mark.parametrize("dtype", ["?", "i1", "u1", ">i2", "<u4", "i8", "u8", "f2", ">f4", "f8"])
def test_every_kind_of_number_has_traces(make, ask, dtype):
    values = np.array([0, 1, 1, 0, 1] * 10, dtype=dtype)
    file = make(lambda file: file.create_dataset("x", data=values))
    answer, buffers = ask(file, "/x", view="line")
    np.testing.assert_array_equal(np.frombuffer(buffers[0], np.float32), values.astype("f4"))
    assert (answer.statistics.minimum, answer.statistics.maximum, answer.statistics.mean) == ("0", "1", "0.6")


def test_large_integers_are_not_rounded_in_the_statistics(make, ask):
    values = np.array([2**64 - 1, 2**63 + 1] * 10, dtype="u8")
    answer, _ = ask(make(lambda file: file.create_dataset("x", data=values)), "/x", view="line")
    assert answer.statistics.maximum == "18,446,744,073,709,551,615"
    assert answer.statistics.minimum == "9,223,372,036,854,775,809"


def test_nan_is_counted_and_left_out(make, ask):
    values = np.array([1.0, np.nan, 3.0, np.nan] * 500)
    answer, buffers = ask(
        make(lambda file: file.create_dataset("x", data=values)), "/x", view="line", width=100
    )
    assert answer.statistics.nan == 1000
    assert (answer.statistics.minimum, answer.statistics.mean) == ("1", "2")
    assert np.isfinite(np.frombuffer(buffers[0], np.float32)).all()


def test_nothing_but_nan(make, ask):
    file = make(lambda file: file.create_dataset("x", data=np.full(5000, np.nan)))
    answer, buffers = ask(file, "/x", view="line", width=100)
    assert (answer.statistics.minimum, answer.statistics.mean, answer.statistics.nan) == ("NaN", "NaN", 5000)
    assert np.isnan(np.frombuffer(buffers[0], np.float32)).all()


def test_infinities_are_named(make, ask):
    file = make(lambda file: file.create_dataset("x", data=np.array([np.inf, -np.inf, 1.0] * 10)))
    answer, _ = ask(file, "/x", view="line")
    assert (answer.statistics.minimum, answer.statistics.maximum, answer.statistics.mean) == (
        "−inf",
        "inf",
        "NaN",
    )


# ---------------------------------------------------------------- selections


def test_an_empty_selection_says_so(series, ask):
    file, _ = series
    answer, buffers = ask(file, "/acquisition/raw/data", view="line", selection="5:5, 0:4")
    assert isinstance(answer, EmptyPreview)
    assert "5:5, 0:4 has no elements" in answer.words
    assert buffers == []


@pytest.mark.parametrize(
    ("selection", "words"),
    [
        ("0, 0, 0", "needs 1 or 2 ranges"),
        ("0:2, 0:2, 0:2", "needs 1 or 2 ranges"),
        ("0, :, 0:5", "at most 1,024"),
    ],
)
def test_selections_that_are_no_traces(make, ask, selection, words):
    file = make(lambda file: file.create_dataset("x", data=np.zeros((5, 50, 5000), "u1")))
    with pytest.raises(InvalidSelectionError, match=words):
        ask(file, "/x", view="line", selection=selection if words != "at most 1,024" else "0, 0:50, :")


def test_other_dimensions_are_given_by_an_index(make, ask):
    data = np.arange(4 * 30 * 5).reshape(4, 30, 5)
    file = make(lambda file: file.create_dataset("x", data=data))
    answer, buffers = ask(file, "/x", view="line", selection="2, :, 1:4")
    np.testing.assert_array_equal(np.frombuffer(buffers[0], np.float32).reshape(3, 30), data[2, :, 1:4].T)
    assert answer.x.label == "sample"


def test_the_first_picture_is_of_time_and_a_few_channels(make, ask):
    def fill(file):
        data = file.create_dataset("s/data", shape=(10**6, 384), dtype="i2", chunks=(30_000, 64))
        data[:60_000] = np.ones((60_000, 384), "i2")
        file["s/starting_time"] = 0.0
        file["s/starting_time"].attrs["rate"] = 30_000.0

    answer, _ = ask(make(fill), "/s/data")
    assert answer.selection == "0:30000, 0:16", "one second, a round time"
    assert answer.traces == 16


def test_a_link_is_previewed_as_its_target(make, ask):
    def fill(file):
        file["a/data"] = np.arange(50)
        file["b"] = h5py.SoftLink("/a/data")

    answer, buffers = ask(make(fill), "/b")
    assert answer.path == "/b"
    np.testing.assert_array_equal(np.frombuffer(buffers[0], np.float32), np.arange(50))
