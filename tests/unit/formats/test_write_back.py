from __future__ import annotations

import ctypes
import os

import pytest

from lindi_explorer.formats import write_back
from lindi_explorer.formats.blobs import BlobFiles
from lindi_explorer.formats.container import create
from lindi_explorer.formats.write_back import WriteBack

MIB = 1 << 20


@pytest.fixture
def handed(monkeypatch):
    """Beginning and end of each piece that the system was asked to write."""
    found = []

    def begin(descriptor, start, length, flags):
        assert flags == 2
        assert os.fstat(descriptor).st_size >= start + length
        found.append((start, start + length))
        return -1  # as where the file system cannot do it

    monkeypatch.setattr(write_back, "_begin_writing", lambda: begin)
    return found


def chunks(count):
    return [bytes([number]) * MIB for number in range(count)]


def put_into_folder(tmp_path, data):
    files = BlobFiles(tmp_path / "blobs", full=20 * MIB)
    put = [files.put(one) for one in data]
    files.close()
    return put


def put_into_archive(tmp_path, data):
    with create(str(tmp_path / "f.lindi.tar"), exist_ok=False) as container:
        return [container.put(one) for one in data]


@pytest.mark.parametrize("put", [put_into_folder, put_into_archive])
def test_chunks_are_handed_over_once_and_in_order_when_they_are_in_the_file(tmp_path, handed, put):
    places = put(tmp_path, chunks(20))
    starts, ends = zip(*handed, strict=True)
    assert starts[0] <= places[0].offset
    assert starts[1:] == ends[:-1]
    assert ends == (places[7].end, places[15].end)


def test_every_blob_file_is_handed_over_from_its_beginning(tmp_path, handed):
    put_into_folder(tmp_path, chunks(40))
    assert handed == [(0, 8 * MIB), (8 * MIB, 16 * MIB)] * 2


def test_of_few_chunks_nothing_is_handed_over(tmp_path, handed):
    put_into_archive(tmp_path, chunks(7))
    assert not handed


def test_where_the_system_has_no_such_call_nothing_is_done(tmp_path, monkeypatch):
    class Library:
        """C's, without the call."""

    monkeypatch.setattr(ctypes, "CDLL", lambda _name: Library())
    write_back._begin_writing.cache_clear()
    try:
        with (tmp_path / "file").open("w+b") as file:
            WriteBack(file.fileno()).reached(100 * MIB)
    finally:
        write_back._begin_writing.cache_clear()
