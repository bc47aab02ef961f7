"""Values of every type are printed and parsed exactly; what is no value is refused with words that help."""

from __future__ import annotations

import h5py
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from lindi_explorer.errors import LindiError
from lindi_explorer.explorer.texts import (
    InvalidTextError,
    edit_text,
    read_value,
    show_value,
    type_named,
    value_type,
    why_not_edited,
)
from lindi_explorer.hdf5.attributes import StoredAttribute, encode_attribute
from lindi_explorer.hdf5.types import STRING

ENUM = h5py.enum_dtype({"RED": 0, "GREEN": 1, "a, b]": 7}, basetype="i2")
NUMBERS = [
    "|i1", "<i2", "<i4", "<i8", "|u1", "<u2", "<u4", "<u8", ">i2", ">u8", "|b1",
    "<f2", "<f4", "<f8", ">f4", "<c8", "<c16",
]  # fmt: skip
SHAPES = [(), (1,), (3,), (0,), (2, 2), (0, 3), (3, 0), (2, 0, 3), (1, 2, 2)]


def resolve(path):
    if path != "/data":
        raise InvalidTextError("nothing there")
    return reference("/data")


def reference(path):
    return {"_REFERENCE": {"object_id": None, "path": path, "source": ".", "source_object_id": None}}


def stored(value, dtype) -> StoredAttribute:
    array = np.empty(np.shape(value), dtype=dtype)
    array[...] = value
    return encode_attribute(array, lambda item: item or None)


def again(value: StoredAttribute) -> StoredAttribute:
    return read_value(edit_text(value), value.type, value.shape, resolve)


def assert_same(one: StoredAttribute, other: StoredAttribute) -> None:
    # repr, so that 0.0 and -0.0, 1 and 1.0, 1 and True differ.
    assert repr(one) == repr(other)


@given(data=st.data())
@pytest.mark.parametrize("dtype", NUMBERS)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_numbers_come_back_exactly(data, dtype, shape):
    value = stored(data.draw(hnp.arrays(dtype, shape)), dtype)
    assert why_not_edited(value) == ""
    assert_same(again(value), value)


@given(data=st.data(), shape=st.sampled_from(SHAPES))
def test_variable_strings_come_back_exactly(data, shape):
    texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
    value = stored(data.draw(hnp.arrays(object, shape, elements=texts)), h5py.string_dtype())
    assert_same(again(value), value)


@given(data=st.data(), shape=st.sampled_from(SHAPES), kind=st.sampled_from(["ascii", "utf-8"]))
def test_fixed_strings_come_back_exactly(data, shape, kind):
    texts = st.text(st.characters(codec=kind), max_size=3).filter(lambda text: not text.endswith("\0"))
    dtype = h5py.string_dtype(kind, 12)
    array = data.draw(hnp.arrays(object, shape, elements=texts.map(str.encode)))
    value = stored(array, dtype)
    assert value.type == {"string": kind, "length": 12}
    assert_same(again(value), value)


@given(data=st.data(), shape=st.sampled_from(SHAPES))
def test_enums_come_back_exactly_those_without_a_name_too(data, shape):
    value = stored(data.draw(hnp.arrays("i2", shape, elements=st.sampled_from([0, 1, 7, -5]))), ENUM)
    assert_same(again(value), value)


@pytest.mark.parametrize("shape", [(), (2,)])
def test_references_come_back_exactly_null_too(shape):
    for item in (reference("/data"), None):
        array = np.empty(shape, dtype=h5py.ref_dtype)
        array[...] = item
        value = encode_attribute(array, lambda item: item or None)
        assert_same(again(value), value)


@pytest.mark.parametrize(
    ("value", "dtype", "text", "words"),
    [
        (0.1, "<f4", "0.1", "float32"),
        (4.69e-6, "<f8", "4.69e-06", "float64"),
        (1.0, "<f2", "1.0", "float16"),
        (np.nan, "<f8", "NaN", "float64"),
        (-np.inf, "<f4", "-Infinity", "float32"),
        (True, "|b1", "true", "bool"),
        (7, ENUM, "a, b]", "enum (3 values)"),
        ([0, 7], ENUM, '["RED", "a, b]"]', "enum (3 values) [2]"),
        (" padded ", h5py.string_dtype(), " padded ", "utf-8"),
        (["é", 'quo"te', ""], h5py.string_dtype(), '["é", "quo\\"te", ""]', "utf-8 [3]"),
        (b"abc", "S5", "abc", "ascii [5 bytes]"),
        ([[1, 2], [3, 4]], "<i4", "[[1, 2], [3, 4]]", "int32 [2 × 2]"),
        ([7], ">u2", "[7]", "uint16 big-endian [1]"),
        (1.5 - 2j, "<c16", "1.5-2.0j", "complex128"),
    ],
)
def test_texts_are_what_a_person_would_write(value, dtype, text, words):
    value = stored(value, dtype)
    assert edit_text(value) == text
    assert show_value(value) == text
    assert value_type(value) == words
    assert_same(again(value), value)


@pytest.mark.parametrize(
    ("text", "type_", "value"),
    [
        ("  12 ", "<i4", 12),
        ("−12", "<i4", -12),
        ("+3", "|u1", 3),
        ("−1.5e3", "<f8", -1500.0),
        (".5", "<f4", 0.5),
        ("nan", "<f8", "NaN"),
        ("-INF", "<f4", "-Infinity"),
        ("1e-400", "<f8", None),
        ("TRUE", "|b1", True),
        ("1", {"enum": {"A": 1}, "base": "|u1"}, 1),
        (" /data ", {"reference": "object"}, reference("/data")),
        ("null", {"reference": "object"}, None),
    ],
)
def test_people_may_write_values_their_way(text, type_, value):
    if text == "1e-400":
        with pytest.raises(InvalidTextError, match="1e-400 is outside float64"):
            read_value(text, type_, (), resolve)
        return
    assert read_value(text, type_, (), resolve).value == value


@pytest.mark.parametrize(
    ("text", "type_", "message"),
    [
        ("fast", "<f8", "“fast” is not a number"),
        ("", "<f8", "“” is not a number"),
        ("1_000", "<f8", "is not a number"),
        ("٣", "<i4", "is not a whole number"),
        ("1.0", "<i4", "is not a whole number"),
        ("128", "|i1", "128 is outside int8"),
        ("-1", "<u8", "-1 is outside uint64"),
        ("18446744073709551616", "<u8", "is outside uint64"),
        ("9" * 5000, "<i8", "is not a whole number"),
        ("1e400", "<f8", "1e400 is outside float64"),
        ("1e39", "<f4", "1e39 is outside float32"),
        ("70000", "<f2", "70000 is outside float16"),
        ("yes", "|b1", "“yes” is neither true nor false"),
        ("é", {"string": "ascii"}, "“é” is not ASCII"),
        ("toolong", {"string": "ascii", "length": 5}, "takes 7 bytes and this type holds 5"),
        ("ééé", {"string": "utf-8", "length": 5}, "takes 6 bytes and this type holds 5"),
        ("a\0b", STRING, "NUL"),
        ("\ud800", STRING, "is not UTF-8"),
        ("BLUE", {"enum": {"A": 1}, "base": "|u1"}, "is not one of the values"),
        ("300", {"enum": {"A": 1}, "base": "|u1"}, "300 is outside uint8"),
        ("data", {"reference": "object"}, "is not the path of an object"),
        ("/nowhere", {"reference": "object"}, "nothing there"),
        ("1+", "<c8", "is not a complex number"),
        ("1e39j", "<c8", "is outside complex64"),
        ("{}", {"compound": [["a", "<i4", 0]], "size": 4}, "compound .1 fields. are not edited as text"),
    ],
)
def test_a_text_that_is_no_value_is_refused_with_the_reason(text, type_, message):
    with pytest.raises(InvalidTextError, match=message) as caught:
        read_value(text, type_, (), resolve)
    assert isinstance(caught.value, LindiError)
    assert caught.value.hint or "nothing there" in message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1, 2", "a comma stands where"),
        ("1", "not a list"),
        ("", "not closed"),
        ("[1, 2", "not closed"),
        ("[1, 2]]", "closes nothing"),
        ("[1,, 2]", "a comma stands where"),
        ("[1, 2,]", "closes nothing"),
        ("[1 2]", "“1 2” is not a whole number"),
        ("[1] [2]", "a comma is missing"),
        ("[[1, 2], [3]]", "differ in length"),
        ("[[1, 2], 3]", "differ in length"),
        ("[[1, 2]]", "2 axes and the attribute has one axis"),
        ('["1"]', "stands in quotes"),
        ("[1, 300]", "300 is outside uint8"),
        ("[" * 1000, "nested more than 32 deep"),
    ],
)
def test_a_list_that_is_none_is_refused(text, message):
    with pytest.raises(InvalidTextError, match=message):
        read_value(text, "|u1", (2,), resolve)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[a, b]", "“a” needs quotes"),
        ('["a]', "a quote is not closed"),
        (r'["\q"]', "a backslash that means nothing"),
    ],
)
def test_a_list_of_texts_needs_quotes(text, message):
    with pytest.raises(InvalidTextError, match=message):
        read_value(text, STRING, (1,), resolve)


def test_a_list_may_change_its_length_but_not_its_axes():
    assert read_value("[1, 2, 3]", "<i4", (2,), resolve).shape == (3,)
    assert read_value("[]", "<i4", (2,), resolve).shape == (0,)
    assert read_value("[]", "<i4", (0, 3), resolve).shape == (0, 3)
    with pytest.raises(InvalidTextError, match="one axis and the attribute has 2 axes"):
        read_value("[1]", "<i4", (2, 2), resolve)


@pytest.mark.parametrize(
    ("array", "text", "reason"),
    [
        (h5py.Empty("f4"), "empty", "It is empty"),
        (np.array((3, 4.5), dtype=[("a", "i4"), ("b", "f8")]), "{a: 3, b: 4.5}", "compound"),
        (np.array(b"\x00\xff", dtype="V2"), "0x00ff", "opaque"),
        (np.array(b"a\xff", dtype=h5py.string_dtype()), "a\N{REPLACEMENT CHARACTER}", "not valid UTF-8"),
        (np.array("x" * 100_001, dtype=h5py.string_dtype()), "x" * 300 + "…", "longer than 100,000"),
        (np.zeros(60_000, dtype="i1"), None, "longer than 100,000 characters"),
    ],
)
def test_what_is_not_edited_as_text_is_shown_and_says_why(array, text, reason):
    value = encode_attribute(array, lambda item: item)
    assert reason in why_not_edited(value)
    if text is not None:
        assert show_value(value) == text


def test_variable_length_values_are_shown():
    array = np.empty((2,), dtype=h5py.vlen_dtype(np.dtype("i4")))
    array[:] = [np.arange(3, dtype="i4"), np.arange(1, dtype="i4")]
    value = encode_attribute(array, lambda item: item)
    assert show_value(value) == "[[0, 1, 2], [0]]"
    assert value_type(value) == "variable-length int32 [2]"


def test_long_values_are_shortened_for_display_and_brackets_close():
    value = stored(np.arange(10_000).reshape(100, 100), "<i4")
    assert len(show_value(value)) <= 310
    assert show_value(value).startswith("[[0, 1, 2, ")
    assert show_value(value).endswith("…]]")
    assert_same(again(value), value)


@given(
    dtype=st.sampled_from([*NUMBERS, h5py.string_dtype(), h5py.string_dtype("ascii", 4)]).map(np.dtype),
    shape=st.sampled_from([(), (2,), (2, 3)]),
)
def test_types_go_by_the_words_they_are_shown_as(dtype, shape):
    value = encode_attribute(np.zeros(shape, dtype), lambda item: item)
    if "big-endian" in value_type(value):
        return
    assert type_named(value_type(value)) == (value.type, value.shape)


@pytest.mark.parametrize(
    "words", ["", "object", "float33", "int8 [3 bytes]", "int8 [1 2]", "void", "utf-8 [0 bytes]"]
)
def test_unknown_types_are_refused_and_the_known_ones_named(words):
    with pytest.raises(InvalidTextError) as caught:
        type_named(words)
    assert caught.value.hint


def test_a_list_of_any_length_is_a_type_too():
    assert type_named("utf-8 []") == (STRING, (0,))
