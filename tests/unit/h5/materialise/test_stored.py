from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lindi_explorer.byterange import ByteRange
from lindi_explorer.h5.materialise.stored import boxes, stored_chunks
from lindi_explorer.references.chunks import ChunkTable

SHAPES = st.lists(st.integers(1, 7), min_size=1, max_size=4)


@given(SHAPES, st.data())
def test_boxes_cover_every_element_once_and_keep_their_size(shape, data):
    unit = [data.draw(st.integers(1, 8)) for _ in shape]
    most = data.draw(st.integers(1, 400))
    count = np.zeros(shape, dtype=int)
    largest = max(most, math.prod(map(min, unit, shape)))
    for box in boxes(shape, unit, most):
        count[box] += 1
        assert count[box].size <= largest
        for part, edge in zip(box, unit, strict=True):
            assert part.start % edge == 0
    assert (count == 1).all()


@given(SHAPES, st.integers(1, 100))
def test_boxes_of_single_elements_are_runs(shape, most):
    numbers = np.arange(math.prod(shape)).reshape(shape)
    next_one = 0
    for box in boxes(shape, [1] * len(shape), most):
        run = numbers[box].reshape(-1).tolist()
        assert run == list(range(next_one, next_one + len(run)))
        next_one += len(run)


def test_chunks_come_in_the_order_of_their_files():
    ranges = {
        (at,): ByteRange(url, offset, 5)
        for at, (url, offset) in enumerate([("b", 30), ("a", 20), ("b", 10), ("a", 0)])
    }
    table = ChunkTable.build((6,), ranges, {(4,): b"inline"})
    found = list(stored_chunks(table))
    assert dict(found) == {**ranges, (4,): b"inline"}
    places = [(item.url, item.offset) for _, item in found if isinstance(item, ByteRange)]
    assert places == [("b", 10), ("b", 30), ("a", 0), ("a", 20)]
