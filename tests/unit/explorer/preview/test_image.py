"""Pictures: the right pixels, an honest share of them, ranges and sliders."""

from __future__ import annotations

import numpy as np
import pytest

from lindi_explorer.errors import InvalidSelectionError


def pixels(answer, buffers):
    kind, last = (np.float32, ()) if answer.channels == 1 else (np.uint8, (answer.channels,))
    return np.frombuffer(buffers[0], kind).reshape(answer.height, answer.width, *last)


@pytest.fixture
def matrix(make):
    data = np.random.default_rng(0).normal(size=(300, 200))
    data[7, 7] = np.nan
    return make(lambda file: file.create_dataset("m", data=data, chunks=(64, 50))), data


def test_a_small_matrix_is_shown_whole(matrix, ask):
    file, data = matrix
    answer, buffers = ask(file, "/m", view="image", width=800, height=400)
    np.testing.assert_array_equal(pixels(answer, buffers), data.astype(np.float32))
    assert (answer.every_row, answer.every_column) == (1, 1)
    low, high = np.nanpercentile(data.astype(np.float32), [1, 99])
    assert (answer.low, answer.high) == pytest.approx((low, high))
    assert answer.statistics.nan == 1
    assert (answer.row_label, answer.column_label) == ("row", "column")


def test_a_large_one_is_thinned_to_the_pixels_and_says_so(matrix, ask):
    file, data = matrix
    answer, buffers = ask(file, "/m", view="image", width=70, height=100, selection="10:290, :")
    assert (answer.every_row, answer.every_column) == (3, 3)
    assert (answer.rows, answer.columns) == (280, 200)
    np.testing.assert_array_equal(pixels(answer, buffers), data[10:290:3, ::3].astype(np.float32))
    assert answer.statistics.maximum == f"{data[10:290].max():.4g}", "of all that was read"


def test_steps_of_the_selection_count_too(matrix, ask):
    file, data = matrix
    answer, buffers = ask(file, "/m", view="image", selection="1:300:2, 3:200:4", width=25, height=1000)
    assert (answer.every_row, answer.every_column) == (2, 8)
    np.testing.assert_array_equal(pixels(answer, buffers), data[1:300:2, 3:200:8].astype(np.float32))


def test_a_reply_stays_small_whatever_is_asked(make, ask):
    file = make(lambda file: file.create_dataset("m", data=np.ones((2000, 3000), "u1")))
    answer, buffers = ask(file, "/m", view="image", width=4096, height=4096)
    assert len(buffers[0]) <= 2_000_000
    assert answer.height * answer.every_row >= 2000
    assert answer.width * answer.every_column >= 3000


@pytest.mark.parametrize("channels", [3, 4])
def test_colours_are_sent_as_they_are(make, ask, channels):
    data = np.random.default_rng(0).integers(0, 255, (40, 30, channels), dtype="u1")
    file = make(lambda file: file.create_dataset("rgb", data=data))
    answer, buffers = ask(file, "/rgb")
    assert (answer.channels, answer.sliders) == (channels, [])
    np.testing.assert_array_equal(pixels(answer, buffers), data)
    grey, _ = ask(file, "/rgb", selection="0:40, 0:30, 1", view="image")
    assert (grey.channels, grey.sliders[0].dimension, grey.sliders[0].index) == (1, 2, 1)


def test_points_in_space_are_no_colours(make, ask):
    file = make(lambda file: file.create_dataset("xyz", data=np.ones((40, 2, 3), "u1")))
    answer, _ = ask(file, "/xyz", view="image")
    assert answer.channels == 1


def test_a_stack_has_a_slider(make, ask):
    data = np.random.default_rng(0).integers(0, 4000, (10, 5, 24, 20), dtype="u2")

    def fill(file):
        file["movie/data"] = data
        file["movie"].attrs["neurodata_type"] = "TwoPhotonSeries"
        file["movie/data"].attrs.update({"unit": "photons", "conversion": 2.0})

    file = make(fill)
    answer, buffers = ask(file, "/movie/data", selection="3, 4, 0:24, 0:20")
    np.testing.assert_array_equal(pixels(answer, buffers), data[3, 4] * 2.0)
    assert [(s.dimension, s.size, s.index) for s in answer.sliders] == [(0, 10, 3), (1, 5, 4)]
    assert (answer.unit, answer.scaling) == ("photons", "conversion 2")
    first, _ = ask(file, "/movie/data")
    assert first.selection == "0, 0, 0:24, 0:20"


def test_dimensions_can_be_mapped_otherwise(make, ask):
    data = np.arange(4 * 5 * 6, dtype="i4").reshape(4, 5, 6)
    file = make(lambda file: file.create_dataset("x", data=data))
    answer, buffers = ask(file, "/x", view="image", selection="0:4, 2, 0:6")
    np.testing.assert_array_equal(pixels(answer, buffers), data[:, 2])
    assert (answer.row_label, answer.column_label) == ("dimension 0", "dimension 2")


def test_nothing_but_nan_has_a_range(make, ask):
    file = make(lambda file: file.create_dataset("x", data=np.full((5, 5), np.nan)))
    answer, _ = ask(file, "/x", view="image")
    assert (answer.low, answer.high) == (0, 1)


@pytest.mark.parametrize("selection", ["0, 0", "0:5, 0", "0:2, 0:2, 0:2"])
def test_selections_that_are_no_picture(make, ask, selection):
    shape = (5,) * selection.count(",") + (5,)
    file = make(lambda file: file.create_dataset("x", data=np.zeros(shape)))
    with pytest.raises(InvalidSelectionError, match="picture"):
        ask(file, "/x", view="image", selection=selection)
