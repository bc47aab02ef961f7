"""Damaged and hostile files: the walk ends, inside the file and inside its bounds."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lindi_explorer.remote.walk.cursor import OddError
from lindi_explorer.remote.walk.datatype import datatype
from tests.unit.remote.walk.make import KINDS, make

MOST_BYTES = 16 << 20


@pytest.fixture(scope="module", params=["earliest", "latest, ordered", "v108", "user block"])
def sound(request, tmp_path_factory) -> bytes:
    assert request.param in KINDS
    return make(tmp_path_factory.mktemp("sound") / "x.h5", request.param, size=2).read_bytes()


def _within_bounds(data: bytes, walked, most_bytes: int) -> None:
    for offset, length in walked.requests:
        assert 0 <= offset < offset + length <= len(data)
    assert sum(length for _, length in walked.requests) <= most_bytes
    # Each request is for pages that no other was for, so there is no loop.
    assert len(walked.requests) <= len(data) / 4096 + 1


def test_mutated_files_cost_a_bounded_walk(sound, walk, count) -> None:
    chance = random.Random(0)
    metadata = [at for offset, length in walk(sound).requests for at in range(offset, offset + length)]
    for _ in range(count(25, 2500)):
        data = bytearray(sound)
        for _ in range(chance.choice([1, 3, 30, 300])):
            at = chance.choice(metadata)
            if chance.random() < 0.3:  # another address or length
                data[at : at + 8] = chance.choice(
                    [b"\xff" * 8, bytes(8), chance.randbytes(3) + bytes(5), b"\xff" * 4 + bytes(4)]
                )
            else:
                data[at] = chance.randrange(256)
        data = data[: len(sound)]
        _within_bounds(data, walk(bytes(data)), MOST_BYTES)


def test_cut_off_files_cost_a_bounded_walk(sound, walk) -> None:
    for size in (1, 7, 8, 30, 95, 100, 600, 5000, len(sound) // 2, len(sound) - 1):
        _within_bounds(sound[:size], walk(sound[:size]), MOST_BYTES)


def test_no_more_bytes_are_asked_for_than_allowed(sound, walk) -> None:
    for most in (0, 4096, 100_000):
        _within_bounds(sound, walk(sound, most_bytes=most), most)


def test_no_more_nodes_are_visited_than_allowed(sound, walk) -> None:
    assert len(walk(sound, most_nodes=10).survey.seen) == 10


@pytest.mark.parametrize("memory", [0, 4096, 200_000])
def test_the_memory_limit_of_the_pages_holds(sound, walk, memory) -> None:
    assert walk(sound, memory=memory).pages.memory <= memory


def test_other_files_are_left_alone(walk) -> None:
    signature = b"\x89HDF\r\n\x1a\n"
    for data in (b"", signature, b"<html>" * 3000, bytes(100_000), signature + b"\xff" * 99):
        walked = walk(data)
        assert (walked.survey.objects, walked.requests) == (0, [])


@given(st.binary(max_size=200))
def test_any_bytes_are_a_datatype_or_odd(data) -> None:
    try:
        kind = datatype(data, 8)
    except OddError:
        return
    assert kind.size >= 0
    assert len(kind.pointers) <= 4096
