"""Selections: what is read is what NumPy reads; what lies outside is named."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lindi_explorer.errors import InvalidSelectionError
from lindi_explorer.explorer.selection import (
    Span,
    as_index,
    parse_selection,
    selected_shape,
    spans_of,
    with_part,
    write_selection,
)

SHAPES = st.lists(st.integers(0, 7), max_size=4).map(tuple)


@st.composite
def typed(draw):
    """A shape and a selection as somebody may type it, inside the shape or not."""
    shape = draw(SHAPES)
    edge = st.integers(-9, 9).map(str)
    piece = st.one_of(
        edge,
        st.builds("{}:{}".format, st.one_of(edge, st.just("")), st.one_of(edge, st.just(""))),
        st.builds("{}:{}:{}".format, edge, edge, st.integers(1, 4)),
        st.sampled_from([":", "::", "::2", " : "]),
    )
    pieces = draw(st.lists(piece, max_size=len(shape)))
    if draw(st.booleans()) and len(pieces) < 4:
        pieces.insert(draw(st.integers(0, len(pieces))), "...")
    return shape, draw(st.sampled_from([",", ", "])).join(pieces)


def numpy_reads(text, array):
    return eval(f"array[{text}]") if text else array[()]  # noqa: S307 - the text is made above


@given(typed())
def test_what_is_accepted_reads_what_numpy_reads(case):
    shape, text = case
    array = np.arange(int(np.prod(shape))).reshape(shape)
    try:
        selection = parse_selection(text, shape)
    except InvalidSelectionError:
        # NumPy cuts a range at the end of the axis, where we refuse it.
        return
    found = array[as_index(selection)]
    np.testing.assert_array_equal(found, numpy_reads(text, array))
    assert found.shape == selected_shape(selection)


@given(typed())
def test_a_selection_inside_the_dataset_is_never_refused(case):
    shape, text = case
    sizes = iter(shape)
    inside = True
    for piece in text.replace(" ", "").split(",") if text else []:
        if piece == "...":
            return  # which axes follow is the other test's matter
        size = next(sizes)
        numbers = [int(part) for part in piece.split(":")[:2] if part]
        if ":" not in piece:
            inside &= -size <= numbers[0] < size
        else:
            start, stop = (int(part) if part else None for part in piece.split(":")[:2])
            edges = [0 if start is None else start, size if stop is None else stop]
            inside &= all(-size <= edge <= size for edge in edges)
            low, high = (edge + size if edge < 0 else edge for edge in edges)
            inside &= low <= high
    if inside:
        parse_selection(text, shape)
    else:
        with pytest.raises(InvalidSelectionError):
            parse_selection(text, shape)


@given(typed())
def test_the_text_of_a_selection_is_read_as_the_same(case):
    shape, text = case
    try:
        selection = parse_selection(text, shape)
    except InvalidSelectionError:
        return
    assert parse_selection(write_selection(selection), shape) == selection


@given(st.text(max_size=30), SHAPES)
def test_any_text_is_a_selection_or_one_clear_error(text, shape):
    try:
        selection = parse_selection(text, shape)
    except InvalidSelectionError:
        return
    assert len(selection) == len(shape)


def test_parts():
    assert parse_selection("0:100, :, 3", (200, 5, 4)) == (Span(0, 100), Span(0, 5), 3)
    assert parse_selection("[-10:, ::2]", (200, 5)) == (Span(190, 200), Span(0, 5, 2))
    assert parse_selection("..., -1", (2, 3, 4)) == (Span(0, 2), Span(0, 3), 3)
    assert parse_selection("()", ()) == ()
    assert parse_selection("0:0", (0,)) == (Span(0, 0),)
    assert write_selection((Span(0, 4096), 3, Span(0, 16, 2))) == "0:4096, 3, 0:16:2"
    assert spans_of((1, Span(0, 2), 0, Span(0, 3))) == [1, 3]
    assert with_part((1, Span(0, 2)), 0, 5) == (5, Span(0, 2))


@pytest.mark.parametrize(
    ("text", "shape", "words"),
    [
        ("0:200", (100,), "reaches to 200, but dimension 0 has 100 elements"),
        ("0:10, 7", (100, 5), "Index 7 is out of bounds: dimension 1 has 5 elements"),
        ("-101", (100,), "Index -101 is out of bounds: dimension 0 has 100 elements"),
        ("0", (0,), "dimension 0 has 0 elements"),
        ("0:1, 0:1", (100,), "asks for 2 dimensions, the dataset has 1"),
        ("0", (), "asks for 1 dimension, the dataset has 0"),
        ("5:2", (100,), "ends before it starts"),
        ("::-1", (100,), "The step of “::-1” is -1"),
        ("::0", (100,), "a step is at least 1"),
        ("0:1:2:3", (100,), "neither a number nor a range"),
        ("1.5", (100,), "“1.5” is neither"),
        ("a", (100,), "“a” is neither"),
        ("0,,1", (1, 2, 3), "“” is neither"),
        ("..., 0, ...", (1, 2), "more than one"),
        ("9" * 5000, (100,), "neither a number nor a range"),
    ],
)
def test_errors_name_what_is_wrong(text, shape, words):
    with pytest.raises(InvalidSelectionError) as caught:
        parse_selection(text, shape)
    assert words in caught.value.message
    assert len(caught.value.message) < 200
    assert isinstance(caught.value, ValueError)


def test_errors_name_the_allowed_range():
    with pytest.raises(InvalidSelectionError) as caught:
        parse_selection("0:200", (100,))
    assert caught.value.hint == "It allows 0:100."
    with pytest.raises(InvalidSelectionError) as caught:
        parse_selection("100", (100,))
    assert caught.value.hint == "It allows 0 to 99."
