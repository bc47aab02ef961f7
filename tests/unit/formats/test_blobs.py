from __future__ import annotations

import gc
import threading
from pathlib import Path

import pytest

from lindi_explorer.formats.blobs import BlobFiles
from lindi_explorer.remote import RangeReader


@pytest.fixture
def blobs(tmp_path):
    files = BlobFiles(tmp_path / "a" / "blobs", full=1000)
    yield files
    files.close()


def at(byte_range):
    return Path(byte_range.url).read_bytes()[byte_range.offset : byte_range.end]


def test_the_folder_is_made_with_the_first_data(blobs):
    assert not blobs.folder.parent.exists()
    blobs.close()
    assert not blobs.folder.parent.exists()
    blobs.put(b"x")
    assert len(list(blobs.folder.iterdir())) == 1


def test_what_was_put_is_read_at_once_while_the_file_grows(blobs):
    with RangeReader(None) as reader:
        put = []
        for number in range(20):
            data = bytes([number]) * 30
            put.append((blobs.put(data), data))
            for byte_range, expected in put:
                assert reader.read_now(byte_range) == expected


def test_data_lies_one_behind_the_other_and_a_full_file_is_followed_by_a_new_one(blobs):
    put = [blobs.put(b"a" * 400) for _ in range(7)]
    assert [byte_range.offset for byte_range in put] == [0, 400, 800, 0, 400, 800, 0]
    assert len({byte_range.url for byte_range in put}) == 3
    assert [str(path) for path in blobs.written] == list(dict.fromkeys(one.url for one in put))
    assert [path.stat().st_size for path in blobs.written] == [1200, 1200, 400]


def test_data_larger_than_a_full_file_stays_together(blobs):
    byte_range = blobs.put(b"b" * 5000)
    assert (byte_range.offset, byte_range.length) == (0, 5000)
    assert blobs.put(b"c").url != byte_range.url


def test_data_may_come_in_parts(blobs):
    blobs.put(b"x")
    byte_range = blobs.put(iter([b"ab", b"", b"cd"]))
    assert (byte_range.offset, byte_range.length, at(byte_range)) == (1, 4, b"abcd")


def test_after_closing_a_new_file_begins_and_the_old_one_stays_as_it_is(blobs):
    first = blobs.put(b"first")
    blobs.close()
    second = blobs.put(b"second")
    assert first.url != second.url
    assert (at(first), at(second)) == (b"first", b"second")


def test_of_data_that_fails_halfway_nothing_stays(blobs):
    before = blobs.put(b"before")

    def parts():
        yield b"x" * 100
        raise ConnectionError("gone")

    with pytest.raises(ConnectionError):
        blobs.put(parts())
    after = blobs.put(b"after")
    assert Path(before.url).stat().st_size == len(b"beforeafter")
    assert (at(before), at(after)) == (b"before", b"after")


def test_a_full_disk_is_told_and_what_was_there_stays(blobs, monkeypatch):
    before = blobs.put(b"before")
    monkeypatch.setattr(
        "lindi_explorer.formats.blobs._write",
        lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")),
    )
    with pytest.raises(OSError, match="No space left"):
        blobs.put(b"more")
    monkeypatch.undo()
    assert at(blobs.put(b"after")) == b"after"
    assert at(before) == b"before"


def test_threads_put_at_the_same_time(blobs):
    put = {}

    def run(number):
        for step in range(50):
            data = f"{number} {step} ".encode() * (step % 7 + 1)
            put[number, step] = (blobs.put(data), data)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(put) == 400
    for byte_range, data in put.values():
        assert at(byte_range) == data
    total = sum(byte_range.length for byte_range, _ in put.values())
    assert sum(path.stat().st_size for path in blobs.written) == total


def test_files_of_two_writers_in_one_folder_have_different_names(tmp_path):
    one, other = BlobFiles(tmp_path), BlobFiles(tmp_path)
    first, second = one.put(b"1"), other.put(b"2")
    one.close()
    other.close()
    assert first.url != second.url
    assert (at(first), at(second)) == (b"1", b"2")


def test_a_writer_that_is_forgotten_lets_go_of_its_file(tmp_path):
    files = BlobFiles(tmp_path)
    byte_range = files.put(b"kept")
    handle = files._file
    del files
    gc.collect()
    assert handle.closed
    assert at(byte_range) == b"kept"
