"""Reading over HTTP gives what is on disk or one clear error, whatever the server does."""

from __future__ import annotations

import contextlib
import json

import h5py
import numpy as np
import pytest

from lindi_explorer import LindiH5pyFile
from lindi_explorer.errors import (
    AccessDeniedError,
    LindiError,
    RangeNotSupportedError,
    StaleFileError,
    TransferError,
)
from lindi_explorer.hdf5.over_http import RemoteHdf5
from lindi_explorer.hdf5.references import Hdf5References
from lindi_explorer.references import codec
from lindi_explorer.remote import (
    LocalCache,
    RangeReader,
    RemoteFile,
    RetryRules,
    add_additional_url_resolver,
    file,
    kept,
    loading,
    reader,
    remove_additional_url_resolver,
)
from lindi_explorer.remote.file import WHOLE_FILE
from tests.contract.bad_server import BadServer
from tests.unit.remote.walk.make import make

KB = 1 << 10
FAST = RetryRules(first=0.05, longest=0.1)
ONE_TRY = RetryRules(tries=2, first=0.0, longest=0.0)


@pytest.fixture(autouse=True)
def _as_if_files_were_large(monkeypatch):
    """No file is fetched as a whole, and the first request and each miss bring little."""
    monkeypatch.setattr(file, "WHOLE_FILE", 0)
    monkeypatch.setattr(loading, "BLOCK", 32 * KB)
    for module in (reader, kept):
        monkeypatch.setattr(module, "OPENING_LENGTH", 8 * KB)


@pytest.fixture(scope="module")
def web(tmp_path_factory):
    """A folder with two files, and a server of it."""
    folder = tmp_path_factory.mktemp("web")
    make(folder / "old.h5", "earliest", size=3)
    make(folder / "new.h5", "latest", size=3)
    with h5py.File(folder / "data.h5", "w") as made:
        made.create_dataset("d", data=_data(), chunks=(100, 30), compression="gzip")
    _make_wide(folder / "wide.h5")
    _make_named(folder / "named.h5")
    with BadServer(folder) as server:
        server.folder = folder
        yield server


@pytest.fixture
def server(web):
    web.behave()
    return web


def _make_wide(path) -> None:
    """Objects so far apart that each takes a request; most of the file is a hole."""
    properties = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    properties.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
    properties.set_fill_time(h5py.h5d.FILL_TIME_NEVER)
    space = h5py.h5s.create_simple((250_000,))
    with h5py.File(path, "w") as made:
        for number in range(600):
            group = made.create_group(f"g{number:03}")
            group.attrs["number"] = number
            h5py.h5d.create(group.id, b"d", h5py.h5t.NATIVE_INT8, space, properties)


def _make_named(path) -> None:
    """References to what lies in groups far apart, whose links HDF5 itself has to read."""
    with h5py.File(path, "w", libver="latest") as made:
        refers = made.create_dataset("refers", (20,), h5py.ref_dtype)
        for number in range(20):
            group = made.create_group(f"g{number:02}/inside")
            for name in range(12):
                group[f"{name}"] = name
            made[f"g{number:02}/far"] = np.zeros(100_000, "u1")
            refers[number] = group["5"].ref


def _data() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 1000, (2000, 300), dtype="i4")


def _index(hdf5) -> str:
    return _text(Hdf5References(hdf5, "http://localhost/x.h5"))


def _text(references) -> str:
    return json.dumps(codec.encode(references), default=list, sort_keys=True)


@pytest.fixture(scope="module")
def expected(web):
    found = {}
    for name in ("old.h5", "new.h5", "wide.h5", "named.h5"):
        with h5py.File(web.folder / name) as local:
            found[name] = _index(local)
    return found


def _remote_index(url, *, walks=True, rules=FAST, cache=None) -> str:
    with RangeReader(url, retries=rules, local_cache=cache) as ranges, RemoteFile(ranges, url) as remote:
        return _walk_and_index(remote, walks=walks)


def _walk_and_index(remote, *, walks=True) -> str:
    if walks:
        remote.read_ahead()
    with contextlib.closing(RemoteHdf5(remote)) as hdf5:
        return _index(hdf5)


BAD = {
    "busy now and then": {"refuse_share": 0.05},
    "errors now and then": {"refuse_share": 0.05, "refuse_status": 500},
    "too many requests": {"refuse_share": 0.05, "refuse_status": 429, "retry_after": 0},
    "cut off": {"cut_share": 0.05},
    "late": {"jitter": 0.05},
    "eight at a time": {"cap": 8, "jitter": 0.01},
    "two at a time": {"cap": 2, "jitter": 0.005},
    "redirects": {"redirect": 2},
    "everything": {"refuse_share": 0.05, "cut_share": 0.05, "jitter": 0.02, "redirect": 1, "cap": 30},
}


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("name", ["old.h5", "new.h5", "wide.h5"])
def test_an_index_equals_that_from_disk(server, expected, bad, name, count):
    for _ in range(count(1, 20)):
        server.behave(**BAD[bad])
        for walks in (True, False) if name != "wide.h5" else (True,):
            assert _remote_index(server.url(name), walks=walks) == expected[name]
        counts = server.counts()
        assert counts["heads"] == 0
        if name == "wide.h5" and ("refuse_share" in BAD[bad] or "cap" in BAD[bad]):
            assert counts["refused"] > 0


@pytest.mark.parametrize("bad", BAD)
def test_data_equal_those_on_disk(server, bad):
    server.behave(**BAD[bad])
    with LindiH5pyFile.from_hdf5_file(server.url("data.h5")) as remote:
        object.__setattr__(remote.reader._exchange, "rules", FAST)  # retries soon
        np.testing.assert_array_equal(remote["d"][:, 5:200], _data()[:, 5:200])


@pytest.mark.parametrize("walks", [True, False])
def test_a_fault_of_any_one_request_is_told_or_does_no_harm(server, expected, walks, count):
    """A piece of metadata that could not be fetched never passes for a damaged file, or for nothing."""
    server.behave()
    _remote_index(server.url("old.h5"), walks=walks)
    starts = sorted(set(server.counts()["starts"]))
    told = 0
    for start in starts[:: 1 + len(starts) // count(40, 4000)]:
        server.behave(broken=[start])
        try:
            found = _remote_index(server.url("old.h5"), walks=walks, rules=ONE_TRY)
        except TransferError:
            told += 1
        else:
            assert found == expected["old.h5"]
    assert told > 5 if walks else told > 2  # where HDF5 asks for what is around it, other requests have it


@pytest.mark.parametrize("name", ["old.h5", "named.h5"])
def test_what_failed_is_read_again_when_the_network_is_back(server, expected, name, count):
    server.behave()
    _remote_index(server.url(name), walks=False)
    total = server.counts()["requests"]
    told = 0
    for number in range(1, total, 1 + total // count(10, 1000)):
        url = server.url(name)
        server.behave()
        with RangeReader(url, retries=ONE_TRY) as ranges, RemoteFile(ranges, url) as remote:
            hdf5 = RemoteHdf5(remote)
            references = Hdf5References(hdf5, "http://localhost/x.h5")
            server.behave(broken_from=number - 1)
            try:
                codec.encode(references)
            except TransferError:
                told += 1
            server.behave()
            found = _text(references)
            hdf5.close()
        assert found == expected[name]
    assert told >= 2


def test_a_server_that_stays_busy_is_told(server):
    server.behave(refuse_share=1.0)
    with pytest.raises(TransferError, match=r"503.* tries"):
        _remote_index(server.url("old.h5"))


@pytest.mark.parametrize("walks", [True, False])
def test_a_file_that_changes_midway_is_stale_and_opens_anew(server, expected, tmp_path, walks, count):
    server.behave()
    _remote_index(server.url("old.h5"), walks=walks)
    total = server.counts()["requests"]
    stale = 0
    for number in range(1, total, 1 + total // count(8, 1000)):
        cache = LocalCache(cache_dir=tmp_path / str(number))
        url = server.url("old.h5")
        server.behave(changes_after=number)
        with RangeReader(url, retries=FAST, local_cache=cache) as ranges, RemoteFile(ranges, url) as remote:
            try:
                _walk_and_index(remote, walks=walks)
            except StaleFileError:
                stale += 1
                assert remote.pages.memory == 0
            else:  # how many requests it takes varies by some: this time it had ended before the change
                assert server.counts()["requests"] <= number
        server.behave(changes_after=0)  # the new version, all along
        assert _remote_index(url, walks=walks, cache=cache) == expected["old.h5"]
        cache.close()
    assert stale >= 5


@pytest.fixture
def resolvers():
    added = []

    def add(resolver):
        added.append(resolver)
        add_additional_url_resolver(resolver)

    yield add
    for resolver in added:
        remove_additional_url_resolver(resolver)


@pytest.mark.parametrize(("name", "walks", "lasts"), [("wide.h5", True, 300), ("old.h5", False, 3)])
def test_a_link_that_expires_midway_is_renewed(server, expected, name, walks, lasts):
    server.behave(redirect=1, links_last=lasts)
    assert _remote_index(server.url(name), walks=walks) == expected[name]
    assert server.counts()["signatures"] >= 2


def test_a_link_that_is_refused_at_once_is_told(server):
    server.behave(redirect=1, links_last=0)
    with pytest.raises(AccessDeniedError):
        _remote_index(server.url("old.h5"))


def test_the_resolver_is_asked_for_a_new_link(server, expected, resolvers):
    asked = []

    def signed(url):
        if not url.startswith("dandi-test://"):
            return url
        asked.append(url)
        return f"{server.url(url.removeprefix('dandi-test://'))}?hop=0"

    resolvers(signed)
    server.behave(redirect=1, links_last=300)
    with RangeReader(retries=FAST) as ranges, RemoteFile(ranges, "dandi-test://wide.h5") as remote:
        found = _walk_and_index(remote)
    assert found == expected["wide.h5"]
    assert 2 <= len(asked) <= server.counts()["signatures"]


class TestWithoutRanges:
    def test_a_small_file_is_fetched_whole(self, server, expected, monkeypatch):
        monkeypatch.setattr(file, "WHOLE_FILE", WHOLE_FILE)
        monkeypatch.setattr(reader, "OPENING_LENGTH", 1 << 20)
        server.behave(no_ranges=True)
        (server.folder / "tiny.h5").write_bytes(b"")
        make_tiny(server.folder / "tiny.h5")
        with h5py.File(server.folder / "tiny.h5") as local:
            document = _index(local)
        assert _remote_index(server.url("tiny.h5")) == document
        assert server.counts()["requests"] == 1

    def test_a_large_file_is_refused_and_not_downloaded(self, server):
        server.behave(no_ranges=True)
        with pytest.raises(RangeNotSupportedError) as caught:
            _remote_index(server.url("old.h5"))
        assert "Download the file" in caught.value.hint
        assert server.counts()["requests"] == 1

    def test_the_same_for_everybody(self, server):
        server.behave(no_ranges=True)
        with pytest.raises(LindiError, match="whole files only"):
            LindiH5pyFile.from_hdf5_file(server.url("old.h5"))


def make_tiny(path):
    with h5py.File(path, "w") as made:
        made["a/b"] = np.arange(1000)
        made["a"].attrs["x"] = "text"
