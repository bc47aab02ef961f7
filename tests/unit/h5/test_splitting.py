"""Writing a little into large chunks of plain bytes copies little, and nothing else changes."""

from __future__ import annotations

import json
import math

import h5py
import numpy as np
import pytest

from lindi_explorer import LindiH5pyFile
from lindi_explorer.h5.arrays.splitting import MOST_BYTES
from lindi_explorer.h5.copies.to_hdf5 import write_hdf5

WHERE = {"first": np.s_[0], "last but one": np.s_[-2], "last": np.s_[-1], "steps": np.s_[1::3]}


def fill(file):
    def make(name, shape, dtype, **options):
        data = np.arange(math.prod(shape)).astype(dtype).reshape(shape)
        file.create_dataset(name, data=data, **options)

    make("line", (700_001,), "f8")
    make("rows", (1_001, 311), ">i4")
    make("long rows", (5, 600_000), "i2")
    make("images", (3, 1_100, 500), "u2")
    make("chunked", (2_000, 600), "i4", chunks=(1_500, 400))
    make("cubes", (3, 900, 800), "u2", chunks=(2, 900, 400))
    make("prime", (2, 7_919, 13), "f8", chunks=(1, 7_919, 13))
    make("small", (100, 100), "i4")
    make("gzip", (2_000, 600), "i4", chunks=(1_000, 600), compression="gzip")
    file.create_dataset("strings", data=np.full(40_000, b"text" * 15))
    file.create_dataset("in part", (4_000, 500), "i4", chunks=(2_000, 500), fillvalue=-5)[:10] = 7


SPLIT = ["line", "rows", "long rows", "images", "chunked", "cubes", "strings", "in part"]


@pytest.fixture
def copies(hdf5, opened):
    path = hdf5(fill)
    with h5py.File(path) as file:
        data = {name: file[name][()] for name in file}
        chunks = {name: file[name].chunks for name in file}
    return opened(LindiH5pyFile.from_hdf5_file(path, mode="r+")), data, chunks


def longest(file, name):
    """Bytes of the longest piece that a document has of a dataset."""
    refs = file.to_reference_file_system()["refs"]
    return max(
        value[2] if isinstance(value, list) else len(value)
        for key, value in refs.items()
        if key.startswith(f"{name}/") and "/." not in key
    )


@pytest.mark.parametrize("where", WHERE)
def test_what_is_read(copies, where):
    file, data, chunks = copies
    for name, wanted in data.items():
        value = b"x" if wanted.dtype.kind == "S" else 5
        wanted[WHERE[where]] = value
        file[name][WHERE[where]] = value
        assert np.array_equal(file[name][()], wanted), name
        assert file[name].chunks == chunks[name]


def test_one_element_keeps_the_document_small(copies):
    file = copies[0]
    for name in SPLIT:
        assert longest(file, name) > MOST_BYTES
        before = len(json.dumps(file.to_reference_file_system()))
        index = tuple(size // 2 for size in file[name].shape)
        file[name][index] = 1
        after = file.to_reference_file_system()
        assert len(json.dumps(after)) < before + 1.5 * MOST_BYTES, name
        assert longest(file, name) < 1.5 * MOST_BYTES, name


def test_what_is_written_as_a_whole_is_left_whole(copies):
    file = copies[0]
    file["chunked"][:1500, :400] = 0
    file["line"][:] = 1
    for name in ("chunked", "line"):
        assert file.to_reference_file_system()["refs"][f"{name}/.zarray"]["chunks"][0] > 1_000


def test_undo(copies):
    file = copies[0]
    before = file.to_reference_file_system()
    for name in file:
        file[name][1] = 2 if file[name].dtype.kind != "S" else b"y"
    after = file.to_reference_file_system()
    while file.journal.undo():
        pass
    assert file.to_reference_file_system() == before
    while file.journal.redo():
        pass
    assert file.to_reference_file_system() == after


def test_the_document_is_read(copies, tmp_path, opened):
    file, data, chunks = copies
    for name, wanted in data.items():
        value = b"x" if wanted.dtype.kind == "S" else 5
        wanted[1] = value
        file[name][1] = value
    document = json.loads(json.dumps(file.to_reference_file_system()))
    again = opened(LindiH5pyFile.from_reference_file_system(document))
    write_hdf5(again, tmp_path / "out.h5")
    with h5py.File(tmp_path / "out.h5") as out:
        for name, wanted in data.items():
            assert np.array_equal(again[name][()], wanted), name
            assert np.array_equal(out[name][()], wanted), name
            assert out[name].chunks == chunks[name]


def test_a_new_dataset(opened):
    file = opened(LindiH5pyFile.from_reference_file_system(None, mode="r+"))
    data = np.arange(600_000.0).reshape(1_000, 600)
    file.create_dataset("d", data=data, compression=None)
    file["d"][5, 5] = data[5, 5] = -1
    file["d"][::7] = data[::7] = -2
    assert np.array_equal(file["d"][:], data)


def test_shrinking(hdf5, opened):
    def resizable(file):
        file.create_dataset(
            "d", data=np.arange(900_000).reshape(900, 1_000), chunks=(500, 1_000), maxshape=(None, 1_000)
        )

    path = hdf5(resizable)
    file = opened(LindiH5pyFile.from_hdf5_file(path, mode="r+"))
    theirs = opened(h5py.File(hdf5(resizable, "g.h5"), "r+"))
    before = len(json.dumps(file.to_reference_file_system()))
    for one in (theirs, file):
        one["d"].resize(301, axis=0)
        one["d"].resize(700, axis=0)
    assert np.array_equal(file["d"][:], theirs["d"][:])
    assert file["d"].chunks == (500, 1_000)
    assert len(json.dumps(file.to_reference_file_system())) < before + 1.5 * MOST_BYTES
