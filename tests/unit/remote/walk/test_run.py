"""Walks over remote files: equal results without waits, faults, cancelling, progress, the cache on disk."""

from __future__ import annotations

import json
import threading

import h5py
import numpy as np
import pytest

from lindi_explorer import LindiH5pyFile
from lindi_explorer.cli.commands import main
from lindi_explorer.errors import CancelledByUserError, StaleFileError, TransferError
from lindi_explorer.explorer.preview.counting import count
from lindi_explorer.explorer.selection import Span
from lindi_explorer.hdf5.references import Hdf5References
from lindi_explorer.references import codec
from lindi_explorer.remote import (
    CancelToken,
    LocalCache,
    RangeReader,
    RemoteFile,
    RetryRules,
    file,
    kept,
    reader,
)
from lindi_explorer.samples import Fault
from tests.unit.remote.walk.make import make

KB = 1 << 10


@pytest.fixture(autouse=True)
def _as_if_files_were_large(monkeypatch) -> None:
    """No file is fetched as a whole, and the first request brings little."""
    monkeypatch.setattr(file, "WHOLE_FILE", 0)
    for module in (reader, kept):
        monkeypatch.setattr(module, "OPENING_LENGTH", 16 * KB)


@pytest.fixture(scope="module", params=["earliest", "latest"])
def sample(request, tmp_path_factory):
    return make(tmp_path_factory.mktemp("sample") / "x.h5", request.param)


def _index(hdf5: h5py.File) -> str:
    return json.dumps(codec.encode(Hdf5References(hdf5, "http://localhost/x.h5")), default=list)


def _local(path) -> str:
    with h5py.File(path, "r") as hdf5:
        return _index(hdf5)


def _index_remote(remote: RemoteFile) -> str:
    with h5py.File(remote, "r") as hdf5:
        return _index(hdf5)


def test_indexing_after_a_walk_waits_for_nothing_and_is_equal(sample, serve) -> None:
    url = serve(sample.parent).url("x.h5")
    with RangeReader(url) as ranges, RemoteFile(ranges, url) as remote:
        walked = remote.read_ahead()
        before = ranges.stats.snapshot()
        assert before.requests == walked.requests + 1
        assert before.bytes == walked.bytes + 16 * KB
        assert _index_remote(remote) == _local(sample)
        after = ranges.stats.snapshot()
    assert (after.misses, after.requests) == (0, before.requests)
    assert walked.objects > 100
    assert walked.chunks > 10_000


def test_a_second_walk_costs_nothing(sample, serve) -> None:
    server = serve(sample.parent)
    with RangeReader() as ranges, RemoteFile(ranges, server.url("x.h5")) as remote:
        remote.read_ahead()
        before = ranges.stats.snapshot().requests
        assert remote.read_ahead() is None
        assert remote.read_ahead(chunks=False, levels=2) is None
        assert ranges.stats.snapshot().requests == before


def test_one_dataset_can_be_walked(sample, serve) -> None:
    server = serve(sample.parent)
    with h5py.File(sample) as hdf5:
        low, high = h5py.h5g.get_objinfo(hdf5["extensible None"].id, b".").objno
        rows = hdf5["extensible None"].shape[0]
    with RangeReader() as ranges, RemoteFile(ranges, server.url("x.h5")) as remote:
        walked = remote.read_ahead(at=low | high << 64)
        assert (walked.objects, walked.chunks) == (1, rows)


def test_progress_is_told_and_ends_with_everything(sample, serve) -> None:
    told = []
    url = serve(sample.parent, latency_ms=30).url("x.h5")
    with RangeReader() as ranges, RemoteFile(ranges, url) as remote:
        walked = remote.read_ahead(progress=told.append)
    assert told[-1] == walked
    assert [step.bytes for step in told] == sorted(step.bytes for step in told)


def test_busy_and_broken_answers_end_equal(sample, server, answer) -> None:
    url = server.put("x.h5", sample.read_bytes())
    faults = iter([answer(503), answer(cut=100), answer(429), answer(hang_up=True), answer(500)])
    turn = threading.Lock()
    count = 0

    def now_and_then(_seen):
        nonlocal count
        with turn:
            count += 1
            return next(faults, None) if count % 3 == 2 else None

    server.always = now_and_then
    rules = RetryRules(first=0.0, longest=0.0)
    with RangeReader(retries=rules) as ranges, RemoteFile(ranges, url) as remote:
        remote.read_ahead()
        stats = ranges.stats.snapshot()
        assert stats.retries >= 4
        assert _index_remote(remote) == _local(sample)
        assert ranges.stats.snapshot().misses == 0


def test_a_fault_that_lasts_is_told(sample, serve) -> None:
    server = serve(sample.parent)
    rules = RetryRules(tries=2, first=0.0, longest=0.0)
    with RangeReader(retries=rules) as ranges, RemoteFile(ranges, server.url("x.h5")) as remote:
        server.fault("x.h5", Fault(status=503))
        with pytest.raises(TransferError, match="503"):
            remote.read_ahead()


def test_a_file_that_changes_is_stale(sample, server) -> None:
    url = server.put("x.h5", sample.read_bytes())
    with RangeReader() as ranges, RemoteFile(ranges, url) as remote:
        server.put("x.h5", sample.read_bytes(), etag='"v2"')
        with pytest.raises(StaleFileError):
            remote.read_ahead()


def test_a_token_stops_a_walk(sample, server) -> None:
    url = server.put("x.h5", sample.read_bytes())
    token = CancelToken()
    with RangeReader() as ranges, RemoteFile(ranges, url) as remote:
        server.hold.clear()
        while server.arrived.acquire(blocking=False):
            pass
        stopping = threading.Thread(target=lambda: (server.arrived.acquire(), token.set()))
        stopping.start()
        with pytest.raises(CancelledByUserError):
            remote.read_ahead(cancel=token)
        stopping.join()
        server.hold.set()


def test_a_walk_that_was_stopped_goes_on_from_the_cache(sample, serve, tmp_path) -> None:
    url = serve(sample.parent, latency_ms=200).url("x.h5")  # so that it is told of every round trip
    with RangeReader() as ranges, RemoteFile(ranges, url) as remote:
        whole = remote.read_ahead()

    def stop(_walked) -> None:
        raise CancelledByUserError("enough")

    with RangeReader(local_cache=LocalCache(cache_dir=tmp_path)) as ranges:
        with RemoteFile(ranges, url) as remote, pytest.raises(CancelledByUserError):
            remote.read_ahead(progress=stop)
        first = ranges.stats.snapshot()
        ranges.local_cache.close()
    with RangeReader(local_cache=LocalCache(cache_dir=tmp_path)) as ranges:
        with RemoteFile(ranges, url) as remote:
            remote.read_ahead()
            assert _index_remote(remote) == _local(sample)
        second = ranges.stats.snapshot()
        ranges.local_cache.close()
    assert first.requests > 1
    # The second run asks whether the file is the same, and for what the first did not come to.
    assert second.bytes <= whole.bytes + 16 * KB - first.bytes + 64 * KB
    assert second.misses == 0


def test_opening_again_after_a_walk_takes_one_request(sample, serve, tmp_path) -> None:
    server = serve(sample.parent)
    for turn in ("first", "second"):
        server.reset()
        with RangeReader(local_cache=LocalCache(cache_dir=tmp_path)) as ranges:
            with RemoteFile(ranges, server.url("x.h5")) as remote:
                remote.read_ahead()
                assert _index_remote(remote) == _local(sample)
            stats = ranges.stats.snapshot()
            ranges.local_cache.close()
        if turn == "second":
            assert (stats.requests, stats.misses) == (1, 0)
            assert stats.bytes <= 1  # the size and the version, not the first bytes anew


def test_the_memory_limit_holds(sample, serve) -> None:
    url = serve(sample.parent).url("x.h5")
    with RangeReader() as ranges, RemoteFile(ranges, url, memory_limit=100 * KB) as remote:
        walked = remote.read_ahead()
        assert walked.bytes <= 100 * KB
        assert remote.pages.memory <= 100 * KB
        assert _index_remote(remote) == _local(sample)


def test_other_files_are_not_walked(tmp_path, serve) -> None:
    (tmp_path / "x.h5").write_bytes(bytes(100_000))
    url = serve(tmp_path).url("x.h5")
    with RangeReader() as ranges, RemoteFile(ranges, url) as remote:
        assert remote.read_ahead().requests == 0
    with RangeReader() as ranges, RemoteFile(ranges, str(tmp_path / "x.h5")) as local:
        assert local.read_ahead() is None


def test_a_slice_of_a_dataset_that_is_not_indexed_takes_few_requests(tmp_path, serve) -> None:
    """HDF5 looks a chunk up by its place in a few nodes of the index; its address would take half of them."""
    with h5py.File(tmp_path / "x.h5", "w") as made:
        data = made.create_dataset("d", shape=(20_000, 256), dtype="f8", chunks=(1, 256))
        for number in range(20_000):
            data.id.write_direct_chunk((number, 0), np.full(256, number, "f8").tobytes())
        made.attrs["elsewhere"] = data.ref
    with LindiH5pyFile.from_hdf5_file(serve(tmp_path).url("x.h5")) as remote:
        assert remote["d"][15_000, 3] == 15_000
        assert remote.reader.stats.snapshot().requests <= 6
        # More chunks than are looked up: the index of this dataset is read, all branches at once.
        assert remote["d"][5000:15_000:10, 0].tolist() == list(range(5000, 15_000, 10))
        assert remote.journal.node("d").chunks.loaded
        assert remote.reader.stats.snapshot().misses < 10


def test_estimating_what_a_selection_takes_does_not_read_the_chunk_index(tmp_path, serve) -> None:
    with h5py.File(tmp_path / "x.h5", "w") as made:
        data = made.create_dataset("d", shape=(20_000, 64), dtype="f8", chunks=(1, 8))
        for number in range(20_000):  # one chunk of eight is there
            data.id.write_direct_chunk((number, 8 * (number % 8)), bytes(64))
    with LindiH5pyFile.from_hdf5_file(serve(tmp_path).url("x.h5")) as remote:
        node = remote.journal.node("d")
        before = remote.reader.stats.snapshot().requests
        for rows in (20_000, 2000, 1):
            chunks, _, _ = count(node.chunks, (Span(0, rows), Span(0, 64)), (1, 8), remote=True)
            assert chunks <= rows * 8
        assert node.chunks.get((3, 5)) is None
        assert node.chunks.get((3, 3)) == bytes(64)
        assert not node.chunks.loaded
        # Each look-up takes a few nodes of the index and the data of one chunk.
        assert remote.reader.stats.snapshot().requests - before <= 30


def test_listing_a_group_and_its_members_after_looking_ahead_waits_for_nothing(sample, serve) -> None:
    with LindiH5pyFile.from_hdf5_file(serve(sample.parent).url("x.h5")) as remote:
        remote.look_ahead()
        before = remote.reader.stats.snapshot().misses
        for name in remote.journal.children(""):
            remote.journal.node(name)
            remote.journal.children(name)
        assert remote.reader.stats.snapshot().misses == before
        remote.look_ahead("g5")
        before = remote.reader.stats.snapshot().misses
        for name in remote.journal.children("g5"):
            remote.journal.node(f"g5/{name}")
        assert remote.reader.stats.snapshot().misses == before
        remote.look_ahead("no such group")


def test_the_index_command_reads_ahead_and_keeps_what_it_read(sample, serve, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("LINDI_LOCAL_CACHE_DIR", str(tmp_path / "cache"))
    server = serve(sample.parent)
    texts = []
    for turn in range(2):
        server.reset()
        out = tmp_path / f"{turn}.lindi.json"
        assert main(["index", server.url("x.h5"), "-o", str(out)]) == 0
        texts.append(out.read_bytes())
    assert texts[0] == texts[1]
    assert len(server.log()) == 1


def _branching(path) -> None:
    """Groups of groups with data in between, so that each of them is a wait apart."""
    with h5py.File(path, "w") as made:
        for number in range(30):
            group = made.create_group(f"g{number}/deep/deeper")
            group.attrs["text"] = "x" * 1000
            group["values"] = np.random.default_rng(number).integers(0, 256, 600_000, dtype="u1")


def test_whoever_looks_around_waits_a_few_times_only(tmp_path, serve) -> None:
    _branching(tmp_path / "x.h5")
    with LindiH5pyFile.from_hdf5_file(serve(tmp_path).url("x.h5")) as remote:
        names = []
        remote.visititems(lambda name, item: names.append((name, dict(item.attrs))))
        assert len(names) == 4 * 30
        assert remote.reader.stats.snapshot().misses <= 8


def test_one_object_and_slices_of_it_start_no_walk(tmp_path, serve, monkeypatch) -> None:
    walks = []
    monkeypatch.setattr(RemoteFile, "read_ahead", lambda _self, **how: walks.append(how))
    _branching(tmp_path / "x.h5")
    with LindiH5pyFile.from_hdf5_file(serve(tmp_path).url("x.h5")) as remote:
        values = remote["g7/deep/deeper/values"]
        for start in range(0, 600_000, 50_000):
            assert values[start : start + 10].shape == (10,)
        assert walks == []
        assert len(remote) == 30
        assert len(walks) == 1
