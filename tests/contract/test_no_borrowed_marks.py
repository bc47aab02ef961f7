"""An export stands on its own feet: all is read from it and from byte ranges, where HDF5 can open nothing.

What cannot be read so is an external array link, and there is a known reason for each. The summary of the run
counts them. Each export keeps the rules of the specification, too.
"""

from __future__ import annotations

import json
from pathlib import Path

import h5py
import numpy as np
import pytest

from lindi_explorer import LindiH5pyFile
from lindi_explorer.samples import make_h5_edge_cases, make_nwb
from lindi_explorer.samples.judge import differences
from lindi_explorer.samples.serve import RangeServer
from tests.conftest import CORPUS
from tests.contract.away import REASONS, VIRTUAL, HDF5OpenedError, reason, take_away, without_hdf5
from tests.contract.objects import compare
from tests.contract.specification import broken_rules

ROOT = Path(__file__).resolve().parents[2]


def pytest_generate_tests(metafunc):
    """Once for every HDF5 file of both corpora but those that end h5py itself."""
    if "any_file" in metafunc.fixturenames:
        files = [path for name in ("generated", "real") for path in hdf5_files(CORPUS / name)]
        absent = [CORPUS / "absent"]
        metafunc.parametrize("any_file", files or absent, ids=[path.name for path in files or absent])


def hdf5_files(folder):
    manifest = folder / "manifest.json"
    if not manifest.is_file():
        return []
    entries = json.loads(manifest.read_text(encoding="utf-8"))["files"]
    paths = sorted(folder / entry["name"] for entry in entries if entry["role"] != "excluded")
    return [path for path in paths if h5py.is_hdf5(path)]


@pytest.fixture(scope="module")
def web(tmp_path_factory):
    return tmp_path_factory.mktemp("web")


@pytest.fixture(scope="module")
def server(web):
    with RangeServer(web, latency_ms=0) as server:
        yield server


@pytest.fixture
def check(server, web, tmp_path, monkeypatch, link_counts):
    """Compare a file with its export, and count the links: ``check(path, corpus)``."""

    def run(path, corpus):
        away = take_away(path, tmp_path, server, web)
        assert broken_rules(away.document.read_text(encoding="ascii"), {away.address: away.size}) == []
        server.reset()
        paths = away.links()
        with h5py.File(away.copy) as theirs, without_hdf5(monkeypatch) as blocked:
            found = link_counts.setdefault(corpus, [])
            linked = [theirs[name.encode("utf-8", "surrogateescape")] for name in paths]
            for dataset in linked:
                why = reason(dataset)
                assert why in REASONS, f"{dataset.name}: {why}"
                found.append(why)
            with LindiH5pyFile.from_lindi_file(away.document) as ours:
                compare(theirs, ours, readable=lambda one: one not in linked)
                assert not blocked.attempts
                asked = 0
                for name, dataset in zip(paths, linked, strict=True):
                    try:
                        read = ours[name][()]
                    except HDF5OpenedError:
                        asked += 1
                    else:
                        # Here virtual datasets are put together without HDF5 where their sources are read so.
                        assert reason(dataset) == VIRTUAL
                        np.testing.assert_array_equal(read, dataset[()])
                assert len(blocked.attempts) >= asked
        # Ranges alone, and what external links lead to: it is not there.
        assert {request.status for request in server.log() if request.method == "GET"} <= {206, 404}

    return run


@pytest.mark.parametrize("size", ["tiny", "small"])
def test_the_nwb_samples(check, tmp_path, size):
    check(make_nwb(tmp_path / "sample.nwb", size=size), "samples")


def test_the_edge_cases(check, edge_cases_h5):
    check(edge_cases_h5, "samples")


def test_the_target_of_external_links(check, tmp_path):
    make_h5_edge_cases(tmp_path / "edge.h5")
    check(tmp_path / "edge_target.h5", "samples")


@pytest.mark.shared
def test_the_corpora(check, any_file):
    check(any_file, any_file.parent.name)


def test_another_judge_finds_the_same(server, web, tmp_path, monkeypatch, sample_nwb):
    away = take_away(sample_nwb, tmp_path, server, web)
    with LindiH5pyFile.from_lindi_file(away.document) as ours:
        compared, different = differences(away.copy, ours)
    assert compared > 500
    assert different == []


def test_one_other_byte_on_the_server_is_noticed(server, web, tmp_path, edge_cases_h5):
    """The values come from the ranges that the document names, and from nowhere else."""
    away = take_away(edge_cases_h5, tmp_path, server, web)
    _, offset, length = away.refs()["layouts/large/0.0"]
    with (web / away.address.rpartition("/")[2]).open("r+b") as served:
        served.seek(offset + length // 2)
        (byte,) = served.read(1)
        served.seek(offset + length // 2)
        served.write(bytes([byte ^ 1]))
    with (
        h5py.File(away.copy) as theirs,
        LindiH5pyFile.from_lindi_file(away.document) as ours,
        pytest.raises(AssertionError, match="/layouts/large"),
    ):
        compare(theirs, ours)


def test_the_block_is_one(tmp_path, edge_cases_h5, monkeypatch):
    """Every way in which this package and h5py open files is shut."""
    with without_hdf5(monkeypatch) as blocked:
        with edge_cases_h5.open("rb") as stream:
            for source in (edge_cases_h5, stream):
                with pytest.raises(HDF5OpenedError):
                    h5py.File(source)
        with pytest.raises(HDF5OpenedError):
            h5py.File("memory", "w", driver="core", backing_store=False)
        with pytest.raises(HDF5OpenedError):
            LindiH5pyFile.from_hdf5_file(edge_cases_h5)
        assert len(blocked.attempts) == 4
    h5py.File(edge_cases_h5).close()


def test_the_user_is_told_every_reason():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert {why for why in REASONS if why not in readme} == set()
