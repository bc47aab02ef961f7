"""Attributes: everything h5py's AttributeManager does, with its answers."""

from __future__ import annotations

import json

import h5py
import numpy as np
import pytest

from lindi_explorer import LindiH5pyFile
from lindi_explorer.errors import NodeNotFoundError, ReadOnlyError, UnsupportedError
from tests.contract.same import Judge

VALUES = {
    "int": 5,
    "negative": -1,
    "large": 2**64 - 1,
    "float": 2.0,
    "bool": True,
    "complex": 1 + 2j,
    "str": "é",
    "empty str": "",
    "bytes": b"abc",
    "fixed": np.bytes_(b"abc"),
    "int8": np.int8(-3),
    "uint16": np.uint16(7),
    "float32": np.float32(0.1),
    "big-endian": np.array(7, ">i4"),
    "nan": np.nan,
    "infinity": -np.inf,
    "word": "NaN",
    "words": ["NaN", "Infinity"],
    "list of int": [1, 2],
    "list of float": [1.5, 2],
    "list of bool": [True, False],
    "list of str": ["a", "é"],
    "nested": [[1, 2], [3, 4]],
    "tuple": (1, 2),
    "empty list": [],
    "none of three": np.zeros((0, 3), "f4"),
    "one": np.array([7]),
    "floats": np.array([1, np.nan, np.inf], "f4"),
    "fixed texts": np.array([b"a", b"bcd"]),
    "bools": np.array([[True], [False]]),
    "empty": h5py.Empty("f4"),
    "empty str type": h5py.Empty(h5py.string_dtype()),
    "compound": np.array((1, 2.5), [("a", "i4"), ("b", "f8")]),
    "compounds": np.array([(1, b"x")], [("a", ">i4"), ("b", "S3")]),
    "opaque": np.void(b"\0\1\2"),
    "lookalike": '{"_REFERENCE": {"path": "/x"}}',
    "long": "x" * 70_000,
}
REFUSED = {
    "none": None,
    "dict": {},
    "mixed": [1, "a"],
    "set": {1},
    "object": object(),
    "nul": "a\0b",
    "wide": 2**64,
}


@pytest.fixture
def file(opened):
    return opened(LindiH5pyFile.from_reference_file_system(None, mode="r+"))


@pytest.fixture
def theirs(tmp_path, opened):
    return opened(h5py.File(tmp_path / "theirs.h5", "w"))


def reopened(file, opened):
    document = json.loads(json.dumps(file.to_reference_file_system(), allow_nan=False))
    return opened(LindiH5pyFile.from_reference_file_system(document))


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_a_value_that_is_set_is_what_h5py_would_give_back(file, theirs, opened, value):
    theirs.attrs["x"] = value
    file.attrs["x"] = value
    judge = Judge(theirs, file)
    judge.value(theirs.attrs["x"], file.attrs["x"])
    judge.attributes(theirs.attrs, file.attrs)
    judge.attributes(theirs.attrs, reopened(file, opened).attrs)


@pytest.mark.parametrize("value", REFUSED.values(), ids=REFUSED)
def test_what_h5py_refuses_is_refused_in_the_same_way_and_changes_nothing(file, theirs, value):
    file.attrs["x"] = 1
    with pytest.raises((TypeError, ValueError, OverflowError)) as expected:
        theirs.attrs["x"] = value
    with pytest.raises(expected.type):
        file.attrs["x"] = value
    assert file.attrs["x"] == 1
    assert len(file.journal.steps) == 1


@pytest.mark.parametrize(
    ("data", "shape", "dtype"),
    [
        (5, None, "f4"),
        ([1, 2, 3, 4], (2, 2), None),
        ([1, 2, 3, 4], (2, 2), ">i2"),
        ("abc", None, h5py.string_dtype("ascii", 5)),
        ("é".encode(), None, h5py.string_dtype("utf-8", 4)),
        (b"x", None, h5py.string_dtype("ascii")),
        (1, None, h5py.enum_dtype({"A": 0, "B": 1})),
        ([0, 1], None, h5py.enum_dtype({"A": 0, "B": 1}, basetype="i2")),
        (7, None, np.dtype("c8")),
        (np.zeros((2, 3), "i4"), None, np.dtype(("i4", (3,)))),
    ],
    ids=str,
)
def test_create_with_shape_and_type(file, theirs, opened, data, shape, dtype):
    theirs.attrs.create("x", data, shape, dtype)
    file.attrs.create("x", data, shape, dtype)
    Judge(theirs, file).attributes(theirs.attrs, file.attrs)
    Judge(theirs, file).attributes(theirs.attrs, reopened(file, opened).attrs)


def test_sequences_of_any_length(file, theirs):
    lists = np.empty(2, dtype=object)
    lists[:] = [np.arange(3, dtype="i4"), np.arange(1, dtype="i4")]
    for manager in (theirs.attrs, file.attrs):
        manager.create("x", lists, dtype=h5py.vlen_dtype("i4"))
    Judge(theirs, file).attributes(theirs.attrs, file.attrs)


@pytest.mark.parametrize("value", [7, 7.9, -1, "5", True], ids=str)
@pytest.mark.parametrize("old", [np.int16(1), np.float32(1), np.uint8(1)], ids=lambda item: item.dtype.name)
def test_modify_keeps_the_type(file, theirs, old, value):
    outcomes = []
    for manager in (theirs.attrs, file.attrs):
        manager.create("x", old)
        try:
            manager.modify("x", value)
            outcomes.append(manager["x"])
        except (TypeError, ValueError, OSError, OverflowError) as error:
            outcomes.append(type(error))
    if isinstance(outcomes[0], type):
        assert isinstance(outcomes[1], type)
    else:
        Judge(theirs, file).value(*outcomes)


def test_modify_of_texts_lists_and_what_is_not_there(file, theirs):
    for manager in (theirs.attrs, file.attrs):
        manager.create("fixed", np.bytes_(b"abc"))
        manager.modify("fixed", b"xyz")
        manager["list"] = np.array([1, 2], "i2")
        manager.modify("list", [3, 4])
        manager["text"] = "a"
        manager.modify("text", "longer")
        manager.modify("new", 5)
    Judge(theirs, file).attributes(theirs.attrs, file.attrs)


# ---------------------------------------------------------------- a mapping


def test_it_is_a_mapping(file):
    attrs = file.attrs
    attrs.update({"b": 2, "a": 1})
    assert isinstance(attrs, h5py.AttributeManager)
    assert sorted(attrs) == sorted(attrs.keys()) == ["a", "b"]
    assert sorted(attrs.values()) == [1, 2]
    assert sorted(attrs.items()) == [("a", 1), ("b", 2)]
    assert (len(attrs), "a" in attrs, "c" in attrs, 5 in attrs) == (2, True, False, False)
    assert (attrs.get("a"), attrs.get("c"), attrs.get("c", 7)) == (1, None, 7)
    assert attrs.pop("a") == 1
    assert attrs.pop("a", 9) == 9
    assert dict(attrs) == {"b": 2}
    assert attrs.setdefault("b", 3) == 2
    assert attrs.setdefault("d", 3) == 3
    assert repr(attrs)


def test_deleting(file):
    file.attrs["a"] = 1
    del file.attrs["a"]
    assert "a" not in file.attrs
    with pytest.raises(KeyError):
        del file.attrs["a"]
    with pytest.raises(KeyError):
        file.attrs.pop("a")
    assert len(file.journal.steps) == 2


def test_what_is_not_there_is_a_key_error_that_names_it(file):
    with pytest.raises(NodeNotFoundError, match="no attribute 'nothing'") as caught:
        file.attrs["nothing"]
    assert isinstance(caught.value, KeyError)


@pytest.mark.parametrize("name", ["with space", "é", "a/b", ".", "", "_ARRAY_DIMENSIONS", "x" * 300, "a.b"])
def test_names_of_every_kind(file, opened, name):
    file.attrs[name] = 1
    assert reopened(file, opened).attrs[name] == 1
    assert list(file.attrs) == [name]


def test_names_that_are_no_utf8(both):
    def fill(file):
        h5py.h5a.create(file.id, b"\xff\xfe", h5py.h5t.STD_I32LE, h5py.h5s.create(h5py.h5s.SCALAR))
        file.attrs["ok"] = 1

    theirs, ours = both(fill)
    for file in ours:
        assert len(file.attrs) == 2
        assert file.attrs[b"\xff\xfe"] == theirs.attrs[b"\xff\xfe"] == 0
        assert set(file.attrs) == set(theirs.attrs)


@pytest.mark.parametrize(
    "name", ["_SCALAR", "_REFERENCE", "_SOFT_LINK", "_COMPOUND_DTYPE", "_EXTERNAL_ARRAY_LINK"]
)
def test_a_user_may_take_the_names_of_annotations(both, name):
    def fill(file):
        file.attrs[name] = "mine"
        file["s"] = 5
        file["s"].attrs[name] = [1, 2]
        file.create_group("g")

    _, ours = both(fill, mode="r+")
    for file in ours:
        assert file.attrs[name] == "mine"
        assert file["s"].attrs[name].tolist() == [1, 2]
        assert (file["s"].shape, file["s"][()]) == ((), 5)
        assert name not in file["g"].attrs
        with pytest.raises(KeyError):
            file["g"].attrs[name]
        file["g"].attrs[name] = True
        assert file["g"].attrs[name]
        assert list(file["g"]) == []
        del file["s"].attrs[name]
        assert name not in file["s"].attrs
        assert file["s"][()] == 5


# ---------------------------------------------------------------- references


def test_references_in_attributes(both):
    def fill(file):
        group = file.create_group("g")
        group["d"] = np.arange(24).reshape(4, 6)
        file.attrs["group"] = group.ref
        file.attrs["itself"] = file.ref
        file.attrs["null"] = h5py.Reference()
        file.attrs["region"] = group["d"].regionref[1:3, ::2]
        file.attrs.create("many", [group.ref, group["d"].ref], dtype=h5py.ref_dtype)

    theirs, ours = both(fill)
    for file in ours:
        Judge(theirs, file).attributes(theirs.attrs, file.attrs)
        assert file[file.attrs["group"]] == file["g"]
        assert [file[ref].name for ref in file.attrs["many"]] == ["/g", "/g/d"]
        region = file.attrs["region"]
        assert file[region] == file["g/d"]
        assert not file.attrs["null"]


def test_setting_references_of_our_own(file, opened):
    document = {
        "refs": {
            ".zgroup": {"zarr_format": 2},
            "g/.zgroup": {"zarr_format": 2},
            "g/.zattrs": {"object_id": "G"},
        }
    }
    file = opened(LindiH5pyFile.from_reference_file_system(document, mode="r+"))
    file.attrs["r"] = file["g"].ref
    file.attrs["many"] = [file["g"].ref, file.ref]
    again = reopened(file, opened)
    assert again[again.attrs["r"]].name == "/g"
    assert [again[ref].name for ref in again.attrs["many"]] == ["/g", "/"]
    assert again.attrs["r"] == file["g"].ref


def test_a_reference_of_an_hdf5_file_is_refused(file, theirs):
    with pytest.raises(TypeError, match="reference"):
        file.attrs["r"] = theirs.ref


# ---------------------------------------------------------------- the journal, and reading only


def test_each_change_is_one_step_with_words(file):
    file.attrs["a"] = 1
    file.attrs["a"] = 2
    file.attrs["a"] = 2
    file.attrs.create("b", 1)
    del file.attrs["a"]
    assert [step.words for step in file.journal.steps] == [
        "Add a of the file",
        "Set a of the file",
        "Add b of the file",
        "Delete a of the file",
    ]
    while file.journal.undo():
        pass
    assert len(file.attrs) == 0


def test_two_managers_of_one_object_see_the_same(file):
    one, other = file.attrs, file.attrs
    one["a"] = 1
    assert other["a"] == 1
    file.journal.undo()
    assert "a" not in other


@pytest.mark.parametrize(
    "change",
    [
        lambda attrs: attrs.__setitem__("a", 1),
        lambda attrs: attrs.__delitem__("a"),
        lambda attrs: attrs.create("a", 1),
        lambda attrs: attrs.modify("a", 1),
        lambda attrs: attrs.update(a=1),
        lambda attrs: attrs.pop("a"),
    ],
    ids=["set", "delete", "create", "modify", "update", "pop"],
)
def test_a_file_open_for_reading_is_not_changed(both, change):
    _, ours = both(lambda file: file.attrs.create("a", 0))
    for file in ours:
        with pytest.raises(ReadOnlyError, match="open for reading") as caught:
            change(file.attrs)
        assert isinstance(caught.value, ValueError)
        assert "r+" in caught.value.hint
        assert file.attrs["a"] == 0


def test_an_attribute_that_hdf5_cannot_read_is_named_and_alone(both):
    def fill(file):
        kind = h5py.h5t.UNIX_D32LE  # a time: no library reads it
        h5py.h5a.create(file.id, b"time", kind, h5py.h5s.create(h5py.h5s.SCALAR))
        file.attrs["ok"] = 1

    _, ours = both(fill)
    for file in ours:
        assert sorted(file.attrs) == ["ok", "time"]
        assert file.attrs["ok"] == 1
        with pytest.raises(UnsupportedError, match="time"):
            file.attrs["time"]


@pytest.mark.parametrize(
    "value",
    [None, {"a": 1}, [None], [1, "a"], [[1], [2, 3]], [1, [2]], {"_REFERENCE": 5}, [{"_REFERENCE": {}}, 1]],
    ids=str,
)
def test_a_value_that_no_lindi_file_may_hold_is_named_and_alone(opened, value):
    from lindi_explorer.errors import FormatError

    document = {"refs": {".zgroup": {"zarr_format": 2}, ".zattrs": {"bad": value, "ok": 1}}}
    file = opened(LindiH5pyFile.from_reference_file_system(document))
    assert file.attrs["ok"] == 1
    assert sorted(file.attrs) == ["bad", "ok"]
    with pytest.raises(FormatError):
        file.attrs["bad"]


@pytest.mark.parametrize(
    ("json_value", "expected"),
    [
        ("x", "x"),
        (5, np.int64(5)),
        (2.0, np.float64(2)),
        (True, np.True_),
        ("NaN", np.float64("nan")),
        ("-Infinity", np.float64("-inf")),
        (2**63, np.uint64(2**63)),
        ([1, 2], np.array([1, 2])),
        ([1, 2.5], np.array([1, 2.5])),
        ([1.5, "NaN"], np.array([1.5, np.nan])),
        ([True, False], np.array([True, False])),
        ([[1, 2], [3, 4]], np.array([[1, 2], [3, 4]])),
        (["NaN", "Infinity"], np.array([np.nan, np.inf])),
    ],
    ids=str,
)
def test_what_plain_lindi_means(opened, json_value, expected):
    """Files of upstream LINDI, which has no side-car (format section 9.2)."""
    document = {"refs": {".zgroup": {"zarr_format": 2}, ".zattrs": {"x": json_value}}}
    file = opened(LindiH5pyFile.from_reference_file_system(document))
    Judge(None, None).value(expected, file.attrs["x"])


def test_texts_of_plain_lindi(opened):
    texts = {"a": ["x", "é"], "b": ["NaN", "x"], "c": [["x"], ["y"]], "d": []}
    document = {"refs": {".zgroup": {"zarr_format": 2}, ".zattrs": texts}}
    file = opened(LindiH5pyFile.from_reference_file_system(document))
    for name in "abc":
        found = file.attrs[name]
        assert found.tolist() == texts[name]
        assert h5py.check_string_dtype(found.dtype).encoding == "utf-8"
    assert file.attrs["d"].shape == (0,)


@pytest.mark.parametrize("value", [[1, "Infinity"], ["NaN", 1], [[1, 2], [3, "NaN"]]], ids=str)
def test_whole_numbers_beside_a_special_float(opened, value):
    """Writers other than Python's spell 1.0 as 1."""
    document = {"refs": {".zgroup": {"zarr_format": 2}, ".zattrs": {"x": value}}}
    file = opened(LindiH5pyFile.from_reference_file_system(document))
    assert file.attrs["x"].dtype == "f8"
    assert file.attrs["x"].shape == np.shape(value)


@pytest.mark.parametrize(
    "value",
    [
        "text",
        "",
        "é",
        "NaN",
        "a\0b",
        "\udcff",
        1.5,
        -0.0,
        float("nan"),
        float("inf"),
        0,
        2**63 - 1,
        2**63,
        -(2**63),
        2**64,
        True,
    ],
    ids=repr,
)
def test_plain_values_are_what_h5py_makes_of_them(both, value):
    _, ours = both(lambda file: file.create_group("g"), mode="r+")
    with h5py.File("plain", "w", driver="core", backing_store=False) as theirs:
        try:
            theirs.attrs["a"] = value
            expected = theirs.attrs["a"], theirs.attrs.get_id("a").dtype
        except Exception as error:  # noqa: BLE001 - whatever h5py raises is the answer
            expected = error
        for file in ours:
            if isinstance(expected, Exception):
                with pytest.raises(type(expected)):
                    file.attrs["a"] = value
            else:
                file.attrs["a"] = value
                assert repr((file.attrs["a"], file.attrs.get_id("a").dtype)) == repr(expected)
