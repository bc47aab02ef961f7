"""Datasets in files of others of which only a part was ever written are read as h5py reads them."""

from __future__ import annotations

import h5py
import numpy as np
import pytest

from lindi_explorer import LindiH5pyFile
from lindi_explorer.errors import FormatError
from lindi_explorer.h5 import raw_layout


@pytest.fixture(params=["theirs", "ours"])
def new_file(request, tmp_path, opened, monkeypatch):
    """A file of h5py's or of ours, and the folder for its raw files."""
    monkeypatch.setattr(raw_layout, "_LARGEST_PIECE", 400)
    path = tmp_path / "f.lindi.json"
    theirs = request.param == "theirs"
    return opened(h5py.File(path, "w") if theirs else LindiH5pyFile.from_lindi_file(path, mode="w"))


@pytest.mark.parametrize(
    "where", [slice(0, 10), slice(450, 460), [3, 700]], ids=["begin", "middle", "points"]
)
def test_several_chunks_in_one_file(new_file, tmp_path, where):
    dataset = new_file.create_dataset("d", (1000,), "i4", external=[(tmp_path / "a.raw", 8, 4000)])
    dataset[where] = 5
    expected = np.zeros(1000, "i4")
    expected[where] = 5
    np.testing.assert_array_equal(dataset[:], expected)


def test_a_file_that_is_there_and_too_short(new_file, tmp_path):
    (tmp_path / "a.raw").write_bytes(np.arange(1, 301, dtype="i4").tobytes())
    dataset = new_file.create_dataset("d", (1000,), "i4", external=[(tmp_path / "a.raw", 0, 4000)])
    dataset[0] = 9
    assert dataset[:].tolist() == [9, *range(2, 301), *[0] * 700]


def test_parts_of_one_file_in_another_order(new_file, tmp_path):
    external = [(tmp_path / "a.raw", 400, 400), (tmp_path / "b.raw", 0, 800), (tmp_path / "a.raw", 0, 400)]
    dataset = new_file.create_dataset("d", (4, 100), "i4", external=external)
    dataset[3, :2] = 5
    dataset[1, :2] = 6
    assert dataset[:].sum(axis=1).tolist() == [0, 12, 0, 10]


def test_it_is_saved_so(tmp_path, monkeypatch):
    monkeypatch.setattr(raw_layout, "_LARGEST_PIECE", 400)
    with LindiH5pyFile.from_lindi_file(tmp_path / "f.lindi.json", mode="w") as file:
        file.create_dataset("d", (1000,), "i4", external=tmp_path / "a.raw")[:10] = 5
    with LindiH5pyFile.from_lindi_file(tmp_path / "f.lindi.json") as file:
        assert file["d"][:].sum() == 50


def test_a_file_that_somebody_cut_is_an_error(tmp_path):
    with LindiH5pyFile.from_lindi_file(tmp_path / "f.lindi.json", mode="w") as file:
        file.create_dataset("d", data=np.arange(100), external=tmp_path / "a.raw")
    (tmp_path / "a.raw").write_bytes(bytes(80))
    with LindiH5pyFile.from_lindi_file(tmp_path / "f.lindi.json") as file, pytest.raises(FormatError):
        file["d"][:]
