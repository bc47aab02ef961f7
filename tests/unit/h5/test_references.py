"""Object and region references: where they lead, and what they are."""

from __future__ import annotations

import h5py
import numpy as np
import pytest

from lindi_explorer import LindiH5pyFile, LindiH5pyReference
from lindi_explorer.errors import NodeNotFoundError, ReadOnlyError
from tests.contract.same import Judge

FOUR = {"object_id": "G", "path": "/g", "source": ".", "source_object_id": "F"}


def samples(file):
    group = file.create_group("g")
    data = group.create_dataset("d", data=np.arange(60).reshape(10, 6))
    line = group.create_dataset("line", data=np.arange(20))
    refs = [group.ref, data.ref, file.ref, h5py.Reference()]
    file.create_dataset("objects", data=np.array(refs, object), dtype=h5py.ref_dtype)
    file.create_dataset("one", data=data.ref, dtype=h5py.ref_dtype)
    file.create_dataset("none", (2,), dtype=h5py.ref_dtype)
    regions = [
        *(data.regionref[1:3, ::2], data.regionref[...], data.regionref[4], data.regionref[2:8:3, 1:3]),
        *(line.regionref[5:9], line.regionref[[1, 4, 9]], h5py.RegionReference()),
    ]
    file.create_dataset("regions", data=np.array(regions, object), dtype=h5py.regionref_dtype)
    rows = np.array([(group.ref, 1), (h5py.Reference(), 2)], [("r", h5py.ref_dtype), ("n", "i4")])
    file["rows"] = rows
    points = h5py.h5s.create_simple((10, 6))
    points.select_elements([(1, 2), (0, 0), (9, 5)])
    file.attrs["points"] = h5py.h5r.create(file.id, b"g/d", h5py.h5r.DATASET_REGION, points)


@pytest.fixture
def files(both):
    return both(samples)


def test_objects_are_found_by_reference(files):
    theirs, ours = files
    for file in ours:
        judge = Judge(theirs, file)
        for name in ("objects", "one", "none", "rows"):
            assert h5py.check_ref_dtype(file["rows"].dtype["r"]) is h5py.Reference
            judge.value(theirs[name][()], file[name][()])
        found = [file[ref].name for ref in file["objects"][:3]]
        assert found == ["/g", "/g/d", "/"]
        assert file[file["objects"][2]] == file
        assert file["g"][file["one"][()]] == file["g/d"], "from any group"
        assert isinstance(file["objects"][0], (h5py.Reference, LindiH5pyReference))
        assert not isinstance(file["objects"][0], h5py.RegionReference)


def test_null_references(files):
    _, ours = files
    for file in ours:
        null = file["objects"][3]
        assert not null
        assert file["objects"][0]
        with pytest.raises(ValueError, match="null"):
            file[null]
        assert not any(file["none"][...])


def test_references_are_values(files):
    _, ours = files
    for file in ours:
        group, data = file["objects"][0], file["objects"][1]
        assert group == file["rows"]["r"][0]
        assert group != data
        assert group != "x"
        assert len({group, file["rows"]["r"][0], data}) == 2


def test_regions(files):
    theirs, ours = files
    for file in ours:
        for number, (one, other) in enumerate(zip(theirs["regions"][...], file["regions"][...], strict=True)):
            assert bool(other) == bool(one), number
            if not one:
                continue
            assert isinstance(other, h5py.RegionReference)
            assert file[other].name == theirs[one].name
            Judge(theirs, file).value(theirs[one][one], file[other][other])


def test_a_region_of_points(files):
    theirs, ours = files
    expected = theirs["g/d"][theirs.attrs["points"]]
    for file in ours:
        Judge(theirs, file).value(expected, file["g/d"][file.attrs["points"]])


def test_a_region_of_blocks_that_interleave(both):
    def fill(file):
        file["d"] = np.arange(60).reshape(10, 6)
        space = h5py.h5s.create_simple((10, 6))
        space.select_hyperslab((5, 3), (3, 2))
        space.select_hyperslab((4, 0), (3, 2), op=h5py.h5s.SELECT_OR)
        space.select_hyperslab((0, 5), (10, 1), op=h5py.h5s.SELECT_OR)
        file.attrs["blocks"] = h5py.h5r.create(file.id, b"d", h5py.h5r.DATASET_REGION, space)

    theirs, ours = both(fill)
    expected = theirs["d"][theirs.attrs["blocks"]]
    for file in ours:
        Judge(theirs, file).value(expected, file["d"][file.attrs["blocks"]])


def test_a_region_of_another_dataset_is_refused(files):
    _, ours = files
    for file in ours:
        with pytest.raises(TypeError):
            file["g/line"][file["regions"][0]]


# ---------------------------------------------------------------- upstream's class


def test_the_four_members(opened):
    reference = LindiH5pyReference(FOUR)
    assert isinstance(reference, h5py.Reference)
    fields = (reference._object_id, reference._path, reference._source, reference._source_object_id)
    assert fields == ("G", "/g", ".", "F")
    assert str(reference) == repr(reference) == "LindiH5pyReference(G, /g)"
    assert reference == LindiH5pyReference(dict(FOUR))
    assert hash(reference) == hash(LindiH5pyReference(dict(FOUR)))
    assert reference != LindiH5pyReference({**FOUR, "object_id": "H"})
    assert bool(reference)
    assert not LindiH5pyReference({})


@pytest.fixture
def nwb_like(opened):
    refs = {
        ".zgroup": {"zarr_format": 2},
        ".zattrs": {"object_id": "F"},
        "g/.zgroup": {"zarr_format": 2},
        "g/.zattrs": {"object_id": "G"},
        "l/.zgroup": {"zarr_format": 2},
        "l/.zattrs": {"_SOFT_LINK": {"path": "/g"}},
    }
    return opened(LindiH5pyFile.from_reference_file_system({"refs": refs}, mode="r+"))


@pytest.mark.parametrize(
    "changes",
    [{}, {"object_id": None}, {"source_object_id": None}, {"path": "g"}, {"path": "/l"}, {"source": None}],
    ids=str,
)
def test_what_leads_to_the_object(nwb_like, changes):
    assert nwb_like[LindiH5pyReference({**FOUR, **changes})] == nwb_like["g"]


def test_members_that_are_missing_are_null(nwb_like):
    assert nwb_like[LindiH5pyReference({"path": "/g"})] == nwb_like["g"]


@pytest.mark.parametrize("changes", [{"object_id": "X"}, {"source_object_id": "X"}, {"path": "/x"}], ids=str)
def test_a_reference_made_for_another_object_is_refused(nwb_like, changes):
    with pytest.raises(NodeNotFoundError, match=r"X|/x"):
        nwb_like[LindiH5pyReference({**FOUR, **changes})]


def test_making_references(nwb_like, opened):
    made = nwb_like["g"].ref
    assert made == LindiH5pyReference(FOUR)
    assert nwb_like[made] == nwb_like["g"]
    assert nwb_like["l"].ref == made, "of the object, not of the link"
    reading = opened(LindiH5pyFile.from_reference_file_system(nwb_like.to_reference_file_system()))
    with pytest.raises(ReadOnlyError):
        _ = reading["g"].ref


def test_a_reference_of_an_hdf5_file_leads_nowhere(nwb_like, tmp_path):
    with h5py.File(tmp_path / "f.h5", "w") as other:
        other.create_group("g")
        with pytest.raises(ValueError, match="another file"):
            nwb_like[other["g"].ref]
