"""How many examples: hypothesis' own default, or many more for ``make test-long``."""

from __future__ import annotations

import os

import hypothesis
import pytest

pytest.register_assert_rewrite("tests.contract.same", "tests.property.h5py_sides")

if os.environ.get("LINDI_LONG") == "1":
    hypothesis.settings.register_profile(
        "long",
        parent=hypothesis.settings.default,
        max_examples=1000,
        stateful_step_count=60,
        suppress_health_check=[hypothesis.HealthCheck.too_slow],
    )
    hypothesis.settings.load_profile("long")
