"""Every view is right after objects have been added, written, moved and removed."""

from __future__ import annotations

import csv
import io
import json
import math

import h5py
import numpy as np
import pytest

from lindi_explorer.explorer import protocol as p
from lindi_explorer.h5 import LindiH5pyFile, open_any
from lindi_explorer.staging.area import StagingArea
from lindi_explorer.widget.fallback import outline, static_view

VALUES = np.arange(40_000, dtype="<f8").reshape(4000, 10)


@pytest.fixture
def h5(tmp_path):
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("old/data", data=VALUES, chunks=(400, 10))
        file["old/note"] = "x"
    return path


@pytest.fixture
def asked(explore, h5):
    return explore(h5)


def test_a_new_dataset_has_its_card_its_json_and_its_storage(asked):
    new = asked.file.create_dataset(
        "new/data", data=VALUES, chunks=(1000, 10), maxshape=(None, 10), compression="gzip"
    )
    new.attrs["unit"] = "V"
    card = asked.card("/new/data")
    assert (card.row.mark, card.array.shape, card.array.maxshape) == ("A", [4000, 10], [None, 10])
    assert (card.array.dtype, card.array.chunks, card.array.filters) == ("float64", [1000, 10], ["gzip 4"])
    assert card.attributes[0].text == "V"
    storage = asked.ask(p.GetStorage, path="/new/data")
    assert (storage.places, storage.total) == ([("inline", 4)], 4)
    assert storage.stored_bytes == card.array.stored_bytes == sum(chunk.length for chunk in storage.chunks)
    text = json.loads(asked.ask(p.GetJson, path="/new/data").text)
    assert text[".zarray"]["shape"] == [4000, 10]


def test_a_written_dataset_says_where_each_chunk_is(asked):
    asked.file["old/data"][500] = 0
    storage = asked.ask(p.GetStorage, path="/old/data")
    assert dict(storage.places) == {"source": 9, "inline": 1}
    assert storage.chunks[1].place == "inline"


def test_chunks_in_a_staging_area_are_staged(explore, h5, tmp_path):
    with StagingArea.create(base_dir=tmp_path / "area") as area:
        file = LindiH5pyFile.from_hdf5_file(str(h5), mode="r+", staging_area=area)
        asked = explore(file)
        file.create_dataset("new", data=np.random.default_rng(0).random((4, 1000)), chunks=(1, 1000))
        assert asked.ask(p.GetStorage, path="/new").places == [("staged", 4)]
        file.close()


def test_the_tree_beside_a_loop_that_writes_has_no_state_of_the_data_kept(explore, h5, tmp_path):
    with StagingArea.create(base_dir=tmp_path / "area") as area:
        file = LindiH5pyFile.from_hdf5_file(str(h5), mode="r+", staging_area=area)
        asked = explore(file)
        new = file.create_dataset("new", shape=(1000,), dtype="f8", chunks=(1000,))
        for number in range(20):
            new[number] = math.pi
            assert asked.rows("/")["new"].stored_bytes > 0
        stored = [path for path in (tmp_path / "area").rglob("*") if path.is_file()]
        assert sum(path.stat().st_size for path in stored) == 0
        file.close()


def test_previews_and_tables_to_save_show_what_was_written(asked):
    asked.file["old/data"][1] = -1
    asked.file["new"] = np.arange(6).reshape(3, 2)
    for path, expected in (("/old/data", -1), ("/new", 2)):
        request = p.GetPreview(id="1", path=path, view="table", selection="0:3, 0:2")
        rows = asked.session.handle(request)[0].rows
        assert float(rows[1][0].replace("−", "-")) == expected
        request = p.GetCsv(id="1", path=path, selection="0:3, 0:2")
        _, buffers = asked.session.handle(request)
        table = list(csv.reader(io.StringIO(bytes(buffers[0]).decode())))
        assert float(table[2][-2]) == expected


def test_a_preview_follows_another_shape(asked):
    new = asked.file.create_dataset("new", data=np.arange(50), maxshape=(None,), chunks=(10,))
    new.resize((20,))
    assert asked.card("/new").array.shape == [20]
    line = asked.session.handle(p.GetPreview(id="1", path="/new", view="line", width=100))[0]
    assert line.selection == "0:20"


def test_search_finds_what_is_there(asked):
    asked.file["new/found"] = 1
    asked.file.move("old/note", "new/moved_note")
    del asked.file["old/data"]
    assert asked.ask(p.Search, text="found").matches == ["/new/found"]
    assert asked.ask(p.Search, text="note").matches == ["/new/moved_note"]
    assert asked.ask(p.Search, text="data").matches == []


def test_sizes_of_groups_follow_the_edits(explore, h5, tmp_path):
    document = tmp_path / "a.lindi.json"
    open_any(h5).write_lindi_file(document)
    asked = explore(document)

    def size(path):
        parent, _, name = path.rpartition("/")
        row = asked.rows(parent or "/")[name] if name else asked.card("/").row
        return row.stored_bytes

    whole, old = size("/"), size("/old")
    assert old > VALUES.nbytes
    asked.file.create_dataset("new/data", data=np.zeros(1000), chunks=(1000,), compression="gzip")
    new = asked.card("/new/data").array.stored_bytes
    assert (size("/new"), size("/old"), size("/")) == (new, old, whole + new)
    asked.file.move("old/data", "new/old")
    assert (size("/new"), size("/old"), size("/")) == (
        new + VALUES.nbytes,
        old - VALUES.nbytes,
        whole + new,
    )
    del asked.file["new"]
    assert (size("/old"), size("/")) == (old - VALUES.nbytes, whole - VALUES.nbytes)
    for _ in range(3):
        asked.ask(p.Undo)
    assert (size("/old"), size("/")) == (old, whole)


def test_sizes_of_new_groups_are_known_where_those_of_the_source_are_not(asked):
    assert asked.rows("/")["old"].stored_bytes is None
    asked.file.create_dataset("new/data", data=np.zeros(1000), compression="gzip")
    rows = asked.rows("/")
    assert rows["old"].stored_bytes is None
    assert rows["new"].stored_bytes == asked.card("/new/data").array.stored_bytes


def test_the_home_card_counts_what_is_there(sample):
    sample.file.create_group("processing/new")
    sample.file["session_description"][()] = "changed"
    home = sample.ask(p.GetHome)
    contents = {line.label: [item.name for item in line.items] for line in home.contents}
    assert "new" in contents["Processing"]
    assert {fact.label: fact.text for fact in home.session}["Description"] == "changed"
    del sample.file["units"]
    assert "Units" not in {line.label for line in sample.ask(p.GetHome).contents}


def test_what_a_saved_notebook_shows(asked):
    def ask(request):
        return asked.session.handle(request)[0]

    asked.file.create_dataset("new/data", data=VALUES)
    del asked.file["old/note"]
    text = outline(ask, "a.h5", depth=3, limit=1000)
    assert "    data  4,000 × 10  float64" in text
    assert "note" not in text
    assert "new" in static_view(ask, "a.h5", "/old/note", None)["text/html"]


# ---------------------------------------------------------------- export


def test_an_exported_file_holds_new_data_and_refers_to_what_is_in_the_source(asked, tmp_path):
    asked.file.create_dataset("new/data", data=VALUES, chunks=(1000, 10), compression="gzip")
    asked.file["old/data"][500] = 0
    del asked.file["old/note"]
    out = tmp_path / "out.lindi.json"
    plan = asked.ask(p.GetExportPlan, filename=str(out))
    assert (plan.changes, plan.local_references) == (4, 9)
    exported = asked.ask(p.Export, filename=str(out), local_paths=True)
    assert plan.bytes == exported.bytes == out.stat().st_size
    refs = json.loads(out.read_text())["refs"]
    assert all(refs[f"new/data/{number}.0"].startswith("base64:") for number in range(4))
    again = LindiH5pyFile.from_lindi_file(str(out))
    expected = VALUES.copy()
    expected[500] = 0
    np.testing.assert_array_equal(again["new/data"][:], VALUES)
    np.testing.assert_array_equal(again["old/data"][:], expected)
    assert "note" not in again["old"]


def test_a_file_whose_data_is_all_new_can_be_exported_without_agreeing_to_anything(explore, tmp_path):
    asked = explore({"refs": {".zgroup": {"zarr_format": 2}}})
    asked.file.create_dataset("new", data=VALUES)
    out = tmp_path / "out.lindi.json"
    assert asked.ask(p.GetExportPlan, filename=str(out)).local_references == 0
    asked.ask(p.Export, filename=str(out))
    np.testing.assert_array_equal(LindiH5pyFile.from_lindi_file(str(out))["new"][:], VALUES)


def test_chunks_in_a_staging_area_leave_only_if_that_is_agreed_to(explore, h5, tmp_path):
    from lindi_explorer.errors import AccessDeniedError

    with StagingArea.create(base_dir=tmp_path / "area") as area:
        file = LindiH5pyFile.from_hdf5_file(str(h5), mode="r+", staging_area=area)
        asked = explore(file)
        del file["old"]
        file.create_dataset("new", data=np.random.default_rng(0).random((4, 1000)), chunks=(1, 1000))
        out = tmp_path / "out.lindi.json"
        assert asked.ask(p.GetExportPlan, filename=str(out)).local_references == 4
        with pytest.raises(AccessDeniedError):
            asked.ask(p.Export, filename=str(out))
        assert not out.exists()
        file.close()


def test_what_pynwb_appends_is_listed_shown_and_reverted(explore, sample_nwb, tmp_path):
    pynwb = pytest.importorskip("pynwb")
    asked = explore(sample_nwb)
    before = asked.file.to_reference_file_system()
    with pynwb.NWBHDF5IO(file=asked.file, mode="a") as io_:
        nwb = io_.read()
        series = pynwb.TimeSeries(name="added", data=np.arange(50_000.0), unit="V", rate=10.0)
        nwb.add_acquisition(series)
        io_.write(nwb)
        changes = {change.path: change for change in asked.changes().changes}
        assert changes["/acquisition/added"].type == "TimeSeries"
        assert changes["/acquisition/added/data"].new == "dataset, float64 (50,000)"
        assert asked.rows("/acquisition")["added"].mark == "A"
        assert asked.card("/acquisition/added/data").previews
        asked.ask(p.Revert, changes=[])
        assert asked.file.to_reference_file_system() == before
