"""Several changes are set back together, in an order in which that goes."""

from __future__ import annotations

import contextlib
import itertools
import random

import pytest

from lindi_explorer.errors import ConflictError
from lindi_explorer.references import codec
from lindi_explorer.references.model import Node
from lindi_explorer.staging.edits import (
    AttributeEdit,
    AttributeRecord,
    MoveEdit,
    NodeEdit,
    RemoveEdit,
    attribute_record,
)
from lindi_explorer.staging.journal import EditJournal
from lindi_explorer.staging.node_record import NodeRecord, TreeRecord
from lindi_explorer.staging.reverting import revert_together

ARRAY = {
    "chunks": [4],
    "compressor": None,
    "dtype": "|u1",
    "fill_value": 0,
    "filters": None,
    "order": "C",
    "shape": [4],
    "zarr_format": 2,
}
DOCUMENT = {
    "refs": {
        ".zgroup": {"zarr_format": 2},
        ".lindi_explorer": {"order": ["z", "g", "d"]},
        "z/.zgroup": {"zarr_format": 2},
        "g/.zgroup": {"zarr_format": 2},
        "g/.zattrs": {"unit": "V", "note": "x"},
        "g/.lindi_explorer": {"attribute_order": ["unit", "note"]},
        "g/h/.zgroup": {"zarr_format": 2},
        "g/h/far/.zarray": ARRAY,
        "g/h/far/0": ["file", 0, 4],
        "d/.zarray": ARRAY,
        "d/0": "abcd",
    }
}


@pytest.fixture
def journal():
    return EditJournal(codec.decode(DOCUMENT))


def text(references):
    return codec.to_text(codec.encode(references))


def add(journal, path, node=None):
    journal.apply("Add", [NodeEdit(path, None, NodeRecord(node or Node()))])


def remove(journal, path):
    journal.apply("Remove", [RemoveEdit(path, TreeRecord.of(journal.overlay, path))])


def set_(journal, path, name, value):
    old = attribute_record(journal.node(path), name)
    new = None if value is None else AttributeRecord(value=value)
    journal.apply("Set", [AttributeEdit(path, name, old, new)])


def revert(journal, changes):
    journal.apply("Revert", revert_together(changes, journal.overlay))


def test_what_was_added_goes_with_what_was_added_in_it(journal):
    before = text(journal)
    add(journal, "new")
    add(journal, "new/deep")
    add(journal, "new/deep/d", Node(array=ARRAY))
    for changes in itertools.permutations(journal.changes()):
        revert(journal, changes)
        assert text(journal) == before
        journal.undo()
    revert(journal, [change for change in journal.changes() if change.path == "new/deep"])
    assert [change.path for change in journal.changes()] == ["new"]


def test_what_was_removed_comes_back_whole_and_in_its_place(journal):
    before = text(journal)
    set_(journal, "g", "note", None)
    remove(journal, "g")
    remove(journal, "z")
    revert(journal, journal.changes())
    assert text(journal) == before
    assert list(journal.children("")) == ["z", "g", "d"]
    assert journal.changes() == []


def test_what_has_become_something_else_comes_back_before_what_was_in_it(journal):
    before = text(journal)
    remove(journal, "g")
    add(journal, "g", Node(array=ARRAY))
    remove(journal, "d")
    add(journal, "d")
    add(journal, "d/in")
    changes = {change.path: change for change in journal.changes()}
    assert set(changes) == {"g", "g/h", "d", "d/in"}
    with pytest.raises(ConflictError, match="no group"):
        revert_together([changes["g/h"]], journal.overlay)
    revert(journal, [changes["g"]])
    assert {change.path for change in journal.changes()} == {"d", "d/in"}
    revert(journal, journal.changes())
    assert text(journal) == before


def test_an_attribute_that_was_deleted_comes_back_in_its_place(journal):
    before = text(journal)
    set_(journal, "g", "unit", None)
    revert(journal, journal.changes())
    assert text(journal) == before


@pytest.mark.parametrize("seed", range(60))
def test_whatever_was_done_reverting_all_of_it_gives_the_source(journal, seed):
    before, chance = text(journal), random.Random(seed)
    for number in range(12):
        paths = [path for path in journal.walk() if path]
        groups = ["", *(path for path in paths if journal.node(path).array is None)]
        what = chance.choice(["add", "add", "array", "remove", "move", "attribute", "data"])
        if not paths:
            what = "add"
        path = chance.choice(paths) if paths else ""
        free = f"{chance.choice(groups)}/{chance.choice('gdzhn')}".lstrip("/")
        if what in ("add", "array") and not journal.has(free):
            add(journal, free, Node(array=ARRAY) if what == "array" else None)
        elif what == "remove":
            remove(journal, path)
        elif what == "move" and not journal.has(free) and not f"{free}/".startswith(f"{path}/"):
            journal.apply("Move", [MoveEdit(path, free)])
        elif what == "attribute":
            set_(journal, path, "unit", number)
        elif what == "data" and journal.node(path).array is not None:
            old = journal.node(path)
            new = Node(old.attributes, old.array, {(0,): bytes([number] * 4)}, old.sidecar)
            journal.apply("Data", [NodeEdit(path, NodeRecord(old), NodeRecord(new))])
    edited = text(journal)
    some = [change for change in journal.changes() if chance.random() < 0.5]
    # Refused where what it was in has become something else, and stays so.
    with contextlib.suppress(ConflictError):
        revert(journal, some)
        journal.undo()
    assert text(journal) == edited
    revert(journal, journal.changes())
    assert text(journal) == before
    assert journal.changes() == []
    journal.undo()
    assert text(journal) == edited
