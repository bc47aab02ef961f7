"""Writing values of every type, from everything that h5py takes for them."""

from __future__ import annotations

import h5py
import numpy as np
import pytest

from tests.unit.h5.pairs import failure, setting

MOMENT = h5py.opaque_dtype("M8[s]")
ENUM = h5py.enum_dtype({"RED": 0, "GREEN": 1, "BLUE": 42}, basetype="i2")
ROW = np.dtype([("n", "<i4"), ("x", ">f8"), ("name", "S5"), ("flag", "?"), ("axes", "<f4", (3,))])
TEXT_ROW = np.dtype([("id", "i8"), ("text", h5py.string_dtype()), ("list", h5py.vlen_dtype("i2"))])
INNER = np.dtype([("in", np.dtype([("a", "u1"), ("b", "<f4")])), ("out", "i4")])


def rows(dtype, *values):
    return np.array(list(values), dtype=dtype)


WRITES = {
    "int8": ("i1", [(np.s_[0], 5), (np.s_[1:3], [300, -300]), (np.s_[:], np.arange(6) * 100.7)]),
    "uint64": ("u8", [(0, 2**63 + 5), (np.s_[1:3], np.array([-1, 1.5])), (2, -1)]),
    "big-endian": (">i4", [(np.s_[::2], [1, 2, 3]), (1, np.int64(2**40)), (np.s_[2:], np.zeros(4, "<i4"))]),
    "float16": ("f2", [(0, 1 / 3), (np.s_[1:3], np.array([6e4, 1 / 3])), (3, float("nan"))]),
    "float32": ("f4", [(0, np.array(1e300)), (np.s_[1:3], np.array([1 / 3, -0.0])), (3, 5), (4, "5")]),
    "big-endian float": (">f8", [(np.s_[1:4], [1 / 3, np.inf, -np.inf]), (0, np.float32(0.1))]),
    "complex64": ("c8", [(0, 1 + 2j), (np.s_[1:3], np.array([1 / 3, 2j])), (3, 5.0), (4, "x")]),
    "complex128": (">c16", [(0, 1 + 2j), (np.s_[1:3], np.array([1 / 3, 2j], "c8"))]),
    "bool": ("?", [(0, True), (np.s_[1:3], [False, True]), (3, 1), (np.s_[4:], np.array([2, 0]))]),
    "enum": (ENUM, [(0, 42), (np.s_[1:3], [1, 0]), (3, np.int8(1)), (4, 1000), (5, "RED")]),
    "fixed ascii": (
        "S5",
        [(0, b"abc"), (1, "text"), (2, b"longer than that"), (np.s_[3:], [b"a", "b", b""]), (5, "ü"), (5, 7)],
    ),
    "fixed utf-8": (
        h5py.string_dtype("utf-8", 6),
        [(0, "ü"), (1, b"abc"), (2, "ääääääää"), (np.s_[3:], ["a", "日本", "c"]), (0, np.array([b"x"]))],
    ),
    "text": (
        h5py.string_dtype(),
        [
            (0, "ü"),
            (1, b"bytes"),
            (2, ""),
            (np.s_[3:], ["a", "日本", "c" * 300]),
            (np.s_[:2], np.array(["x", "y"], dtype=object)),
            (np.s_[:2], np.array([b"fixed", b"two"])),
            (np.s_[1:4], "one for all"),
            (0, 5),
            (1, None),
        ],
    ),
    "ascii text": (h5py.string_dtype("ascii"), [(0, "abc"), (1, b"def"), (np.s_[2:4], ["x", "y"])]),
    "sequences": (
        h5py.vlen_dtype("f4"),
        [
            (0, [1, 2, 3]),
            (1, np.arange(5.5)),
            (2, []),
            (np.s_[4:6], np.array([[1, 2], [3, 4]])),
            (np.s_[0:2], [[1], [2, 3]]),
        ],
    ),
    "opaque": (
        MOMENT,
        [
            (0, np.array("2020-01-01T00:00:00", dtype=MOMENT)),
            (np.s_[1:3], np.array([1, 2], dtype=MOMENT)),
            (3, np.datetime64("2020-01-01T00:00:00")),
            (np.s_[4:], np.array([1, 2], dtype="M8[s]")),
        ],
    ),
    "rows": (
        ROW,
        [
            (0, rows(ROW, (1, 2.5, b"one", True, [1, 2, 3]))[0]),
            (1, (7, 7.5, b"seven", False, [4, 5, 6])),
            (np.s_[2:4], rows(ROW, (1, 2, b"a", True, [0] * 3), (3, 4, b"b", False, [9] * 3))),
            (("n", np.s_[:]), np.arange(6) + 10),
            (("x", 0), 99.5),
            (("name", np.s_[1:3]), [b"x", b"y"]),
            (("axes", np.s_[2:4]), [[7, 8, 9], [10, 11, 12]]),
            (("axes", 0), [7, 8, 9]),
            (("n", "flag", np.s_[4:]), np.array([(5, True), (6, False)], dtype=[("n", "i4"), ("flag", "?")])),
            (("nothing", 0), 5),
            (np.s_[4], 5),
            ((np.array([True, False, True, False, False, True]), "n"), [-1, -2, -3]),
            (np.s_[3], np.array((5, 6.0), dtype=[("n", "i8"), ("x", "f4")])),
        ],
    ),
    "rows of text": (
        TEXT_ROW,
        [
            (0, rows(TEXT_ROW, (1, "ü", np.array([1, 2], "i2")))[0]),
            (("id", np.s_[:]), np.arange(6)),
            (("text", np.s_[2:4]), ["a", "b"]),
            (("text", 4), "only"),
            (("id", np.s_[1:3]), [-5, -6]),
        ],
    ),
    "rows in rows": (
        INNER,
        [
            (0, ((1, 2.5), 3)),
            (("out", np.s_[1:3]), [8, 9]),
            (("in", 1), np.array((7, 8.5), dtype=INNER["in"])),
            (np.s_[4:], rows(INNER, ((5, 1.5), 6), ((7, 2.5), 8))),
        ],
    ),
    "arrays": (
        np.dtype(("<i4", (2, 3))),
        [
            (0, np.arange(6).reshape(2, 3)),
            (np.s_[1:3], np.arange(12.0).reshape(2, 2, 3)),
            (3, [[1, 2, 3], [4, 5, 6]]),
            (4, [1, 2, 3]),
            (5, 5),
        ],
    ),
}

UNLIKE = {
    ("rows", 10),  # of fields that the values do not have, h5py writes what happens to be in memory
    ("rows", 12),
    ("sequences", 0),  # an AttributeError
    ("sequences", 1),
}
"""Values that h5py does not make a dataset of as it writes them to one."""

LAYOUTS = {
    "contiguous": {},
    "chunked": {"chunks": (4,)},
    "gzip": {"chunks": (4,), "compression": "gzip"},
    "lzf": {"chunks": (6,), "compression": "lzf"},
}


def made(kind):
    """Datasets of a type, unwritten and with one element written; and a scalar."""
    dtype, writes = WRITES[kind]

    def fill(file):
        for layout, options in LAYOUTS.items():
            file.create_dataset(layout, (6,), dtype=dtype, **options)
            file.create_dataset(f"{layout}, written", (6,), dtype=dtype, **options)
            failure(setting(f"{layout}, written", *writes[0]), file)
        file.create_dataset("scalar", (), dtype=dtype)

    return fill


@pytest.mark.parametrize("kind", WRITES)
def test_values(copies, kind):
    for pair in copies(made(kind)):
        names = [name for name in pair.theirs if name != "scalar"]
        for where, value in WRITES[kind][1]:
            pair.do(*(setting(name, where, value) for name in names))
            pair.same(*names)


@pytest.mark.parametrize("kind", WRITES)
def test_scalars(copies, kind):
    for pair in copies(made(kind)):
        for where, value in WRITES[kind][1]:
            names = tuple(part for part in where if isinstance(part, str)) if isinstance(where, tuple) else ()
            pair.do(setting("scalar", names, value))
            pair.same("scalar")
        pair.do(setting("scalar", ..., WRITES[kind][1][0][1]))
        pair.same("scalar")


@pytest.mark.parametrize("kind", [kind for kind in WRITES if kind != "arrays"])
def test_created_with_values(copies, kind):
    """The same values as data of new datasets, of the type and of the type that h5py finds."""
    dtype, writes = WRITES[kind]

    def create(number, value, **options):
        return lambda file: bool(file.create_dataset(f"{number}", data=value, **options))

    for pair in copies(lambda file: file.create_group("g")):
        for number, (where, value) in enumerate(writes):
            if not isinstance(where, tuple) and (kind, number) not in UNLIKE:
                pair.do(create(f"plain {number}", value), create(f"typed {number}", value, dtype=dtype))
        # What could not be written is there in h5py's file, as it has been made before.
        names = [name for name in pair.ours if name != "g"]
        assert len(names) > 1
        for name in names:
            assert pair.ours[name].dtype == pair.theirs[name].dtype, name
            pair.same(name)
