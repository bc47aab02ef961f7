"""Reading parts of local files through the same reader."""

from __future__ import annotations

import asyncio
import errno
import os
import pickle

import pytest

from lindi_explorer.byterange import ByteRange
from lindi_explorer.errors import AccessDeniedError, FormatError, MissingFileError, StaleFileError
from lindi_explorer.remote import RangeReader

DATA = bytes(range(256)) * 100


@pytest.fixture
def reader():
    with RangeReader() as made:
        yield made


@pytest.fixture(params=["blocking", "concurrent"])
def read(request, reader):
    if request.param == "blocking":
        return lambda url, offset, length: reader.read_now(ByteRange(str(url), offset, length))
    return lambda url, offset, length: asyncio.run(reader.read(ByteRange(str(url), offset, length)))


@pytest.fixture
def path(tmp_path):
    found = tmp_path / "a file#1?.bin"
    found.write_bytes(DATA)
    return found


def test_reads_the_range(path, read) -> None:
    assert read(path, 100, 50) == DATA[100:150]
    assert read(path, len(DATA), 0) == b""


def test_file_urls_work(path, read) -> None:
    assert read(path.as_uri(), 100, 50) == DATA[100:150]
    assert read(path.as_uri().replace("file://", "file://localhost"), 100, 50) == DATA[100:150]
    with pytest.raises(FormatError, match="another computer"):
        read("file://server/share/x", 0, 1)


def test_past_the_end(path, read) -> None:
    with pytest.raises(FormatError, match="a file#1") as caught:
        read(path, len(DATA) - 5, 10)
    assert "25,600" in str(caught.value)


def test_no_such_file(tmp_path, read) -> None:
    with pytest.raises(MissingFileError, match=r"There is no file .*nothing"):
        read(tmp_path / "nothing", 0, 1)
    with pytest.raises(MissingFileError):
        read("a\0b", 0, 1)


def test_a_folder_is_no_file(tmp_path, read) -> None:
    with pytest.raises(FormatError, match="is not a file"):
        read(tmp_path, 0, 1)


def test_a_pipe_is_no_file(tmp_path, read) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(FormatError, match="is not a file"):
        read(tmp_path / "pipe", 0, 1)


def test_without_permission(path, read, monkeypatch) -> None:
    def refuse(*_: object) -> int:
        raise PermissionError(errno.EACCES, "no")

    monkeypatch.setattr(os, "open", refuse)  # whoever runs the tests may be allowed to read everything
    with pytest.raises(AccessDeniedError, match="may not be read"):
        read(path, 0, 1)


def test_a_file_that_is_changed_in_place_is_noticed(path, read, reader) -> None:
    read(path, 0, 10)
    with path.open("r+b") as file:
        file.write(b"changed")
    os.utime(path, ns=(1, 1))
    with pytest.raises(StaleFileError, match="changed while it was open"):
        read(path, 0, 10)
    reader.forget(str(path))
    assert read(path, 0, 7) == b"changed"


def test_a_file_that_is_replaced_goes_on_being_read_as_it_was(path, read, reader) -> None:
    read(path, 0, 10)
    new = path.with_name("new")
    new.write_bytes(b"entirely other")
    new.replace(path)
    assert read(path, 0, 10) == DATA[:10]
    reader.forget(str(path))
    assert read(path, 0, 8) == b"entirely"


def test_head_and_whole_of_a_local_file(path, reader) -> None:
    head = reader.size_and_head(str(path))
    assert (head.size, head.head, head.complete, head.ranges) == (len(DATA), DATA, True, True)
    assert reader.fetch_whole(str(path)) == DATA
    large = path.with_name("large")
    large.write_bytes(DATA * 100)
    assert not reader.size_and_head(str(large)).complete
    assert reader.fetch_whole(str(large)) == DATA * 100


def test_files_close_with_the_reader(path, reader) -> None:
    reader.read_now(ByteRange(str(path), 0, 1))
    descriptor = reader._files.get(str(path))._descriptor
    assert os.fstat(descriptor).st_size == len(DATA)
    reader.close()
    with pytest.raises(OSError, match="descriptor"):
        os.fstat(descriptor)


def test_a_reader_can_be_pickled(path, server) -> None:
    url = server.put("f", DATA)
    with RangeReader(source=path, trusted_origins=["http://localhost:1"]) as reader:
        reader.read_now(ByteRange(url, 0, 1))
        with pickle.loads(pickle.dumps(reader)) as again:
            assert again.source == str(path)
            assert again.read_now(ByteRange(url, 3, 4)) == DATA[3:7]
            assert again.stats.snapshot().requests == 1
