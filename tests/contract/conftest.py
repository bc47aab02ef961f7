from __future__ import annotations

from collections import Counter

import pytest

pytest.register_assert_rewrite("tests.contract.same", "tests.contract.objects", "tests.contract.away")

LINKS = pytest.StashKey[dict[str, list[str]]]()


@pytest.fixture(scope="session")
def link_counts(pytestconfig):
    """Reasons of the external array links that were found, by corpus; the summary of the run counts them."""
    return pytestconfig.stash.setdefault(LINKS, {})


def pytest_terminal_summary(terminalreporter, config):
    for corpus, reasons in config.stash.get(LINKS, {}).items():
        counted = ", ".join(f"{why} {count}" for why, count in Counter(reasons).most_common()) or "none"
        terminalreporter.write_line(f"{len(reasons)} external array links in {corpus}: {counted}")
