"""The staging store: the names that the original's users know, over an open file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lindi_explorer.byterange import ByteRange
from lindi_explorer.errors import AccessDeniedError, MissingFileError
from lindi_explorer.references.chunks import ChunkTable, LazyChunkTable
from lindi_explorer.references.model import Node
from lindi_explorer.references.reference_set import ReferenceSet
from lindi_explorer.remote import RangeReader
from lindi_explorer.staging import reading
from lindi_explorer.staging.area import StagingArea
from lindi_explorer.staging.moved import MovedChunks
from lindi_explorer.staging.store import LindiStagingStore
from lindi_explorer.staging.upload import upload
from tests.unit.staging.cloud import Cloud
from tests.unit.staging.hierarchies import array, chunk, contents, dead_bytes, files, hierarchy, ranges


class File:
    """As much of an open file as a staging store needs."""

    def __init__(self, references, area):
        self.journal = references
        self.reader = RangeReader(None)
        self.steps = []
        self._area = area

    def move_chunks(self, words, tables):
        self.steps.append(words)
        self.journal = MovedChunks(self.journal, tables)

    def upload(self, **callbacks):
        return upload(self.journal, self._area, **callbacks)


@pytest.fixture
def area(tmp_path):
    with StagingArea.create(dir=tmp_path / "area") as made:
        yield made


@pytest.fixture
def opened(area):
    """``opened(references)``: a file and its staging store."""
    made = []

    def make(references):
        made.append(File(references, area))
        return made[-1], LindiStagingStore(base_store=made[-1], staging_area=area)

    yield make
    for file in made:
        file.reader.close()


@pytest.fixture
def source(tmp_path):
    """A file with 30 chunks of 2000 bytes, and one of 10 bytes at its end."""
    path = tmp_path / "source" / "data.h5"
    path.parent.mkdir()
    path.write_bytes(b"".join(map(chunk, range(30))) + b"0123456789")
    return path


def of_source(url, count=30):
    chunks = {number: ByteRange(url, number * 2000, 2000) for number in range(count)}
    return hierarchy({"g/a": chunks, "g/b": {0: ByteRange(url, 60_000, 10), 1: b"inline"}})


def test_its_parts(opened, area):
    file, store = opened(hierarchy({}))
    assert store.base_store is file
    assert store.staging_area is area


def test_it_is_a_mapping_of_zarr_keys_to_bytes(opened, area):
    _, store = opened(hierarchy({"a": {0: area.put(chunk(0)), 1: b"x"}}, {"name": "x"}))
    assert set(store) == {".zgroup", ".zattrs", "a/.zarray", "a/0", "a/1"}
    assert len(store) == 5
    assert (store["a/0"], store["a/1"], store[".zattrs"]) == (chunk(0), b"x", b'{"name":"x"}')
    assert "a/0" in store
    assert "a/2" not in store
    with pytest.raises(KeyError):
        store["a/2"]


def test_whether_there_is_one_and_which_is_known_without_reading_the_file(area):
    one, other = object(), object()
    store = LindiStagingStore(base_store=one, staging_area=area)
    assert store
    assert store == LindiStagingStore(base_store=one, staging_area=area)
    assert store != LindiStagingStore(base_store=other, staging_area=area)
    assert store != {}
    assert {store: 1}[LindiStagingStore(base_store=one, staging_area=area)] == 1


def test_consolidating_is_a_step_of_the_file(opened, area):
    area.put(chunk(9))
    file, store = opened(hierarchy({"a": {0: area.put(chunk(0)), 1: area.put(chunk(1))}}))
    expected = contents(file.journal)
    store.consolidate_chunks()
    assert file.steps == ["Consolidate chunks"]
    assert contents(file.journal) == expected
    assert dead_bytes(file.journal) == 0


def test_where_there_is_nothing_to_do_no_step_is_made(opened, area):
    file, store = opened(hierarchy({"a": {0: area.put(chunk(0))}, "b": {0: b"x"}}))
    store.consolidate_chunks()
    store.copy_chunks_to_staging_area(download_remote=True)
    assert file.steps == []


def test_local_chunks_are_copied_and_remote_ones_stay(opened, area, source):
    far = ByteRange("https://nowhere.invalid/x", 0, 5)
    references = of_source(str(source))
    nodes = {path: references.node(path) for path in references.walk()}
    nodes["far"] = array({0: far})
    file, store = opened(ReferenceSet(nodes))
    expected = contents(references)
    store.copy_chunks_to_staging_area(download_remote=False)
    source.unlink()
    assert file.steps == ["Copy chunks to the staging area"]
    assert file.journal["far/0"] == far
    assert contents(MovedChunks(references, file.journal.tables)) == expected
    assert all(area.holds(item.url) for item in ranges(file.journal) if item != far)
    # As if they had been written: what is short is kept in the document.
    assert file.journal["g/b/0"] == b"0123456789"
    assert file.journal["g/b/1"] == b"inline"


def test_remote_chunks_are_downloaded_where_that_is_asked_for(opened, area, source, serve):
    server = serve(source.parent, latency_ms=0)
    references = of_source(server.url("data.h5"))
    expected = contents(references)
    file, store = opened(references)
    store.copy_chunks_to_staging_area(download_remote=False)
    assert file.steps == []
    store.copy_chunks_to_staging_area(download_remote=True)
    server.close()
    assert contents(file.journal) == expected
    assert all(area.holds(path) for path in files(file.journal))


@pytest.mark.parametrize("at_once", [1000, 2000, 5000])
def test_whatever_goes_over_at_once_all_of_it_arrives(opened, source, monkeypatch, at_once):
    for name in ("_AT_ONCE", "_WHOLE", "_REQUEST"):
        monkeypatch.setattr(reading, name, at_once)
    references = of_source(str(source))
    file, store = opened(references)
    store.copy_chunks_to_staging_area(download_remote=False)
    assert contents(file.journal) == contents(references)


def test_chunks_that_are_in_the_area_already_are_not_copied_again(opened, area, source):
    staged = area.put(chunk(50))
    references = hierarchy({"a": {0: staged, 1: ByteRange(str(source), 0, 2000)}})
    file, store = opened(references)
    store.copy_chunks_to_staging_area(download_remote=False)
    assert file.journal["a/0"] == staged
    assert contents(file.journal) == contents(references)


def test_a_table_that_was_not_read_yet_is_read(opened, source):
    table = LazyChunkTable(
        (2,),
        lambda index: None,
        lambda: ChunkTable.build(
            (2,), {(0,): ByteRange(str(source), 0, 2000), (1,): ByteRange(str(source), 2000, 2000)}
        ),
    )
    node = array({1: b""})
    file, store = opened(ReferenceSet({"": Node(), "a": Node(array=node.array, chunks=table)}))
    store.copy_chunks_to_staging_area(download_remote=False)
    assert contents(file.journal) == {("a", (0,)): chunk(0), ("a", (1,)): chunk(1)}


def test_scalars_and_many_axes_are_copied(opened, source):
    scalar = Node(
        array={**array({}).array, "shape": [], "chunks": []},
        chunks=ChunkTable.build((), {(): ByteRange(str(source), 0, 2000)}),
    )
    index = np.array([[1, 0], [0, 1]], dtype=np.int64)
    table = ChunkTable.of_file((2, 2), str(source), index, np.array([2000, 4000]), np.array([2000, 2000]))
    matrix = Node(array={**array({}).array, "shape": [80, 50], "chunks": [40, 25]}, chunks=table)
    file, store = opened(ReferenceSet({"": Node(), "m": matrix, "s": scalar}))
    store.copy_chunks_to_staging_area(download_remote=False)
    assert contents(file.journal) == {("m", (0, 1)): chunk(2), ("m", (1, 0)): chunk(1), ("s", ()): chunk(0)}


def test_chunks_that_cannot_be_read_are_told_and_nothing_is_changed(opened, source):
    file, store = opened(of_source(str(source.parent / "missing.h5")))
    with pytest.raises(MissingFileError):
        store.copy_chunks_to_staging_area(download_remote=False)
    assert file.steps == []


def test_after_copying_a_local_file_can_be_uploaded(opened, source, tmp_path):
    (tmp_path / "cloud").mkdir()
    cloud = Cloud(tmp_path / "cloud")
    file, store = opened(of_source(str(source)))
    names = {"on_store_blob": cloud.on_upload_blob, "on_store_main": cloud.on_upload_main}
    with pytest.raises(AccessDeniedError):
        store.upload(**names)
    expected = contents(file.journal)
    store.copy_chunks_to_staging_area(download_remote=False)
    assert store.upload(**names, consolidate_chunks=True) == str(tmp_path / "cloud" / "rfs.lindi.json")
    assert contents(cloud.references) == expected
    assert Path(cloud.blobs[0]).stat().st_size == 60_000
