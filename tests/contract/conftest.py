from __future__ import annotations

from collections import Counter

import h5py
import numpy as np
import pytest

pytest.register_assert_rewrite("tests.contract.same", "tests.contract.objects", "tests.contract.away")

LINKS = pytest.StashKey[dict[str, list[str]]]()


@pytest.fixture(scope="session")
def link_counts(pytestconfig):
    """Reasons of the external array links that were found, by corpus; the summary of the run counts them."""
    return pytestconfig.stash.setdefault(LINKS, {})


@pytest.fixture
def small_hdf5(tmp_path):
    """A small HDF5 file."""
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.attrs["title"] = "small"
        file["group/numbers"] = np.arange(12).reshape(3, 4)
        file["group"].attrs["a"] = 1
        file["scalar"] = 5
        file["soft"] = h5py.SoftLink("/group/numbers")
        file["large"] = np.arange(5000)
    return tmp_path / "a.h5"


def pytest_terminal_summary(terminalreporter, config):
    for corpus, reasons in config.stash.get(LINKS, {}).items():
        counted = ", ".join(f"{why} {count}" for why, count in Counter(reasons).most_common()) or "none"
        terminalreporter.write_line(f"{len(reasons)} external array links in {corpus}: {counted}")
