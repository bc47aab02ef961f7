"""Which row of a table is whose: what a dict of tuples says."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from lindi_explorer.references.rows import RowsByChunk

NUMBERS = st.integers(0, 4) | st.integers(-(1 << 63), (1 << 63) - 1)


@given(st.integers(0, 3).flatmap(lambda axes: st.lists(st.tuples(*[NUMBERS] * axes), min_size=1)), st.data())
def test_rows_are_those_of_a_dict(chunks, data):
    axes = len(chunks[0])
    rows = RowsByChunk(np.array(chunks, dtype=np.int64).reshape(len(chunks), axes))
    known = {chunk: row for row, chunk in enumerate(chunks)}  # of the same chunk twice, the last
    for chunk in [*chunks, *data.draw(st.lists(st.tuples(*[NUMBERS] * axes)))]:
        assert rows.get(chunk) == known.get(chunk)


@given(st.permutations([(row, column) for row in range(4) for column in range(3)]))
def test_in_any_order_and_with_gaps(chunks):
    rows = RowsByChunk(np.array(chunks[:7], dtype=np.int64))
    for row in range(-1, 6):
        for column in range(-1, 5):  # one column more would be the next row's
            wanted = chunks.index((row, column)) if (row, column) in chunks[:7] else None
            assert rows.get((row, column)) == wanted


@pytest.mark.parametrize(
    "chunk", [(0,), (0, 1, 0), (0.5, 0), (0.0, 1), ("0", 1), [0, 1], 1, None, "ab"], ids=str
)
def test_what_is_no_chunk_of_these_axes_has_no_row(chunk):
    assert RowsByChunk(np.array([[0, 1], [1, 0]])).get(chunk) is None


def test_numpy_numbers_are_numbers():
    assert RowsByChunk(np.array([[0, 1], [1, 0]])).get((np.int64(1), np.uint8(0))) == 1
