"""Types and values as the side-car spells them: documents in the world hold these very words."""

from __future__ import annotations

import h5py
import numpy as np
import pytest

from lindi_explorer.errors import FormatError
from lindi_explorer.hdf5.types import dtype_of, type_of, type_words
from lindi_explorer.hdf5.values import decode, encode
from tests.contract.same import same_dtype

SPECS = {
    "int16": (np.dtype("<i2"), "<i2", "int16"),
    "big float": (np.dtype(">f8"), ">f8", "float64 big-endian"),
    "byte": (np.dtype("u1"), "|u1", "uint8"),
    "complex": (np.dtype("c8"), "<c8", "complex64"),
    "bool": (np.dtype("?"), "|b1", "bool"),
    "text": (h5py.string_dtype(), {"string": "utf-8"}, "utf-8"),
    "ascii text": (h5py.string_dtype("ascii"), {"string": "ascii"}, "ascii"),
    "fixed text": (np.dtype("S5"), {"string": "ascii", "length": 5}, "ascii [5 bytes]"),
    "fixed utf-8": (h5py.string_dtype("utf-8", 4), {"string": "utf-8", "length": 4}, "utf-8 [4 bytes]"),
    "enum": (
        h5py.enum_dtype({"A": 0, "B": 7}, basetype="<i4"),
        {"enum": {"A": 0, "B": 7}, "base": "<i4"},
        "enum (2 values)",
    ),
    "reference": (h5py.ref_dtype, {"reference": "object"}, "reference"),
    "region": (h5py.regionref_dtype, {"reference": "region"}, "region reference"),
    "sequence": (h5py.vlen_dtype(np.dtype("<f4")), {"vlen": "<f4"}, "variable-length float32"),
    "array": (np.dtype(("<f4", (2, 3))), {"array": "<f4", "shape": [2, 3]}, "float32 [2 × 3]"),
    "compound": (
        np.dtype({"names": ["x", "y"], "formats": ["<f4", "u1"], "offsets": [4, 0], "itemsize": 12}),
        {"compound": [["x", "<f4", 4], ["y", "|u1", 0]], "size": 12},
        "compound (2 fields)",
    ),
    "opaque": (np.dtype("V8"), {"opaque": 8}, "opaque"),
}


@pytest.mark.parametrize(("dtype", "spec", "words"), SPECS.values(), ids=SPECS)
def test_types_and_their_words(dtype, spec, words):
    assert type_of(dtype) == spec
    same_dtype(dtype, dtype_of(spec))
    assert type_words(spec) == words


def test_a_tagged_type():
    dtype = h5py.opaque_dtype(np.dtype("<M8[ns]"))
    assert type_of(dtype) == {"opaque": 8, "tag": "<M8[ns]"}
    assert h5py.check_opaque_dtype(dtype_of({"opaque": 8, "tag": "<M8[ns]"}))


@pytest.mark.parametrize("dtype", ["O", "<M8[ns]", "<U3"])
def test_a_dtype_that_hdf5_does_not_have(dtype):
    with pytest.raises(FormatError, match="no HDF5 counterpart"):
        type_of(np.dtype(dtype))


@pytest.mark.parametrize(
    "spec",
    [
        *("", "x", "O", "<U3", "|S3", "<M8[ns]", None, 5, [], {}),
        *({"string": "latin"}, {"string": "utf-8", "length": -1}, {"string": "utf-8", "length": "x"}),
        *(
            {"enum": {}, "base": "x"},
            {"enum": {"A": 0}},
            {"reference": "x"},
        ),
        *({"vlen": "x"}, {"array": "<i4"}, {"array": "<i4", "shape": [-1]}, {"array": "<i4", "shape": "x"}),
        *({"compound": []}, {"compound": [["x"]], "size": 4}, {"compound": [["x", "<i4", 0]], "size": 1}),
        *({"opaque": -1}, {"opaque": "x"}, {"tag": "x"}, {"unknown": 1}),
    ],
    ids=str,
)
def test_what_is_no_type(spec):
    with pytest.raises(FormatError, match="not a type specification") as caught:
        dtype_of(spec)
    assert caught.value.hint


def reference(inside, region=False):
    return inside and inside["_REFERENCE"]["path"] if not region else inside


VALUES = [
    (np.array([1, -2], "i2"), [1, -2]),
    (np.array(2**64 - 1, "u8"), 2**64 - 1),
    (np.array([[1.5, np.nan], [np.inf, -np.inf]]), [[1.5, "NaN"], ["Infinity", "-Infinity"]]),
    (np.array([True, False]), [True, False]),
    (np.array([1 + 2j, complex(np.nan, np.inf)]), [[1.0, 2.0], ["NaN", "Infinity"]]),
    (np.array([b"ab", b""], "S3"), ["ab", ""]),
    (np.array(["é".encode(), b"\xff\xfe"], "S4"), ["é", {"bytes": "//4="}]),
    (np.array([b"a", b"\xff"], h5py.string_dtype()), ["a", {"bytes": "/w=="}]),
    (np.array([(1, 2.5, b"x")], [("a", "i4"), ("b", "f8"), ("c", "S2")]), [[1, 2.5, "x"]]),
    (np.array([b"\0\1"], "V2"), [{"bytes": "AAE="}]),
    (np.zeros((0, 3)), []),
    (np.array([0, 7], h5py.enum_dtype({"A": 0, "B": 7})), [0, 7]),
]


@pytest.mark.parametrize(("array", "json_value"), VALUES, ids=repr)
def test_values_and_back(array, json_value):
    assert encode(array, reference) == json_value
    back = decode(json_value, array.dtype, array.shape, reference)
    same_dtype(array.dtype, back.dtype)
    assert back.shape == array.shape
    assert str(back.tolist()) == str(array.tolist())


def test_sequences_of_any_length():
    array = np.empty(3, h5py.vlen_dtype("i4"))
    array[:] = [np.arange(2, dtype="i4"), np.arange(0, dtype="i4"), None]
    assert encode(array, reference) == [[0, 1], [], []]
    back = decode([[0, 1], [], []], array.dtype, (3,), reference)
    assert [(item.tolist(), item.dtype.str) for item in back] == [([0, 1], "<i4"), ([], "<i4"), ([], "<i4")]


@pytest.mark.parametrize(
    ("value", "dtype", "shape"),
    [
        ([1, 2], "i4", (3,)),
        (["x"], "i4", (1,)),
        ([300], "u1", (1,)),
        ([-1], "u1", (1,)),
        ([2**70], "i8", (1,)),
        ([None], "f8", (1,)),
        (["nan"], "f8", (1,)),
        ([[1]], "f8", (1,)),
        (5, "S3", (1,)),
        ([5], "S3", (1,)),
        ([{"bytes": "!"}], "S3", (1,)),
        ([[1, 2]], [("a", "i4")], (1,)),
        ([5], [("a", "i4")], (1,)),
        ([1], "c8", (1,)),
        (["x"], "V2", (1,)),
        ([{"bytes": "AA=="}], "V2", (1,)),
        ([5], h5py.ref_dtype, (1,)),
        (["x"], h5py.vlen_dtype("i4"), (1,)),
    ],
    ids=str,
)
def test_values_that_do_not_fit(value, dtype, shape):
    with pytest.raises(FormatError) as caught:
        decode(value, np.dtype(dtype), shape, lambda inside, _region: inside["path"])
    assert caught.value.hint
