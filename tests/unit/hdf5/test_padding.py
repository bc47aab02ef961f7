"""Where a type has room that nobody uses there may be anything: no document tells of it."""

from __future__ import annotations

import base64

import h5py
import numcodecs
import numpy as np
import pytest

from lindi_explorer import LindiH5pyFile
from lindi_explorer.hdf5.padding import without_padding

PAIR = np.dtype([("a", "u1"), ("b", "<f8")], align=True)
ROW = np.dtype([("n", "u1"), ("pairs", PAIR, (2,)), ("end", "<i2")], align=True)
LONG = np.dtype(np.longdouble)
with_room = pytest.mark.skipif(
    np.finfo(LONG).nmant != 63 or LONG.itemsize != 16, reason="long doubles of this machine are others"
)


def dirty(dtype, count):
    """Values with 0xFF wherever there is room."""
    out = np.frombuffer(bytearray(b"\xff" * (count * dtype.itemsize)), dtype=dtype)
    if dtype == LONG:
        raw = out.view("u1").reshape(-1, 16)
        raw[:, :10] = np.arange(1, count + 1).astype(LONG).view("u1").reshape(-1, 16)[:, :10]
    return out


def test_zeros_between_the_fields():
    rows = dirty(ROW, 5)
    expected = np.zeros(5, ROW)
    expected["n"], expected["end"] = rows["n"], rows["end"]
    expected["pairs"]["a"], expected["pairs"]["b"] = rows["pairs"]["a"], rows["pairs"]["b"]
    assert without_padding(rows).tobytes() == expected.tobytes() != rows.tobytes()
    numbers = np.arange(3)
    assert without_padding(numbers) is numbers


@with_room
def test_zeros_behind_long_doubles():
    numbers = dirty(LONG, 4)
    assert without_padding(numbers).tolist() == numbers.tolist() == [1, 2, 3, 4]
    raw = without_padding(numbers).view("u1").reshape(4, 16)
    assert not raw[:, 10:].any()
    assert without_padding(numbers[0].reshape(())).shape == ()


def test_arrays_of_pairs_in_documents(tmp_path):
    kind = np.dtype((PAIR, (3,)))
    with h5py.File(tmp_path / "a.h5", "w") as file:
        data = file.create_dataset("x", (2,), kind)
        data.id.write(h5py.h5s.ALL, h5py.h5s.ALL, dirty(PAIR, 6), h5py.h5t.py_create(kind))
    assert b"\xff" * 64 in (tmp_path / "a.h5").read_bytes()
    with LindiH5pyFile.from_hdf5_file(tmp_path / "a.h5") as file:
        refs = file.to_reference_file_system()["refs"]
        assert file["x"][...]["a"].tolist() == [[255] * 3] * 2
    codec = numcodecs.get_codec(refs["x/.zarray"]["compressor"])
    data = bytes(codec.decode(base64.b64decode(refs["x/0"].removeprefix("base64:"))))
    assert data == without_padding(dirty(PAIR, 6)).tobytes()


@with_room
def test_fill_values_in_documents(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        properties = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        properties.set_fill_value(dirty(LONG, 1))
        space = h5py.h5s.create_simple((5000,))
        h5py.h5d.create(file.id, b"x", h5py.h5t.py_create(LONG), space, dcpl=properties)
    with LindiH5pyFile.from_hdf5_file(tmp_path / "a.h5") as file:
        fill = file.to_reference_file_system()["refs"]["x/.zarray"]["fill_value"]
        assert file["x"][4000] == 1
    assert base64.b64decode(fill)[10:] == bytes(6)
