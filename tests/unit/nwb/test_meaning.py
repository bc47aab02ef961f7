"""What a node means, by attributes and names alone."""

from __future__ import annotations

import h5py
import numpy as np
import pytest

from lindi_explorer.h5 import open_any
from lindi_explorer.nwb.meaning import (
    Scaling,
    TableColumn,
    TimeAxis,
    nearest_type,
    picture_of,
    scaling_of,
    table_columns,
    time_axis,
    unit_symbol,
)


@pytest.fixture(scope="module", params=["h5py", "ours"])
def nwb(request, sample_nwb):
    """The same file as h5py and as we open it: meaning is the same."""
    with h5py.File(sample_nwb) if request.param == "h5py" else open_any(sample_nwb) as file:
        yield file


@pytest.fixture
def file(tmp_path):
    with h5py.File(tmp_path / "x.h5", "w") as file:
        yield file


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/", "NWBFile"),
        ("/acquisition", "NWBFile"),
        ("/acquisition/raw", "ElectricalSeries"),
        ("/acquisition/raw/data", "ElectricalSeries"),
        ("/units/snr", "VectorData"),
        ("/general/subject/age", "Subject"),
        ("/nowhere/at/all", "NWBFile"),
    ],
)
def test_the_nearest_type(nwb, path, name):
    assert nearest_type(nwb, path) == name


@pytest.mark.parametrize(
    ("path", "axis"),
    [
        ("/processing/ecephys/LFP/lfp/data", TimeAxis(0.0, 0.001)),
        ("/acquisition/raw/data", TimeAxis(0.0, 1 / 30_000)),
        ("/processing/behavior/licks/data", TimeAxis(0.0, None, "/processing/behavior/licks/timestamps")),
        ("/processing/behavior/licks/timestamps", None),
        ("/units/snr", None),
        ("/acquisition/nowhere/data", None),
    ],
)
def test_time_axes(nwb, path, axis):
    assert time_axis(nwb, path) == axis


def test_scaling(nwb):
    assert scaling_of(nwb, "/processing/ecephys/LFP/lfp/data") == Scaling(
        conversion=pytest.approx(1.95e-7),
        channels="/processing/ecephys/LFP/lfp/channel_conversion",
        channel_axis=1,
        unit="volts",
    )
    plain = scaling_of(nwb, "/units/snr")
    assert plain == Scaling()
    assert plain.plain


def test_pictures(nwb):
    kinds = {
        path: picture_of(nwb, path)
        for path in (
            "/acquisition/pictures/craniotomy",
            "/acquisition/pictures/gabor",
            "/acquisition/two_photon/data",
            "/processing/ophys/ImageSegmentation/cells/image_mask",
            "/acquisition/raw/data",
            "/units/waveform_mean",
        )
    }
    assert list(kinds.values()) == ["picture", "picture", "frames", "mask", "", ""]


def test_table_columns(nwb):
    columns = table_columns(nwb["/units"])
    assert columns[0] == TableColumn("id")
    assert TableColumn("spike_times", ("spike_times_index",)) in columns
    assert "spike_times_index" not in [column.name for column in columns]
    assert table_columns(nwb["/acquisition"]) == []


# ---------------------------------------------------------------- what is odd


@pytest.mark.parametrize("rate", [0.0, -1.0, np.nan, "fast", np.array([1.0, 2.0])])
def test_a_rate_that_is_none_is_no_axis(file, rate):
    file["s/data"] = np.arange(5)
    file["s/starting_time"] = 1.0
    file["s/starting_time"].attrs["rate"] = rate
    assert time_axis(file, "/s/data") is None
    file["s/timestamps"] = np.arange(5.0)
    assert time_axis(file, "/s/data") == TimeAxis(0.0, None, "/s/timestamps")


def test_a_rate_in_an_array_of_one_counts(file):
    file["s/data"] = np.arange(5)
    file["s/starting_time"] = np.nan
    file["s/starting_time"].attrs["rate"] = np.array([10.0])
    assert time_axis(file, "/s/data") == TimeAxis(0.0, 0.1)


@pytest.mark.parametrize("timestamps", ["soon", np.zeros((2, 2)), np.array([b"a", b"b"])])
def test_timestamps_that_are_none(file, timestamps):
    file["s/data"] = np.arange(5)
    file["s/timestamps"] = timestamps
    assert time_axis(file, "/s/data") is None


def test_what_makes_no_sense_is_not_applied_and_named(file):
    file["s/data"] = np.zeros((5, 3))
    file["s/data"].attrs.update({"conversion": "high", "offset": np.inf, "unit": np.bytes_(b"volts")})
    file["s/channel_conversion"] = np.ones(4)
    scaling = scaling_of(file, "/s/data")
    assert scaling.plain
    assert scaling.unit == "volts"
    assert scaling.ignored.split(", ") == [
        "channel_conversion does not fit the data",
        "conversion is not a finite number",
        "offset is not a finite number",
    ]


def test_channels_along_another_axis(file):
    file["s/data"] = np.zeros((5, 3))
    file["s/channel_conversion"] = np.ones(5)
    file["s/channel_conversion"].attrs["axis"] = 0
    assert scaling_of(file, "/s/data") == Scaling(channels="/s/channel_conversion", channel_axis=0)


def test_types_in_every_spelling_of_text(file):
    for number, spelling in enumerate(["Units", b"Units", np.bytes_(b"Units"), ["Units"]]):
        file.create_group(f"g{number}").attrs["neurodata_type"] = spelling
        assert nearest_type(file, f"/g{number}/x") == "Units"
    file.create_group("odd").attrs["neurodata_type"] = 5
    assert nearest_type(file, "/odd") == ""


def test_a_column_that_ends_in_index_is_a_column_if_the_table_says_so(file):
    group = file.create_group("t")
    group.attrs["colnames"] = ["x", "x_index", "gone"]
    group["x"], group["x_index"] = np.arange(3), np.arange(3)
    assert table_columns(group) == [TableColumn("x"), TableColumn("x_index")]
    group.attrs["colnames"] = "x"
    assert table_columns(group) == [TableColumn("x", ("x_index",))]
    group.attrs["colnames"] = 3
    assert table_columns(group) == []


def test_units_that_the_schema_spells_out_have_symbols():
    assert [unit_symbol(unit) for unit in ("volts", "seconds", "mV", "n.a.")] == ["V", "s", "mV", "n.a."]
