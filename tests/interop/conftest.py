"""The files that go both ways, served on this machine, and what was compared at the end."""

from __future__ import annotations

import contextlib
import json

import pytest

from lindi_explorer.samples import make_h5_edge_cases, make_nwb
from lindi_explorer.samples.serve import RangeServer
from tests.interop.environments import MISSING, UPSTREAM, ZARR_3
from tests.interop.plain import make_plain

COUNTS = pytest.StashKey[dict[str, object]]()


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("interop")


@pytest.fixture(scope="session")
def sources(folder):
    """Name -> (path, URL) of HDF5 files; those of the corpus where there is one."""
    made = folder / "made"
    made.mkdir()
    paths = [
        make_plain(made / "plain.h5"),
        make_nwb(made / "sample.nwb", size="tiny"),
        make_h5_edge_cases(made / "edge_cases.h5"),
    ]
    paths += [path for name in ("real", "generated") for path in corpus(name)]
    with contextlib.ExitStack() as servers:
        roots = {path.parent for path in paths}
        serving = {root: servers.enter_context(RangeServer(root, latency_ms=0)) for root in roots}
        yield {path.name: (path, serving[path.parent].url(path.name)) for path in paths}


def corpus(part):
    """HDF5 files of the corpus that are for tests."""
    from tests.conftest import CORPUS

    manifest = CORPUS / part / "manifest.json"
    if not manifest.exists():
        return []
    entries = json.loads(manifest.read_text())["files"]
    entries = entries if isinstance(entries, list) else [{"name": name} for name in entries]
    names = [entry["name"] for entry in entries if entry.get("role", "test") == "test"]
    return [path for name in names if (path := CORPUS / part / name).exists() and path.suffix != ".data"]


@pytest.fixture(scope="session")
def made_names():
    return ["plain.h5", "sample.nwb", "edge_cases.h5"]


@pytest.fixture(scope="session")
def corpus_names(sources, made_names):
    return [name for name in sources if name not in made_names]


@pytest.fixture
def tell(request):
    """``tell(words)``: say at the end of the run what was compared."""
    stash = request.config.stash.setdefault(COUNTS, {})
    return lambda words: stash.__setitem__(request.node.name, words)


def pytest_terminal_summary(terminalreporter, config):
    for name, words in config.stash.get(COUNTS, {}).items():
        terminalreporter.write_line(f"{name}: {words}")
    skipped = [str(report.longrepr) for report in terminalreporter.stats.get("skipped", [])]
    for environment in (UPSTREAM, ZARR_3):
        found = sum(f"{environment} {MISSING}" in text for text in skipped)
        if found:
            terminalreporter.write_line(f"{found} tests skipped: {environment} {MISSING}")
