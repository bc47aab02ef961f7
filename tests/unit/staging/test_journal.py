from __future__ import annotations

import itertools
import threading

import pytest

from lindi_explorer.errors import ConflictError
from lindi_explorer.references import codec
from lindi_explorer.staging.edits import (
    AttributeEdit,
    AttributeRecord,
    DataEdit,
    attribute_record,
    data_record,
)
from lindi_explorer.staging.journal import AttributeChange, DataChange, EditJournal, revert

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


@pytest.fixture
def base():
    refs = {
        ".zgroup": {"zarr_format": 2},
        ".zattrs": {"a": 1},
        "g/.zgroup": {"zarr_format": 2},
        "g/.zattrs": {"unit": "V"},
        "d/.zarray": ARRAY,
        "d/0": "abcd",
    }
    return codec.decode({"refs": refs})


@pytest.fixture
def journal(base):
    return EditJournal(base)


def text(references):
    return codec.to_text(codec.encode(references))


def set_(journal, path, name, value):
    """Set an attribute to whatever; None deletes it."""
    old = attribute_record(journal.node(path), name)
    new = None if value is None else AttributeRecord(value=value)
    return journal.apply(f"Set {name}", [AttributeEdit(path, name, old, new)])


def test_an_empty_journal_is_its_base(journal, base):
    assert dict(journal) == dict(base)
    assert journal.node("g") is base.node("g")
    assert (journal.steps, journal.changes(), journal.next_undo, journal.next_redo) == ((), [], None, None)
    assert journal.undo() is None
    assert journal.redo() is None


def test_edits_show_and_the_base_stays(journal, base):
    before = text(base)
    set_(journal, "g", "unit", "mV")
    set_(journal, "", "new", [1, 2])
    set_(journal, "", "a", None)
    assert journal.node("g").attributes == {"unit": "mV"}
    assert journal[".zattrs"] == b'{"new":[1,2]}'
    assert text(base) == before
    assert text(journal.flatten()) == text(journal)


def test_undo_and_redo_go_back_and_forth(journal):
    steps = [set_(journal, "g", "unit", value) for value in ("mV", "uV", "nV")]
    texts = [text(journal)]
    for step in reversed(steps):
        assert journal.next_undo == step
        assert journal.undo() == step
        texts.append(text(journal))
    assert journal.next_undo is None
    for step, expected in zip(steps, reversed(texts[:-1]), strict=True):
        assert journal.next_redo == step
        assert journal.redo() == step
        assert text(journal) == expected
    assert journal.steps == tuple(steps)


def test_undo_restores_the_order_of_attributes(journal):
    for name in ("one", "two", "three"):
        set_(journal, "g", name, 1)
    order = list(journal.node("g").attributes)
    set_(journal, "g", "one", None)
    journal.undo()
    assert list(journal.node("g").attributes) == order


def test_a_new_step_ends_what_could_be_redone(journal):
    set_(journal, "g", "unit", "mV")
    journal.undo()
    set_(journal, "g", "unit", "uV")
    assert journal.next_redo is None
    assert journal.redo() is None
    assert [step.edits[0].new.value for step in journal.steps] == ["uV"]


def test_a_step_of_several_edits_is_all_or_nothing(journal):
    good = AttributeEdit("g", "unit", AttributeRecord(value="V"), AttributeRecord(value="mV"))
    bad = AttributeEdit("", "a", AttributeRecord(value=2), None)
    before = text(journal)
    with pytest.raises(ConflictError):
        journal.apply("Both", [good, bad])
    assert text(journal) == before
    assert journal.steps == ()
    both = [good, AttributeEdit("", "a", AttributeRecord(value=1), None)]
    journal.apply("Both", iter(both))
    assert journal.undo().words == "Both"
    assert text(journal) == before


def test_edits_of_one_step_build_on_each_other(journal):
    values = [AttributeRecord(value=value) for value in ("V", "mV", "uV")]
    edits = [AttributeEdit("g", "unit", old, new) for old, new in itertools.pairwise(values)]
    journal.apply("Twice", edits)
    assert journal.node("g").attributes == {"unit": "uV"}
    journal.undo()
    assert journal.node("g").attributes == {"unit": "V"}


@pytest.mark.parametrize(("first", "second"), [(1, True), (1, 1.0), (0.0, -0.0), ("1", 1), ([1], [1.0])])
def test_a_change_of_type_alone_is_a_change(journal, first, second):
    set_(journal, "g", "n", first)
    set_(journal, "g", "n", second)
    assert repr(journal.node("g").attributes["n"]) == repr(second)
    journal.undo()
    assert repr(journal.node("g").attributes["n"]) == repr(first)
    set_(journal, "", "a", True)  # where the base has 1
    assert journal.node("").attributes["a"] is True
    assert len(journal.changes()) == 2


# ---------------------------------------------------------------- what changed


def test_changes_are_the_difference_to_the_base(journal):
    set_(journal, "g", "unit", "mV")
    set_(journal, "g", "unit", "uV")
    set_(journal, "", "b", 2)
    set_(journal, "", "a", None)
    data = data_record(journal.node("d"))
    new = type(data)({**data.refs, "0": "efgh"})
    journal.apply("Set data", [DataEdit("d", data, new)])
    assert journal.changes() == [
        AttributeChange("", "a", AttributeRecord(value=1), None),
        AttributeChange("", "b", None, AttributeRecord(value=2)),
        DataChange("d", data, new),
        AttributeChange("g", "unit", AttributeRecord(value="V"), AttributeRecord(value="uV")),
    ]
    assert journal.changed_paths() == ["", "d", "g"]
    assert [change.name for change in journal.changes_at("")] == ["a", "b"]
    assert journal.changes_at("nowhere") == []


def test_what_is_set_back_has_not_changed(journal):
    set_(journal, "g", "unit", "mV")
    set_(journal, "g", "unit", "V")
    assert journal.changes() == []
    assert journal.changed_paths() == []
    assert len(journal.steps) == 2


def test_every_change_can_be_reverted_by_itself(journal):
    before = text(journal)
    set_(journal, "g", "unit", "mV")
    set_(journal, "", "a", None)
    set_(journal, "", "b", 2)
    data = data_record(journal.node("d"))
    journal.apply("Set data", [DataEdit("d", data, type(data)({**data.refs, "0": "efgh"}))])
    for change in journal.changes():
        journal.apply("Revert", revert(change, journal.overlay))
    assert journal.changes() == []
    assert text(journal) == before


# ---------------------------------------------------------------- watchers and threads


def test_watchers_hear_of_every_step_until_they_stop(journal):
    heard = []
    stop = journal.watch(lambda: heard.append(len(journal.steps)))
    set_(journal, "g", "unit", "mV")
    journal.undo()
    journal.undo()  # nothing to undo
    journal.redo()
    with pytest.raises(ConflictError):
        journal.apply("x", [AttributeEdit("g", "unit", None, None)])
    stop()
    journal.undo()
    assert heard == [1, 0, 1]


def test_a_watcher_may_stop_watching_while_it_is_told(journal):
    heard = []
    stops = []
    stops.append(journal.watch(lambda: (heard.append("first"), stops[0]())))
    journal.watch(lambda: heard.append("second"))
    set_(journal, "g", "unit", "mV")
    set_(journal, "g", "unit", "V")
    assert heard == ["first", "second", "second"]


def test_edits_of_many_threads_are_all_there(journal):
    def work(number):
        for value in range(20):
            set_(journal, "g", f"of {number}", value)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(journal.steps) == 160
    assert journal.node("g").attributes == {"unit": "V", **{f"of {number}": 19 for number in range(8)}}
    while journal.undo():
        pass
    assert journal.changes() == []
