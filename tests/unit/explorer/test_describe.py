"""Node cards: array facts in words, attributes of every type, marks, values of scalars."""

from __future__ import annotations

import h5py
import numpy as np
import pytest

from lindi_explorer.explorer import protocol as p


def test_a_dataset_is_described_without_reading_its_data(sample):
    card = sample.card("/acquisition/raw/data")
    facts = card.array
    assert (facts.shape, facts.dtype, facts.chunks) == ([3000, 8], "int16", [3000, 8])
    assert facts.filters == ["shuffle", "gzip 4"]
    assert facts.size_bytes == 48_000
    assert facts.stored_bytes == card.row.stored_bytes
    assert card.in_type == "ElectricalSeries"
    assert card.value is None
    assert card.previews[0].view in ("line", "image")
    assert sample.card("/acquisition/raw").array is None
    assert sample.card("/acquisition/raw").in_type == "NWBFile"


@pytest.mark.parametrize(
    ("path", "dtype", "filters", "chunks", "maxshape", "fill"),
    [
        ("/layouts/written_in_part", "int32", [], [16, 16], [40, 50], "-7"),
        ("/layouts/never_written", "float32", [], [8, 8], [30, 40], "NaN"),
        ("/layouts/growing", "int32", [], [4, 5], [None, 14], None),
        ("/layouts/lzf", "int32", ["lzf"], [4, 5], [10, 14], None),
        ("/layouts/all_together", "int32", ["shuffle", "gzip 4", "fletcher32"], [4, 5], [10, 14], None),
        ("/layouts/contiguous", "int32", [], None, [10, 14], None),
        ("/strings/utf8", "utf-8 string", [], None, [7], None),
        ("/strings/fixed", "ascii string [5 bytes]", [], None, [4], None),
        ("/strings/compressed", "utf-8 string", ["gzip 4"], [17], [100], None),
        ("/compounds/plain", "compound (4 fields)", [], None, [2], None),
        ("/references/objects", "reference", [], None, [4], None),
        ("/numbers/big_i4", "int32 big-endian", [], None, [4], None),
        ("/numbers/enum", "enum (3 values)", [], None, [3], None),
        ("/lists/ints", "variable-length int32", [], None, [3], None),
        ("/scalars/null", "float32", [], None, None, None),
    ],
)
def test_array_facts_are_those_of_h5py(edge, path, dtype, filters, chunks, maxshape, fill):
    facts = edge.card(path).array
    assert (facts.dtype, facts.filters, facts.chunks, facts.maxshape) == (dtype, filters, chunks, maxshape)
    if fill is not None:
        assert facts.fill_value == fill


def test_fields_of_a_compound_are_named(edge):
    assert edge.card("/compounds/plain").array.fields == ["id", "value", "flag", "name"]
    assert edge.card("/numbers/enum").array.fields == []


def test_decoded_size_is_unknown_for_variable_length_data(edge):
    assert edge.card("/strings/utf8").array.size_bytes is None
    assert edge.card("/strings/fixed").array.size_bytes == 20


@pytest.mark.parametrize(
    ("path", "name", "type_", "text"),
    [
        ("/numbers", "i1", "int8", "127"),
        ("/numbers", "u8", "uint64", "18446744073709551615"),
        ("/numbers", "f2", "float16", "65504.0" if str(np.float16(65504)) == "65504.0" else "6.55e+04"),
        ("/numbers", "nan", "float64", "NaN"),
        ("/numbers", "infinities", "float32 [2]", "[Infinity, -Infinity]"),
        ("/numbers", "bool", "bool", "true"),
        ("/numbers", "enum", "enum (3 values)", "BLUE"),
        ("/scalars", "one_element", "int64 [1]", "[7]"),
        ("/strings", "text", "utf-8", "é"),
        ("/strings", "empty", "utf-8", ""),
        ("/strings", "fixed", "ascii [3 bytes]", "abc"),
        ("/strings", "ascii", "ascii", "abc"),
        ("/strings", "one_element", "utf-8 [1]", '["alone"]'),
        ("/references", "object", "reference", "/references/data"),
        ("/attributes", "matrix", "int64 [2 × 3]", "[[0, 1, 2], [3, 4, 5]]"),
        ("/attributes", "no_elements", "float64 [0]", "[]"),
        ("/attributes", "_SCALAR", "utf-8", "not ours"),
    ],
)
def test_attributes_of_every_type_are_shown_and_can_be_edited(edge, path, name, type_, text):
    attribute = edge.attributes(path)[name]
    assert (attribute.type, attribute.text, attribute.edit_text) == (type_, text, text)
    assert attribute.editable


@pytest.mark.parametrize(
    ("path", "name", "text", "why_not"),
    [
        ("/scalars", "null", "empty", "It is empty"),
        ("/compounds", "compound", "{a: 3, b: 4.5}", "compound"),
        ("/lists", "ints", "[[0, 1, 2], [0]]", "variable-length"),
        ("/references", "region", "a region of /references/data", "region reference"),
    ],
)
def test_what_is_not_edited_as_text_says_why(edge, path, name, text, why_not):
    attribute = edge.attributes(path)[name]
    assert attribute.text == text
    assert (attribute.editable, attribute.edit_text) == (False, "")
    assert why_not in attribute.why_not


def test_a_reference_can_be_followed(edge):
    assert edge.attributes("/references")["object"].target == "/references/data"
    assert edge.attributes("/references")["objects"].target == ""


def test_long_attributes_are_shortened_for_display_only(edge):
    long = edge.attributes("/attributes")["long"]
    assert len(long.text) == 301
    assert long.edit_text == "long " * 2000


def test_annotations_of_the_format_are_not_attributes(edge):
    assert "_SCALAR" not in edge.attributes("/scalars/int")
    assert "_COMPOUND_DTYPE" not in edge.attributes("/compounds/plain")


def test_attributes_keep_the_order_of_the_file_and_edits_leave_marks(explore, tmp_path):
    with h5py.File(tmp_path / "x.h5", "w", track_order=True) as file:
        for name, value in (("b", np.float32(1)), ("a", "text"), ("c", 3)):
            file.attrs[name] = value
    asked = explore(tmp_path / "x.h5")
    asked.set("/", "a", "other")
    asked.set("/", "new", "5", "int16")
    asked.ask(p.DeleteAttribute, path="/", name="b")
    rows = asked.card("/").attributes
    assert [(row.name, row.mark, row.old_text) for row in rows] == [
        ("a", "M", "text"),
        ("c", "", ""),
        ("new", "A", ""),
        ("b", "D", "1.0"),
    ]
    gone = rows[-1]
    assert (gone.editable, gone.type) == (False, "float32")
    assert all(row.change is not None for row in rows if row.mark)
    assert asked.card("/").row.mark == "M"


def test_a_scalar_dataset_has_a_value_that_is_edited_like_an_attribute(sample):
    value = sample.card("/general/subject/age").value
    assert (value.name, value.type, value.text, value.editable) == ("", "utf-8", "P90D", True)
    sample.ask(p.SetValue, path="/general/subject/age", text="P91D")
    value = sample.card("/general/subject/age").value
    assert (value.text, value.mark, value.old_text) == ("P91D", "M", "P90D")
    sample.ask(p.Revert, changes=[value.change])
    assert sample.card("/general/subject/age").value.mark == ""


@pytest.mark.parametrize(
    ("name", "type_", "text", "editable"),
    [
        ("int", "int64", "3", True),
        ("float", "float64", "2.5", True),
        ("bool", "bool", "true", True),
        ("text", "utf-8", "hé", True),
        ("empty_text", "utf-8", "", True),
        ("bytes", "ascii [3 bytes]", "abc", True),
        ("compound", "compound (2 fields)", "{a: 1, b: 2.5}", False),
    ],
)
def test_values_of_every_type_are_shown(edge, name, type_, text, editable):
    value = edge.card(f"/scalars/{name}").value
    assert (value.type, value.text, value.editable) == (type_, text, editable)


def test_the_json_of_a_node_is_what_lindi_writes(sample):
    text = sample.ask(p.GetJson, path="/acquisition/raw/data").text
    assert '".zarray"' in text
    assert '"shape": [\n      3000,\n      8\n    ]' in text
    assert '"unit": "volts"' in text


def test_the_json_of_a_node_does_not_say_where_files_lie_on_this_machine(edge, edge_cases_h5):
    assert edge_cases_h5.name in edge.ask(p.GetJson, path="/links/external").text
    for path in ("/links/external", "/layouts/lzf", "/layouts/scale_offset"):
        assert str(edge_cases_h5.parent) not in edge.ask(p.GetJson, path=path).text


def test_the_json_of_a_node_shows_no_signed_link(explore):
    link = {
        "link_type": "hdf5_dataset",
        "name": "d",
        "url": "https://user:pw@example.org/x.h5?X-Amz-Signature=abc",
    }
    array = {
        "chunks": [1],
        "compressor": None,
        "dtype": "<i4",
        "fill_value": 0,
        "filters": None,
        "order": "C",
    }
    refs = {
        ".zgroup": {"zarr_format": 2},
        "d/.zarray": {**array, "shape": [1], "zarr_format": 2},
        "d/.zattrs": {"_EXTERNAL_ARRAY_LINK": link},
    }
    asked = explore({"refs": refs})
    text = asked.ask(p.GetJson, path="/d").text
    assert "https://example.org/x.h5" in text
    assert "abc" not in text
    assert "pw" not in text
