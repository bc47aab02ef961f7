"""The rules know all that HDF5 reads while a file is indexed, to within a few bytes."""

from __future__ import annotations

import io
import json
import sys

import h5py
import pytest

from lindi_explorer.hdf5.references import Hdf5References
from lindi_explorer.references import codec
from lindi_explorer.remote import pages
from lindi_explorer.remote.pages import PageCache
from lindi_explorer.remote.walk import schedule
from tests.unit.remote.walk.make import KINDS, make

TINY = 64


class Counted(io.RawIOBase):
    """A file over pages that notes which reads they cannot answer."""

    def __init__(self, data: bytes, held: PageCache) -> None:
        super().__init__()
        self._data, self._held, self._at = data, held, 0
        self.missed: list[tuple[int, int]] = []

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = 0) -> int:
        self._at = offset + (0, self._at, len(self._data))[whence]
        return self._at

    def readinto(self, buffer) -> int:
        found = self._data[self._at : self._at + len(buffer)]
        missing = self._held.fill(bytearray(len(found)), self._at)
        self.missed += [(start, stop) for start, stop in missing]
        buffer[: len(found)] = found
        self._at += len(found)
        return len(found)


@pytest.fixture
def tiny_pages(monkeypatch):
    """Pages so small that nothing comes along by chance, and no neighbours either."""
    for module in (pages, schedule):
        monkeypatch.setattr(module, "PAGE", TINY)
    monkeypatch.setattr(pages, "_GROUP", TINY * 32)
    monkeypatch.setattr(schedule, "_LARGEST_GAP", 0)
    for name in ("group", "header", "btree2", "heap", "chunk_array"):
        monkeypatch.setattr(sys.modules[f"lindi_explorer.remote.walk.{name}"], "NEIGHBOURHOOD", 0)


def _index(file) -> str:
    with h5py.File(file, "r") as hdf5:
        document = codec.encode(Hdf5References(hdf5, "http://localhost/x.h5"))
    return json.dumps(document, default=list)


@pytest.mark.parametrize("kind", KINDS)
def test_indexing_reads_nothing_that_was_not_foreseen(tmp_path, walk, tiny_pages, kind) -> None:
    data = make(tmp_path / "x.h5", kind).read_bytes()
    walked = walk(data)
    file = Counted(data, walked.pages)
    document = _index(file)
    if kind != "short addresses":  # HDF5 itself reads references of short addresses differently each time
        assert document == _index(tmp_path / "x.h5")
    assert file.missed == []
    # And it foresaw no more than that: array data stay where they are.
    assert walked.pages.memory < 0.8 * len(data)
    assert walked.survey.objects > 6 * 12


@pytest.mark.parametrize("kind", ["earliest", "latest"])
def test_a_walk_for_browsing_leaves_chunk_indexes_out(tmp_path, walk, tiny_pages, kind) -> None:
    data = make(tmp_path / "x.h5", kind).read_bytes()
    full, browsing = walk(data), walk(data, full=False)
    assert browsing.survey.objects == full.survey.objects
    assert browsing.survey.chunks == 0
    assert browsing.pages.memory < full.pages.memory / 2
    file = Counted(data, browsing.pages)
    with h5py.File(file, "r") as hdf5:
        hdf5.visititems(lambda _name, node: [str(value) for value in node.attrs.values()] and None)
    assert file.missed == []


@pytest.mark.parametrize("kind", ["earliest", "latest"])
def test_a_walk_can_be_limited_to_levels(tmp_path, walk, tiny_pages, kind) -> None:
    data = make(tmp_path / "x.h5", kind).read_bytes()
    counts = [walk(data, full=False, levels=levels).survey.objects for levels in range(4)]
    with h5py.File(tmp_path / "x.h5", "r") as file:
        members = len(file)
        assert counts[1] >= 1 + members
        inside = sum(len(node) for node in file.values() if isinstance(node, h5py.Group))
        assert counts[1] < counts[2] <= counts[1] + inside
    assert counts[2] == counts[3]


@pytest.mark.corpus("real/*.*[5bmfwc]")
@pytest.mark.shared
def test_real_files_hold_no_surprise(corpus_file, walk, tiny_pages) -> None:
    data = corpus_file.read_bytes()
    walked = walk(data)
    if walked.survey.objects == 0 or corpus_file.name in CRASHES_HDF5:
        pytest.skip("no HDF5 file, or one that ends the process when its attributes are read")
    file = Counted(data, walked.pages)
    _index(file)
    assert file.missed == []


CRASHES_HDF5 = {"h5repack_attr_refs.h5"}
