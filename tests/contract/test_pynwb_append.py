"""pynwb appends to files of every kind through us; what was there stays what and where it was."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import h5py
import numpy as np
import pynwb
import pytest

from lindi_explorer import LindiH5pyFile, StagingArea
from lindi_explorer.samples.judge import differences

KINDS = ["lindi.json", "lindi.tar", "lindi.d"]
NEW = np.random.default_rng(1).normal(size=(3000, 4))


def append(client: LindiH5pyFile) -> None:
    """Add what people add: a series, a module with one, a column of units, a column of electrodes."""
    with pynwb.NWBHDF5IO(file=client, mode="a") as io:
        nwb = io.read()
        nwb.add_acquisition(pynwb.TimeSeries(name="new", data=NEW, unit="V", rate=10.0))
        module = nwb.create_processing_module("more", "what was computed later")
        module.add(pynwb.TimeSeries(name="stamped", data=np.arange(9.0), unit="m", timestamps=np.arange(9.0)))
        nwb.units.add_column("rating", "how good it is", data=np.linspace(0, 1, len(nwb.units)))
        nwb.electrodes.add_column("depth", "in mm", data=[f"{row} mm" for row in range(len(nwb.electrodes))])
        io.write(nwb)


def check(client: LindiH5pyFile) -> None:
    with pynwb.NWBHDF5IO(file=client, mode="r") as io:
        nwb = io.read()
        np.testing.assert_array_equal(nwb.acquisition["new"].data[:], NEW)
        stamped = nwb.processing["more"]["stamped"]
        np.testing.assert_array_equal(stamped.timestamps[:], np.arange(9.0))
        np.testing.assert_array_equal(nwb.units["rating"][:], np.linspace(0, 1, len(nwb.units)))
        assert nwb.electrodes["depth"][1] == "1 mm"
        assert list(nwb.units.to_dataframe()["rating"])[-1] == 1.0
        assert pynwb.validate(io=io) == []


@pytest.fixture
def web(sample_nwb, serve, tmp_path):
    """The sample on the web."""
    folder = tmp_path / "web"
    folder.mkdir()
    (folder / "sample.nwb").write_bytes(sample_nwb.read_bytes())
    return serve(folder).url("sample.nwb")


def addresses(path) -> set[str]:
    document = json.loads((path if path.is_file() else path / "lindi.json").read_text())
    templates = document.get("templates", {})
    found = {value[0] for value in document["refs"].values() if isinstance(value, list)}
    return {templates.get(one.strip("{}"), one) for one in found}


@pytest.mark.parametrize("kind", KINDS)
def test_appending_to_a_local_file_that_refers_to_the_web(web, sample_nwb, tmp_path, kind):
    path = tmp_path / f"mine.{kind}"
    with LindiH5pyFile.from_hdf5_file(web) as source:
        source.write_lindi_file(path)
    append(LindiH5pyFile.from_lindi_file(path, mode="r+"))
    check(LindiH5pyFile.from_lindi_file(path))
    with LindiH5pyFile.from_lindi_file(path) as client:
        equal, different = differences(sample_nwb, client)
        assert equal > 100
        # The tables that got a column say so, and nothing else of the original is another.
        added = ("/acquisition/new", "/processing/more", "/units/rating", "/electrodes/depth")
        assert [
            name for name in different if not name.endswith(".colnames") and not any(map(name.count, added))
        ] == []
    if kind != "lindi.tar":
        others = addresses(path) - {web}
        assert web in addresses(path)
        assert all(one.startswith("./blobs/") for one in others)


def test_appending_to_an_hdf5_file_on_the_web(web, tmp_path):
    client = LindiH5pyFile.from_hdf5_file(web, mode="r+")
    with pynwb.NWBHDF5IO(file=client, mode="a") as io:
        nwb = io.read()
        nwb.add_acquisition(pynwb.TimeSeries(name="new", data=NEW, unit="V", rate=10.0))
        io.write(nwb)
        client.write_lindi_file(tmp_path / "new.nwb.lindi.json")
    assert addresses(tmp_path / "new.nwb.lindi.json") == {web}
    with pynwb.NWBHDF5IO(file=LindiH5pyFile.from_lindi_file(tmp_path / "new.nwb.lindi.json"), mode="r") as io:
        np.testing.assert_array_equal(io.read().acquisition["new"].data[:], NEW)


def test_what_pynwb_wrote_can_be_undone(web, tmp_path):
    with LindiH5pyFile.from_hdf5_file(web) as source:
        source.write_lindi_file(tmp_path / "a.lindi.json")
    before = (tmp_path / "a.lindi.json").read_bytes()
    client = LindiH5pyFile.from_lindi_file(tmp_path / "a.lindi.json", mode="r+")
    with pynwb.NWBHDF5IO(file=client, mode="a") as io:
        nwb = io.read()
        nwb.add_acquisition(pynwb.TimeSeries(name="new", data=NEW, unit="V", rate=10.0))
        io.write(nwb)
        assert client.journal.changes()
        while client.journal.undo():
            pass
        assert client.journal.changes() == []
        client.write_lindi_file(tmp_path / "b.lindi.json")
        while client.journal.redo():
            pass
        np.testing.assert_array_equal(client["acquisition/new/data"][...], NEW)
    assert (tmp_path / "b.lindi.json").read_bytes() == before


def test_with_a_staging_area_large_chunks_are_files_of_it(web, tmp_path):
    with LindiH5pyFile.from_hdf5_file(web) as source:
        source.write_lindi_file(tmp_path / "a.lindi.json")
    with StagingArea.create(base_dir=tmp_path / "staging") as area:
        client = LindiH5pyFile.from_lindi_file(tmp_path / "a.lindi.json", mode="r+", staging_area=area)
        append(client)
        found = addresses(tmp_path / "a.lindi.json") - {web}
        assert found
        assert all(one.startswith(area.directory) for one in found)
        check(LindiH5pyFile.from_lindi_file(tmp_path / "a.lindi.json"))
    assert not list((tmp_path / "staging").iterdir())


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_file_written_by_pynwb_alone(tmp_path, kind):
    nwb = pynwb.NWBFile("a session", "id", datetime(2024, 1, 2, tzinfo=UTC))
    nwb.add_trial_column("correct", "whether it was")
    for number in range(5):
        nwb.add_trial(start_time=float(number), stop_time=number + 0.5, correct=bool(number % 2))
    nwb.add_acquisition(pynwb.TimeSeries(name="raw", data=NEW, unit="V", rate=1.0))
    path = tmp_path / f"new.{kind}"
    with pynwb.NWBHDF5IO(file=LindiH5pyFile.from_lindi_file(path, mode="w"), mode="w") as io:
        io.write(nwb)
    with pynwb.NWBHDF5IO(file=LindiH5pyFile.from_lindi_file(path), mode="r") as io:
        again = io.read()
        assert again.trials.to_dataframe()["correct"].tolist() == [False, True, False, True, False]
        np.testing.assert_array_equal(again.acquisition["raw"].data[:], NEW)
        assert pynwb.validate(io=io) == []


def test_a_dataset_of_another_file_is_linked_to_that_file(tmp_path):
    """With one name for all files, hdmf linked it to the same path in the file it wrote: wrong data."""

    def session(name, value):
        path = tmp_path / f"{name}.lindi.json"
        nwb = pynwb.NWBFile(name, name, datetime(2024, 1, 2, tzinfo=UTC))
        nwb.add_acquisition(pynwb.TimeSeries(name="raw", data=np.full(2000, value), unit="V", rate=1.0))
        with pynwb.NWBHDF5IO(file=LindiH5pyFile.from_lindi_file(path, mode="w"), mode="w") as io:
            io.write(nwb)
        return path

    one, other = session("a", 1.0), session("b", 2.0)
    theirs = LindiH5pyFile.from_lindi_file(other)
    ours = LindiH5pyFile.from_lindi_file(one, mode="r+")
    assert theirs.filename != ours.filename
    with pynwb.NWBHDF5IO(file=ours, mode="a") as io:
        nwb = io.read()
        data = theirs["acquisition/raw/data"]
        nwb.add_acquisition(pynwb.TimeSeries(name="borrowed", data=data, unit="V", rate=1.0))
        io.write(nwb)
    with LindiH5pyFile.from_lindi_file(one) as again:
        assert isinstance(again.get("acquisition/borrowed/data", getlink=True), h5py.ExternalLink)
        assert set(again["acquisition/borrowed/data"][...]) == {2.0}
        assert set(again["acquisition/raw/data"][...]) == {1.0}
