"""Edits at random, through what h5py users call: a patch of them does the same to the source again."""

from __future__ import annotations

import json
import os

import h5py
import numpy as np
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

import lindi_explorer as lindi
from lindi_explorer.errors import ConflictError
from lindi_explorer.references import codec

REDUCED = os.environ.get("LINDI_LONG") != "1"
FEW = 25
NAMES = st.sampled_from(["a", "b", "ordered", "é", "new", "unit"])
GROUPS = st.sampled_from(["", "a", "a/b", "ordered", "new"])
PATHS = st.builds("/".join, st.tuples(GROUPS, NAMES)).map(lambda path: path.lstrip("/"))
DATASETS = st.sampled_from(
    ["chunked", "plain", "small", "text", "texts", "rows", "linked", "a/scalar", "a/grow", "new/a", "a/new"]
)
VALUES = st.sampled_from(
    [
        1,
        1.0,
        -0.0,
        True,
        "text",
        "",
        "NaN",
        b"bytes",
        np.float32(0.5),
        np.nan,
        np.array([1, 2], ">i2"),
        np.array(["a", "é"], dtype=h5py.string_dtype()),
        np.zeros((0, 3), "f4"),
        np.array((1, 2.5), dtype=[("n", "u1"), ("x", "f8")]),
        h5py.Empty("i4"),
        h5py.Reference(),
    ]
)
DATA = st.sampled_from(
    [
        5,
        "a word",
        np.arange(12.0).reshape(3, 4),
        np.arange(5000),
        np.array(["x", "yy"], dtype=h5py.string_dtype()),
        np.array([(1, b"ab")], dtype=[("n", "u4"), ("s", "S4")]),
        np.zeros((0, 2)),
    ]
)
EDITS = st.one_of(
    st.tuples(st.just("attribute"), st.one_of(PATHS, DATASETS), NAMES, VALUES),
    st.tuples(st.just("no attribute"), st.one_of(PATHS, DATASETS), NAMES),
    st.tuples(st.just("group"), PATHS, st.booleans()),
    st.tuples(st.just("dataset"), PATHS, DATA, st.booleans()),
    st.tuples(st.just("delete"), st.one_of(PATHS, DATASETS)),
    st.tuples(st.just("move"), st.one_of(PATHS, DATASETS), PATHS),
    st.tuples(st.just("link"), PATHS, st.sampled_from(["soft", "relative", "hard", "external"])),
    st.tuples(st.just("copy"), DATASETS, PATHS),
    st.tuples(st.just("write"), DATASETS, st.integers(0, 30), st.integers(1, 20), st.integers(0, 5)),
    st.tuples(st.just("resize"), DATASETS, st.integers(0, 60)),
)


def fill(file):
    file.attrs.update({"a": 1, "b": np.float32(2), "unit": "V"})
    file.create_dataset("chunked", data=np.arange(3000, dtype="i4"), chunks=(100,), maxshape=(None,))
    file["plain"] = np.arange(6000.0).reshape(60, 100)
    file["small"] = np.arange(6, dtype="u1")
    file["text"] = "some words"
    file["texts"] = np.array(["one", "two", "é"], dtype=h5py.string_dtype())
    file["rows"] = np.array([(1, b"ab"), (2, b"c")], dtype=[("n", "u4"), ("s", "S4")])
    file.create_dataset("linked", data=np.arange(4000), chunks=(1000,), compression="lzf")
    file["a/scalar"] = 2.5
    file.create_dataset("a/grow", data=np.zeros((4, 3), "f4"), maxshape=(None, 3), chunks=(2, 3))
    file["a/b/target"] = 1
    file["a/b"].attrs["unit"] = "s"
    ordered = file.create_group("ordered", track_order=True)
    for name in ("z", "b", "a"):
        ordered[name] = name
    ordered.attrs.update({"y": 1, "b": 2})
    file["soft"] = h5py.SoftLink("/a/scalar")


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    """Openers of one hierarchy: as HDF5, as a document beside it, and as a document in memory."""
    folder = tmp_path_factory.mktemp("patches")
    with h5py.File(folder / "f.h5", "w") as file:
        fill(file)
    with lindi.LindiH5pyFile.from_hdf5_file(folder / "f.h5") as file:
        file.write_lindi_file(folder / "f.lindi.json")
        document = json.dumps(file.to_reference_file_system())
    opener = lindi.LindiH5pyFile
    return {
        "hdf5": lambda: opener.from_hdf5_file(folder / "f.h5", mode="r+"),
        "document": lambda: lindi.apply(EMPTY, folder / "f.lindi.json"),
        "memory": lambda: opener.from_reference_file_system(json.loads(document), mode="r+"),
    }


EMPTY = lindi.diff({"refs": {".zgroup": {"zarr_format": 2}}}, {"refs": {".zgroup": {"zarr_format": 2}}})


def dataset(file, path, data, filtered):
    options = {"chunks": True, "compression": "gzip"} if filtered and np.size(data) > 10 else {}
    file.create_dataset(path, data=data, **options)


def link(file, path, kind):
    made = {
        "soft": lambda: h5py.SoftLink("/a/scalar"),
        "relative": lambda: h5py.SoftLink("b/target"),
        "hard": lambda: file["a/b"],
        "external": lambda: h5py.ExternalLink("other.h5", "/x"),
    }
    file[path] = made[kind]()


def write(file, path, start, count, number):
    written = file[path]
    value = "w" * number if written.dtype.kind == "O" else number
    if written.shape == ():
        written[()] = value
    elif written.dtype.names:
        written[0] = (number, b"new")
    else:
        written[start : start + count] = value


MAKERS = {
    "attribute": lambda file, path, name, value: file[path].attrs.__setitem__(name, value),
    "no attribute": lambda file, path, name: file[path].attrs.__delitem__(name),
    "group": lambda file, path, ordered: file.create_group(path, track_order=ordered),
    "dataset": dataset,
    "delete": lambda file, path: file.__delitem__(path),
    "move": lambda file, path, to: file.move(path, to),
    "copy": lambda file, path, to: file.copy(path, to),
    "link": link,
    "write": write,
    "resize": lambda file, path, size: file[path].resize((size, *file[path].shape[1:])),
}
REFUSED = (ValueError, KeyError, TypeError, RuntimeError, OSError, AttributeError, NotImplementedError)


def edit(file, edits):
    for kind, *arguments in edits:
        try:
            MAKERS[kind](file, *arguments)
        except REFUSED:
            event(f"{kind}: refused, as by h5py")


def content(dataset):
    value = dataset[()]
    if isinstance(value, h5py.Empty) or np.asarray(value).dtype.hasobject:
        return repr(np.asarray(value).tolist())
    return np.asarray(value).tobytes()


def text(file):
    return codec.to_text(file.to_reference_file_system())


@settings(max_examples=FEW if REDUCED else 500)
@given(st.sampled_from(["hdf5", "document", "memory"]), st.lists(EDITS, min_size=1, max_size=12))
def test_a_patch_does_again_what_the_edits_did(sources, kind, edits):
    with sources[kind]() as file, sources[kind]() as again:
        source = text(again)
        edit(file, edits)
        patch = lindi.Patch.parse(file.patch().text())
        lindi.apply(patch, again)
        assert text(again) == text(file)
        assert bool(patch) == (text(again) != source)
        if patch:
            with pytest.raises(ConflictError, match=r"old value differs|already|no object"):
                lindi.apply(patch, again)
            assert text(again) == text(file)
            again.journal.undo()
        assert text(again) == source


@settings(max_examples=FEW if REDUCED else 500)
@given(st.sampled_from(["hdf5", "document"]), st.lists(EDITS, min_size=1, max_size=8))
def test_what_differs_between_two_files_makes_one_of_the_other(sources, kind, edits):
    with sources[kind]() as old, sources[kind]() as new:
        edit(new, edits)
        patch = lindi.diff(old, new)
        lindi.apply(lindi.Patch.parse(patch.text()), old)
        assert not lindi.diff(old, new)
        assert list(old.journal.walk()) == list(new.journal.walk())
        for path in old.journal.walk():
            one, other = old.get(path or "/"), new.get(path or "/")
            if isinstance(one, h5py.Dataset):
                assert content(one) == content(other)
                assert (one.dtype, one.shape, one.maxshape) == (other.dtype, other.shape, other.maxshape)
