"""Objects that Python code adds, removes, moves and writes are differences like any other."""

from __future__ import annotations

import h5py
import numpy as np
import pytest

from lindi_explorer.errors import NodeNotFoundError
from lindi_explorer.explorer import protocol as p

RAW = "/acquisition/raw"


@pytest.fixture
def plain_h5(tmp_path):
    """A file with a group of groups, links, and a dataset in chunks; the root keeps the order of creation."""
    path = tmp_path / "plain.h5"
    with h5py.File(path, "w", track_order=True) as file:
        group = file.create_group("z", track_order=True)
        group.attrs["unit"] = "V"
        group.create_dataset("b/data", data=np.arange(12000, dtype="<i4").reshape(1200, 10), chunks=(100, 10))
        group["a"] = 5
        group["a"].attrs["note"] = "x"
        file["link"] = h5py.SoftLink("/z/b")
        file["small"] = np.arange(4, dtype="u1")
        file.create_group("empty")
    return path


@pytest.fixture
def plain(explore, plain_h5):
    return explore(plain_h5)


def listed(asked):
    return [(c.mark, c.path, c.name, c.type, c.old, c.new) for c in asked.changes().changes]


def text(asked):
    return asked.file.to_reference_file_system()


def test_added_objects_say_what_they_are(plain):
    file = plain.file
    file.create_dataset("new/table", data=np.zeros((1000, 32), "f4"))
    file["new/name"] = "x"
    file["new/null"] = h5py.Empty("i2")
    file["new/soft"] = h5py.SoftLink("/z")
    file["new/away"] = h5py.ExternalLink("b.h5", "/x")
    file["new/again"] = file["z"]
    assert sorted(listed(plain)) == [
        ("A", "/new", "", "", None, "group with 6 objects"),
        ("A", "/new/again", "", "", None, "another name of /z"),
        ("A", "/new/away", "", "", None, "link to /x in the file b.h5"),
        ("A", "/new/name", "", "utf-8 string", None, "dataset, utf-8 string (scalar)"),
        ("A", "/new/null", "", "int16", None, "dataset, int16 (null)"),
        ("A", "/new/soft", "", "", None, "link to /z"),
        ("A", "/new/table", "", "float32", None, "dataset, float32 (1,000 × 32)"),
    ]
    assert plain.status().changes == 7


def test_a_removed_group_is_one_change_and_is_seen_in_the_tree_of_changes(plain):
    del plain.file["z"]
    assert listed(plain) == [("D", "/z", "", "", "group with 2 objects", None)]
    rows = plain.changes().rows
    assert [(row.path, row.kind, row.mark, row.below, row.children) for row in rows] == [
        ("/", "group", "", "D", 3),
        ("/z", "group", "D", "", 0),
    ]
    assert "z" not in plain.rows("/")


def test_what_was_removed_from_a_group_stands_behind_what_is_left(plain):
    plain.file["z"].attrs["unit"] = "mV"
    del plain.file["z/a"]
    plain.file["z/c"] = 1
    rows = [(row.path, row.mark, row.below, row.dtype) for row in plain.changes().rows]
    assert rows == [
        ("/", "", "D", ""),
        ("/z", "M", "D", ""),
        ("/z/c", "A", "", "int64"),
        ("/z/a", "D", "", "int64"),
    ]


def test_a_dataset_of_the_source_that_was_written_says_how_much(plain):
    plain.file["z/b/data"][:250] = 7
    assert listed(plain) == [
        (
            "M",
            "/z/b/data",
            "",
            "int32",
            "dataset, int32 (1,200 × 10)",
            "dataset, int32 (1,200 × 10), 3 chunks written",
        )
    ]


def test_data_in_the_document_shows_old_and_new_values(plain):
    plain.file["small"][1:3] = 9
    assert listed(plain) == [("M", "/small", "", "uint8 [4]", "[0, 1, 2, 3]", "[0, 9, 9, 3]")]


def test_a_moved_object_is_gone_here_and_new_there(plain):
    plain.file.move("z", "y")
    assert [(c.mark, c.path) for c in plain.changes().changes] == [
        ("A", "/y"),
        ("A", "/y/b"),
        ("A", "/y/b/data"),
        ("A", "/y/a"),
        ("D", "/z"),
    ]


def test_a_group_that_has_become_a_dataset_is_one_kind_of_change_and_comes_back(plain):
    before = text(plain)
    del plain.file["z"]
    plain.file["z"] = np.arange(3)
    found = {c.path: (c.mark, c.old, c.new, c.revertible) for c in plain.changes().changes}
    assert found["/z"] == ("M", "group with 2 objects", "dataset, int64 (3)", True)
    assert found["/z/a"] == ("D", "dataset, int64 (scalar)", None, False)
    change = next(c for c in plain.changes().changes if c.path == "/z")
    assert plain.ask(p.Revert, changes=[change.id]).status.changes == 0
    assert text(plain) == before


def test_a_dataset_that_has_become_a_group_comes_back(plain):
    before = text(plain)
    del plain.file["small"]
    plain.file["small/x/y"] = 1
    plain.ask(p.Revert, changes=[])
    assert text(plain) == before
    assert plain.status().changes == 0


def test_everything_reverted_is_the_source_to_the_last_byte_and_undo_brings_all_of_it_back(plain):
    file, before = plain.file, text(plain)
    file.create_dataset("new/deep/er", data=np.arange(5000))
    file["new/deep"].attrs["a"] = 1
    file["z"].attrs["unit"] = "mV"
    file["z/b/data"][5, 5] = 1
    file["z/b/data"].attrs["extra"] = "x"
    file["small"][0] = 3
    del file["z/a"]
    del file["empty"]
    del file["link"]
    file["link"] = h5py.SoftLink("/small")
    file.move("z/b", "new/b")
    edited = text(plain)
    changes = plain.status().changes
    assert plain.ask(p.Revert, changes=[]).words == f"Revert {changes} changes"
    assert text(plain) == before
    assert listed(plain) == []
    assert plain.changes().rows == []
    assert all(row.mark == row.below == "" for row in plain.rows("/").values())
    plain.ask(p.Undo)
    assert text(plain) == edited
    assert plain.status().changes == changes
    plain.ask(p.Redo)
    assert text(plain) == before


def test_single_changes_are_reverted_one_after_the_other_in_any_order(plain):
    before = text(plain)
    for backwards in (False, True):
        plain.file.create_dataset("new/deep/er", data=np.arange(5))
        plain.file["z/b/data"][:] = 0
        plain.file["z/b/data"].attrs["unit"] = "V"
        del plain.file["z/a"]
        while changes := plain.changes().changes:
            change = changes[-1 if backwards else 0]
            left = plain.ask(p.Revert, changes=[change.id]).status.changes
            assert left < len(changes)
        assert text(plain) == before


def test_reverting_data_leaves_the_attributes_that_were_set(plain):
    plain.file["z/b/data"][:] = 0
    plain.file["z/b/data"].attrs["unit"] = "V"
    change = next(c for c in plain.changes().changes if not c.name)
    assert plain.ask(p.Revert, changes=[change.id]).words == "Revert data"
    assert plain.file["z/b/data"].attrs["unit"] == "V"
    assert plain.file["z/b/data"][3, 4] == 34
    assert [(c.path, c.name) for c in plain.changes().changes] == [("/z/b/data", "unit")]


def test_reverting_says_what_it_takes_back(plain):
    plain.file["new"] = 1
    del plain.file["z/a"]
    old, new = plain.changes().changes
    assert plain.ask(p.Revert, changes=[new.id]).words == "Revert adding new"
    assert plain.ask(p.Revert, changes=[old.id]).words == "Revert deleting a"


def test_marks_of_the_tree(plain):
    plain.file["z/new"] = 1
    plain.file["small"][0] = 9
    rows = {**plain.rows("/"), **plain.rows("/z")}
    assert (rows["z"].mark, rows["z"].below) == ("", "A")
    assert (rows["new"].mark, rows["small"].mark, rows["b"].mark) == ("A", "M", "")
    del plain.file["z/b/data"]
    assert plain.rows("/")["z"].below == "D"


def test_views_are_told_which_groups_gained_and_lost_members(plain):
    heard = []
    plain.session.subscribe(heard.append)
    plain.file.create_dataset("new/x", data=np.arange(3))
    plain.file.move("z/a", "empty/a")
    del plain.file["small"]
    plain.file.journal.undo()
    assert [message.words for message in heard][-1].startswith("Undone: ")
    assert set(heard[0].touched) == {"/", "/new", "/new/x"}
    assert set(heard[1].touched) >= {"/z", "/z/a", "/empty", "/empty/a"}
    assert set(heard[2].touched) == set(heard[3].touched) == {"/", "/small"}
    assert heard[1].moved == [("/z/a", "/empty/a")]


def test_undo_of_a_move_moves_back(plain):
    heard = []
    plain.file.move("small", "tiny")
    plain.session.subscribe(heard.append)
    answer = plain.ask(p.Undo)
    assert answer.moved == heard[0].moved == [("/tiny", "/small")]
    assert plain.ask(p.Redo).moved == [("/small", "/tiny")]


def test_what_has_vanished_is_not_found(plain):
    del plain.file["z"]
    for request in (p.GetNode, p.GetJson, p.GetStorage, p.GetChildren):
        with pytest.raises(NodeNotFoundError):
            plain.ask(request, path="/z/b")


def test_a_change_of_a_dataset_that_cannot_be_read_does_not_hide_the_others(plain, monkeypatch):
    plain.file["small"][0] = 9
    plain.file["new"] = 1

    def broken(*_args):
        raise NodeNotFoundError("gone")

    monkeypatch.setattr("lindi_explorer.explorer.changes.stored_data", broken)
    monkeypatch.setattr("lindi_explorer.explorer.state.stored_data", broken)
    assert [(c.path, c.new) for c in plain.changes().changes] == [
        ("/small", "cannot be read"),
        ("/new", "dataset, int64 (scalar)"),
    ]
