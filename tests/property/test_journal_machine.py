"""Random sequences of edits, undos and redos, against a model that keeps whole copies."""

from __future__ import annotations

import json
import os
import uuid

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from lindi_explorer.errors import ConflictError
from lindi_explorer.references import codec
from lindi_explorer.staging.edits import (
    AttributeEdit,
    AttributeRecord,
    DataEdit,
    attribute_record,
    data_record,
)
from lindi_explorer.staging.journal import EditJournal, Step, revert
from lindi_explorer.staging.journal_file import JournalFile

REDUCED = os.environ.get("LINDI_LONG") != "1"
FEW = 25
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
        ".zattrs": {"a": 1, "b": [True, 2.0]},
        "g/.zgroup": {"zarr_format": 2},
        "g/.lindi_explorer": {"attributes": {"c": {"type": "<f4", "value": 1.5, "shape": []}}},
        "g/d/.zarray": ARRAY,
        "g/d/.zattrs": {"a": "x"},
        "g/d/0": "abcd",
        "g/far/.zarray": ARRAY,
        "g/far/0": ["file", 0, 4],
    },
    "version": 1,
}
ORIGINAL = codec.to_text(DOCUMENT)
PATHS = st.sampled_from(["", "g", "g/d", "g/far"])
NAMES = st.sampled_from(["a", "b", "c", "é", "\udcff", "_SCALAR"])
VALUES = st.sampled_from([None, 0, 0.0, False, 1, True, "", "NaN", [], [1], [1.0], {"a": 1}])
ENTRIES = st.sampled_from([None, {"type": "<i2"}, {"type": "<f4", "value": 1, "shape": []}])


@st.composite
def records(draw, name):
    entry = draw(ENTRIES)
    if name == "_SCALAR" or (entry is not None and "value" in entry):
        return AttributeRecord(entry=entry or {"type": "<i2", "value": 1, "shape": []})
    return AttributeRecord(value=draw(VALUES), entry=entry)


def text(references):
    return codec.to_text(codec.encode(references))


class Journals(RuleBasedStateMachine):
    """`done` and `undone` are the texts of the hierarchy at each step."""

    @initialize()
    def start(self):
        self.base = codec.decode(json.loads(ORIGINAL))
        self.journal = EditJournal(self.base)
        self.done = [ORIGINAL]
        self.undone = []
        self.told = 0
        self.expected_told = 0
        self.journal.watch(self._watch)

    def _watch(self):
        self.told += 1

    def _applied(self, edits):
        self.journal.apply("Step", edits)
        self.done.append(text(self.journal))
        self.undone.clear()
        self.expected_told += 1

    @rule(data=st.data(), path=PATHS, name=NAMES)
    def set_attribute(self, data, path, name):
        old = attribute_record(self.journal.node(path), name)
        new = data.draw(st.one_of(st.none(), records(name)))
        self._applied([AttributeEdit(path, name, old, new)])
        assert attribute_record(self.journal.node(path), name) == new

    @rule(data=st.data(), names=st.lists(NAMES, min_size=2, max_size=4, unique=True))
    def set_several(self, data, names):
        node = self.journal.node("g")
        edits = [
            AttributeEdit("g", name, attribute_record(node, name), data.draw(records(name))) for name in names
        ]
        self._applied(edits)

    @rule(chunk=st.sampled_from(["abcd", "efgh", "base64://///w=="]), dtype=st.sampled_from(["|u1", "|i1"]))
    def set_data(self, chunk, dtype):
        old = data_record(self.journal.node("g/d"))
        new = type(old)({".zarray": {**ARRAY, "dtype": dtype}, "0": chunk})
        self._applied([DataEdit("g/d", old, new)])
        assert self.journal["g/d/0"] == (b"\xff" * 4 if chunk.startswith("base64") else chunk.encode())

    @rule(path=PATHS, name=NAMES, value=VALUES)
    def conflict(self, path, name, value):
        wrong = AttributeRecord(value=value, entry={"type": "|O"})
        before = text(self.journal)
        with pytest.raises(ConflictError):
            self.journal.apply("Wrong", [AttributeEdit(path, name, wrong, None)])
        assert text(self.journal) == before

    @rule()
    def undo(self):
        step = self.journal.undo()
        assert (step is None) == (len(self.done) == 1)
        if step is not None:
            self.undone.append(self.done.pop())
            self.expected_told += 1

    @rule()
    def redo(self):
        step = self.journal.redo()
        assert (step is None) == (not self.undone)
        if step is not None:
            self.done.append(self.undone.pop())
            self.expected_told += 1

    @precondition(lambda self: self.journal.changes())
    @rule(data=st.data())
    def revert_one(self, data):
        change = data.draw(st.sampled_from(self.journal.changes()))
        self._applied(revert(change, self.journal.overlay))
        assert change not in self.journal.changes()

    @rule()
    def replay_over_the_base(self):
        again = EditJournal(self.base)
        for step in self.journal.steps:
            again.apply(step.words, step.edits)
        assert text(again) == text(self.journal)
        assert again.changes() == self.journal.changes()

    @invariant()
    def the_hierarchy_is_what_the_steps_made(self):
        assert text(self.journal) == self.done[-1]
        assert len(self.journal.steps) == len(self.done) - 1
        assert self.told == self.expected_told

    @invariant()
    def no_change_means_the_original(self):
        assert (not self.journal.changes()) == (self.done[-1] == ORIGINAL)
        assert text(self.base) == ORIGINAL

    def teardown(self):
        while self.journal.undo():
            pass
        assert text(self.journal) == ORIGINAL
        assert self.journal.changes() == []


TestJournals = Journals.TestCase
TestJournals.settings = settings(max_examples=FEW if REDUCED else 500, stateful_step_count=30)


class DurableJournals(RuleBasedStateMachine):
    """A journal file after a kill at any moment: what the last save said."""

    @initialize()
    def start(self):
        self.folder = self.root / uuid.uuid4().hex  # of its own: an example must not find another's files
        self.file = JournalFile("source", self.folder)
        self.saved = ()

    @rule(data=st.data(), count=st.integers(0, 3))
    def save(self, data, count):
        edits = [
            AttributeEdit(data.draw(PATHS), name, data.draw(st.one_of(st.none(), records(name))), None)
            for name in data.draw(st.lists(NAMES, min_size=count, max_size=count))
        ]
        self.saved = tuple(Step(f"Step {number} é", (edit,)) for number, edit in enumerate(edits))
        self.file.save(self.saved)

    @rule()
    def killed_and_opened_again(self):
        self.file.close()  # the lock of a process goes with it; the file stays as it is
        self.file = JournalFile("source", self.folder)
        pending = self.file.pending()
        assert (pending.steps if pending else ()) == self.saved
        self.file.discard_pending()
        self.file.save(self.saved)

    def teardown(self):
        if hasattr(self, "file"):
            self.file.close()


@pytest.fixture(autouse=True)
def _folder(tmp_path):
    DurableJournals.root = tmp_path


TestDurableJournals = DurableJournals.TestCase
TestDurableJournals.settings = settings(max_examples=FEW if REDUCED else 500, stateful_step_count=10)
