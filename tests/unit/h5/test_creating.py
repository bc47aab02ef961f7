"""Creating datasets and groups with every keyword that h5py has; its errors for what cannot be."""

from __future__ import annotations

import h5py
import numpy as np
import pytest

DATA = np.arange(60).reshape(12, 5)

CASES = {
    "shape and type": {"shape": (3, 4), "dtype": "f4"},
    "number as shape": {"shape": 5, "dtype": "i2"},
    "no axis": {"shape": (), "dtype": "i8"},
    "nothing in it": {"shape": (0, 3), "dtype": "i4"},
    "null": {"data": h5py.Empty("f4")},
    "null of text": {"data": h5py.Empty(h5py.string_dtype())},
    "data": {"data": DATA},
    "other type": {"data": DATA, "dtype": "f4"},
    "list": {"data": [[1, 2], [3, 4]], "dtype": ">u2"},
    "text": {"data": "text"},
    "bytes": {"data": b"text"},
    "list of text": {"data": ["a", "bc"]},
    "list of bytes": {"data": [b"a", b"bc"]},
    "fixed bytes": {"data": np.array([b"a", b"bc"])},
    "number": {"data": 5},
    "float": {"data": 2.5},
    "bool": {"data": [True, False]},
    "complex": {"data": 1 + 2j},
    "other shape": {"data": DATA, "shape": (5, 12)},
    "chunks": {"data": DATA, "chunks": (5, 2)},
    "chunks of an axis": {"data": np.arange(10), "chunks": 4},
    "chunks by h5py": {"shape": (1000, 300), "dtype": "f4", "chunks": True},
    "maxshape": {"data": DATA, "maxshape": (None, 5)},
    "maxshape and chunks": {"data": DATA, "maxshape": (20, None), "chunks": (5, 5)},
    "maxshape of an axis": {"shape": (4,), "maxshape": 10, "dtype": "i1"},
    "gzip": {"data": DATA, "compression": "gzip"},
    "gzip with level": {"data": DATA, "compression": "gzip", "compression_opts": 7},
    "gzip by number": {"data": DATA, "compression": 3},
    "lzf": {"data": DATA, "compression": "lzf"},
    "shuffle": {"data": DATA, "shuffle": True, "compression": "gzip"},
    "fletcher32": {"data": DATA, "fletcher32": True},
    "all filters": {
        "data": DATA,
        "shuffle": True,
        "compression": "lzf",
        "fletcher32": True,
        "chunks": (4, 4),
    },
    "scaleoffset": {"data": DATA, "scaleoffset": 0},
    "fill": {"shape": (6,), "dtype": "i4", "fillvalue": -7},
    "fill of floats": {"shape": (6,), "dtype": "f4", "fillvalue": np.nan, "chunks": (4,)},
    "fill of bytes": {"shape": (3,), "dtype": "S3", "fillvalue": b"ab"},
    "fill of text": {"shape": (3,), "dtype": h5py.string_dtype(), "fillvalue": "none"},
    "never filled": {"shape": (6,), "dtype": "i4", "fillvalue": 5, "fill_time": "never", "chunks": (3,)},
    "times": {"data": DATA, "track_times": True},
    "order": {"data": DATA, "track_order": True},
    "cache": {"data": DATA, "chunks": (4, 4), "rdcc_nbytes": 1000, "rdcc_w0": 0.2, "rdcc_nslots": 11},
    "type of rows": {"shape": (2,), "dtype": [("a", "i4"), ("b", "S2"), ("c", h5py.string_dtype())]},
    "type of arrays": {"shape": (2,), "dtype": np.dtype(("f4", (2, 2)))},
    "enum": {"shape": (3,), "dtype": h5py.enum_dtype({"A": 1, "B": 2})},
    "sequences": {"shape": (3,), "dtype": h5py.vlen_dtype("i4")},
    "references": {"shape": (3,), "dtype": h5py.ref_dtype},
    "nothing": {},
    "data of another size": {"data": DATA, "shape": (7,)},
    "unknown compression": {"data": DATA, "compression": "zip"},
    "unknown level": {"data": DATA, "compression": "gzip", "compression_opts": 11},
    "level alone": {"data": DATA, "compression_opts": 4},
    "level of lzf": {"data": DATA, "compression": "lzf", "compression_opts": 4},
    "chunks too large": {"data": DATA, "chunks": (100, 5)},
    "chunks of another rank": {"data": DATA, "chunks": (5,)},
    "chunks of a scalar": {"data": 5, "chunks": (1,)},
    "compressed scalar": {"data": 5, "compression": "gzip"},
    "maxshape too small": {"data": DATA, "maxshape": (5, 5)},
    "maxshape of another rank": {"data": DATA, "maxshape": (None,)},
    "unknown type": {"shape": (3,), "dtype": "nothing"},
    "objects": {"data": np.array([object()])},
    "unknown keyword": {"data": DATA, "colour": "green"},
    "wrong fill": {"shape": (3,), "dtype": "i4", "fillvalue": "text"},
    "wrong fill time": {"shape": (3,), "dtype": "i4", "fill_time": "now"},
}

ASKED = (
    "shape",
    "dtype",
    "maxshape",
    "chunks",
    "compression",
    "compression_opts",
    "shuffle",
    "fletcher32",
    "scaleoffset",
    "size",
    "nbytes",
    "ndim",
    "is_virtual",
    "external",
)


@pytest.mark.parametrize("name", CASES)
def test_keywords(copies, name):
    for pair in copies(lambda file: file.create_group("g")):
        pair.do(lambda file: bool(file.create_dataset("g/new", **CASES[name])))
        if "g/new" not in pair.ours:
            continue
        theirs, ours = pair.theirs["g/new"], pair.ours["g/new"]
        for question in ASKED:
            assert getattr(ours, question) == getattr(theirs, question), question
        pair.judge.value(theirs.fillvalue, ours.fillvalue)
        assert ours.filter_ids == theirs.filter_ids
        if ours.dtype.kind != "O" or h5py.check_ref_dtype(ours.dtype) is None:
            pair.judge.value(theirs[()], ours[()])


@pytest.mark.parametrize("name", ["gzip with level", "maxshape", "fill", "text", "all filters", "sequences"])
def test_one_like_another(copies, name):
    for pair in copies(lambda file: file.create_dataset("first", **CASES[name])):
        pair.do(
            lambda file: bool(file.create_dataset_like("second", file["first"])),
            lambda file: bool(
                file.create_dataset_like("deep/third", file["first"], dtype="f4", fillvalue=None)
            ),
        )
        for made in ("second", "deep/third"):
            for question in ASKED:
                assert getattr(pair.ours[made], question) == getattr(pair.theirs[made], question), question
            pair.judge.value(pair.theirs[made][()], pair.ours[made][()])


def test_names(copies):
    def made(name, **options):
        return lambda file: bool(file.create_dataset(name, data=1, **options))

    work = [
        made("a"),
        made("a"),
        made("deep/er/b"),
        made("/deep/c"),
        made("a/below"),
        made(b"bytes"),
        made("ü"),
        lambda file: bool(file["deep"].create_group("/from/the/root")),
        lambda file: bool(file["deep"].create_group("er")),
        lambda file: bool(file.create_group("deep/er/b/x")),
        lambda file: bool(file.require_group("deep/er")),
        lambda file: bool(file.require_group("a")),
        lambda file: bool(file.require_group("new/group")),
        lambda file: bool(file.create_group("")),
        lambda file: bool(file.create_group(5)),
        lambda file: bool(file.require_dataset("r", (3,), "i4")),
        lambda file: bool(file.require_dataset("r", (3,), "i4")),
        lambda file: bool(file.require_dataset("r", (4,), "i4")),
        lambda file: bool(file.require_dataset("r", (3,), "f8")),
        lambda file: bool(file.require_dataset("r", (3,), "i2")),
        lambda file: bool(file.require_dataset("r", (3,), "i2", exact=True)),
        lambda file: bool(file.require_dataset("deep", (3,), "i2")),
        lambda file: file.__setitem__("kind", np.dtype("f4")),
        lambda file: bool(file.create_dataset("typed", (3,), dtype=file["kind"])),
        lambda file: file.__setitem__("a", 5),
        lambda file: file.__setitem__("value", [1, 2, 3]),
    ]
    for pair in copies(lambda file: file.create_group("g")):
        pair.do(*work)
        seen = []
        for file in (pair.theirs, pair.ours):
            names = []
            file.visit(names.append)
            seen.append(names)
        assert seen[1] == seen[0]
        assert pair.ours["typed"].dtype == pair.theirs["typed"].dtype
