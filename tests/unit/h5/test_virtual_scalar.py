"""Scalars as sources of virtual datasets, and scalars that are virtual, which HDF5 has."""

from __future__ import annotations

import base64

import h5py
import numpy as np
import pytest

from lindi_explorer import LindiH5pyFile
from lindi_explorer.errors import FormatError
from tests.unit.h5.test_virtual_untrusted import document, source

SCALAR = h5py.h5s.create(h5py.h5s.SCALAR)


def with_scalar(doc):
    """A document whose source is a scalar, 7."""
    packed = base64.b64encode(np.array([7]).tobytes()).decode()
    doc["refs"] |= {
        "d/.zarray": {**doc["refs"]["d/.zarray"], "shape": [], "chunks": []},
        "d/0": f"base64:{packed}",
    }
    return doc


def test_single_points_come_from_a_scalar():
    to = {"start": [1, 1], "count": [1, 1]}
    doc = with_scalar(document(source(to, shape=()), shape=(2, 2)))
    with LindiH5pyFile.from_reference_file_system(doc) as file:
        assert file["v"][()].tolist() == [[0, 0], [0, 7]]
        assert file["v"][np.array([[True, False], [False, True]])].tolist() == [0, 7]


@pytest.fixture
def scalars(tmp_path):
    """A folder with an HDF5 file of virtual scalars."""
    folder = tmp_path / "served"
    folder.mkdir()
    with h5py.File(folder / "s.h5", "w") as file:
        file["scalar"] = 7
        file["one"] = np.array([8])
        file["many"] = np.arange(4)
        last = h5py.h5s.create_simple((4,))
        last.select_hyperslab((3,), (1,))
        sources = {
            "of_scalar": (SCALAR, b"scalar", SCALAR),
            "of_one": (SCALAR, b"one", h5py.h5s.create_simple((1,))),
            "of_many": (SCALAR, b"many", last),
            "of_no_dataset": (SCALAR, b"no", SCALAR),
            "without": None,
        }
        for name, parts in sources.items():
            plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
            plist.set_layout(h5py.h5d.VIRTUAL)
            plist.set_fill_value(np.array([-1]))
            if parts is not None:
                plist.set_virtual(parts[0], b".", parts[1], parts[2])
            h5py.h5d.create(file.id, name.encode(), h5py.h5t.NATIVE_INT64, SCALAR, plist)
    return folder


def test_virtual_scalars_are_read_as_hdf5_reads_them(scalars, serve):
    with h5py.File(scalars / "s.h5") as file:
        expected = {name: int(file[name][()]) for name in file if file[name].is_virtual}
    assert expected == {
        "of_many": 3,
        "of_no_dataset": -1,
        "of_one": 8,
        "of_scalar": 7,
        "without": -1,
    }
    with LindiH5pyFile.from_hdf5_file(serve(scalars).url("s.h5")) as file:
        assert {name: int(file[name][()]) for name in expected} == expected
        for name in expected:
            assert file[name].shape == ()
            assert file[name].is_virtual
            assert file[name][...].shape == ()
        doc = file.to_reference_file_system()
        with LindiH5pyFile.from_reference_file_system(doc) as read:
            assert {name: int(read[name][()]) for name in expected} == expected
            assert [len(read[name].virtual_sources()) for name in ("of_many", "without")] == [1, 0]


@pytest.mark.parametrize("to", ["all", {"start": [], "count": []}])
def test_a_virtual_scalar_has_room_for_one_element(to):
    with (
        LindiH5pyFile.from_reference_file_system(document(source(to), shape=())) as file,
        pytest.raises(FormatError, match="another number of elements"),
    ):
        file["v"][()]


def test_blocks_of_a_scalar_are_damage():
    doc = document(source({"blocks": [[[], []]]}), shape=())
    with LindiH5pyFile.from_reference_file_system(doc) as file, pytest.raises(FormatError, match="blocks"):
        file["v"][()]


def test_nothing_of_a_scalar_is_nothing():
    doc = with_scalar(document(source("none", "none", shape=()), shape=()))
    with LindiH5pyFile.from_reference_file_system(doc) as file:
        assert file["v"][()] == 0
