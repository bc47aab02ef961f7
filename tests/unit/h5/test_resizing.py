"""Resizing, and writing before and after, as h5py does it."""

from __future__ import annotations

import h5py
import numpy as np
import pytest

from tests.unit.h5.pairs import setting

TYPES = {
    "numbers": ("i4", np.arange(35), {"fillvalue": 7}),
    "floats": (">f8", np.arange(35) / 3, {}),
    "fixed text": ("S3", np.arange(35).astype("S3"), {}),
    "text": (h5py.string_dtype(), np.arange(35).astype("S3").astype(object), {}),
    "sequences": (h5py.vlen_dtype("i2"), None, {}),
    "rows": (np.dtype([("a", "i4"), ("b", "S2")]), None, {}),
}

LAYOUTS = {
    "plain": {"chunks": (3, 2)},
    "gzip": {"chunks": (4, 5), "compression": "gzip"},
    "lzf": {"chunks": (3, 2), "compression": "lzf"},
    "one chunk": {"chunks": (7, 5)},
}


def fill(file):
    for kind, (dtype, data, more) in TYPES.items():
        for layout, options in LAYOUTS.items():
            name = f"{kind}, {layout}"
            values = {} if data is None else {"data": data.reshape(7, 5)}
            made = file.create_dataset(
                name, (7, 5), dtype=dtype, maxshape=(None, 9), **values, **options, **more
            )
            if kind == "sequences":
                made[2, 3] = [1, 2, 3]
            if kind == "rows":
                made[2:4, 1] = np.array([(5, b"x"), (6, b"y")], dtype=dtype)
    file.create_dataset("line", data=np.arange(10), maxshape=(None,), chunks=(4,))
    file["fixed"] = np.arange(10)


SIZES = {
    "longer": [(10, 5)],
    "shorter": [(4, 5)],
    "wider": [(7, 9)],
    "narrower": [(7, 2)],
    "both": [(9, 3)],
    "shorter and longer": [(2, 5), (8, 5)],
    "narrower and wider": [(7, 1), (7, 6)],
    "to nothing and back": [(0, 5), (7, 5)],
    "no column and back": [(7, 0), (7, 5)],
    "up and down": [(12, 8), (5, 3), (8, 8)],
    "the same": [(7, 5)],
}


def resizing(name, *size, **options):
    return lambda file: file[name].resize(*size, **options)


@pytest.mark.parametrize("name", SIZES)
def test_sizes(copies, name):
    for pair in copies(fill):
        names = [one for one in pair.theirs if "," in one]
        for size in SIZES[name]:
            pair.do(*(resizing(one, size) for one in names))
            pair.same(*names)
        for one in names:
            assert (pair.ours[one].chunks, pair.ours[one].maxshape) == (
                pair.theirs[one].chunks,
                pair.theirs[one].maxshape,
            )


def test_written_in_between(copies):
    for pair in copies(fill):
        names = [one for one in pair.theirs if one.startswith(("numbers", "floats"))]
        for size in ((9, 9), (3, 9), (8, 4), (8, 9), (0, 2), (6, 6)):
            pair.do(*(resizing(one, size) for one in names))
            pair.do(*(setting(one, np.s_[:, 1:2], size[0] * 10) for one in names if size[0]))
            pair.do(*(setting(one, np.s_[-1:], -3) for one in names))
            pair.same(*names)


def test_one_axis(copies):
    work = [
        resizing("line", 15, axis=0),
        resizing("line", (3,)),
        resizing("line", 12, 0),
        resizing("numbers, gzip", 9, axis=1),
        resizing("numbers, gzip", 10, axis=1),
        resizing("numbers, gzip", 5, axis=2),
        resizing("numbers, gzip", (5,)),
        resizing("numbers, gzip", (5, 5), axis=0),
        resizing("fixed", (5,)),
        resizing("line", 20),
    ]
    for pair in copies(fill):
        for step in work:
            pair.do(step)
            pair.same("line", "numbers, gzip", "fixed")


def test_appending(copies):
    for pair in copies(fill):
        for file in (pair.theirs, pair.ours):
            line = file["line"]
            for number in range(10, 40):
                line.resize(number + 1, axis=0)
                line[number] = number * 2
                assert len(line) == number + 1
        pair.same("line")
        for _ in range(60):
            pair.ours.journal.undo()
        assert pair.ours["line"][:].tolist() == list(range(10))


def test_a_shape_that_is_set(copies):
    for pair in copies(fill):
        for file in (pair.theirs, pair.ours):
            file["line"].shape = (13,)
        pair.same("line")
