"""Writing selections: whatever h5py takes, with its values, its conversions and its errors."""

from __future__ import annotations

import h5py
import numpy as np
import pytest

from tests.unit.h5.pairs import failure, setting

SHAPE = (7, 5)

NUMBERS = np.arange(35).reshape(SHAPE)

MASK = np.zeros(SHAPE, dtype=bool)
MASK[[0, 2, 2, 6], [4, 0, 3, 1]] = True

LAYOUTS = {
    "chunked": {"chunks": (3, 2)},
    "contiguous": {},
    "gzip": {"chunks": (3, 2), "compression": "gzip", "shuffle": True},
    "lzf": {"chunks": (4, 5), "compression": "lzf"},
    "resizable": {"chunks": (2, 5), "maxshape": (None, 5)},
    "checked": {"chunks": (7, 5), "fletcher32": True},
}

SELECTIONS = {
    "everything": (np.s_[...], NUMBERS * 2),
    "everything by ()": (np.s_[()], NUMBERS * 2),
    "one number": (np.s_[:], 9),
    "element": (np.s_[3, 4], 90),
    "element from the end": (np.s_[-1, -2], 90),
    "row": (np.s_[2], np.arange(5) + 50),
    "row from the end": (np.s_[-3], [1, 2, 3, 4, 5]),
    "column": (np.s_[:, 1], np.arange(7) + 60),
    "rows": (np.s_[1:6], np.arange(25).reshape(5, 5) + 100),
    "steps": (np.s_[::3, 1::2], np.arange(6).reshape(3, 2) + 100),
    "broadcast a row": (np.s_[2:6], np.arange(5) + 70),
    "broadcast a column": (np.s_[:, 1:3], np.arange(7).reshape(7, 1) + 70),
    "broadcast one": (np.s_[1:3, 1:3], [70]),
    "rows with an axis more": (np.s_[0:2], np.arange(10).reshape(1, 2, 5) + 80),
    "mask": (MASK, [1000, 1001, 1002, 1003]),
    "mask and one number": (MASK, 77),
    "mask of an axis": (np.s_[MASK[:, 3]], np.arange(5) + 33),
    "mask of the other": (np.s_[:, MASK[2]], np.arange(14).reshape(7, 2) + 44),
    "list": (np.s_[[0, 3, 4]], np.arange(15).reshape(3, 5) + 200),
    "list of columns": (np.s_[:, [0, 4]], np.arange(14).reshape(7, 2) + 200),
    "list and slice": (np.s_[[1, 5], 1:4], np.arange(6).reshape(2, 3) + 200),
    "list and number": (np.s_[[1, 5], 2], [300, 301]),
    "array of one": (np.s_[np.array([2])], np.arange(5).reshape(1, 5) - 7),
    "ellipsis and number": (np.s_[..., 0], np.arange(7) + 5),
    "number and ellipsis": (np.s_[0, ...], np.arange(5) + 5),
    "blocks": (h5py.MultiBlockSlice(start=0, count=2, stride=4, block=2), np.arange(20).reshape(4, 5) - 50),
    "nothing": (np.s_[2:2], np.zeros((0, 5))),
    "floats": (np.s_[0], [1.9, -2.9, 3.5, 1e10, -1e10]),
    "big numbers": (np.s_[1], np.array([2**40, -(2**40), 3, 4, 5], dtype="i8")),
    "text": (np.s_[0], "no number"),
    "too many": (np.s_[0], np.arange(9)),
    "too few": (np.s_[0:3], np.arange(4)),
    "out of range": (np.s_[7], 1),
    "too many axes": (np.s_[0, 0, 0], 1),
    "field of none": (np.s_["x"], 1),
    "list that does not ascend": (np.s_[[3, 1]], np.zeros((2, 5))),
    "list out of range": (np.s_[[3, 9]], np.zeros((2, 5))),
}


def fill(file):
    for name, options in LAYOUTS.items():
        file.create_dataset(name, data=NUMBERS, dtype="i4", **options)
        file.create_dataset(f"{name}, unwritten", SHAPE, dtype="f4", fillvalue=1.5, **options)
        file.create_dataset(f"{name}, in part", SHAPE, dtype=">i2", **options)[0:2] = 4


@pytest.mark.parametrize("selection", SELECTIONS)
def test_selections(copies, selection):
    where, value = SELECTIONS[selection]
    for pair in copies(fill):
        pair.do(*(setting(name, where, value) for name in pair.theirs))
        pair.same()


OF_NUMBERS = [
    name for name, (_, value) in SELECTIONS.items() if name != "floats" and not isinstance(value, str)
]


@pytest.mark.parametrize("selection", [*OF_NUMBERS, "rows to the end and beyond", "numbers of numpy's"])
def test_selections_of_numbers_that_are_of_the_type_already(copies, selection):
    others = {
        "rows to the end and beyond": (np.s_[5:99, 1:-1], np.arange(6).reshape(2, 3) + 10),
        "numbers of numpy's": (np.s_[np.int64(2) : np.int64(4), np.int64(1)], np.arange(2) + 10),
    }
    where, value = {**SELECTIONS, **others}[selection]

    def set_numbers(name):
        def work(file):
            file[name][where] = np.array(value).astype(file[name].dtype)

        return work

    for pair in copies(fill):
        pair.do(*map(set_numbers, pair.theirs))
        pair.same()


def test_an_array_is_the_callers_again_after_it_was_written(copies):
    for pair in copies(fill):
        for file in (pair.theirs, pair.ours):
            for name in file:
                values = np.full((3, 2), 8, dtype=file[name].dtype)
                file[name][0:3, 0:2] = values
                values[...] = 9
        pair.same()


def test_one_after_the_other(copies):
    """Every write sees those before, on chunks that are decoded, pending, put away."""
    for pair in copies(fill):
        for number, (where, value) in enumerate(SELECTIONS.values()):
            for name in ("gzip", "contiguous", "lzf", "chunked, in part", "resizable, unwritten"):
                for file in (pair.theirs, pair.ours):
                    failure(setting(name, where, value), file)
                if number % 5 == 0:
                    pair.same(name)
        pair.same()


def test_direct(copies):
    source = np.arange(70, dtype="f8").reshape(10, 7)
    work = {
        "whole": lambda file: file["chunked"].write_direct(NUMBERS * 3),
        "part": lambda file: file["gzip"].write_direct(source, np.s_[0:2, 0:5], np.s_[3:5]),
        "steps": lambda file: file["lzf"].write_direct(source, np.s_[::5, 2:7], np.s_[::6]),
        "other shape": lambda file: file["contiguous"].write_direct(source, np.s_[0], np.s_[:, 0]),
        "one to many": lambda file: file["checked"].write_direct(source, np.s_[0:1, 0:5], np.s_[2:4]),
        "does not fit": lambda file: file["checked"].write_direct(source),
        "other order": lambda file: file["checked"].write_direct(np.asfortranarray(NUMBERS)),
    }
    for pair in copies(fill):
        for step in work.values():
            pair.do(step)
        pair.same()


def test_reading_directly(copies):
    def into(name, dtype, shape, *selections):
        def work(file):
            out = np.full(shape, 99, dtype=dtype)
            file[name].read_direct(out, *selections)
            return out

        return work

    work = [
        into("chunked", "i4", SHAPE),
        into("chunked", "f8", (9, 9), np.s_[1:4], np.s_[2:5, 4:]),
        into("lzf", "u1", (7,), np.s_[:, 2]),
        into("gzip", "i2", (4,), np.s_[::2, 1]),
        into("checked", "i8", (5, 3), np.s_[2], np.s_[:, 1]),
        into("contiguous", "i8", SHAPE, MASK, np.s_[0:4, 0]),
        into("lzf", "f4", (3, 2), np.s_[[1, 2, 5], ::4]),
    ]
    for pair in copies(fill):
        for step in work:
            pair.judge.value(step(pair.theirs), step(pair.ours))
        for wrong in (into("chunked", "i4", (2, 2)), into("chunked", "i4", (0, 3), np.s_[2])):
            wanted, found = failure(wrong, pair.theirs), failure(wrong, pair.ours)
            assert isinstance(found, type(wanted))
        for out in (np.zeros(SHAPE, order="F"), np.zeros(SHAPE)[:, ::-1]):
            with pytest.raises(TypeError, match="contiguous"):
                pair.ours["chunked"].read_direct(out)
