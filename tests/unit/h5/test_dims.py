"""Dimension scales, as h5py and HDF5 keep them."""

from __future__ import annotations

import h5py
import numpy as np
import pytest

from lindi_explorer import LindiH5pyFile
from lindi_explorer.h5.copies.to_hdf5 import write_hdf5


def image(file):
    file["image"] = np.arange(12.0).reshape(4, 3)
    file["time"] = np.arange(4) / 10
    file["depth"] = np.arange(3)
    file["plain"] = np.arange(4)


@pytest.fixture
def pair(tmp_path, opened):
    """The same by h5py and by us, and what does the same to both."""
    theirs = opened(h5py.File(tmp_path / "f.h5", "w"))
    ours = opened(LindiH5pyFile.from_reference_file_system(None, mode="r+"))
    image(theirs)
    image(ours)

    def do(work):
        return [_result(work, theirs), _result(work, ours)]

    do.files = theirs, ours
    return do


def _result(work, file):
    try:
        return work(file)
    except (TypeError, ValueError, LookupError, RuntimeError, OSError) as error:
        return type(error)


def attached(file):
    file["time"].make_scale("time")
    file["depth"].make_scale()
    file["image"].dims[0].attach_scale(file["time"])
    file["image"].dims[0].attach_scale(file["plain"])
    file["image"].dims[1].attach_scale(file["depth"])
    file["image"].dims[1].label = "depth"


def seen(file):
    """All that the interface says."""
    dims = file["image"].dims
    return (
        len(dims),
        [(dim.label, len(dim), list(dim), [one.name for one in dim.values()]) for dim in dims],
        [(name, one.name) for name, one in dims[0].items()],
        [(name, file[name].is_scale, list(file[name].attrs)) for name in file],
    )


def test_scales_are_attached(pair):
    pair(attached)
    theirs, ours = pair(seen)
    assert ours == theirs
    assert ours[1][0][2] == ["time", ""]
    assert pair(lambda file: file["image"].dims[0]["time"].name) == ["/time", "/time"]
    assert pair(lambda file: file["image"].dims[0][1].name) == ["/plain", "/plain"]


def test_the_attributes_are_those_of_hdf5(pair):
    pair(attached)
    theirs, ours = pair.files
    for name, attribute in (
        ("time", "CLASS"),
        ("time", "NAME"),
        ("depth", "NAME"),
        ("image", "DIMENSION_LABELS"),
    ):
        one, other = theirs[name].attrs.get_id(attribute), ours[name].attrs.get_id(attribute)
        assert (other.dtype, other.get_type().get_cset()) == (one.dtype, one.get_type().get_cset())
        assert other.shape == one.shape
        assert np.array_equal(ours[name].attrs[attribute], theirs[name].attrs[attribute])
    users = [file["time"].attrs["REFERENCE_LIST"] for file in pair.files]
    assert users[0].dtype == users[1].dtype
    for file, (first,) in zip(pair.files, users, strict=True):
        assert (file[first["dataset"]].name, first["dimension"]) == ("/image", 0)
    scales = [file["image"].attrs["DIMENSION_LIST"] for file in pair.files]
    assert [[len(axis) for axis in one] for one in scales] == [[2, 1], [2, 1]]


def test_scales_are_detached(pair):
    pair(attached)
    for work in (
        lambda file: file["image"].dims[1].detach_scale(file["depth"]),
        lambda file: file["image"].dims[0].detach_scale(file["plain"]),
        lambda file: file["image"].dims[0].detach_scale(file["time"]),
    ):
        pair(work)
        theirs, ours = pair(seen)
        assert ours == theirs


@pytest.mark.parametrize(
    "work",
    [
        pytest.param(lambda file: file["image"].make_scale(), id="scale with scales"),
        pytest.param(lambda file: file["image"].dims[0].attach_scale(file["image"]), id="itself"),
        pytest.param(lambda file: file["time"].dims[0].attach_scale(file["plain"]), id="to a scale"),
        pytest.param(lambda file: file["plain"].dims[0].attach_scale(file["image"]), id="with scales"),
        pytest.param(lambda file: file["image"].dims[0].detach_scale(file["depth"]), id="not attached"),
        pytest.param(lambda file: file["image"].dims[0][9], id="number"),
        pytest.param(lambda file: file["image"].dims[0]["nothing"], id="name"),
        pytest.param(lambda file: file["image"].dims[2], id="axis"),
        pytest.param(lambda file: file["plain"].dims[0][0], id="no scales"),
    ],
)
def test_what_cannot_be(pair, work):
    pair(attached)
    theirs, ours = pair(work)
    assert isinstance(theirs, type)
    assert ours is theirs
    theirs, ours = pair(seen)
    assert ours == theirs


def test_attaching_twice_changes_nothing(pair):
    pair(attached)
    before = pair.files[1].to_reference_file_system()
    pair.files[1]["image"].dims[0].attach_scale(pair.files[1]["time"])
    assert pair.files[1].to_reference_file_system() == before


def test_attaching_is_one_step(pair):
    file = pair.files[1]
    before = file.to_reference_file_system()
    file["image"].dims[0].attach_scale(file["time"])
    file.journal.undo()
    assert file.to_reference_file_system() == before


def test_scales_of_a_file(both):
    def fill(file):
        image(file)
        attached(file)

    theirs, ours = both(fill, mode="r+")
    for file in ours:
        assert seen(file) == seen(theirs)
        file["image"].dims[0].detach_scale(file["time"])
        assert file["image"].dims[0].keys() == [""]
        file.move("depth", "far/depth")
        assert file["image"].dims[1][0].name == "/far/depth"


def test_scales_are_written_to_hdf5(pair, tmp_path):
    attached(pair.files[1])
    write_hdf5(pair.files[1], tmp_path / "out.h5")
    with h5py.File(tmp_path / "out.h5") as file:
        dims = file["image"].dims
        assert [(dim.label, [dim[number].name for number in range(len(dim))]) for dim in dims] == [
            ("", ["/time", "/plain"]),
            ("depth", ["/depth"]),
        ]
