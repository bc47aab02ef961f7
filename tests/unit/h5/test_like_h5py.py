"""Small things that h5py's users rely on."""

from __future__ import annotations

import h5py
import numpy as np
import pytest

from lindi_explorer.errors import NodeNotFoundError, ReadOnlyError, UnsupportedError
from tests.unit.h5.pairs import failure


def tree(file):
    group = file.create_group("g", track_order=True)
    for name in ("b", "B", "a$", "a", "a-b"):
        group.create_group(name)["x"] = 1
    file["early"] = group["b"]
    group["a/round"] = group
    group["a/soft"] = h5py.SoftLink("/g/b")
    file["data"] = np.arange(6).reshape(2, 3)
    file.create_dataset(
        "packed", (8, 4), "f4", chunks=(2, 4), compression="gzip", shuffle=True, maxshape=(None, 4)
    )
    file.attrs.create("fixed", b"abc", dtype="S5")
    file.attrs["numbers"] = np.arange(3, dtype="i2")
    file.attrs["one"] = np.float32(2)
    file.attrs["none"] = h5py.Empty("i4")


@pytest.fixture
def files(both):
    return both(tree, mode="r+")


WALKS = {
    "visit": lambda group, seen: group.visit(seen.append),
    "visititems": lambda group, seen: group.visititems(lambda *found: seen.append((found[0], found[1].name))),
    "visit_links": lambda group, seen: group.visit_links(seen.append),
    "visititems_links": lambda group, seen: group.visititems_links(lambda name, _: seen.append(name)),
    "ends": lambda group, seen: seen.append(group.visit(lambda name: name if "a-b" in name else None)),
}


@pytest.mark.parametrize("walk", WALKS)
def test_walks_go_by_name_and_meet_each_object_once(files, walk):
    theirs, ours = files
    # From "g/a" HDF5 itself meets some objects twice: it does not remember those of one name.
    for start in ("/", "g", "early"):
        wanted: list[object] = []
        WALKS[walk](theirs[start], wanted)
        for file in ours:
            seen: list[object] = []
            WALKS[walk](file[start], seen)
            assert seen == wanted, start


def test_views_of_groups(files):
    theirs, ours = files
    for file in ours:
        group, wanted = file["g"], theirs["g"]
        assert list(reversed(group.keys())) == list(reversed(wanted.keys()))
        assert [one.name for one in reversed(group.values())] == [
            one.name for one in reversed(wanted.values())
        ]
        assert [name for name, _ in reversed(group.items())] == [name for name, _ in reversed(wanted.items())]
        assert repr(group.keys()) == repr(wanted.keys())
        assert ("a", group["a"]) in group.items()
        assert group["a"] in group.values()
        assert ("a", group["b"]) not in group.items()


def test_how_linked_files_are_opened(files):
    for file in files[1]:
        assert file.get("data", elink_mode="r", elink_locking=False) == file["data"]
        with pytest.raises(RuntimeError, match="mode"):
            file.get("data", elink_mode="w")
        with pytest.raises(ValueError, match="locking"):
            file.get("data", elink_locking="perhaps")
        for options in ({"elink_mode": "r+"}, {"elink_swmr": True}):
            with pytest.raises(UnsupportedError):
                file.get("data", **options)


def test_deleting_in_a_file_that_is_read(both):
    theirs, ours = both(tree)
    for file in (theirs, *ours):
        with pytest.raises(KeyError):
            del file["data"]
    with pytest.raises(ReadOnlyError, match="open for reading"):
        del ours[0]["data"]


MODIFIED = {
    "fixed": b"longer than that",
    "numbers": [1.7, 70000, -3],
    "numbers of another shape": [1, 2],
    "one": [5],
    "one by text": "x",
    "none": 5,
    "new": "text",
}


@pytest.mark.parametrize("case", MODIFIED)
def test_attributes_keep_their_type(hdf5, files, opened, case):
    name = case.partition(" ")[0]
    theirs = opened(h5py.File(hdf5(tree, "other.h5"), "r+"))
    value = np.array(MODIFIED[case]) if name == "numbers" else MODIFIED[case]
    wanted = failure(lambda file: file.attrs.modify(name, value), theirs)
    for file in files[1]:
        before = file.to_reference_file_system()
        assert type(failure(lambda file: file.attrs.modify(name, value), file)) is type(wanted)
        assert np.array_equal(np.array(file.attrs[name]), np.array(theirs.attrs[name])) or name == "none"
        low, other = file.attrs.get_id(name), theirs.attrs.get_id(name)
        assert (low.dtype, low.shape) == (other.dtype, other.shape)
        if wanted is None:
            file.journal.undo()
        assert file.to_reference_file_system() == before


def test_attributes_that_are_not_there(files):
    for file in files[1]:
        with pytest.raises(NodeNotFoundError):
            file.attrs.get_id("nothing")
        with pytest.raises(TypeError, match="string or bytes"):
            file.attrs[5] = 1


def test_identifiers_know_the_dataset(files):
    theirs, ours = files
    for file in ours:
        for name in ("data", "packed"):
            identity, wanted = file[name].id, theirs[name].id
            assert (identity.shape, identity.rank, identity.dtype) == (
                wanted.shape,
                wanted.rank,
                wanted.dtype,
            )
            assert identity.get_type() == wanted.get_type()
            one, other = identity.get_space(), wanted.get_space()
            assert one.get_simple_extent_dims(True) == other.get_simple_extent_dims(True)
            assert file[name].filter_ids == theirs[name].filter_ids
            assert identity.get_create_plist().get_layout() == wanted.get_create_plist().get_layout()
        order = file["g"].id.get_create_plist().get_link_creation_order()
        assert order == theirs["g"].id.get_create_plist().get_link_creation_order()
        with pytest.raises(AttributeError):
            _ = file["g"].id.shape


def test_comparing_with_arrays(files):
    theirs, ours = files
    for file in ours:
        assert np.array_equal(file["data"] == np.int64(3), theirs["data"] == np.int64(3))
        assert np.array_equal(np.int64(3) == file["data"], np.int64(3) == theirs["data"])
        assert file["data"] != "data"


def test_an_array_is_a_copy(files):
    for file in files[1]:
        with pytest.raises(ValueError, match="memory allocation cannot be avoided"):
            np.array(file["data"], copy=False)
