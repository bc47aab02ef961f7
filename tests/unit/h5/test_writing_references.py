"""Writing references: alone, in rows, in lists; they lead where h5py's lead."""

from __future__ import annotations

import h5py
import numpy as np
import pytest

ROW = np.dtype([("n", "i4"), ("to", h5py.ref_dtype), ("part", h5py.regionref_dtype), ("axes", "f4", (2,))])


def fill(file):
    file["a"] = np.arange(6).reshape(2, 3)
    file["g/b"] = "text"
    file.create_dataset("refs", (4,), dtype=h5py.ref_dtype, maxshape=(None,))
    file.create_dataset("regions", (3,), dtype=h5py.regionref_dtype)
    file.create_dataset("rows", (3,), dtype=ROW)
    file.create_dataset("lists", (2,), dtype=h5py.vlen_dtype(h5py.ref_dtype))
    file.create_dataset("one", (), dtype=h5py.ref_dtype)


def writing(file):
    a, b = file["a"], file["g/b"]
    file["refs"][0] = a.ref
    file["refs"][1:3] = [b.ref, file["g"].ref]
    file["refs"].resize(6, axis=0)
    file["refs"][-1] = file.ref
    file["regions"][1] = a.regionref[0, 1:]
    row = np.zeros(1, dtype=ROW)
    row[0] = (5, b.ref, a.regionref[:, 2], [1, 2])
    file["rows"][1] = row[0]
    file["rows"]["n", :2] = [8, 9]
    file["rows"]["axes", 2] = [3, 4]
    file["lists"][1] = np.array([a.ref, b.ref], dtype=h5py.ref_dtype)
    file["one"][()] = a.ref
    file["new"] = b.ref
    file.create_dataset("made", data=[a.ref, b.ref], dtype=h5py.ref_dtype)
    file["g"].attrs["ref"] = a.ref
    file["g"].attrs.create("refs", [a.ref, b.ref], dtype=h5py.ref_dtype)


def told(file):
    rows = file["rows"][:]
    return {
        "refs": [_name(file, one) for one in file["refs"][:]],
        "regions": [file["a"][one].tolist() if one else None for one in file["regions"][:]],
        "rows": [(row["n"].item(), _name(file, row["to"]), row["axes"].tolist()) for row in rows],
        "part": file["a"][rows["part"][1]].tolist(),
        "lists": [[_name(file, one) for one in part] for part in file["lists"][:]],
        "one": _name(file, file["one"][()]),
        "new": _name(file, file["new"][()]),
        "made": [_name(file, one) for one in file["made"][:]],
        "attributes": [_name(file, one) for one in [file["g"].attrs["ref"], *file["g"].attrs["refs"]]],
    }


def _name(file, reference):
    return file[reference].name if reference else None


def test_where_they_lead(copies):
    for pair in copies(fill):
        before = pair.ours.to_reference_file_system()
        for file in (pair.theirs, pair.ours):
            writing(file)
        assert told(pair.ours) == told(pair.theirs)
        for file in (pair.theirs, pair.ours):
            file.move("a", "far/away")
        assert told_moved(pair.ours) == told_moved(pair.theirs)
        while pair.ours.journal.undo():
            pass
        assert pair.ours.to_reference_file_system() == before


def told_moved(file):
    file["a"] = h5py.SoftLink("/far/away")
    return told(file)


@pytest.mark.parametrize("value", [5, "text", b"bytes", 1.5], ids=repr)
def test_what_is_no_reference(copies, value):
    for pair in copies(fill):
        with pytest.raises((TypeError, ValueError, AttributeError)):
            pair.ours["refs"][0] = value
        assert not pair.ours["refs"][0]


OF_THE_OTHER_KIND = {
    "region for object": lambda file: file["refs"].__setitem__(0, file["a"].regionref[0]),
    "object for region": lambda file: file["regions"].__setitem__(0, file["a"].ref),
    "null region": lambda file: file["refs"].__setitem__(0, h5py.RegionReference()),
    "scalar": lambda file: file["one"].__setitem__((), file["a"].regionref[0]),
    "row": lambda file: file["rows"].__setitem__(
        0, np.array((1, file["a"].regionref[0], file["a"].regionref[0], [1, 2]), dtype=ROW)
    ),
    "list": lambda file: file["lists"].__setitem__(0, np.array([file["a"].regionref[0]], dtype=object)),
    "new dataset": lambda file: file.create_dataset("new", data=file["a"].regionref[0], dtype=h5py.ref_dtype),
    "attribute": lambda file: file.attrs.create("x", file["a"].ref, dtype=h5py.regionref_dtype),
    "one of two": lambda file: file.attrs.create(
        "x", [file["a"].ref, file["a"].regionref[0]], dtype=h5py.ref_dtype
    ),
}


@pytest.mark.parametrize("case", OF_THE_OTHER_KIND)
def test_a_reference_of_the_other_kind(copies, case):
    for pair in copies(fill):
        for file in (pair.theirs, pair.ours):
            with pytest.raises(TypeError, match="Can't convert"):
                OF_THE_OTHER_KIND[case](file)
        assert not pair.ours.journal.steps
        assert not any(pair.ours["refs"][:])


def test_a_reference_of_another_file(copies):
    for pair in copies(fill):
        with pytest.raises(TypeError, match="HDF5"):
            pair.ours["refs"][0] = pair.theirs["a"].ref
        assert not any(pair.ours["refs"][:])
