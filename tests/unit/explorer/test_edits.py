"""Edits: types are kept, each is one step with good words, what is no value changes nothing."""

from __future__ import annotations

import h5py
import numpy as np
import pytest

from lindi_explorer.errors import LindiError, NodeNotFoundError, ReadOnlyError, UnsupportedError
from lindi_explorer.explorer import protocol as p
from lindi_explorer.explorer.session import ExplorerSession
from lindi_explorer.explorer.texts import InvalidTextError
from lindi_explorer.h5 import LindiH5pyFile, LindiH5pyReference

DATA = "/acquisition/raw/data"


@pytest.mark.parametrize(
    ("path", "name", "text", "value", "dtype"),
    [
        ("/numbers", "i1", "-5", -5, "i1"),
        ("/numbers", "u8", "18446744073709551614", 18446744073709551614, "u8"),
        ("/numbers", "f2", "0.1", np.float16(0.1), "f2"),
        ("/numbers", "f4", "NaN", np.float32("nan"), "f4"),
        ("/numbers", "nan", "-Infinity", -np.inf, "f8"),
        ("/numbers", "bool", "false", False, "?"),
        ("/numbers", "i2_array", "[1, 2]", [1, 2], "i2"),
        ("/scalars", "one_element", "[8]", [8], "i8"),
        ("/attributes", "matrix", "[[1, 2, 3], [4, 5, 6]]", [[1, 2, 3], [4, 5, 6]], "i8"),
    ],
)
def test_numbers_keep_their_type(edge, path, name, text, value, dtype):
    edge.set(path, name, text)
    found = edge.file[path].attrs[name]
    assert found.dtype == np.dtype(dtype)
    assert found.shape == np.shape(value)
    np.testing.assert_array_equal(found, value)


def test_strings_keep_their_kind(edge):
    strings = edge.file["/strings"].attrs
    before = {name: strings.stored(name).type for name in ("text", "fixed", "ascii", "lookalikes")}
    edge.set("/strings", "text", "NaN")
    edge.set("/strings", "fixed", "xy")
    edge.set("/strings", "ascii", "")
    edge.set("/strings", "lookalikes", '["null", "NaN"]')
    assert {name: strings.stored(name).type for name in before} == before
    assert strings["text"] == "NaN"
    assert strings["fixed"] == b"xy"
    assert strings["ascii"] == ""
    assert strings["lookalikes"].tolist() == ["null", "NaN"]


def test_enums_are_set_by_name(edge):
    edge.set("/numbers", "enum", "GREEN")
    assert edge.file["/numbers"].attrs["enum"] == 1
    assert edge.attributes("/numbers")["enum"].text == "GREEN"


def test_references_are_set_by_path(edge):
    edge.set("/references", "object", "/scalars/int")
    reference = edge.file["/references"].attrs["object"]
    assert isinstance(reference, LindiH5pyReference)
    assert edge.file[reference].name == "/scalars/int"
    with pytest.raises(InvalidTextError, match="no object at /nowhere"):
        edge.set("/references", "object", "/nowhere")


def test_every_edit_says_in_words_what_it_did(sample):
    assert sample.set(DATA, "unit", "mV").words == "Set unit of data"
    assert sample.set(DATA, "note", "x").words == "Add note of data"
    assert sample.ask(p.DeleteAttribute, path=DATA, name="note").words == "Delete note of data"
    assert sample.set("/", "nwb_version", "2.9.0").words == "Set nwb_version of the file"
    assert sample.status().undo == "Set nwb_version of the file"
    undone = sample.ask(p.Undo)
    assert (undone.words, undone.touched) == ("Undone: Set nwb_version of the file", ["/"])
    assert (undone.status.undo, undone.status.redo) == ("Delete note of data", "Set nwb_version of the file")
    redone = sample.ask(p.Redo)
    assert (redone.words, redone.touched) == ("Redone: Set nwb_version of the file", ["/"])
    assert sample.ask(p.Redo).words == "There is nothing to redo"


def test_a_new_attribute_has_the_type_that_was_chosen(sample):
    sample.set(DATA, "a", "5")
    sample.set(DATA, "b", "5", "float32")
    sample.set(DATA, "c", "[[1, 2], [3, 4]]", "uint8")
    sample.set(DATA, "d", "[not a list")
    sample.set(DATA, "e", '["x"]', "utf-8 []")
    sample.set(DATA, "f", "abc", "ascii [5 bytes]")
    types = {name: row.type for name, row in sample.attributes(DATA).items() if len(name) == 1}
    assert types == {
        "a": "utf-8",
        "b": "float32",
        "c": "uint8 [2 × 2]",
        "d": "utf-8",
        "e": "utf-8 [1]",
        "f": "ascii [5 bytes]",
    }
    assert sample.file[DATA].attrs["d"] == "[not a list"


def test_a_changed_type_is_an_explicit_choice(sample):
    with pytest.raises(InvalidTextError, match="“fast” is not a number"):
        sample.set(DATA, "conversion", "fast")
    sample.set(DATA, "conversion", "fast", "utf-8")
    assert sample.file[DATA].attrs["conversion"] == "fast"
    sample.set(DATA, "conversion", "2", "float64")
    assert sample.file[DATA].attrs["conversion"].dtype == np.dtype("f8")


def test_setting_the_value_that_is_there_is_no_edit(sample):
    text = sample.attributes(DATA)["conversion"].edit_text
    edited = sample.set(DATA, "conversion", text)
    assert (edited.words, edited.touched, edited.status.changes) == ("Nothing has changed", [], 0)
    assert sample.set(DATA, "conversion", f"  {text} ").status.changes == 0
    age = sample.card("/general/subject/age").value.edit_text
    assert sample.ask(p.SetValue, path="/general/subject/age", text=age).status.undo == ""


def test_text_that_was_stored_against_its_charset_can_stay(explore, tmp_path):
    with h5py.File(tmp_path / "x.h5", "w") as file:
        file.attrs.create("odd", "é".encode(), dtype=h5py.string_dtype("ascii"))
    asked = explore(tmp_path / "x.h5")
    assert asked.set("/", "odd", "é").touched == []
    with pytest.raises(InvalidTextError, match="is not ASCII"):
        asked.set("/", "odd", "è")


@pytest.mark.parametrize(
    ("path", "text", "value"),
    [
        ("/scalars/int", "-7", -7),
        ("/scalars/float", "0.001", 0.001),
        ("/scalars/bool", "false", False),
        ("/scalars/text", "longer than before: é", "longer than before: é".encode()),
        ("/scalars/empty_text", "now full", b"now full"),
        ("/scalars/text", "", b""),
        ("/scalars/bytes", "xyz", b"xyz"),
    ],
)
def test_values_of_scalar_datasets_keep_their_type(edge, path, text, value):
    before = edge.file[path].dtype
    edited = edge.ask(p.SetValue, path=path, text=text)
    assert edited.words == f"Set value of {path.rpartition('/')[2]}"
    assert edge.file[path][()] == value
    assert edge.file[path].dtype == before
    assert edge.card(path).value.text == text
    edge.ask(p.Undo)
    assert edge.status().changes == 0


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/layouts/chunked", "not a single value"),
        ("/layouts", "not a single value"),
        ("/scalars/compound", "cannot be edited as text"),
        ("/scalars/null", "not a single value"),
    ],
)
def test_only_single_values_are_set(edge, path, message):
    with pytest.raises(UnsupportedError, match=message):
        edge.ask(p.SetValue, path=path, text="1")
    assert edge.status().changes == 0


def test_what_is_no_value_changes_nothing(sample):
    for request in (
        {"name": "conversion", "text": "fast"},
        {"name": "", "text": "x"},
        {"name": "a\0b", "text": "x"},
        {"name": "new", "text": "300", "type": "int8"},
        {"name": "new", "text": "1", "type": "quaternion"},
    ):
        with pytest.raises(LindiError) as caught:
            sample.set(DATA, **request)
        assert caught.value.hint
    with pytest.raises(NodeNotFoundError, match="no object at /nope"):
        sample.set("/nope", "unit", "m")
    with pytest.raises(NodeNotFoundError, match="no attribute 'nope'"):
        sample.ask(p.DeleteAttribute, path=DATA, name="nope")
    assert sample.status().changes == 0


def test_an_edit_through_a_link_changes_what_it_leads_to(edge):
    edited = edge.set("/links/soft", "unit", "m")
    assert edited.touched == ["/links/data"]
    assert edge.rows("/links")["data"].mark == "M" or edge.rows("/links")["hard"].mark == "M"
    with pytest.raises(NodeNotFoundError):
        edge.set("/links/soft_dangling", "unit", "m")


def test_marks_of_parents_say_that_something_below_is_edited(sample):
    sample.set(DATA, "unit", "mV")
    assert sample.open().root.below == "M"
    assert sample.rows("/")["acquisition"].below == "M"
    assert sample.rows("/acquisition")["raw"].below == "M"
    assert sample.rows("/acquisition/raw")["data"].mark == "M"
    assert sample.rows("/")["general"].below == ""
    sample.ask(p.Undo)
    assert sample.open().root.below == ""


@pytest.mark.parametrize(
    ("members", "ok", "words"),
    [
        ({"path": DATA, "name": "conversion", "text": "1e-6"}, True, ""),
        (
            {"path": DATA, "name": "conversion", "text": "fast"},
            False,
            "“fast” is not a number. The type is float",
        ),
        (
            {"path": DATA, "name": "new", "text": "300", "type": "int8"},
            False,
            "300 is outside int8. Type a whole",
        ),
        (
            {"path": DATA, "name": "", "text": "x", "type": "utf-8"},
            False,
            "An attribute needs a name. Type a name",
        ),
        ({"path": "/general/subject/age", "name": "", "text": "P1D"}, True, ""),
        ({"path": "/acquisition/raw/starting_time", "name": "", "text": "x"}, False, "“x” is not a number"),
    ],
)
def test_a_text_is_checked_while_it_is_typed(sample, members, ok, words):
    checked = sample.ask(p.CheckText, **members)
    assert checked.ok is ok
    assert checked.words.startswith(words)
    assert sample.status().changes == 0


def test_a_file_that_is_open_for_reading_says_so(sample_nwb, journals):
    with LindiH5pyFile.from_hdf5_file(sample_nwb) as file:
        session = ExplorerSession(file, journal_folder=journals)
        opened, _ = session.handle(p.Open(id="1"))
        assert opened.read_only == "The file was opened for reading only."
        with pytest.raises(ReadOnlyError):
            session.handle(p.SetAttribute(id="2", path=DATA, name="unit", text="mV"))
        session.close()
        assert file, "the file is the caller's"
