"""What all tests share: the corpus beside the clone, reduced counts, a summary of what was skipped."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest

from lindi_explorer.samples.serve import RangeServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("LINDI_SHARED") or ROOT.parent / "shared").resolve()
CORPUS = SHARED / "corpus"
NO_SHARED = "../shared is not beside this clone"
NO_CHROMIUM = "Chromium is missing"

hypothesis.settings.register_profile("dev", deadline=None)
hypothesis.settings.register_profile(
    "ci", deadline=None, derandomize=True, database=None, print_blob=True, parent=hypothesis.settings.default
)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "dev")


@pytest.fixture(scope="session", autouse=True)
def _cache_of_their_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep what tests read out of the user's cache, and what the user has read out of the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LINDI_LOCAL_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session")
def shared_corpus() -> Path:
    """Folder of the corpus: ``generated/`` and ``real/`` with their manifests."""
    return CORPUS


@pytest.fixture(scope="session")
def count() -> Callable[[int, int], int]:
    """How often to repeat something: ``count(reduced, full)``; ``make test-long`` takes the full count."""
    return lambda reduced, full: full if os.environ.get("LINDI_LONG") == "1" else reduced


@pytest.fixture(scope="session")
def sample_nwb(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small but complete NWB file, made once; do not write to it."""
    from lindi_explorer.samples import make_nwb  # takes a second: only where it is used

    return make_nwb(tmp_path_factory.mktemp("sample") / "sample.nwb", size="tiny")


@pytest.fixture(scope="session")
def edge_cases_h5(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An HDF5 file of edge cases, made once; do not write to it."""
    from lindi_explorer.samples import make_h5_edge_cases

    return make_h5_edge_cases(tmp_path_factory.mktemp("edge_cases") / "edge_cases.h5")


@pytest.fixture
def serve() -> Iterator[Callable[..., RangeServer]]:
    """Serve a folder while the test runs: ``serve(folder, latency_ms=0, faults={...})``."""
    with contextlib.ExitStack() as servers:
        yield lambda root, latency_ms=0.0, **options: servers.enter_context(
            RangeServer(root, latency_ms=latency_ms, **options)
        )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test marked ``corpus("real/*.nwb")`` once for every file that matches."""
    marker = metafunc.definition.get_closest_marker("corpus")
    if marker is None:
        return
    (pattern,) = marker.args
    if not CORPUS.is_dir():
        metafunc.parametrize("corpus_file", [CORPUS / pattern], ids=["absent"])
        return
    files = sorted(CORPUS.glob(pattern))
    if not files:
        message = f"No file of the corpus matches {pattern!r}"
        raise pytest.UsageError(message)
    metafunc.parametrize("corpus_file", files, ids=[path.name for path in files])


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs the corpus where there is none."""
    if CORPUS.is_dir():
        return
    for item in items:
        named = "shared_corpus" in getattr(item, "fixturenames", ())
        if named or item.get_closest_marker("shared") or item.get_closest_marker("corpus"):
            item.add_marker(pytest.mark.skip(reason=NO_SHARED))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Count what was skipped for want of something that can be had."""
    skipped = [str(report.longrepr) for report in terminalreporter.stats.get("skipped", [])]
    for reason in (NO_SHARED, NO_CHROMIUM):
        found = sum(reason in text for text in skipped)
        if found:
            terminalreporter.write_line(f"{found} tests skipped: {reason}")
