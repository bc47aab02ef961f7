"""What is read over HTTP is what is read from disk: the same objects, values and chunks, whatever is kept."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys

import h5py
import pytest

from lindi_explorer.hdf5.over_http import RemoteHdf5
from lindi_explorer.hdf5.references import Hdf5References
from lindi_explorer.references import codec
from lindi_explorer.remote import RangeReader, RemoteFile, file, kept, loading, reader
from lindi_explorer.samples.serve import RangeServer
from tests.conftest import CORPUS, SHARED
from tests.contract.digest import digest
from tests.unit.remote.walk.make import KINDS, make

KB = 1 << 10
PLENTY = 256 << 20
SMALL = ["small", "units"]
BIG = ["old_20k", "latest_20k", "latest_bt2_20k", "old_100k", "front_100k", "latest_100k", "paged_100k"]


@pytest.fixture(autouse=True)
def _as_if_files_were_large(monkeypatch):
    """No file is fetched as a whole, and the first request and each miss bring little."""
    monkeypatch.setattr(file, "WHOLE_FILE", 0)
    monkeypatch.setattr(loading, "BLOCK", 32 * KB)
    for module in (reader, kept):
        monkeypatch.setattr(module, "OPENING_LENGTH", 8 * KB)


@pytest.fixture(scope="module")
def corpus_server():
    with RangeServer(CORPUS, latency_ms=0) as server:
        yield server


def _index(hdf5) -> str:
    document = codec.encode(Hdf5References(hdf5, "http://localhost/x.h5"))
    return json.dumps(document, default=list, sort_keys=True)


def _does_not_open(url) -> None:
    with RangeReader(url) as ranges, RemoteFile(ranges, url) as remote:
        remote.read_ahead()
        with pytest.raises(OSError):
            h5py.File(remote, "r")


def _same(path, url, *, limits, index=True, references=True):
    """Compare a file on disk with the same over HTTP; returns how many objects it has."""
    with path.open("rb") as data:  # so that HDF5 finds no other files beside it either
        try:
            local = h5py.File(data, "r")
        except OSError:  # no HDF5, or damaged beyond opening
            _does_not_open(url)
            return 0
        with local:
            expected = digest(local, references=references)
            document = _index(local) if index else None
    for limit, walks in limits:
        with RangeReader(url) as ranges, RemoteFile(ranges, url, memory_limit=limit) as remote:
            if walks:
                remote.read_ahead()
                assert remote.pages.memory <= limit
            with contextlib.closing(RemoteHdf5(remote)) as hdf5:
                assert digest(hdf5, references=references) == expected
            with contextlib.closing(RemoteHdf5(remote)) as hdf5:
                if index:
                    assert _index(hdf5) == document
            assert remote.pages.memory <= limit
    return len(expected)


FEW = [(PLENTY, True), (200 * KB, True)]
ALL = [*FEW, (0, True), (12 * KB, True), (PLENTY, False), (200 * KB, False), (0, False)]


@pytest.mark.parametrize("kind", KINDS)
def test_all_structures_that_hdf5_writes(tmp_path, serve, kind, count):
    path = make(tmp_path / "x.h5", kind, size=count(2, 6))
    limits = FEW if kind not in ("earliest", "latest") else [*FEW, (PLENTY, False)]
    # HDF5 itself reads references of short addresses differently each time.
    known = kind != "short addresses"
    url = serve(tmp_path).url("x.h5")
    assert _same(path, url, limits=count(limits, ALL), index=known, references=known) > 100


@pytest.mark.parametrize("sample", ["sample_nwb", "edge_cases_h5"])
def test_the_samples(request, serve, sample, count):
    path = request.getfixturevalue(sample)
    assert _same(path, serve(path.parent).url(path.name), limits=count(FEW, ALL)) > 30


@pytest.mark.parametrize("libver", ["earliest", "latest"])
def test_filter_masks(tmp_path, serve, libver):
    kinds = {"fixed": ((400,), None), "open": ((400,), (None,)), "tree": ((20, 20), (None, None))}
    with h5py.File(tmp_path / "x.h5", "w", libver=libver) as made:
        for name, (shape, most) in kinds.items():
            chunks = (4,) * len(shape)
            data = made.create_dataset(name, shape, "i2", chunks=chunks, maxshape=most, compression="gzip")
            for number in range(0, shape[0], 8):
                data.id.write_direct_chunk((number,) * len(shape), b"12345678" * 4, number // 8 % 2)
    assert _same(tmp_path / "x.h5", serve(tmp_path).url("x.h5"), limits=ALL) == 4


def _excluded(path) -> bool:
    entries = json.loads((path.parent / "manifest.json").read_text(encoding="utf-8"))["files"]
    return next(entry for entry in entries if entry["name"] == path.name)["role"] == "excluded"


@pytest.mark.corpus("*/*.*[5bmfwcdtr]")
@pytest.mark.shared
def test_real_files(corpus_file, corpus_server, count):
    if _excluded(corpus_file):
        pytest.skip("HDF5 itself ends the process while it reads it")
    url = corpus_server.url(str(corpus_file.relative_to(CORPUS)))
    is_small = corpus_file.stat().st_size < 12 * KB
    limits = [(PLENTY, True), (8 * KB if is_small else 200 * KB, True)]
    _same(corpus_file, url, limits=count(limits, ALL))


@pytest.fixture(scope="module")
def remote_files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("remote_files")
    yield folder
    for path in folder.iterdir():  # some have gigabytes
        path.unlink()


@pytest.mark.shared
@pytest.mark.parametrize("name", SMALL + BIG)
def test_files_as_people_publish_them(remote_files, serve, name, count):
    if name in BIG and count(0, 1) == 0:
        pytest.skip("files of gigabytes: LINDI_LONG=1")
    tool = SHARED / "tools" / "make_remote_files.py"
    subprocess.run([sys.executable, str(tool), str(remote_files), name], check=True, timeout=900)
    path = remote_files / f"{name}.nwb"
    limits = [(PLENTY, True), (PLENTY, False), (1 << 20, True)][: 3 if name in SMALL else 1]
    assert _same(path, serve(remote_files).url(path.name), limits=limits) > 200
    path.unlink()
