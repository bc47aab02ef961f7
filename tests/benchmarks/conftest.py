from __future__ import annotations

import pytest

from tests.benchmarks.measure import UPSTREAM, has_upstream


@pytest.fixture(scope="session", autouse=True)
def say_what_is_left_out():
    """Without upstream LINDI half of the rows have nobody to compare with."""
    if not has_upstream():
        print(f"\n\nNot compared with upstream LINDI: there is no {UPSTREAM}. `make others` makes it.")
