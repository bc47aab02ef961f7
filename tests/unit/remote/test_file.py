"""The file object that h5py parses."""

from __future__ import annotations

import gc
import io
import os
import subprocess
import sys
import textwrap
import threading

import h5py
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lindi_explorer.byterange import ByteRange
from lindi_explorer.errors import (
    CancelledByUserError,
    FormatError,
    MissingFileError,
    RangeNotSupportedError,
    StaleFileError,
)
from lindi_explorer.remote import CancelToken, LocalCache, RangeReader, RemoteFile, cancelling
from lindi_explorer.remote.loading import BLOCK

MB = 1 << 20
LARGE = np.random.default_rng(1).integers(0, 256, 12 * MB + 12_345, dtype=np.uint8).tobytes()
READS = st.lists(
    st.tuples(
        st.integers(0, len(LARGE) - 1), st.sampled_from([0, 1, 100, 4096, 5000, 70_000, 300_000, 1_200_000])
    ),
    max_size=15,
)


@pytest.fixture
def reader(at_once):
    with RangeReader(retries=at_once) as made:
        yield made


def _hdf5(filler: int) -> bytes:
    """Return an HDF5 file with many small objects and ``filler`` bytes of data in front of them."""
    buffer = io.BytesIO()
    rng = np.random.default_rng(2)
    with h5py.File(buffer, "w") as file:
        file["filler"] = rng.integers(0, 256, filler, dtype=np.uint8)
        for i in range(40):
            group = file.create_group(f"group{i}")
            group.attrs["text"] = f"value {i}" * 20
            group.create_dataset("x", data=rng.random((50, 20)), chunks=(10, 20), compression="gzip")
            group["label"] = np.array([f"row {j}" for j in range(5)], dtype=object)
    return buffer.getvalue()


SMALL_HDF5, LARGE_HDF5 = _hdf5(3 * MB), _hdf5(13 * MB)


def _contents(file: h5py.File) -> dict[str, object]:
    found: dict[str, object] = {}

    def visit(name, node):
        found[name] = {
            key: value if isinstance(value, str) else value.tolist() for key, value in node.attrs.items()
        }
        if isinstance(node, h5py.Dataset) and name != "filler":
            found[name + ":data"] = node[()].tolist()

    file.visititems(visit)
    return found


@pytest.mark.parametrize("data", [SMALL_HDF5, LARGE_HDF5], ids=["fetched whole", "in parts"])
@pytest.mark.parametrize("memory_limit", [256 * MB, 64 * 1024])
def test_h5py_reads_the_same_as_from_disk(server, reader, data, memory_limit) -> None:
    url = server.put("f.h5", data)
    with RemoteFile(reader, url, memory_limit=memory_limit) as remote, h5py.File(remote, "r") as file:
        found = _contents(file)
    with h5py.File(io.BytesIO(data), "r") as file:
        assert found == _contents(file)


def test_a_small_file_is_fetched_whole_at_once(server, reader) -> None:
    url = server.put("f.h5", SMALL_HDF5)
    with RemoteFile(reader, url) as remote, h5py.File(remote, "r") as file:
        before = len(server.seen)
        _contents(file)
    assert server.ranges()[0] == (0, MB)
    assert len(server.seen) == before
    assert reader.stats.snapshot().bytes == len(SMALL_HDF5)


def test_chunks_of_a_small_file_are_read_from_memory(server, reader) -> None:
    url = server.put("f.h5", SMALL_HDF5)
    with RemoteFile(reader, url):
        before = len(server.seen)
        wanted = ByteRange(url, MB + 5, 100)
        assert reader.read_now(wanted) == reader.read_many([wanted])[0] == SMALL_HDF5[MB + 5 : MB + 105]
        with pytest.raises(FormatError, match="ends after"):
            reader.read_now(ByteRange(url, len(SMALL_HDF5), 1))
    assert len(server.seen) == before
    reader.forget(url)
    reader.read_now(wanted)
    assert len(server.seen) == before + 1


def test_opening_a_large_file_takes_one_request(server, reader) -> None:
    with RemoteFile(reader, server.put("f", LARGE)) as remote:
        assert remote.length == len(LARGE)
        assert server.ranges() == [(0, MB)]
        assert remote.read_at(MB - 10, 10) == LARGE[MB - 10 : MB]
        assert len(server.seen) == 1


def test_a_miss_fetches_its_block_and_sequential_reads_fetch_ever_more(server, reader) -> None:
    with RemoteFile(reader, server.put("f", LARGE)) as remote:
        server.seen.clear()
        remote.seek(2 * MB + 100)
        for _ in range(500):
            remote.read(4000)
        sizes = [stop - start for start, stop in server.ranges()]
        assert sizes[:4] == [BLOCK, 2 * BLOCK, 4 * BLOCK, 8 * BLOCK]
        server.seen.clear()
        remote.read_at(8 * MB, 10)
        remote.read_at(7 * MB, 10)
        assert server.ranges() == [(8 * MB, 8 * MB + BLOCK), (7 * MB, 7 * MB + BLOCK)]


def test_array_data_do_not_drive_out_what_is_kept(server, reader) -> None:
    with RemoteFile(reader, server.put("f", LARGE), memory_limit=2 * MB) as remote:
        held = remote.pages.memory
        assert remote.read_at(2 * MB + 5, 6 * MB) == LARGE[2 * MB + 5 : 8 * MB + 5]
        assert remote.pages.memory == held


def test_memory_stays_below_its_limit(server, reader) -> None:
    with RemoteFile(reader, server.put("f", LARGE), memory_limit=MB // 2) as remote:
        for start in range(0, len(LARGE) - 5000, 200_000):
            assert remote.read_at(start, 5000) == LARGE[start : start + 5000]
            assert 0 < remote.pages.memory <= MB // 2


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(reads=READS, limit=st.sampled_from([0, 4096, 200_000, 64 * MB]), data=st.data())
def test_whatever_is_read_equals_the_file(server, reads, limit, data) -> None:
    etag = data.draw(st.sampled_from(['"v1"', None]))
    with (
        RangeReader() as reader,
        RemoteFile(reader, server.put("f", LARGE, etag), memory_limit=limit) as remote,
    ):
        for offset, length in reads:
            remote.seek(offset)
            expected = LARGE[offset : offset + length]
            assert remote.read(length) == expected
            assert remote.tell() == offset + len(expected)
            assert remote.read_at(offset, len(expected)) == expected


def test_behaves_as_a_file_does(server, reader) -> None:
    with RemoteFile(reader, server.put("f", b"0123456789")) as remote:
        assert (remote.readable(), remote.seekable(), remote.writable()) == (True, True, False)
        assert remote.seek(-3, os.SEEK_END) == 7
        assert remote.read() == b"789"
        assert remote.read(5) == b""
        assert remote.seek(2) == 2
        assert remote.seek(3, os.SEEK_CUR) == 5
        assert remote.seek(100) == 100
        assert remote.read(1) == b""
        with pytest.raises(ValueError, match="before the beginning"):
            remote.seek(-1)
        with pytest.raises(ValueError, match="whence"):
            remote.seek(0, 7)
        with pytest.raises(FormatError, match="ends after 10 bytes"):
            remote.read_at(5, 6)
    with pytest.raises(ValueError, match="closed"):
        remote.read(1)
    remote.close()


def test_a_local_path_works_too(tmp_path, reader) -> None:
    path = tmp_path / "f.h5"
    path.write_bytes(LARGE_HDF5)
    with RemoteFile(reader, str(path)) as remote, h5py.File(remote, "r") as file:
        assert file["group7"].attrs["text"].startswith("value 7")
    assert reader.stats.snapshot().requests == 0


def test_its_name_holds_no_secret(server, reader) -> None:
    url = server.put("f.h5", SMALL_HDF5) + "?sig=secret"
    with RemoteFile(reader, url) as remote, h5py.File(remote, "r") as file:
        assert file.filename == f"<RemoteFile '{server.origin}/f.h5'>"


def test_an_empty_file(server, reader) -> None:
    with RemoteFile(reader, server.put("f", b"")) as remote:
        assert remote.length == 0
        assert remote.read() == b""


def test_no_such_file(server, reader) -> None:
    with pytest.raises(MissingFileError):
        RemoteFile(reader, server.origin + "/none")


def test_a_server_without_ranges_serves_small_files_only(server, reader, answer) -> None:
    server.always = lambda _: answer(ignore_range=True)
    with RemoteFile(reader, server.put("small", LARGE[: MB // 2])) as remote:
        assert remote.read() == LARGE[: MB // 2]
    with pytest.raises(RangeNotSupportedError, match=r"whole files only.*12\.6 MB"):
        RemoteFile(reader, server.put("large", LARGE))


def test_a_file_that_changes_stops_being_read(server, reader) -> None:
    url = server.put("f", LARGE)
    with RemoteFile(reader, url) as remote:
        server.put("f", LARGE[::-1], etag='"v2"')
        with pytest.raises(StaleFileError):
            remote.read_at(5 * MB, 10)
        assert remote.pages.memory == 0


def test_faults_reach_whoever_calls_h5py(server, reader, answer) -> None:
    url = server.put("f.h5", LARGE_HDF5)
    with RemoteFile(reader, url) as remote, h5py.File(remote, "r") as file:
        server.always = lambda _: answer(412)
        with pytest.raises(StaleFileError):
            file["group39/x"][()]


def test_a_token_stops_h5py(server, reader) -> None:
    url = server.put("f.h5", LARGE_HDF5)
    token = CancelToken()
    with RemoteFile(reader, url) as remote, h5py.File(remote, "r") as file:
        server.hold.clear()
        while server.arrived.acquire(blocking=False):
            pass
        setting = threading.Thread(target=lambda: (server.arrived.acquire(), token.set()))
        setting.start()
        with cancelling(token), pytest.raises(CancelledByUserError):
            file["group39/x"][()]
        setting.join()
        server.hold.set()


def test_second_open_costs_one_request(server, tmp_path) -> None:
    url = server.put("f.h5", LARGE_HDF5)

    def look() -> tuple[object, int]:
        server.seen.clear()
        with RangeReader(local_cache=LocalCache(cache_dir=tmp_path)) as reader:
            with RemoteFile(reader, url) as remote, h5py.File(remote, "r") as file:
                found = _contents(file)
            reader.local_cache.close()
        return found, len(server.seen)

    first, many = look()
    second, one = look()
    assert first == second
    assert many > 1
    assert one == 1
    assert server.seen[0].headers["if-none-match"] == '"v1"'


def test_a_changed_file_is_never_served_from_the_cache(server, tmp_path) -> None:
    cache = LocalCache(cache_dir=tmp_path)
    for version, data in (('"v1"', LARGE), ('"v2"', LARGE[::-1]), ('"v3"', LARGE[5:])):
        url = server.put("f", data, etag=version)
        with RangeReader(local_cache=cache) as reader, RemoteFile(reader, url) as remote:
            assert remote.read_at(5 * MB, 1000) == data[5 * MB : 5 * MB + 1000]
            assert remote.read_at(10, 1000) == data[10:1010]
    cache.close()


def test_garbage_collection_in_other_threads_does_not_hang_h5py(server, tmp_path, count) -> None:
    """Threads free h5py objects and use the reader while h5py holds its lock and reads."""
    url = server.put("f.h5", LARGE_HDF5)
    cache = LocalCache(cache_dir=tmp_path)
    over = threading.Event()
    faults: list[BaseException] = []

    def litter(reader: RangeReader) -> None:
        try:
            while not over.is_set():
                with h5py.File(io.BytesIO(SMALL_HDF5), "r") as file:
                    for i in range(10):
                        loop = [file[f"group{i}"]]
                        loop.append(loop)  # only the collector frees it
                    reader.read_now(ByteRange(url, 5 * MB + i, 10))
                    reader.stats.snapshot()
        except BaseException as fault:  # noqa: BLE001 - shown by the test
            faults.append(fault)

    old = gc.get_threshold()
    gc.set_threshold(50)
    try:
        for i in range(count(2, 20)):
            with RangeReader(local_cache=cache if i % 2 else None) as reader:
                threads = [threading.Thread(target=litter, args=(reader,), daemon=True) for _ in range(2)]
                for thread in threads:
                    thread.start()
                with RemoteFile(reader, url, memory_limit=0) as remote, h5py.File(remote, "r") as file:
                    _contents(file)
                over.set()
                for thread in threads:
                    thread.join(60)
                    assert not thread.is_alive()
                over.clear()
    finally:
        over.set()
        gc.set_threshold(*old)
        cache.close()
    assert faults == []


def test_a_script_that_leaves_everything_open_ends_well(server, tmp_path) -> None:
    url = server.put("f.h5", LARGE_HDF5)
    script = f"""
        import asyncio, weakref
        import h5py
        import zarr.core.sync
        from lindi_explorer.byterange import ByteRange
        from lindi_explorer.remote import LocalCache, RangeReader, RemoteFile

        reader = RangeReader(local_cache=LocalCache(cache_dir={str(tmp_path)!r}))
        remote = RemoteFile(reader, {url!r})
        file = h5py.File(remote, "r")
        weakref.finalize(remote, file.close)  # the rule for whoever opens one
        group = file["group3"]
        zarr.core.sync.sync(reader.read(ByteRange({url!r}, 5_000_000, 100)))
        asyncio.run(reader.read(ByteRange({url!r}, 6_000_000, 100)))
        reader.read_many([ByteRange({url!r}, 7_000_000, 100)])
        other = RangeReader()
        zarr.core.sync.sync(other.read(ByteRange({url!r}, 5_000_000, 100)))
        del other
        print(group.attrs["text"][:7])
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "value 3\n", "")
