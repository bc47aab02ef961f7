"""Consolidating: few files without garbage, and the same bytes behind every key."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from lindi_explorer.byterange import ByteRange
from lindi_explorer.errors import FormatError
from lindi_explorer.formats.blobs import BlobFiles
from lindi_explorer.references import codec
from lindi_explorer.references.chunks import ChunkTable
from lindi_explorer.references.model import Node
from lindi_explorer.references.reference_set import ReferenceSet
from lindi_explorer.staging.area import StagingArea
from lindi_explorer.staging.consolidate import consolidate
from tests.unit.staging.hierarchies import array, chunk, contents, dead_bytes, files, hierarchy, ranges


@pytest.fixture
def area(tmp_path):
    with StagingArea.create(dir=tmp_path / "area") as made:
        yield made


def small_files(area, full):
    """Have the area begin a new blob file after so many bytes."""
    area._blobs = BlobFiles(area._blobs.folder, full)


def test_a_file_without_garbage_stays(area):
    references = hierarchy({"a": {0: area.put(chunk(0)), 1: area.put(chunk(1))}})
    moved = consolidate(references, area)
    assert ranges(moved) == ranges(references)
    assert len(list(area.blob_folder.iterdir())) == 1


def test_overwritten_and_deleted_chunks_are_left_out_and_the_old_file_stays(area):
    first = [area.put(chunk(number)) for number in range(6)]
    second = area.put(chunk(10))
    references = hierarchy({"a": {0: first[0], 1: second, 3: first[3]}, "b": {0: first[5]}})
    expected = contents(references)
    moved = consolidate(references, area)
    assert contents(moved) == expected
    (path,) = files(moved)
    assert path != files(references)[0]
    assert dead_bytes(moved) == 0
    assert path.stat().st_size == 4 * 2000
    # Undo may bring back what was overwritten.
    assert contents(hierarchy({"a": {0: first[1]}})) == {("a", (0,)): chunk(1)}


def test_single_files_are_put_together_in_the_order_of_their_chunks(area):
    stored = {number: area.store_file(f"g/a/{number}", chunk(number)) for number in (10, 2, 0, 1)}
    references = hierarchy(
        {"g/a": {number: ByteRange(path, 0, 2000) for number, path in stored.items()}},
    )
    moved = consolidate(references, area)
    (path,) = files(moved)
    assert path.read_bytes() == b"".join(chunk(number) for number in (0, 1, 2, 10))
    assert contents(moved) == contents(references)
    assert path.parent == area.blob_folder


def test_files_of_equal_names_end_in_one_of_another_name(area):
    one, other = (area.store_file(f"{name}/0.0", chunk(number)) for number, name in enumerate("ab"))
    moved = consolidate(
        hierarchy({"a": {0: ByteRange(one, 0, 2000)}, "b": {0: ByteRange(other, 0, 2000)}}), area
    )
    (path,) = files(moved)
    assert path.name != "0.0"
    assert contents(moved) == {("a", (0,)): chunk(0), ("b", (0,)): chunk(1)}


def test_a_single_file_alone_gets_a_name_of_its_own_too(area):
    stored = area.store_file("a/0.0", chunk(0))
    moved = consolidate(hierarchy({"a": {0: ByteRange(stored, 0, 2000)}}), area)
    assert files(moved)[0].name != "0.0"
    assert contents(moved) == {("a", (0,)): chunk(0)}


def test_large_files_stay_and_small_ones_become_large(area):
    small_files(area, 10_000)
    references = hierarchy({"a": {number: area.put(chunk(number)) for number in range(5)}})
    large = files(references)
    for number in range(5, 20):
        area.seal()
        reference = area.put(chunk(number))
        references = hierarchy({"a": {**indices(references), number: reference}})
    moved = consolidate(references, area, small=5_000, full=12_000)
    assert contents(moved) == contents(references)
    assert dead_bytes(moved) == 0
    assert [path.stat().st_size for path in files(moved)] == [10_000, 12_000, 12_000, 6_000]
    assert files(moved)[0] == large[0]


def indices(references):
    return {index: reference for (index,), reference in references.node("a").chunks.items()}


def test_overlapping_and_equal_ranges_are_copied_once(area):
    area.put(chunk(9))
    whole = area.put(chunk(0))
    part = ByteRange(whole.url, whole.offset + 500, 300)
    beyond = ByteRange(whole.url, whole.offset + 700, 1300)
    references = hierarchy({"a": {0: whole, 1: part}, "b": {0: whole, 1: beyond, 2: part}})
    moved = consolidate(references, area)
    assert contents(moved) == contents(references)
    assert [path.stat().st_size for path in files(moved)] == [2000]


def test_ranges_of_no_bytes_stay_ranges_of_no_bytes(area):
    area.put(chunk(1))
    staged = area.put(chunk(0))
    references = hierarchy(
        {"a": {0: staged, 1: ByteRange(staged.url, 0, 0), 2: ByteRange(staged.url, 100, 0)}}
    )
    moved = consolidate(references, area)
    assert contents(moved) == {("a", (0,)): chunk(0), ("a", (1,)): b"", ("a", (2,)): b""}


def test_references_elsewhere_and_chunks_in_the_document_stay(area):
    far = ByteRange("https://example.org/a.h5", 5, 7)
    area.put(chunk(9))
    references = hierarchy({"a": {0: area.put(chunk(0)), 1: far, 2: b"inline"}, "b": {0: far}})
    moved = consolidate(references, area)
    assert moved["a/1"] == far
    assert moved["a/2"] == b"inline"
    assert moved["b/0"] == far
    assert moved.node("b") is references.node("b")
    assert moved.node("a").chunks.urls.count("https://example.org/a.h5") == 1


def test_the_rest_of_the_hierarchy_is_the_same(area):
    area.put(chunk(9))
    references = hierarchy({"g/a": {0: area.put(chunk(0))}}, {"name": "x"}, {"version": 1, "other": 2})
    moved = consolidate(references, area)
    assert moved.extra == references.extra
    assert set(moved) == set(references)
    assert [codec.encode(moved)["refs"][key] for key in (".zattrs", "g/a/.zarray")] == [
        codec.encode(references)["refs"][key] for key in (".zattrs", "g/a/.zarray")
    ]


def test_doing_it_again_finds_what_was_done(area):
    area.put(chunk(9))
    references = hierarchy({"a": {0: area.put(chunk(0)), 1: area.put(chunk(1))}})
    once = consolidate(references, area)
    before = {path.name: path.stat().st_mtime_ns for path in area.blob_folder.iterdir()}
    for source in (references, once):
        assert ranges(consolidate(source, area)) == ranges(once)
    assert {path.name: path.stat().st_mtime_ns for path in area.blob_folder.iterdir()} == before


def test_a_single_file_that_was_stored_again_is_copied_again(area):
    def moved():
        stored = area.store_file("a/0", chunk(number))
        return consolidate(hierarchy({"a": {0: ByteRange(stored, 0, 2000)}}), area)

    for number in range(3):
        assert contents(moved()) == {("a", (0,)): chunk(number)}


@pytest.mark.skipif(os.name == "nt", reason="links of POSIX")
def test_a_link_out_of_the_area_is_nothing_staged(area, tmp_path):
    (tmp_path / "secret").write_bytes(chunk(5))
    area.store_file("x", b"")
    Path(area.directory, "link").symlink_to(tmp_path / "secret")
    around = os.path.join(area.directory, "..", "secret")  # noqa: PTH118 - a Path would keep `..` too
    for url in (str(Path(area.directory, "link")), around):
        references = hierarchy({"a": {0: ByteRange(url, 0, 2000)}})
        assert ranges(consolidate(references, area)) == ranges(references)
    assert not area.blob_folder.exists()


def test_two_ways_to_write_the_path_are_one_file(area, tmp_path):
    staged = area.put(chunk(0))
    url = f"file://{staged.url}"
    references = hierarchy({"a": {0: staged, 1: ByteRange(url, staged.offset, 1500)}})
    moved = consolidate(references, area)
    assert contents(moved) == {("a", (0,)): chunk(0), ("a", (1,)): chunk(0)[:1500]}


@pytest.mark.parametrize("damage", ["shorter", "gone"])
def test_bytes_that_are_not_there_are_told(area, damage):
    staged = area.put(chunk(0))
    area.seal()
    if damage == "gone":
        Path(staged.url).unlink()
    else:
        os.truncate(staged.url, 1000)
    with pytest.raises(FormatError, match="/a refers to bytes that"):
        consolidate(hierarchy({"a": {0: staged}}), area)


def test_a_million_chunks(area):
    """Half of them overwritten, and referred to in any order."""
    count = 1_000_000
    data = np.arange(2 * count, dtype="<u4")
    staged = area.put(data.tobytes())
    rng = np.random.default_rng(0)
    order = rng.permutation(count)
    # Pairs, so that there are stretches to join and stretches to leave out.
    offset = (order // 1000 * 2000 + order % 1000) * 4
    table = ChunkTable.of_file(
        (count,), staged.url, order.reshape(-1, 1), offset.astype(np.int64), np.full(count, 4, dtype=np.int64)
    )
    node = Node(array={**array({}).array, "shape": [count], "chunks": [1]}, chunks=table)
    moved = consolidate(ReferenceSet({"": Node(), "a": node}), area).node("a").chunks
    (url,) = moved.urls
    found = np.fromfile(url, dtype="<u4")
    assert len(found) == count
    assert np.array_equal(found[moved.offset // 4], data[offset // 4])
    assert np.array_equal(moved.index, table.index)
