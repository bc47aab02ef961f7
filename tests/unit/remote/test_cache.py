"""Parts of remote files on disk."""

from __future__ import annotations

import multiprocessing
import pickle
import sqlite3
import threading
from pathlib import Path

import pytest

from lindi_explorer.byterange import ByteRange
from lindi_explorer.errors import ChunkTooLargeError
from lindi_explorer.remote import LocalCache, RangeReader, cache_rows
from lindi_explorer.remote import cache as cache_module
from lindi_explorer.remote.cache_key import cache_key
from lindi_explorer.remote.messages import Facts

URL = "https://host/file.nwb"
KB = 1024
PATIENT = 60.0  # seconds


@pytest.fixture
def cache(tmp_path):
    made = LocalCache(cache_dir=tmp_path / "cache")
    yield made
    made.close()


def _database(cache: LocalCache) -> Path:
    (path,) = cache.cache_dir.glob("*.db")
    return path


def test_gives_back_what_was_put(cache) -> None:
    cache.put_remote_chunk(url=URL, offset=10, size=3, data=b"abc")
    assert cache.get_remote_chunk(url=URL, offset=10, size=3) == b"abc"


@pytest.mark.parametrize(
    "other",
    [{"url": URL + "2"}, {"offset": 11}, {"size": 2}, {"etag": '"v2"'}],
    ids=["url", "offset", "size", "etag"],
)
def test_gives_nothing_for_anything_else(cache, other) -> None:
    key = {"url": URL, "offset": 10, "size": 3, "etag": '"v1"'}
    cache.put_remote_chunk(**key, data=b"abc")
    assert cache.get_remote_chunk(**key) == b"abc"
    assert cache.get_remote_chunk(**{**key, **other}) is None


def test_putting_again_replaces(cache) -> None:
    for data in (b"abc", b"xyz"):
        cache.put_remote_chunk(url=URL, offset=0, size=3, data=data)
    assert cache.get_remote_chunk(url=URL, offset=0, size=3) == b"xyz"


def test_is_there_for_the_next_session(cache) -> None:
    cache.put_remote_chunk(url=URL, offset=0, size=3, data=b"abc")
    cache.close()
    again = LocalCache(cache_dir=str(cache.cache_dir))
    assert again.get_remote_chunk(url=URL, offset=0, size=3) == b"abc"
    again.close()


def test_sizes_must_agree(cache) -> None:
    with pytest.raises(ValueError, match="has 3 bytes, not the 4"):
        cache.put_remote_chunk(url=URL, offset=0, size=4, data=b"abc")


def test_too_large(cache) -> None:
    with pytest.raises(ChunkTooLargeError, match="900,000,000") as caught:
        cache.put_remote_chunk(url=URL, offset=0, size=900_000_000, data=b"")
    assert isinstance(caught.value, ValueError)
    with pytest.raises(ValueError, match="not the 899,999,999"):  # large, but not too large
        cache.put_remote_chunk(url=URL, offset=0, size=899_999_999, data=b"")


def test_no_secret_reaches_the_disk(cache) -> None:
    secrets = ["X-Amz-Signature=secret1", "token=secret2"]
    for query in secrets:
        cache.put_remote_chunk(url=f"https://me:secret3@host/f?{query}", offset=0, size=1, data=b"x")
    cache.close()
    stored = b"".join(path.read_bytes() for path in cache.cache_dir.iterdir())
    assert b"host/f" in stored
    assert b"secret" not in stored


def test_a_signed_link_is_found_under_the_next_signature() -> None:
    assert cache_key("https://h/f?X-Amz-Date=1&X-Amz-Signature=a") == cache_key(
        "https://h/f?X-Amz-Signature=b"
    )
    assert cache_key("https://U:p@H/f#x") == cache_key("https://h/f") == "https://h/f"


def test_a_query_that_names_the_file_keeps_files_apart() -> None:
    assert cache_key("https://h/get?id=1") != cache_key("https://h/get?id=2")


def test_the_least_recently_used_goes_first(tmp_path, monkeypatch) -> None:
    time = [0]
    monkeypatch.setattr(cache_rows, "now", lambda: time[0])
    cache = LocalCache(cache_dir=tmp_path, max_bytes=100 * KB)
    for i in range(10):
        time[0] = i
        cache.put_remote_chunk(url=URL, offset=i, size=10 * KB, data=bytes([i]) * 10 * KB)
    time[0] = cache_rows.USE_GRAIN + 100
    assert cache.get_remote_chunk(url=URL, offset=0, size=10 * KB) is not None
    cache.put_remote_chunk(url=URL, offset=10, size=10 * KB, data=b"x" * 10 * KB)
    held = [i for i in range(11) if cache.get_remote_chunk(url=URL, offset=i, size=10 * KB) is not None]
    assert held == [0, 3, 4, 5, 6, 7, 8, 9, 10]
    cache.put_remote_chunk(url=URL, offset=99, size=200 * KB, data=b"y" * 200 * KB)  # more than all there is
    assert cache.get_remote_chunk(url=URL, offset=99, size=200 * KB) is None
    assert cache.get_remote_chunk(url=URL, offset=10, size=10 * KB) is not None
    cache.close()


def test_the_file_on_disk_stays_bounded(tmp_path) -> None:
    cache = LocalCache(cache_dir=tmp_path, max_bytes=500 * KB)
    for i in range(100):
        cache.put_remote_chunk(url=URL, offset=i % 90, size=50 * KB, data=bytes([i]) * 50 * KB)
    cache.close()
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 1500 * KB


def test_parts_of_an_earlier_version_go(cache) -> None:
    cache.put_file(URL, Facts(100, '"v1"'))
    cache.put_remote_chunk(url=URL, offset=0, size=3, data=b"abc", etag='"v1"')
    assert cache.get_file(URL) == Facts(100, '"v1"')
    cache.put_file(URL, Facts(100, '"v2"'))
    assert cache.get_file(URL) == Facts(100, '"v2"')
    assert cache.get_remote_chunk(url=URL, offset=0, size=3, etag='"v1"') is None


@pytest.mark.parametrize("damage", ["overwritten", "emptied", "middle"])
def test_a_damaged_database_is_begun_anew(cache, damage) -> None:
    for i in range(50):
        cache.put_remote_chunk(url=URL, offset=i, size=10 * KB, data=b"a" * 10 * KB)
    cache.close()
    path = _database(cache)
    good = path.read_bytes()
    bad = {
        "overwritten": b"this is no database" * 1000,
        "emptied": b"",
        "middle": good[:4096] + b"\xff" * 300_000,
    }
    path.write_bytes(bad[damage])
    for i in range(50):
        assert cache.get_remote_chunk(url=URL, offset=i, size=10 * KB) in {None, b"a" * 10 * KB}
    cache.put_remote_chunk(url=URL, offset=1, size=3, data=b"abc")
    assert cache.get_remote_chunk(url=URL, offset=1, size=3) == b"abc"


def test_flipped_bits_are_not_given_out(cache) -> None:
    cache.put_remote_chunk(url=URL, offset=0, size=8, data=b"ABCDEFGH")
    cache.close()
    path = _database(cache)
    path.write_bytes(path.read_bytes().replace(b"ABCDEFGH", b"ABCDXFGH"))
    assert cache.get_remote_chunk(url=URL, offset=0, size=8) is None


def test_a_folder_that_cannot_be_used_is_done_without(tmp_path) -> None:
    (tmp_path / "taken").write_text("a file")
    cache = LocalCache(cache_dir=tmp_path / "taken")
    cache.put_remote_chunk(url=URL, offset=0, size=3, data=b"abc")
    assert cache.get_remote_chunk(url=URL, offset=0, size=3) is None


def test_a_part_is_given_out_while_its_use_cannot_be_noted(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(cache_module, "_BUSY_SECONDS", 0.01)
    cache = LocalCache(cache_dir=tmp_path)
    cache.put_remote_chunk(url=URL, offset=0, size=3, data=b"abc")
    cache.put_ahead(url=URL, etag="", parts=[(5, b"xyz"), (9, b"123")])
    other = sqlite3.connect(_database(cache), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    later = cache_rows.now() + 2 * cache_rows.USE_GRAIN
    monkeypatch.setattr(cache_rows, "now", lambda: later)
    assert cache.get_remote_chunk(url=URL, offset=0, size=3) == b"abc"
    assert cache.get_ahead(url=URL, etag="", most_bytes=100) == [(5, b"xyz"), (9, b"123")]
    assert cache.get_ahead(url=URL, etag="", most_bytes=4) == [(5, b"xyz")]
    other.execute("ROLLBACK")
    other.close()
    cache.close()


def test_a_writer_that_does_not_finish_is_not_waited_for_long(cache) -> None:
    cache.put_remote_chunk(url=URL, offset=0, size=3, data=b"abc")
    other = sqlite3.connect(_database(cache), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    cache.put_remote_chunk(url=URL, offset=5, size=3, data=b"abc")  # gives up, and says nothing
    assert cache.get_remote_chunk(url=URL, offset=0, size=3) == b"abc"
    other.execute("ROLLBACK")
    other.close()


def _put_many(folder: str, start: int) -> None:
    cache_module._BUSY_SECONDS = PATIENT
    cache = LocalCache(cache_dir=folder)
    for i in range(start, start + 100):
        cache.put_remote_chunk(url=URL, offset=i, size=100, data=i.to_bytes(4, "big") * 25)
        cache.get_remote_chunk(url=URL, offset=i // 2, size=100)
    cache.close()


def test_who_begins_it_at_the_same_moment_shares_it(tmp_path, count) -> None:
    for turn in range(count(20, 200)):
        made = LocalCache(cache_dir=tmp_path / str(turn))
        start = threading.Barrier(6)

        def put(number: int, made=made, start=start) -> None:
            start.wait()
            made.put_remote_chunk(url=URL, offset=number, size=1, data=b"x")

        threads = [threading.Thread(target=put, args=(number,)) for number in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [made.get_remote_chunk(url=URL, offset=number, size=1) for number in range(6)] == [b"x"] * 6
        made.close()


@pytest.fixture
def patient(monkeypatch) -> None:
    """A cache does without a part rather than wait for long; here, every part has to be put."""
    monkeypatch.setattr(cache_module, "_BUSY_SECONDS", PATIENT)


def test_processes_share_it(patient, cache) -> None:
    context = multiprocessing.get_context("spawn")
    others = [context.Process(target=_put_many, args=(str(cache.cache_dir), 100 * i)) for i in range(2)]
    for process in others:
        process.start()
    _put_many(str(cache.cache_dir), 200)
    for process in others:
        process.join(100)
        assert process.exitcode == 0
    for i in range(300):
        assert cache.get_remote_chunk(url=URL, offset=i, size=100) == i.to_bytes(4, "big") * 25


def test_threads_share_it(patient, cache) -> None:
    faults = []

    def work(number: int) -> None:
        for i in range(100):
            data = bytes([number]) * 100
            cache.put_remote_chunk(url=f"{URL}{number}", offset=i, size=100, data=data)
            if cache.get_remote_chunk(url=f"{URL}{number}", offset=i, size=100) != data:
                faults.append((number, i))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []


def test_the_default_folder(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("LINDI_LOCAL_CACHE_DIR", str(tmp_path / "named"))
    assert LocalCache().cache_dir == tmp_path / "named"
    assert LocalCache(cache_dir=tmp_path).cache_dir == tmp_path
    monkeypatch.delenv("LINDI_LOCAL_CACHE_DIR")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert "lindi-explorer" in str(LocalCache().cache_dir)
    assert not LocalCache().cache_dir.exists()  # made when first needed


def test_can_be_pickled(cache) -> None:
    cache.put_remote_chunk(url=URL, offset=0, size=3, data=b"abc")
    again = pickle.loads(pickle.dumps(cache))
    assert again.get_remote_chunk(url=URL, offset=0, size=3) == b"abc"
    again.close()


@pytest.mark.parametrize("concurrent", [False, True])
def test_a_reader_asks_once_whether_what_is_kept_still_holds(server, cache, concurrent) -> None:
    url = server.put("f", bytes(range(256)) * 1000)
    ranges = [ByteRange(url, 1000 * i, 100) for i in range(0, 250, 100)]

    def look() -> tuple[list[bytes], int]:
        server.seen.clear()
        with RangeReader(local_cache=cache) as reader:
            found = reader.read_many(ranges) if concurrent else [reader.read_now(one) for one in ranges]
            assert reader.stats.snapshot().requests == len(server.seen)
        return found, len(server.seen)

    first = look()
    assert look() == (first[0], 1)
    server.put("f", bytes(reversed(range(256))) * 1000, etag='"v2"')
    assert look()[0] == [server.files["/f"][one.offset : one.end] for one in ranges]
    assert look()[1] == 1


def test_without_a_strong_etag_nothing_is_kept(server, cache) -> None:
    url = server.put("f", b"x" * 1000, etag='W/"1"')
    for _ in range(2):
        with RangeReader(local_cache=cache) as reader:
            reader.read_now(ByteRange(url, 0, 10))
    assert server.ranges() == [(0, 10), (0, 10)]
