"""References to parts of datasets, made here and by h5py."""

from __future__ import annotations

import h5py
import numpy as np
import pytest

from lindi_explorer import LindiH5pyFile
from lindi_explorer.errors import ReadOnlyError

MASK = np.zeros((4, 3), dtype=bool)
MASK[[0, 1, 3], [2, 1, 1]] = True

SELECTIONS = {
    "all": np.s_[...],
    "rows": np.s_[1:3],
    "row": np.s_[1],
    "steps": np.s_[::2, 1:],
    "list": np.s_[:, [0, 2]],
    "element": np.s_[0, 0],
    "nothing": np.s_[0:0],
    "mask": MASK,
    "columns": np.s_[1:, -1],
}


@pytest.fixture
def files(tmp_path, opened):
    theirs = opened(h5py.File(tmp_path / "f.h5", "w"))
    ours = opened(LindiH5pyFile.from_reference_file_system(None, mode="r+"))
    for file in (theirs, ours):
        file["d"] = np.arange(12).reshape(4, 3)
        file["other"] = np.arange(12).reshape(4, 3)
        file["scalar"] = 5
    return theirs, ours


@pytest.mark.parametrize("name", SELECTIONS)
def test_what_they_lead_to(files, name):
    said = []
    for file in files:
        dataset = file["d"]
        made = dataset.regionref[SELECTIONS[name]]
        assert isinstance(made, h5py.RegionReference)
        assert file[made] == dataset
        said.append((dataset[made].tolist(), dataset.regionref.shape(made), file.regionref.selection(made)))
    assert said[1] == said[0]


def test_they_are_stored(files, tmp_path):
    for file in files:
        dataset = file["d"]
        file["refs"] = np.array(
            [dataset.regionref[0], dataset.regionref[1:3, :2]], dtype=h5py.regionref_dtype
        )
        file["refs"][0] = dataset.regionref[3]
        file["d"].attrs["part"] = dataset.regionref[1:2]
    theirs, ours = files
    ours.write_lindi_file(tmp_path / "f.lindi.json")
    with LindiH5pyFile.from_lindi_file(tmp_path / "f.lindi.json") as again:
        for file in (ours, again):
            for number in range(2):
                mine, wanted = file["refs"][number], theirs["refs"][number]
                assert file["d"][mine].tolist() == theirs["d"][wanted].tolist()
            part = file["d"].attrs["part"]
            assert file["d"][part].tolist() == [[3, 4, 5]]


def test_of_a_scalar(files):
    for file in files:
        scalar = file["scalar"]
        made = scalar.regionref[()]
        assert scalar[made] == 5
        assert scalar.regionref.selection(made) == ()


def test_what_has_none(files):
    for file in files:
        with pytest.raises(TypeError, match="datasets"):
            _ = file.regionref[0]
        made = file["d"].regionref[0]
        with pytest.raises((TypeError, ValueError), match="this dataset"):
            _ = file["other"][made]


def test_a_file_that_is_read_makes_none(files, opened):
    reading = opened(LindiH5pyFile.from_reference_file_system(files[1].to_reference_file_system()))
    with pytest.raises(ReadOnlyError):
        _ = reading["d"].regionref[0]
