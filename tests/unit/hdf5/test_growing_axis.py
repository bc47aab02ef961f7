"""Datasets that grow along another axis than the first, whose chunks HDF5 reads rightly and lists wrongly."""

from __future__ import annotations

import itertools
import json

import h5py
import numpy as np
import pytest

from lindi_explorer import LindiH5pyFile
from lindi_explorer.h5 import open_any

SHAPES = {
    "at the end": ((40, 60), (7, 9), (40, None)),
    "at the end, rows to spare": ((40, 60), (7, 9), (100, None)),
    "in the middle": ((12, 20, 8), (5, 3, 4), (15, None, 9)),
    "last of three": ((12, 20, 8), (5, 3, 4), (12, 30, None)),
    "first, columns to spare": ((40, 60), (7, 9), (None, 100)),
    "one row of chunks": ((3, 900), (3, 10), (3, None)),
    "all axes": ((40, 60), (7, 9), (None, None)),
}
PARTS = {"all": 1.0, "some": 0.4, "few": 0.03, "first row": 0.0, "none": 0.0}


@pytest.fixture(params=[("earliest", 0), ("latest", 0), (("v110", "v110"), 512)], ids=["old", "new", "block"])
def path(request, tmp_path):
    """A file of every shape, written in part; HDF5 has to index it where it has a user block."""
    library, block = request.param
    rng = np.random.default_rng(0)
    with h5py.File(tmp_path / "a.h5", "w", libver=library, userblock_size=block) as file:
        for name, (shape, chunks, limits) in SHAPES.items():
            values = np.arange(np.prod(shape), dtype="i4").reshape(shape)
            for part, share in PARTS.items():
                data = file.create_dataset(
                    f"{name}/{part}", shape, "i4", maxshape=limits, chunks=chunks, fillvalue=-1
                )
                for start in itertools.product(*map(range, (0,) * len(shape), shape, chunks)):
                    in_first_row = not any(start[:-1]) and rng.random() < 0.6
                    if rng.random() < share or (part == "first row" and in_first_row):
                        box = tuple(slice(at, at + edge) for at, edge in zip(start, chunks, strict=True))
                        data[box] = values[box]
        packed = file.create_dataset(
            "packed", (40, 60), "i4", maxshape=(40, None), chunks=(7, 9), compression="gzip"
        )
        packed[...] = np.arange(2400).reshape(40, 60)
    return tmp_path / "a.h5"


def names():
    return [f"{name}/{part}" for name in SHAPES for part in PARTS] + ["packed"]


def test_what_is_read_is_what_h5py_reads(path):
    with h5py.File(path) as theirs, LindiH5pyFile.from_hdf5_file(path) as direct:
        document = json.loads(json.dumps(direct.to_reference_file_system()))
        with LindiH5pyFile.from_reference_file_system(document) as decoded:
            for name, ours in itertools.product(names(), (direct, decoded)):
                np.testing.assert_array_equal(ours[name][...], theirs[name][...], err_msg=name)


def test_single_chunks_are_found_before_the_index_is_read(path):
    with h5py.File(path) as theirs:
        for name in names():
            with LindiH5pyFile.from_hdf5_file(path) as ours:
                last = tuple(size - 1 for size in theirs[name].shape)
                for corner in itertools.product(*zip((0,) * len(last), last, strict=True)):
                    assert ours[name][corner] == theirs[name][corner], (name, corner)


def test_over_http(path, serve):
    with h5py.File(path) as theirs, open_any(serve(path.parent).url(path.name)) as ours:
        document = ours.to_reference_file_system()
        with LindiH5pyFile.from_reference_file_system(document) as decoded:
            for name in names():
                np.testing.assert_array_equal(decoded[name][...], theirs[name][...], err_msg=name)


def test_a_dataset_that_became_smaller(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w", libver="latest") as file:
        data = file.create_dataset("x", (40, 60), "i4", maxshape=(80, None), chunks=(7, 9))
        data[...] = np.arange(2400).reshape(40, 60)
        data.resize((30, 50))
        expected = data[...]
    with LindiH5pyFile.from_hdf5_file(tmp_path / "a.h5") as file:
        np.testing.assert_array_equal(file["x"][...], expected)
