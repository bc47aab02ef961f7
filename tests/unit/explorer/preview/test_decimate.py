"""Decimation keeps the extremes, however the samples arrive."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from lindi_explorer.explorer.preview.decimate import Decimator, as_float32, per_point

VALUES = hnp.arrays(
    np.float64,
    st.tuples(st.integers(1, 200), st.integers(1, 3)),
    elements=st.floats(-1e6, 1e6, width=32) | st.sampled_from([np.nan, np.inf, -np.inf]),
)


def taken_in(values, every, cuts):
    decimator = Decimator(len(values), every, values.shape[1])
    edges = sorted({0, len(values), *(cut % (len(values) + 1) for cut in cuts)})
    for start, stop in itertools.pairwise(edges):
        decimator.add(start, values[start:stop])
    return decimator


@given(VALUES, st.integers(1, 50), st.lists(st.integers(0, 400), max_size=6))
def test_every_point_spans_lowest_to_highest_of_its_samples(values, every, cuts):
    decimator = taken_in(values, every, cuts)
    for point in range(decimator.points):
        samples = values[point * every : (point + 1) * every]
        np.testing.assert_array_equal(decimator.low[point], np.fmin.reduce(samples, axis=0))
        np.testing.assert_array_equal(decimator.high[point], np.fmax.reduce(samples, axis=0))


@given(VALUES, st.integers(1, 50))
def test_no_extreme_is_lost(values, every):
    decimator = taken_in(values, every, [])
    if np.isfinite(values).any():
        assert np.nanmin(decimator.low) == np.nanmin(values)
        assert np.nanmax(decimator.high) == np.nanmax(values)
    else:
        assert np.isfinite(decimator.low).sum() == 0


@given(VALUES)
def test_buffers_are_traces_by_points(values):
    (low,) = taken_in(values, 1, [1]).buffers()
    np.testing.assert_array_equal(
        np.frombuffer(low, np.float32).reshape(values.shape[1], -1), values.T.astype(np.float32)
    )
    low, high = taken_in(values, 2, [1]).buffers(factor=-0.0 + 1)
    assert len(low) == len(high) == 4 * values.shape[1] * -(-len(values) // 2)


@given(st.integers(1, 10**12), st.integers(1, 4096), st.integers(1, 1024))
def test_points_fit_the_picture_and_the_reply(samples, width, traces):
    every = per_point(samples, width, traces, 1_900_000)
    points = -(-samples // every)
    buffers = 1 if every == 1 else 2
    assert points <= 2 * width
    assert points * traces * 4 * buffers <= 1_900_000


@given(hnp.arrays(np.float64, 20, elements=st.floats(allow_nan=True, allow_infinity=True)))
def test_finite_numbers_stay_finite(values):
    small = as_float32(values)
    assert (np.isfinite(small) == np.isfinite(values)).all()
    assert (np.isnan(small) == np.isnan(values)).all()
    same = ~np.isnan(values) & (values != 0)
    assert (np.sign(small[same & (small != 0)]) == np.sign(values[same & (small != 0)])).all()
