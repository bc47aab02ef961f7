"""How many round trips a walk takes, and how many requests."""

from __future__ import annotations

import asyncio

import h5py
import numpy as np
import pytest

from lindi_explorer.remote.pages import PageCache
from lindi_explorer.remote.walk import schedule
from lindi_explorer.remote.walk.schedule import Scheduler
from lindi_explorer.remote.walk.want import Want


def _scattered(path, libver: str, maxshape: tuple[int | None, ...] | None) -> bytes:
    """4,000 chunks, whose index lies between them all over the file, and groups that were made in between."""
    with h5py.File(path, "w", libver=libver) as file:
        data = file.create_dataset("x", shape=(4000, 2048), dtype="u1", chunks=(1, 2048), maxshape=maxshape)
        for number in range(4000):
            data.id.write_direct_chunk((number, 0), bytes([number % 256]) * 2048)
            if number % 100 == 0:
                file.create_group(f"g{number}").attrs["text"] = "x" * 100
    return path.read_bytes()


@pytest.mark.parametrize(
    ("libver", "maxshape", "waves"),
    [
        ("earliest", None, 4),  # symbol nodes and inner nodes; leaves; ...
        ("latest", None, 4),
        ("latest", (None, 2048), 5),
        ("latest", (None, None), 6),
    ],
)
def test_a_walk_takes_a_few_round_trips(tmp_path, walk, libver, maxshape, waves) -> None:
    data = _scattered(tmp_path / "x.h5", libver, maxshape)
    walked = walk(data)
    assert len(walked.waves) <= waves
    assert walked.survey.chunks == 4000
    assert walked.survey.objects == 42
    assert walked.pages.memory < len(data) / 4


def test_hardly_anything_is_asked_for_twice(tmp_path, walk) -> None:
    walked = walk(_scattered(tmp_path / "x.h5", "earliest", None))
    starts = [offset for offset, _ in walked.requests]
    assert len(starts) == len(set(starts)) > 10
    assert all(offset % 4096 == 0 for offset in starts)
    asked = sum(length for _, length in walked.requests)
    assert asked < 1.2 * walked.pages.memory  # small gaps between wanted pages come along


def test_what_is_on_its_way_brings_no_further_neighbours(monkeypatch) -> None:
    """They would cost requests of their own, and what is wanted there comes in any case."""
    monkeypatch.setattr(schedule, "_TURN", 1)  # the first is asked for before the second is looked at
    asked = []

    async def fetch(offset: int, length: int) -> bytes:
        asked.append((offset, length))
        return bytes(length)

    size = 1 << 20
    pages = PageCache(size, memory_limit=size)
    scheduler = Scheduler(pages, size, fetch, most_requests=lambda: 256, most_bytes=size)
    asyncio.run(scheduler.run([Want(500_000, 100, around=65_536), Want(550_000, 100, around=65_536)]))
    ((offset, length),) = asked
    assert offset <= 500_000 - 10_000
    assert offset + length >= 500_000 + 65_536


def test_neighbours_share_a_request_of_limited_size(tmp_path, walk) -> None:
    with h5py.File(tmp_path / "x.h5", "w") as file:
        file["texts"] = np.array([f"text {number}" for number in range(60_000)], dtype=object)
    walked = walk((tmp_path / "x.h5").read_bytes())
    assert max(length for _, length in walked.requests) <= 4 << 20
    assert len(walked.requests) < 10


def test_what_leads_further_goes_first(tmp_path, walk) -> None:
    """Leaves of a chunk index wait, where there are more than requests under way."""
    data = _scattered(tmp_path / "x.h5", "earliest", None)
    many, few = walk(data), walk(data, cap=8)
    assert sorted(few.survey.seen) == sorted(many.survey.seen)
    assert max(map(len, few.waves)) == 8
    # No wave but the last ones is left half empty by waiting for a leaf first.
    assert len(few.waves) <= len(many.requests) / 8 + len(many.waves)
