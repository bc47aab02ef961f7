"""The list of differences, and taking them back."""

from __future__ import annotations

import pytest

from lindi_explorer.errors import NodeNotFoundError
from lindi_explorer.explorer import protocol as p

RAW = "/acquisition/raw"


@pytest.fixture
def edited(sample):
    sample.set(f"{RAW}/data", "unit", "mV")
    sample.set("/units", "note", "5", "int8")
    sample.ask(p.DeleteAttribute, path=RAW, name="comments")
    sample.ask(p.SetValue, path="/general/subject/age", text="ten days")
    return sample


def test_changes_show_old_and_new_in_the_order_of_the_tree(edited):
    answer = edited.changes()
    assert [(c.mark, c.path, c.name, c.type, c.old, c.new) for c in answer.changes] == [
        ("D", RAW, "comments", "utf-8", '"no comments"', None),
        ("M", f"{RAW}/data", "unit", "utf-8", '"volts"', '"mV"'),
        ("M", "/general/subject/age", "", "utf-8", '"P90D"', '"ten days"'),
        ("A", "/units", "note", "int8", None, "5"),
    ]
    assert answer.source == "sample.nwb"
    assert [(row.path, row.mark, row.below) for row in answer.rows] == [
        ("/", "", "M"),
        ("/acquisition", "", "M"),
        (RAW, "M", "M"),
        (f"{RAW}/data", "M", ""),
        ("/general", "", "M"),
        ("/general/subject", "", "M"),
        ("/general/subject/age", "M", ""),
        ("/units", "M", ""),
    ]


def test_a_change_keeps_its_number(edited):
    before = {(c.path, c.name): c.id for c in edited.changes().changes}
    assert len(set(before.values())) == 4
    edited.ask(p.Revert, changes=[before[RAW, "comments"]])
    edited.set(f"{RAW}/data", "unit", "V")
    after = {(c.path, c.name): c.id for c in edited.changes().changes}
    assert after == {place: number for place, number in before.items() if place != (RAW, "comments")}
    assert edited.attributes(f"{RAW}/data")["unit"].change == before[f"{RAW}/data", "unit"]


def test_one_change_is_reverted_and_the_others_stay(edited):
    change = next(c for c in edited.changes().changes if c.name == "unit")
    reverted = edited.ask(p.Revert, changes=[change.id])
    assert reverted.words == "Revert unit of data"
    assert reverted.touched == [f"{RAW}/data"]
    assert reverted.status.changes == 3
    assert edited.file[f"{RAW}/data"].attrs["unit"] == "volts"
    assert edited.ask(p.Undo).status.changes == 4
    assert edited.file[f"{RAW}/data"].attrs["unit"] == "mV"


def test_all_changes_are_reverted_as_one_step(edited):
    reverted = edited.ask(p.Revert, changes=[])
    assert reverted.words == "Revert 4 changes"
    assert reverted.status.changes == 0
    assert edited.changes().changes == []
    assert edited.changes().rows == []
    assert edited.ask(p.Undo).status.changes == 4
    edited.ask(p.Redo)
    assert edited.ask(p.Revert, changes=[]).words == "There is nothing to revert"


def test_a_change_that_is_gone_cannot_be_reverted_twice(edited):
    change = edited.changes().changes[0]
    edited.ask(p.Revert, changes=[change.id])
    with pytest.raises(NodeNotFoundError, match=f"there is no change {change.id} any more"):
        edited.ask(p.Revert, changes=[change.id])


def test_setting_a_value_back_by_hand_leaves_no_change(edited):
    edited.set(f"{RAW}/data", "unit", "volts")
    assert "unit" not in {c.name for c in edited.changes().changes}
    assert edited.attributes(f"{RAW}/data")["unit"].mark == ""


def test_without_edits_nothing_differs(sample):
    assert sample.changes().changes == []
    assert sample.changes().rows == []
