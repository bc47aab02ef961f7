"""An archive for each test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.dandi.double import Double

if TYPE_CHECKING:
    from collections.abc import Iterator

ALICE, BOB = "a11ce" * 8, "b0b00" * 8


@pytest.fixture(scope="session")
def running_double() -> Iterator[Double]:
    """Started once; parts of uploads have 1000 bytes."""
    with Double(part=1000) as made:
        yield made


@pytest.fixture
def double(running_double) -> Double:
    """Empty but for two users."""
    running_double.reset()
    running_double.add_user(ALICE, "alice")
    running_double.add_user(BOB, "bob")
    return running_double


@pytest.fixture
def stored(tmp_path):
    """Makes a file of this machine: ``stored(b"bytes")``."""

    def make(content: bytes):
        path = tmp_path / f"file-{len(list(tmp_path.iterdir()))}"
        path.write_bytes(content)
        return path

    return make
