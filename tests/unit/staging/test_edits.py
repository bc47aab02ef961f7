from __future__ import annotations

import itertools

import msgspec
import pytest

from lindi_explorer.errors import ConflictError, FormatError, NodeNotFoundError
from lindi_explorer.references import codec
from lindi_explorer.references.model import Node
from lindi_explorer.staging.edits import (
    AttributeEdit,
    AttributeRecord,
    DataEdit,
    attribute_record,
    data_record,
)
from lindi_explorer.staging.journal import EditJournal

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
# JSON values that Python takes for equal, or nearly so.
LOOKALIKES = [0, 0.0, -0.0, False, "zero", [0], [0.0], [[0]], None, "", [], {}, {"a": 0}, {"a": False}]


def record(value=msgspec.UNSET, entry=None):
    return AttributeRecord(value=value, entry=entry)


def test_values_that_only_look_alike_differ():
    for one, other in itertools.combinations(LOOKALIKES, 2):
        assert record(one) != record(other)
        assert record(entry={"value": one}) != record(entry={"value": other})


@pytest.mark.parametrize("value", [*LOOKALIKES, float("nan"), float("inf"), {"a": [1, {"b": None}]}])
def test_equal_values_are_equal(value):
    copy = msgspec.convert(msgspec.to_builtins(record(value, {"value": value})), AttributeRecord)
    assert copy == record(value, {"value": value})
    assert not copy != record(value, {"value": value})  # noqa: SIM202 - `!=` has a method of its own


def test_absent_is_not_null():
    assert record() != record(None)
    assert attribute_record(Node({"a": None}), "a") == record(None)
    assert attribute_record(Node(), "a") is None
    assert attribute_record(
        Node(sidecar={"attributes": {"a": {"type": "<i4", "null": True}}}), "a"
    ) == record(entry={"type": "<i4", "null": True})


# ---------------------------------------------------------------- one attribute


@pytest.mark.parametrize("old", [None, record(1), record(1, {"type": "<i4"}), record(entry={"value": 1})])
@pytest.mark.parametrize(
    "new", [None, record(True), record(2.5, {"type": "<f4"}), record(entry={"value": 2})]
)
def test_an_edit_and_its_opposite_leave_the_node_as_it_was(old, new):
    attributes, entries = {"before": "x", "after": [1]}, {"after": {"type": "<i4"}}
    if old is not None:
        attributes |= {"a": old.value} if old.value is not msgspec.UNSET else {}
        entries |= {"a": old.entry} if old.entry is not None else {}
    node = Node(attributes, None, {}, {"attributes": entries, "maxshape": [None]})
    edit = AttributeEdit("g", "a", old, new)
    edited = edit.changed(node)
    assert attribute_record(edited, "a") == new
    assert edited.sidecar["maxshape"] == [None]
    back = AttributeEdit("g", "a", new, old).changed(edited)
    assert (back.attributes, back.sidecar) == (node.attributes, node.sidecar)
    assert node.attributes == attributes, "the node itself is not changed"


def test_a_value_that_is_set_keeps_its_place(tmp_path):
    node = Node({"a": 1, "b": 2, "c": 3})
    assert list(AttributeEdit("", "b", record(2), record("x")).changed(node).attributes) == ["a", "b", "c"]


def test_the_last_entry_takes_the_side_car_with_it():
    node = Node({"a": 1}, sidecar={"attributes": {"a": {"type": "<i4"}}})
    assert AttributeEdit("", "a", record(1, {"type": "<i4"}), None).changed(node).sidecar == {}


@pytest.mark.parametrize("old", [None, record(2), record(1.0), record(True), record(1, {"type": "<i4"})])
def test_another_old_value_is_a_conflict_that_names_both(old):
    with pytest.raises(ConflictError, match="old value differs at g, attribute a") as caught:
        AttributeEdit("g", "a", old, record(5)).changed(Node({"a": 1}))
    assert "the file has 1" in caught.value.message
    assert "Nothing was applied" in caught.value.hint


def test_a_conflict_says_long_values_short():
    with pytest.raises(ConflictError) as caught:
        AttributeEdit("g", "a", record("x" * 5000), None).changed(Node({"a": "y" * 5000}))
    assert len(caught.value.message) < 300


def test_an_annotation_is_no_attribute():
    node = Node({"_SCALAR": True, "_SOFT_LINK": {"path": "/x"}})
    assert attribute_record(node, "_SCALAR") is None
    edited = AttributeEdit("", "_SCALAR", None, record(entry={"value": "mine"})).changed(node)
    assert edited.attributes["_SCALAR"] is True
    assert attribute_record(edited, "_SCALAR") == record(entry={"value": "mine"})


# ---------------------------------------------------------------- data


@pytest.fixture
def journal():
    refs = {
        ".zgroup": {"zarr_format": 2},
        "d/.zarray": ARRAY,
        "d/.zattrs": {"unit": "V"},
        "d/.lindi_explorer": {"attributes": {"unit": {"type": {"string": "ascii"}}}, "maxshape": [None]},
        "d/0": "abcd",
        "far/.zarray": ARRAY,
        "far/0": ["file", 0, 4],
    }
    return EditJournal(codec.decode({"refs": refs}))


def test_data_is_replaced_and_attributes_stay(journal):
    old = data_record(journal.node("d"))
    assert old.refs == {".zarray": ARRAY, ".lindi_explorer": {"maxshape": [None]}, "0": "abcd"}
    wider = {**ARRAY, "dtype": "<U2"}
    new = type(old)({".zarray": wider, "0": "base64:/w=="})
    journal.apply("Set data", [DataEdit("d", old, new)])
    node = journal.node("d")
    assert (node.array, dict(node.chunks)) == (wider, {(0,): b"\xff"})
    assert node.attributes == {"unit": "V"}
    assert node.sidecar == {"attributes": {"unit": {"type": {"string": "ascii"}}}}
    journal.undo()
    assert data_record(journal.node("d")) == old


def test_data_that_lies_elsewhere_cannot_be_recorded(journal):
    for path in ("far", ""):
        with pytest.raises(FormatError, match="kept in the document"):
            data_record(journal.node(path))


def test_other_data_is_a_conflict(journal):
    old = data_record(journal.node("d"))
    new = type(old)({**old.refs, "0": "efgh"})
    with pytest.raises(ConflictError, match="old value differs at d"):
        journal.apply("Set data", [DataEdit("d", new, old)])
    assert journal["d/0"] == b"abcd"


def test_an_edit_of_nothing(journal):
    with pytest.raises(NodeNotFoundError):
        journal.apply("Set", [AttributeEdit("nowhere", "a", None, record(1))])
    assert journal.steps == ()
