"""Numbers and strings that NumPy has no type for, and what was never written, are what h5py says."""

from __future__ import annotations

import json

import h5py
import numpy as np
import pytest
from h5py import h5d, h5p, h5s, h5t

from lindi_explorer import LindiH5pyFile
from lindi_explorer.hdf5.stored import is_exact


def same(one, other):
    one, other = np.asarray(one), np.asarray(other)
    if one.dtype.kind not in "fc":
        return bool((one == other).all())
    signs = np.signbit(one.real) == np.signbit(other.real)
    return np.array_equal(one, other, equal_nan=True) and bool((signs | np.isnan(one)).all())


@pytest.fixture
def compare(tmp_path):
    """Compare all datasets of a file with h5py, directly and through a document."""

    def check(fill):
        path = tmp_path / "f.h5"
        with h5py.File(path, "w") as file:
            fill(file)
        with h5py.File(path) as theirs, LindiH5pyFile.from_hdf5_file(path) as direct:
            document = json.loads(json.dumps(direct.to_reference_file_system()))
            for ours in (direct, LindiH5pyFile.from_reference_file_system(document)):
                for name in theirs:
                    one, other = theirs[name], ours[name]
                    assert one.dtype == other.dtype, name
                    assert same(one[()], other[()]), name
                    assert same(one.fillvalue, other.fillvalue), name
        return document["refs"]

    return check


def float_type(size, sign, exponent, bits, mantissa, bias):
    """A float of these bit fields, such as bfloat16."""
    out = h5t.IEEE_F64LE.copy()
    out.set_fields(sign, exponent, bits, 0, mantissa)
    out.set_offset(0)
    out.set_precision(sign + 1)
    out.set_size(size)
    out.set_ebias(bias)
    return out


def integer_type(size, precision, offset):
    out = h5t.STD_I32LE.copy()
    out.set_size(size)
    out.set_precision(precision)
    out.set_offset(offset)
    return out


BFLOAT16 = float_type(2, 15, 7, 8, 7, 127)
ODD = {
    "bfloat16": BFLOAT16,
    "24 bits": float_type(3, 23, 16, 7, 16, 63),
    "other bias": float_type(4, 31, 23, 8, 23, 100),
    "12 of 16 bits": integer_type(2, 12, 2),
    "20 of 32 bits": integer_type(4, 20, 3),
}


def write(file, name, kind, values, **properties):
    plist = h5p.create(h5p.DATASET_CREATE)
    for setter, value in properties.items():
        getattr(plist, f"set_{setter}")(value)
    space = h5s.create_simple(np.shape(values))
    h5d.create(file.id, name.encode(), kind, space, plist).write(h5s.ALL, h5s.ALL, values)


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("count", [5, 3000])
def test_numbers_that_numpy_does_not_have(compare, name, count):
    values = (np.arange(count) % 50).astype("i4" if "of" in name else "f4")

    def fill(file):
        write(file, "contiguous", ODD[name], values)
        write(file, "chunked", ODD[name], values, chunk=(count,), deflate=4)

    refs = compare(fill)
    assert not isinstance(refs.get("chunked/0"), list), "its bytes are not what a Zarr type says"


def test_which_types_are_exact():
    for text in ("i1", "<i4", ">u8", "<f2", ">f8", "<c8", ">c16", "S5", "V3", "?", "f16"):
        dtype = np.dtype(text)
        assert is_exact(h5t.py_create(dtype, logical=True), dtype), text
    enum = h5py.enum_dtype({"A": 1}, ">i2")
    assert is_exact(h5t.py_create(enum, logical=True), enum)
    assert is_exact(h5t.STD_B16BE, np.dtype(">u2"))
    assert not is_exact(BFLOAT16, np.dtype("f4"))
    assert not is_exact(integer_type(4, 20, 3), np.dtype("i4"))
    terminated = h5t.C_S1.copy()
    terminated.set_size(5)
    assert not is_exact(terminated, np.dtype("S5"))


def test_bytes_after_the_end_of_a_string_are_not_shown(compare):
    kind = h5t.C_S1.copy()
    kind.set_size(8)

    def fill(file):
        write(file, "text", kind, np.array([b"one\0junk", b"two"] * 100_000, "S8"))

    compare(fill)


@pytest.mark.parametrize(
    ("dtype", "value"),
    [
        ("<c16", 3 - 2j),
        (">c8", complex(np.nan, np.inf)),
        ("S400", b"nothing"),
        ("V400", np.void(b"abc" * 100 + bytes(100))),
        ("f8", -0.0),
        ("f16", np.longdouble(1) / 3),
    ],
)
@pytest.mark.parametrize("chunks", [None, (700,)])
def test_what_was_never_written_is_the_fill_value(compare, dtype, value, chunks):
    def fill(file):
        file.create_dataset("d", (3000,), dtype, chunks=chunks, fillvalue=value)
        if chunks:
            file["d"][800:805] = np.zeros(5, dtype)

    compare(fill)


def test_where_fill_values_are_never_written_there_are_zeros(compare):
    def fill(file):
        for chunk in (None, (500,)):
            plist = h5p.create(h5p.DATASET_CREATE)
            plist.set_fill_time(h5d.FILL_TIME_NEVER)
            plist.set_fill_value(np.array(7, "i4"))
            if chunk:
                plist.set_chunk(chunk)
            h5d.create(file.id, f"d{chunk}".encode(), h5t.STD_I32LE, h5s.create_simple((2000,)), plist)

    compare(fill)


def test_long_doubles_keep_all_their_bits(tmp_path):
    third = np.arange(5, dtype="f16") / 3
    rows = np.zeros(5, [("x", "f16"), ("z", np.clongdouble)])
    rows["x"], rows["z"] = third, third + 1j * third[::-1]
    path = tmp_path / "long.h5"
    with h5py.File(path, "w") as file:
        file.attrs["few"], file.attrs["one"] = third, third[1]
        file["rows"] = rows
    with LindiH5pyFile.from_hdf5_file(path) as direct:
        document = json.loads(json.dumps(direct.to_reference_file_system()))
        for ours in (direct, LindiH5pyFile.from_reference_file_system(document)):
            assert (ours.attrs["few"] == third).all()
            assert ours.attrs["one"] == third[1]
            assert (ours["rows"][()]["x"] == rows["x"]).all()
            assert (ours["rows"][()]["z"] == rows["z"]).all()


def test_types_in_types(tmp_path):
    """Sequences of arrays, arrays of references and of text, enums with names that are not UTF-8."""
    arrays = h5t.vlen_create(h5t.array_create(h5t.STD_I32LE, (2,)))
    texts = h5t.array_create(h5t.py_create(h5py.string_dtype(), logical=True), (2, 3))
    references = h5t.array_create(h5t.STD_REF_OBJ, (2,))
    enum = h5t.enum_create(h5t.STD_I32BE)
    enum.enum_insert(b"\xff\xfe", 0)
    enum.enum_insert(b"low", -5)

    def fill(file):
        for name, kind in {"arrays": arrays, "texts": texts, "refs": references}.items():
            for shape in ((), (3,), (0,)):
                space = h5s.create_simple(shape) if shape else h5s.create(h5s.SCALAR)
                h5d.create(file.id, f"{name}{shape}".encode(), kind, space)
        write(file, "enum", enum, np.array([0, -5], ">i4"))
        file["texts(3,)"][1] = np.array([["a", "é", ""]] * 2, dtype=object)

    path = tmp_path / "types.h5"
    with h5py.File(path, "w") as file:
        fill(file)
    with h5py.File(path) as theirs, LindiH5pyFile.from_hdf5_file(path) as direct:
        document = json.loads(json.dumps(direct.to_reference_file_system()))
        for ours in (direct, LindiH5pyFile.from_reference_file_system(document)):
            for name in theirs:
                one, other = np.asarray(theirs[name][()]), np.asarray(ours[name][()])
                assert (one.shape, one.dtype) == (other.shape, other.dtype), name
                if "refs" not in name and "arrays" not in name:
                    assert (one == other).all(), name
            assert h5py.check_enum_dtype(ours["enum"].dtype) == {b"\xff\xfe": 0, "low": -5}
            assert ours["arrays(3,)"][0].shape == (0, 2)
            assert not ours["refs()"][()][1]
