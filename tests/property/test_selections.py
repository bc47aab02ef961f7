"""Whatever h5py takes between brackets gives what h5py gives, or fails as it does."""

from __future__ import annotations

import json

import h5py
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lindi_explorer import LindiH5pyFile
from lindi_explorer.errors import InvalidSelectionError
from tests.contract.same import Judge

COMPOUND = np.dtype([("a", "<i4"), ("b", "<f8"), ("s", "S3")])
# name -> shape, chunks. Small ones are kept in the document, the others are byte ranges of the file.
SHAPES = {
    "inline": ((7,), None),
    "inline_2d": ((4, 5), (2, 2)),
    "contiguous": ((1200,), None),
    "chunked": ((60, 31), (16, 10)),
    "chunked_3d": ((11, 13, 9), (4, 5, 3)),
    "partly": ((50, 40), (16, 16)),
    "column": ((1500, 1), (400, 1)),
    "text": ((6, 3), None),
    "rows": ((8,), None),
    "flags": ((30, 40), (7, 11)),
    "empty": ((0, 3), None),
}


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    path = tmp_path_factory.mktemp("selections") / "f.h5"
    with h5py.File(path, "w") as file:
        for name, (shape, chunks) in SHAPES.items():
            numbers = np.arange(np.prod(shape)).reshape(shape)
            if name == "text":
                file.create_dataset(name, data=numbers.astype(str).astype(object), dtype=h5py.string_dtype())
            elif name == "rows":
                rows = [(number, number / 2, f"r{number}") for number in range(len(numbers))]
                file[name] = np.array(rows, dtype=COMPOUND)
            elif name == "partly":
                part = file.create_dataset(name, shape, "i4", chunks=chunks, fillvalue=-1, compression="gzip")
                part[3:20, 30:] = numbers[3:20, 30:]
            else:
                data = (
                    numbers % 3 == 0
                    if name == "flags"
                    else numbers.astype(">i2" if name == "chunked" else "f4")
                )
                file.create_dataset(name, data=data, chunks=chunks)
    theirs = h5py.File(path)
    direct = LindiH5pyFile.from_hdf5_file(path)
    document = json.loads(json.dumps(direct.to_reference_file_system()))
    decoded = LindiH5pyFile.from_reference_file_system(document)
    yield theirs, (direct, decoded)
    for file in (decoded, direct, theirs):
        file.close()


def indices(size):
    return st.integers(-size - 1, size)


def slices(size):
    bound = st.one_of(st.none(), st.integers(-size - 2, size + 2))
    return st.builds(slice, bound, bound, st.one_of(st.none(), st.integers(1, 7), st.sampled_from([-1, 0])))


def lists(size):
    if not size:
        return st.just([])
    numbers = st.lists(st.integers(-1, size - 1), max_size=6)
    rising = st.lists(st.integers(0, size - 1), unique=True, max_size=8).map(sorted)
    return st.one_of(rising, rising, numbers, rising.map(np.array), rising.map(tuple).map(list))


def masks(size):
    return st.lists(st.booleans(), min_size=size, max_size=size).map(np.array)


@st.composite
def selections(draw, shape):
    """One or more indices, perhaps too many or too few, perhaps an ellipsis."""
    form = draw(st.sampled_from(["axes", "axes", "axes", "whole", "mask", "odd"]))
    if form == "whole":
        return draw(st.sampled_from([(), Ellipsis, slice(None), (Ellipsis,), (slice(None), Ellipsis)]))
    if form == "mask":
        flat = draw(st.lists(st.booleans(), min_size=1, max_size=9))
        return np.resize(np.array(flat), draw(st.sampled_from([shape, shape[:1], (*shape, 1)])))
    if form == "odd":
        return draw(
            st.sampled_from(
                [None, 1.5, "nothing", (None,), "a", {}, [0.5], [[0, 1]], (0,) * 9, slice("a"), True]
            )
        )
    axes = draw(st.integers(0, len(shape)))
    parts = [draw(st.one_of(indices(size), slices(size), lists(size), masks(size))) for size in shape[:axes]]
    if draw(st.booleans()):
        parts.insert(draw(st.integers(0, len(parts))), Ellipsis)
    return parts[0] if len(parts) == 1 and draw(st.booleans()) else tuple(parts)


def outcome(dataset, selection):
    try:
        return dataset[selection]
    except Exception as error:  # noqa: BLE001 - whatever h5py raises is the answer
        return error


def agree(files, name, selection):
    theirs, all_ours = files
    expected = outcome(theirs[name], selection)
    for ours in all_ours:
        found = outcome(ours[name], selection)
        if isinstance(expected, OSError):  # HDF5 noticed what h5py had let pass
            assert isinstance(found, InvalidSelectionError), repr(found)
        elif isinstance(expected, Exception):
            assert isinstance(found, type(expected)), f"{found!r} instead of {expected!r}"
        else:
            assert not isinstance(found, Exception), repr(found)
            Judge(theirs, ours).value(expected, found)


@given(st.data())
def test_selections_of_every_form(files, data):
    name = data.draw(st.sampled_from(sorted(SHAPES)))
    selection = data.draw(selections(SHAPES[name][0]))
    agree(files, name, selection)


@pytest.mark.parametrize("fields", ["a", ("a", "b"), ["s", "a"], ("s", "b", "a"), "missing"], ids=str)
def test_fields(files, fields):
    agree(files, "rows", fields)


@given(st.data())
def test_fields_of_some_rows(files, data):
    fields = data.draw(
        st.lists(st.sampled_from(["a", "b", "s", "missing"]), min_size=1, max_size=3, unique=True)
    )
    rest = data.draw(
        st.one_of(st.just(()), slices(8).map(lambda part: (part,)), lists(8).map(lambda part: (part,)))
    )
    agree(files, "rows", (*fields, *rest))


@given(st.data())
def test_points_in_two_lists_are_a_grid_or_refused_as_by_h5py(files, data):
    one, other = data.draw(lists(60)), data.draw(lists(31))
    agree(files, "chunked", (one, other))


@given(st.data())
def test_writing_into_arrays(files, data):
    theirs, all_ours = files
    name = data.draw(st.sampled_from(["inline_2d", "chunked", "chunked_3d", "flags"]))
    shape = SHAPES[name][0]
    selection = tuple(data.draw(slices(size)) for size in shape)
    assume(not isinstance(outcome(theirs[name], selection), Exception))
    expected = np.full(theirs[name][selection].shape, 7, dtype=theirs[name].dtype)
    theirs[name].read_direct(expected, selection)
    for ours in all_ours:
        found = np.full_like(expected, 7)
        ours[name].read_direct(found, selection)
        np.testing.assert_array_equal(found, expected)


@given(st.data())
def test_as_other_types(files, data):
    theirs, all_ours = files
    name = data.draw(st.sampled_from(["inline", "contiguous", "chunked", "partly"]))
    dtype = data.draw(st.sampled_from(["f4", "f8", "<i8", ">i4"]))
    selection = data.draw(slices(SHAPES[name][0][0]))
    expected = outcome(theirs[name].astype(dtype), selection)
    assume(not isinstance(expected, Exception))
    for ours in all_ours:
        Judge(theirs, ours).value(expected, ours[name].astype(dtype)[selection])
