from __future__ import annotations

import numpy as np
import pytest

from lindi_explorer.byterange import ByteRange
from lindi_explorer.errors import FormatError, UnsupportedError
from lindi_explorer.formats.members import Members
from lindi_explorer.formats.relocated import Relocated, relocate
from lindi_explorer.references import codec
from lindi_explorer.references.chunks import ChunkTable, LazyChunkTable
from lindi_explorer.references.model import Node
from lindi_explorer.references.reference_set import ReferenceSet
from tests.unit.formats import make

FILE = "/a/f.tar"


def same(url):
    return url


def members(*found):
    made = Members(FILE, found)
    return lambda: made


THREE = members(("b", 5000, 1000), ("a", 512, 1000), ("c", 7000, 0))


def node(chunks, count):
    return Node({}, make.numbers(4 * count, 4), chunks)


def moved(chunks, count=4, found=THREE):
    return Relocated(ReferenceSet({"": Node(), "x": node(chunks, count)}), same, found).node("x").chunks


def test_single_references():
    chunks = {
        (0,): ByteRange(FILE, 512, 10),
        (1,): ByteRange(FILE, 5999, 1),
        (2,): b"inline",
        (3,): ByteRange("/elsewhere", 5000, 1),
    }
    expected = {
        (0,): ByteRange("./a", 0, 10),
        (1,): ByteRange("./b", 999, 1),
        (2,): b"inline",
        (3,): ByteRange("/elsewhere", 5000, 1),
    }
    assert dict(moved(chunks)) == expected
    ranges = {index: item for index, item in chunks.items() if isinstance(item, ByteRange)}
    table = moved(ChunkTable.build((4,), ranges, {(2,): b"inline"}))
    assert table[(1,)] == expected[(1,)]  # looked up alone
    assert table.get((7,)) is None
    assert not table.loaded
    assert dict(table) == expected
    assert dict(table.table) == expected


@pytest.mark.parametrize(
    ("offset", "length"), [(0, 1), (511, 1), (512, 1001), (1511, 2), (1512, 1), (6000, 1), (10**15, 5)]
)
def test_what_is_in_no_member_is_refused(offset, length):
    outside = ByteRange(FILE, offset, length)
    for chunks in ({(0,): outside}, ChunkTable.build((1,), {(0,): outside})):
        with pytest.raises(FormatError, match="in no member"):
            dict(moved(chunks, 1))
    table = moved(ChunkTable.build((1,), {(0,): outside}), 1)
    with pytest.raises(FormatError, match="in no member"):
        _ = table.urls


def test_an_archive_without_members():
    with pytest.raises(FormatError, match="in no member"):
        relocate(ChunkTable.build((1,), {(0,): ByteRange(FILE, 0, 1)}), same, members())


def test_empty_ranges_and_the_ends_of_members():
    ranges = {
        (0,): ByteRange(FILE, 1512, 0),
        (1,): ByteRange(FILE, 7000, 0),
        (2,): ByteRange(FILE, 512, 1000),
    }
    table = relocate(ChunkTable.build((3,), ranges), same, THREE)
    assert dict(table) == {
        (0,): ByteRange("./a", 1000, 0),
        (1,): ByteRange("./c", 0, 0),
        (2,): ByteRange("./a", 0, 1000),
    }


def test_of_two_members_with_one_name_the_later_is_named():
    found = members(("a", 512, 1000), ("a", 5000, 1000))
    table = relocate(ChunkTable.build((1,), {(0,): ByteRange(FILE, 5000, 1)}), same, found)
    assert table[(0,)] == ByteRange("./a", 0, 1)
    with pytest.raises(FormatError):
        relocate(ChunkTable.build((1,), {(0,): ByteRange(FILE, 512, 1)}), same, found)


def test_a_table_that_leads_nowhere_inside_is_left_alone():
    table = ChunkTable.build((1,), {(0,): ByteRange("/elsewhere", 0, 1)})
    assert relocate(table, same, THREE) is table
    assert relocate(table, same, None) is table


def test_a_table_that_cannot_be_read_costs_itself():
    def load():
        raise UnsupportedError("an index of a kind that nobody reads")

    lazy = LazyChunkTable((1,), lambda _: None, load)
    inside = Relocated(ReferenceSet({"": Node(), "x": node(lazy, 1)}), same, THREE)
    refs = codec.encode(inside)["refs"]
    assert refs["x/.lindi_explorer"] == {"problem": "an index of a kind that nobody reads"}


def test_the_hierarchy_is_the_same():
    source = ReferenceSet(
        {"": Node({"a": 1}), "g": Node({"b": 2}), "g/x": node({}, 1), "y": node({(0,): b"1"}, 1)},
        {"version": 1, "refs": {"odd": [FILE, 520, 3], "far": [FILE, 0, 3], "one": ["/else"], "text": "t"}},
    )
    inside = Relocated(source, lambda url: url.replace("/else", "./else"), THREE)
    assert list(inside.walk()) == list(source.walk())
    assert inside.node("g") == source.node("g")
    assert inside.extra == {
        "version": 1,
        "refs": {"odd": ["./a", 8, 3], "far": [FILE, 0, 3], "one": ["./else"], "text": "t"},
    }


def test_a_million_rows_in_a_hundred_thousand_members():
    """Whole columns at a time: a loop over the rows would take longer than a test may."""
    rows, many = 1_000_000, 100_000
    chance = np.random.default_rng(0)
    starts = 512 + np.arange(many) * 1024
    found = members(*((f"m{at}", int(start), 512) for at, start in enumerate(starts)))
    number = chance.integers(0, many, rows)
    within = chance.integers(0, 500, rows)
    index = np.arange(rows, dtype=np.int64).reshape(-1, 1)
    elsewhere = number % 7 == 0
    table = ChunkTable(
        (rows,),
        ("/elsewhere", FILE),
        index,
        np.where(elsewhere, 0, 1).astype(np.int32),
        starts[number] + within,
        np.full(rows, 12, dtype=np.int64),
    )
    result = relocate(table, same, found)
    assert result.index is table.index
    urls = np.array(result.urls, dtype=object)[result.url]
    names = np.array([f"./m{at}" for at in range(many)], dtype=object)[number]
    assert (urls == np.where(elsewhere, "/elsewhere", names)).all()
    assert (result.offset == np.where(elsewhere, table.offset, within)).all()
    assert (table.url <= 1).all()  # the table itself is as it was
