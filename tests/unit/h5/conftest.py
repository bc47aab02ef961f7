from __future__ import annotations

import json

import h5py
import pytest

from lindi_explorer import LindiH5pyFile

pytest.register_assert_rewrite("tests.contract.same", "tests.unit.h5.pairs")


@pytest.fixture
def hdf5(tmp_path):
    """Write an HDF5 file: ``hdf5(fill)``; ``fill(file)`` puts things into it. Returns the path."""

    def write(fill, name="f.h5", **options):
        path = tmp_path / name
        with h5py.File(path, "w", **options) as file:
            fill(file)
        return path

    return write


@pytest.fixture
def opened():
    """Closes what is given to it when the test is over: ``file = opened(file)``."""
    files = []

    def remember(file):
        files.append(file)
        return file

    yield remember
    for file in reversed(files):
        file.close()


@pytest.fixture
def both(hdf5, opened):
    """A file by h5py, by us, and by us through a document: ``theirs, (direct, decoded) = both(fill)``."""

    def open_(fill, mode="r"):
        path = hdf5(fill)
        theirs = opened(h5py.File(path))
        direct = opened(LindiH5pyFile.from_hdf5_file(path, mode=mode))
        document = json.loads(json.dumps(direct.to_reference_file_system()))
        return theirs, (direct, opened(LindiH5pyFile.from_reference_file_system(document, mode=mode)))

    return open_


@pytest.fixture
def copies(hdf5, both, opened):
    """The same made by h5py to be written to, over an HDF5 file by us, and in a document by us."""

    from tests.unit.h5.pairs import Both

    def make(fill_file):
        _, (direct, decoded) = both(fill_file, mode="r+")
        pairs = []
        for number, ours in enumerate((direct, decoded)):
            theirs = opened(h5py.File(hdf5(fill_file, f"{number}.h5"), "r+"))
            pairs.append(Both(theirs, ours))
        return pairs

    return make
