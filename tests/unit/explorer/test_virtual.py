"""A virtual dataset in the explorer: its card, where its data is, its pictures, and its journal."""

from __future__ import annotations

import h5py
import numpy as np
import pytest

from lindi_explorer import LindiH5pyFile
from lindi_explorer.explorer import protocol as p
from lindi_explorer.explorer.preview import choices
from lindi_explorer.explorer.session import ExplorerSession

ROWS = np.arange(200, dtype="f4").reshape(2, 100)


@pytest.fixture
def path(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["data"] = ROWS[0]
    with LindiH5pyFile.from_lindi_file(tmp_path / "v.lindi.json", mode="w") as file:
        file["own"] = ROWS[1]
        file.create_virtual_dataset("v", layout(file), fillvalue=-1)
    return tmp_path / "v.lindi.json"


def layout(file):
    made = h5py.VirtualLayout((3, 100), "f4")
    made[0] = h5py.VirtualSource("a.h5", "data", shape=(100,))
    made[1] = h5py.VirtualSource(file["own"])
    return made


@pytest.fixture
def session(path, tmp_path):
    session = ExplorerSession.open(str(path), journal_folder=tmp_path / "journals")
    yield session
    session.close()


def test_its_card_and_where_its_data_is(session):
    (answer, _) = session.handle(p.GetNode(id=1, path="/v"))
    facts = answer.card.array
    assert (facts.shape, facts.dtype, facts.chunks, facts.filters) == ([3, 100], "float32", None, [])
    (answer, _) = session.handle(p.GetStorage(id=2, path="/v"))
    assert answer.places == [("external", 1)]
    assert answer.chunks[0].url == "a.h5, ."


def test_every_picture_of_it_is_drawn(session):
    offered = choices(session.file, "/v")
    assert {choice.view for choice in offered} >= {"table", "line"}
    for choice in offered:
        request = p.GetPreview(id=3, path="/v", view=choice.view, selection=choice.selection)
        (answer, buffers) = session.handle(request)
        assert not isinstance(answer, p.EmptyPreview)
        if choice.view == "table":
            assert answer.rows[1][2] == "102.0"
        else:
            assert buffers


def test_one_that_was_made_is_resumed(session, path, tmp_path):
    session.file.create_virtual_dataset("new", layout(session.file), fillvalue=-1)
    session.close()
    again = ExplorerSession.open(str(path), journal_folder=tmp_path / "journals")
    try:
        assert "new" not in again.file
        again.handle(p.ResumeJournal(id=4))
        np.testing.assert_array_equal(again.file["new"][:2], ROWS)
        assert again.file["new"].is_virtual
    finally:
        again.close()
