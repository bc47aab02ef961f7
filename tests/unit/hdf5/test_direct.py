"""What is read of plain objects without HDF5 is what HDF5 says of them."""

from __future__ import annotations

import h5py
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lindi_explorer import LindiH5pyFile
from lindi_explorer.h5 import open_any
from lindi_explorer.samples import make_nwb
from tests.contract.direct import told

VERSIONS = ["earliest", "v108", "v110", "latest"]


def same(path):
    """Compare, and say how many objects were read without HDF5, of how many."""
    ours, count = told(path, direct=True)
    theirs, none = told(path, direct=False)
    assert ours == theirs
    assert none == 0
    return count, len(ours)


def versions(name):
    return name if name in {"earliest", "latest"} else (name, name)


# ---------------------------------------------------------------- objects


def test_a_sample_of_nwb_needs_hdf5_for_nothing_that_is_usual(tmp_path):
    path = make_nwb(tmp_path / "sample.nwb", size="tiny")
    count, objects = same(path)
    assert count >= 0.9 * objects


def test_edge_cases(edge_cases_h5):
    count, objects = same(edge_cases_h5)
    assert 0 < count < objects


@pytest.mark.parametrize("version", VERSIONS)
def test_attributes_groups_and_references(tmp_path, version):
    path = tmp_path / "a.h5"
    with h5py.File(path, "w", libver=versions(version)) as file:
        group = file.create_group("group")
        group.attrs["object_id"] = "abc"
        file["again"] = group
        file["soft"] = h5py.SoftLink("/group")
        file["away"] = h5py.ExternalLink("b.h5", "/x")
        file["late"] = file.create_group("zz/inner")
        data = group.create_dataset("data", data=np.arange(6.0).reshape(2, 3), maxshape=(None, 3))
        attributes = {
            "text": "a text",
            "Ümlaut": "ü\N{SNOWMAN}",
            "empty": "",
            "NaN": "NaN",
            "fixed": np.bytes_(b"abc"),
            "ascii": np.array("abc", dtype=h5py.string_dtype("ascii")),
            "texts": ["a", "", "ccc"],
            "true": True,
            "integer": 2**40,
            "small": np.int8(-3),
            "unsigned": np.uint64(2**63),
            "float": 1.5,
            "not a number": np.nan,
            "big": np.array([1.5, 2], dtype=">f8"),
            "half": np.float16(0.1),
            "complex": 1 + 2j,
            "none": h5py.Empty("f4"),
            "no items": np.zeros((0, 3)),
            "group": group.ref,
            "second": file["zz/inner"].ref,
            "root": file.ref,
            "region": data.regionref[0:1],
            "enum": np.array(1, dtype=h5py.enum_dtype({"A": 0, "B": 1})),
            "_SCALAR": 1,
        }
        for name, value in attributes.items():
            file.attrs[name] = value  # so many that newer files keep them elsewhere
            file.create_group(f"of {name}").attrs["value"] = value
    count, objects = same(path)
    assert count >= objects - 10


@pytest.mark.parametrize("version", VERSIONS)
def test_datasets(tmp_path, version):
    path = tmp_path / "a.h5"
    row = np.dtype([("start", "<i4"), ("of", h5py.ref_dtype), ("x", "<f8")])
    with h5py.File(path, "w", libver=versions(version)) as file:
        group = file.create_group("group")
        file["texts"] = ["a", "", "a\N{SNOWMAN}"]
        file["one text"] = "text"
        file["short"] = np.arange(5)
        file["long"] = np.arange(5000)
        file["bool"] = np.array([True, False])
        file["fixed"] = np.array([b"ab", b"c"])
        file["references"] = np.array([group.ref, file.ref], dtype=h5py.ref_dtype)
        file["null"] = h5py.Empty("i4")
        rows = np.zeros(3, dtype=row)
        rows["start"], rows["of"], rows["x"] = [1, 2, 3], [group.ref] * 3, [0.5, np.nan, 2]
        file["rows"] = rows
        file["numbers"] = np.array([(1, 2.5)], dtype="i2,f8")
        file.create_dataset("never written", shape=(4,), dtype="f4")
        file.create_dataset("filled", shape=(4,), dtype="f4", fillvalue=3)
        file.create_dataset("text filled", shape=(4,), dtype=h5py.string_dtype(), fillvalue="x")
        file.create_dataset("growing", data=np.arange(10), maxshape=(None,))
        file.create_dataset("ordered", data=[1], track_order=True).attrs.update({"b": 1, "a": 2})
        file.create_dataset("sums", data=np.arange(2000.0), chunks=(500,), fletcher32=True, shuffle=True)
        file.create_dataset("compact", data=np.arange(4), dcpl=_compact())
    count, objects = same(path)
    assert count >= objects - 3


def _compact():
    plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    plist.set_layout(h5py.h5d.COMPACT)
    return plist


@pytest.mark.parametrize("version", ["earliest", "latest"])
@given(
    names=st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0/"), min_size=1), max_size=6),
    values=st.lists(
        st.one_of(
            st.text(st.characters(codec="utf-8", exclude_characters="\0")),
            st.integers(-(2**63), 2**63 - 1),
            st.floats(),
            st.booleans(),
            st.binary(min_size=1).map(np.void),
            st.lists(st.integers(-9, 9)),
        ),
        min_size=6,
        max_size=6,
    ),
)
def test_any_attributes(tmp_path_factory, version, names, values):
    path = tmp_path_factory.mktemp("any") / "a.h5"
    with h5py.File(path, "w", libver=version) as file:
        for name, value in zip(names, values, strict=False):
            file.attrs[name] = value
    same(path)


@pytest.mark.parametrize("members", [1, 8, 9, 3000])
@pytest.mark.parametrize("version", VERSIONS)
def test_groups_of_any_size(tmp_path, version, members):
    path = tmp_path / "a.h5"
    with h5py.File(path, "w", libver=versions(version)) as file:
        group = file.create_group("group")
        inside = group.create_group("0")
        for number in range(1, members):
            group[f"{number}"] = h5py.SoftLink(f"../{number}/x") if number % 3 else inside
    count, objects = same(path)
    assert objects == members + 2
    assert count >= 3


@pytest.mark.parametrize("version", VERSIONS)
def test_names_of_links(tmp_path, version):
    path = tmp_path / "a.h5"
    with h5py.File(path, "w", libver=versions(version)) as file:
        for name in ("b", "a.b", "ü", "a\\b", "B", " ", "a" * 300):
            file.create_group(name)
        file.create_group("ordered", track_order=True).create_group("z").create_group("y")
        file["ordered"].create_group("a")
        file.create_group(b"\xff")
        file[b"\xfe"] = h5py.SoftLink(b"/\xff")
        file["away"] = h5py.ExternalLink("b.h5", "/x")
    same(path)


# ---------------------------------------------------------------- chunk indexes

LIMITS = {
    "fixed": lambda rows, columns: (rows, columns),
    "grows": lambda _rows, columns: (None, columns),
    "grows twice": lambda _rows, _columns: (None, None),
    "larger": lambda rows, columns: (2 * rows, 3 * columns),
    "grows at the end": lambda rows, _columns: (rows, None),
}


@pytest.mark.parametrize("compression", [None, "gzip"])
@pytest.mark.parametrize("limit", LIMITS)
@pytest.mark.parametrize("version", ["earliest", "latest"])
def test_chunk_indexes(tmp_path, version, limit, compression):
    path = tmp_path / "a.h5"
    rng = np.random.default_rng(0)
    with h5py.File(path, "w", libver=version) as file:
        for name, shape, part in [("all", (3000, 4), 1), ("some", (3000, 4), 0.3), ("none", (3000, 4), 0)]:
            data = file.create_dataset(
                name, shape, "i2", maxshape=LIMITS[limit](*shape), chunks=(2, 3), compression=compression
            )
            for row in np.flatnonzero(rng.random(shape[0] // 2) < part):
                data[2 * row : 2 * row + 2] = row
        if limit.startswith("grows") and limit != "grows at the end":
            file["all"].resize((1000, 4))
        file.create_dataset("one", data=np.ones((40, 40)), chunks=(40, 40), compression=compression)
    same(path)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_whole_index_is_read_without_hdf5(tmp_path, version, monkeypatch):
    path = tmp_path / "a.h5"
    with h5py.File(path, "w", libver=versions(version)) as file:
        file.create_dataset("x", data=np.arange(20_000), chunks=(10,), maxshape=(None,))
    theirs = told(path, direct=False)[0]
    asked = []
    monkeypatch.setattr("lindi_explorer.hdf5.layout.Columns.read", lambda *_: asked.append(1))
    assert told(path, direct=True)[0] == theirs
    assert not asked


def test_chunks_that_skipped_filters(tmp_path):
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        data = file.create_dataset("x", (4000,), "i2", chunks=(1000,), compression="gzip", shuffle=True)
        data[:2000] = 1
        data.id.write_direct_chunk((2000,), np.arange(1000, dtype="i2").tobytes(), filter_mask=3)
    assert same(path) == (2, 2)
    with LindiH5pyFile.from_hdf5_file(path) as file:
        assert file["x"][2500] == 500


# ---------------------------------------------------------------- when not to


def test_a_file_that_is_being_written_is_read_by_hdf5(tmp_path):
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file.attrs["a"] = 1  # nowhere but in HDF5's memory
        with open_any(file) as ours:
            assert ours.attrs["a"] == 1


def test_a_user_block_is_read_by_hdf5(tmp_path):
    path = tmp_path / "a.h5"
    with h5py.File(path, "w", userblock_size=512) as file:
        file.attrs["a"] = 1
    assert same(path) == (0, 1)


def test_another_file_of_the_same_name_is_not_mixed_in(tmp_path):
    path = tmp_path / "a.h5"
    for value in (1, 2):
        with h5py.File(tmp_path / f"{value}.h5", "w") as file:
            file.attrs["value"] = value
    (tmp_path / "1.h5").rename(path)
    with h5py.File(path) as file:
        (tmp_path / "2.h5").rename(path)
        with open_any(file) as ours:
            assert ours.attrs["value"] == 1


def test_a_file_can_be_written_again_once_it_is_closed(tmp_path):
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file["x"] = np.arange(5)
    ours = LindiH5pyFile.from_hdf5_file(path)
    assert list(ours["x"]) == [0, 1, 2, 3, 4]
    ours.close()
    with h5py.File(path, "r+") as file:
        file["y"] = 1


@pytest.mark.parametrize("version", ["earliest", "latest"])
def test_damage_is_told_in_hdf5s_words_or_does_no_harm(tmp_path, version, count):
    path = tmp_path / "a.h5"
    with h5py.File(path, "w", libver=version) as file:
        file.attrs.update({"name": "hello", "n": 3, "x": 1.5})
        group = file.create_group("group")
        group.attrs.update({"ref": group.ref, "object_id": "abc"})
        file["texts"], file["numbers"] = ["a", "bb", ""], np.arange(5.0)
        file.create_dataset("chunked", data=np.arange(2000.0), chunks=(100,))
    sound = path.read_bytes()
    used = [at for at in range(len(sound)) if any(sound[max(0, at - 16) : at + 16])]
    rng = np.random.default_rng(0)
    for _ in range(count(40, 2000)):
        damaged = bytearray(sound)
        damaged[rng.choice(used)] = rng.integers(256)
        path.write_bytes(damaged)
        try:
            ours, theirs = told(path, direct=True)[0], told(path, direct=False)[0]
        except (OSError, RuntimeError, KeyError, ValueError):
            continue  # the superblock, or the root group
        # HDF5 may refuse an object for damage beside what is asked for; where it does not, we agree.
        assert all(ours[name] == theirs[name] or "HDF5 cannot" in theirs[name] for name in theirs)
