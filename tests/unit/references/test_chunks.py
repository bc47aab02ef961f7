"""Four chunks on sixteen known bytes: every case can be checked by eye."""

from __future__ import annotations

import numpy as np
import pytest

from lindi_explorer.byterange import ByteRange
from lindi_explorer.references.chunks import ChunkTable, chunk_grid

FILE = bytes(range(16))
RANGES = {
    (0, 0): ByteRange("f", 0, 4),
    (0, 1): ByteRange("f", 4, 4),
    (1, 0): ByteRange("g", 8, 2),
    (1, 1): ByteRange("f", 12, 4),
}


@pytest.fixture
def table():
    return ChunkTable.build((2, 2), RANGES)


def test_a_table_is_the_mapping_it_was_made_from(table):
    assert dict(table) == RANGES
    assert len(table) == 4
    assert list(table) == list(RANGES)
    assert FILE[table[1, 1].offset : table[1, 1].end] == bytes([12, 13, 14, 15])


def test_a_table_is_numbers_not_objects(table):
    assert (table.index.dtype, table.index.shape) == (np.dtype("i8"), (4, 2))
    assert table.url.tolist() == [0, 0, 1, 0]
    assert table.urls == ("f", "g")
    assert table.offset.tolist() == [0, 4, 8, 12]
    assert table.length.tolist() == [4, 4, 2, 4]
    assert table.byte_range(2) == ByteRange("g", 8, 2)


def test_a_chunk_that_is_absent_is_a_key_error_and_no_member(table):
    part = ChunkTable.build((2, 2), {(0, 1): RANGES[0, 1]})
    assert (0, 0) not in part
    assert part.get((0, 0)) is None
    with pytest.raises(KeyError):
        part[0, 0]
    assert (0,) not in table  # another number of axes
    assert (2, 0) not in table


def test_chunks_in_the_document_stand_beside_the_table():
    table = ChunkTable.build((3,), {(1,): ByteRange("f", 4, 4)}, {(0,): FILE[:4], (2,): b""})
    assert dict(table) == {(0,): FILE[:4], (2,): b"", (1,): ByteRange("f", 4, 4)}
    assert (len(table), table.stored_bytes) == (3, 8)
    assert table[2,] == b""


def test_counting_the_chunks_of_a_box(table):
    assert table.stored_bytes == 14
    assert table.within((0, 0), (2, 2)) == (4, 14)
    assert table.within((1, 0), (2, 2)) == (2, 6)
    assert table.within((0, 1), (1, 2)) == (1, 4)
    assert table.within((0, 0), (0, 0)) == (0, 0)
    mixed = ChunkTable.build((3,), {(1,): ByteRange("f", 4, 4)}, {(0,): FILE[:4], (2,): FILE[:1]})
    assert mixed.within((0,), (2,)) == (2, 8)
    assert mixed.within((2,), (3,)) == (1, 1)


def test_an_empty_table_and_one_without_axes():
    empty = ChunkTable.build((0, 3))
    assert (len(empty), list(empty), empty.stored_bytes, empty.within((0, 0), (0, 3))) == (0, [], 0, (0, 0))
    scalar = ChunkTable.build((), {(): ByteRange("f", 0, 8)})
    assert dict(scalar) == {(): ByteRange("f", 0, 8)}


def test_the_table_of_one_file():
    index = np.array([[2], [0]])
    table = ChunkTable.of_file((3,), "f", index, np.array([8, 0]), np.array([4, 3]))
    assert dict(table) == {(2,): ByteRange("f", 8, 4), (0,): ByteRange("f", 0, 3)}


@pytest.mark.parametrize(
    ("shape", "chunks", "grid"),
    [
        ((10,), (3,), (4,)),
        ((9,), (3,), (3,)),
        ((0, 5), (1, 5), (0, 1)),
        ((5, 0), (1, 0), (5, 0)),  # edges as upstream writes them
        ((), (), ()),
        ((2,), (100,), (1,)),
    ],
)
def test_the_grid(shape, chunks, grid):
    assert chunk_grid(shape, chunks) == grid


def test_a_million_chunks_cost_tens_of_megabytes():
    count = 1_000_000
    table = ChunkTable.of_file(
        (count,), "f", np.arange(count).reshape(-1, 1), np.arange(count) * 8, np.full(count, 8)
    )
    held = sum(part.nbytes for part in (table.index, table.url, table.offset, table.length))
    assert held < 40e6
    assert (len(table), table.stored_bytes) == (count, 8 * count)
    assert table.within((10,), (20,)) == (10, 80)
