"""The whole path without Jupyter: open, look, edit, undo, redo, export, and pynwb reads what was exported."""

from __future__ import annotations

import json

import numpy as np
import pynwb
import pytest

from lindi_explorer.explorer import protocol as p
from lindi_explorer.h5 import LindiH5pyFile

REAL = "real/sub_anm00239123_ses_20170627T093549_ecephys_and_ogen.nwb"


def read(path):
    """What pynwb reads of a LINDI file: the text of the subject's description and all trials."""
    with LindiH5pyFile.from_lindi_file(path) as client, pynwb.NWBHDF5IO(file=client, mode="r") as io:
        nwbfile = io.read()
        trials = nwbfile.trials.to_dataframe() if nwbfile.trials is not None else None
        return nwbfile.session_description, trials


def walk(asked):
    """Every row of the tree, by path."""
    rows, pending = {}, [asked.open().root]
    while pending:
        row = pending.pop()
        rows[row.path] = row
        if row.children:
            pending += asked.children(row.path).rows
    return rows


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.corpus(REAL)
def test_the_whole_path_on_a_real_file(explore, corpus_file, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    asked = explore(corpus_file)
    opened = asked.open()
    assert (opened.nwb_version, opened.format, opened.source) == ("2.1.0", "HDF5", "local file")
    assert opened.pending is None
    home = asked.ask(p.GetHome)
    assert {fact.label: fact.text for fact in home.session}["Subject"] == "anm00239123 · Mus musculus · male"
    rows = walk(asked)
    assert rows["/intervals/trials"].type_name == "TimeIntervals"
    assert asked.card("/intervals/trials/start_time").array.shape == [412]
    original = asked.attributes("/intervals/trials")["description"]

    edited = asked.set("/intervals/trials", "description", "corrected by hand")
    assert edited.words == "Set description of trials"
    assert edited.touched == ["/intervals/trials"]
    assert asked.file["/intervals/trials"].attrs["description"] == "corrected by hand"
    assert asked.ask(p.Undo).status.changes == 0
    assert asked.file["/intervals/trials"].attrs["description"] == original.text
    assert asked.ask(p.Redo).status.changes == 1
    value = asked.ask(p.SetValue, path="/session_description", text="a new description")
    assert value.words == "Set value of session_description"

    changes = asked.changes()
    assert [(change.path, change.name, change.new) for change in changes.changes] == [
        ("/intervals/trials", "description", '"corrected by hand"'),
        ("/session_description", "", '"a new description"'),
    ]
    plan = asked.ask(p.GetExportPlan)
    assert plan.filename == corpus_file.name.replace(".nwb", ".nwb.lindi.json")
    assert plan.changes == 2
    assert plan.local_references > 0
    exported = asked.ask(p.Export, filename=plan.filename, local_paths=True)
    assert exported.bytes == plan.bytes == (tmp_path / plan.filename).stat().st_size

    description, trials = read(tmp_path / plan.filename)
    assert description == "a new description"
    with pynwb.NWBHDF5IO(corpus_file, "r") as io:
        before = io.read().trials.to_dataframe()
        assert len(trials) == len(before) == 412
        np.testing.assert_array_equal(trials["start_time"], before["start_time"])
    again = explore(tmp_path / plan.filename)
    assert again.attributes("/intervals/trials")["description"].text == "corrected by hand"
    assert again.status().changes == 0
    # Paths, kinds, shapes and types are those of the source; only what is counted differs.
    seen = walk(again)
    for path, row in rows.items():
        assert (seen[path].kind, seen[path].shape, seen[path].dtype) == (row.kind, row.shape, row.dtype), path


def test_undoing_everything_restores_the_original_exactly(sample):
    before = json.dumps(sample.file.to_reference_file_system(), sort_keys=True)
    sample.set("/acquisition/raw/data", "unit", "mV")
    sample.set("/acquisition/raw/data", "note", "[1, 2]", "int8 [2]")
    sample.ask(p.DeleteAttribute, path="/acquisition/raw/data", name="conversion")
    sample.ask(p.SetValue, path="/general/subject/age", text="P91D")
    assert json.dumps(sample.file.to_reference_file_system(), sort_keys=True) != before
    for _ in range(4):
        sample.ask(p.Undo)
    assert json.dumps(sample.file.to_reference_file_system(), sort_keys=True) == before
    assert sample.ask(p.Undo).words == "There is nothing to undo"


def test_what_pynwb_reads_after_editing_is_the_edit_and_the_rest_is_equal(sample, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    sample.ask(p.SetValue, path="/general/subject/age", text="P91D")
    sample.ask(p.Export, filename="out.nwb.lindi.json", local_paths=True)
    sources = [
        LindiH5pyFile.from_lindi_file(tmp_path / "out.nwb.lindi.json"),
        LindiH5pyFile.from_hdf5_file(sample.file.source.address),
    ]
    read_ = []
    for client in sources:
        with client, pynwb.NWBHDF5IO(file=client, mode="r") as io:
            nwbfile = io.read()
            raw = nwbfile.acquisition["raw"]
            read_.append(
                (nwbfile.subject.age, raw.conversion, raw.data[:5].tolist(), nwbfile.subject.species)
            )
    assert read_[0][0] == "P91D"
    assert read_[1][0] == "P90D"
    assert read_[0][1:] == read_[1][1:]
