"""The home card: facts from metadata, single values and the ends of time axes alone."""

from __future__ import annotations

import h5py
import numpy as np
import pytest

from lindi_explorer.explorer import protocol as p


def home(asked) -> p.Home:
    return asked.ask(p.GetHome)


def facts(listed) -> dict[str, str]:
    return {fact.label: fact.text for fact in listed}


def bars(answer) -> dict[str, p.TimeBar]:
    return {bar.path: bar for bar in answer.timeline}


def test_the_session_is_told_in_the_words_of_the_file(sample):
    session = facts(home(sample).session)
    assert session["Subject"] == "mouse000 · Mus musculus · female · P90D"
    assert session["Started"] == "2024-05-17 10:30:00 -07:00"
    assert session["Length"] == "12.4 s"
    assert session["Experimenter"] == "Ramón y Cajal, Santiago; Lovelace, Ada"
    assert session["Lab"] == "Laboratory of generated data"
    paths = {fact.label: fact.path for fact in home(sample).session}
    assert paths["Subject"] == "/general/subject"
    assert paths["Started"] == "/session_start_time"


def test_an_edit_shows_on_the_card(sample):
    sample.ask(p.SetValue, path="/general/subject/sex", text="U")
    assert "sex unknown" in facts(home(sample).session)["Subject"]


def test_the_file_is_told_without_saying_where_it_lies(sample, sample_nwb):
    file = facts(home(sample).file)
    assert file["Source"] == "local file"
    assert file["Size"].endswith("kB") or file["Size"].endswith("MB")
    assert file["NWB"].startswith("2.")
    assert "hdmf-common" in file["NWB"]
    assert str(sample_nwb.parent) not in str(home(sample))


def test_contents_are_listed_by_part_with_counts(sample):
    contents = {line.label: line for line in home(sample).contents}
    assert [item.name for item in contents["Acquisition"].items] == ["pictures", "raw", "two_photon"]
    notes = {item.name: item.note for line in contents.values() for item in line.items}
    assert notes["units"] == "5 units"
    assert notes["trials"] == "4 rows"
    assert notes["epochs"] == "3 rows"
    assert notes["electrodes"] == "8 rows"
    for line in contents.values():
        for item in line.items:
            assert sample.card(item.path).row.path == item.path
    assert "Optogenetics" not in contents


def test_time_bars_come_from_rates_timestamps_and_intervals(sample, sample_nwb):
    found = bars(home(sample))
    assert found["/acquisition/raw"].spans == [(0.0, 0.1)]
    assert found["/acquisition/raw"].note == "30 kHz"
    with h5py.File(sample_nwb) as file:
        for path, bar in found.items():
            if "timestamps" in file[path]:
                times = file[path]["timestamps"]
                assert bar.spans == [(times[0], times[-1])]
            if "start_time" in file[path]:
                starts, stops = file[path]["start_time"][()], file[path]["stop_time"][()]
                assert bar.spans == list(zip(starts, stops, strict=True))
    assert "/intervals/trials" in found
    assert any("timestamps" in name for name in _datasets(sample_nwb))


def _datasets(path):
    names = []
    with h5py.File(path) as file:
        file.visit(names.append)
    return names


@pytest.mark.parametrize("compression", [None, "gzip"])
def test_long_time_axes_are_read_at_their_ends_only(explore, serve, tmp_path, compression):
    times = np.cumsum(np.random.default_rng(0).uniform(0.5, 1.5, 400_000))
    with h5py.File(tmp_path / "x.nwb", "w") as file:
        file.attrs.update({"nwb_version": "2.7.0", "neurodata_type": "NWBFile", "object_id": "x"})
        series = file.create_group("acquisition/series")
        series.attrs["neurodata_type"] = "TimeSeries"
        series.create_dataset("data", data=np.zeros(400_000, "i2"), chunks=(10_000,))
        series.create_dataset(
            "timestamps", data=times, compression=compression, chunks=(10_000,) if compression else None
        )
        # What lies around it, so that the file is not fetched whole.
        file["filler"] = np.random.default_rng(1).integers(0, 255, 12 << 20, "u1")
    asked = explore(serve(tmp_path).url("x.nwb"))
    answer = home(asked)
    assert bars(answer)["/acquisition/series"].spans == [(times[0], times[-1])]
    assert bars(answer)["/acquisition/series"].note == "400,000 samples"
    assert asked.status().bytes < 8 << 20


def test_odd_times_cost_their_bar_and_nothing_else(explore, tmp_path):
    with h5py.File(tmp_path / "x.nwb", "w") as file:
        file.attrs["nwb_version"] = "2.7.0"

        def series(name, **datasets):
            group = file.create_group(f"acquisition/{name}")
            for dataset, value in datasets.items():
                group[dataset] = value
            return group

        series("good", data=np.zeros(10), starting_time=1.0)["starting_time"].attrs["rate"] = 5.0
        series("no_rate", data=np.zeros(10), starting_time=1.0)
        series("zero_rate", data=np.zeros(10), starting_time=1.0)["starting_time"].attrs["rate"] = 0.0
        series("nan_rate", data=np.zeros(10), starting_time=1.0)["starting_time"].attrs["rate"] = np.nan
        series("text_rate", data=np.zeros(10), starting_time=1.0)["starting_time"].attrs["rate"] = "fast"
        series("nan_start", data=np.zeros(10), starting_time=np.nan)["starting_time"].attrs["rate"] = 1.0
        series("scalar_data", data=1, starting_time=1.0)["starting_time"].attrs["rate"] = 1.0
        series("nan_times", data=np.zeros(2), timestamps=[np.nan, 1.0])
        series("no_times", data=np.zeros(0), timestamps=np.zeros(0))
        series("text_times", data=np.zeros(2), timestamps=["a", "b"])
        series("backwards", data=np.zeros(2), timestamps=[2.0, 1.0])
        series("infinite", id=[0], start_time=[0.0], stop_time=[np.inf])
        file["acquisition/good2"] = h5py.SoftLink("/nowhere")
        series("shared", data=np.zeros(2))["timestamps"] = h5py.SoftLink("/acquisition/own/timestamps")
        series("own", data=np.zeros(2), timestamps=[3.0, 4.0])
        file["general/subject/age"] = 5
    answer = home(explore(tmp_path / "x.nwb"))
    assert {path: bar.spans for path, bar in bars(answer).items()} == {
        "/acquisition/good": [(1.0, 3.0)],
        "/acquisition/own": [(3.0, 4.0)],
        "/acquisition/shared": [(3.0, 4.0)],
    }
    assert "Subject" not in facts(answer.session)


def test_a_file_that_is_not_nwb_has_no_session(edge):
    answer = home(edge)
    assert answer.session == []
    assert "NWB" not in facts(answer.file)
    assert [line.label for line in answer.contents] == ["Root"]
    assert "numbers" in [item.name for item in answer.contents[0].items]
    assert answer.timeline == []


def test_an_empty_file_has_an_empty_card(explore):
    answer = home(explore({"refs": {".zgroup": {"zarr_format": 2}}}))
    assert (answer.session, answer.contents, answer.timeline) == ([], [], [])
    assert facts(answer.file)["Source"] == "in memory"
