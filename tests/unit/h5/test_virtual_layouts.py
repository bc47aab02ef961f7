"""Any layout of a virtual dataset gives what h5py gives, whatever is read of it."""

from __future__ import annotations

import h5py
import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from lindi_explorer import LindiH5pyFile
from tests.contract.specification import broken_rules

SHAPES = {"line": (24,), "plane": (6, 8), "space": (3, 4, 5), "chunked": (60, 40)}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("layouts")
    with (
        h5py.File(path / "a.h5", "w") as file,
        LindiH5pyFile.from_lindi_file(path / "a.lindi.json", mode="w") as ours,
    ):
        for name, shape in SHAPES.items():
            data = np.arange(1, np.prod(shape) + 1).reshape(shape)
            chunks = (16, 16) if name == "chunked" else None
            for one in (file, ours):
                one.create_dataset(name, data=data, chunks=chunks, dtype="f4")
    return path


def slices(size):
    def made(low, length, step):
        return slice(low, min(low + length, size), step)

    return st.builds(made, st.integers(0, size - 1), st.integers(1, size), st.integers(1, 4))


@st.composite
def selections(draw, shape):
    """What h5py takes as a key, with at most one list."""
    key = [draw(st.one_of(slices(size), st.integers(0, size - 1))) for size in shape]
    if draw(st.integers(0, 3)) == 0:
        axis = draw(st.integers(0, len(shape) - 1))
        key[axis] = sorted(draw(st.sets(st.integers(0, shape[axis] - 1), min_size=1, max_size=6)))
    return tuple(key)


def length(size, part):
    if isinstance(part, slice):
        return len(range(size)[part])
    return 1 if isinstance(part, int) else len(part)


@st.composite
def mappings(draw, shape):
    """Part of the layout, name of the source, and as many elements of it."""
    name = draw(st.sampled_from(list(SHAPES)))
    of = draw(selections(SHAPES[name]))
    count = int(np.prod([length(*pair) for pair in zip(SHAPES[name], of, strict=True)]))
    rows = [width for width in range(1, shape[1] + 1) if count % width == 0 and count // width <= shape[0]]
    if not rows:
        return None
    width = draw(st.sampled_from(rows))
    height = count // width
    at = [draw(st.integers(0, size - long)) for size, long in zip(shape, (height, width), strict=True)]
    steps = [
        draw(st.integers(1, max(1, (size - first - 1) // max(long - 1, 1))))
        for size, first, long in zip(shape, at, (height, width), strict=True)
    ]
    to = tuple(
        slice(first, first + (long - 1) * step + 1, step)
        for first, long, step in zip(at, (height, width), steps, strict=True)
    )
    return to, name, of


@st.composite
def layouts(draw):
    """Mappings that do not overlap: where some do, HDF5 leaves elements that none gives as they were."""
    shape = (30, 20)
    taken, found = np.zeros(shape, bool), []
    for mapping in draw(st.lists(mappings(shape).filter(bool), max_size=5)):
        if not taken[mapping[0]].any():
            taken[mapping[0]] = True
            found.append(mapping)
    return shape, found


def made_of(layout, source, dtype):
    shape, found = layout
    made = h5py.VirtualLayout(shape, dtype)
    for to, name, of in found:
        made[to] = h5py.VirtualSource(source, name, shape=SHAPES[name])[of]
    return made


@given(data=st.data())
@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
def test_any_layout(folder, data):
    layout = data.draw(layouts())
    dtype = data.draw(st.sampled_from(["f4", "i2", ">f8", "u1"]))
    source = data.draw(st.sampled_from(["a.h5", "a.lindi.json"]))
    keys = data.draw(st.lists(selections(layout[0]), min_size=1, max_size=3))
    with h5py.File(folder / "theirs.h5", "w") as theirs:
        theirs.create_virtual_dataset("v", made_of(layout, "a.h5", dtype), fillvalue=7)
    with LindiH5pyFile.from_lindi_file(folder / "ours.lindi.json", mode="w") as ours:
        made = ours.create_virtual_dataset("v", made_of(layout, source, dtype), fillvalue=7)
        at_once = made[()]
    assert not broken_rules((folder / "ours.lindi.json").read_text(), {})
    with (
        h5py.File(folder / "theirs.h5") as theirs,
        LindiH5pyFile.from_lindi_file(folder / "ours.lindi.json") as ours,
    ):
        wanted, found = theirs["v"], ours["v"]
        assert found.dtype == wanted.dtype
        np.testing.assert_array_equal(at_once, wanted[()])
        np.testing.assert_array_equal(found[()], wanted[()])
        for key in keys:
            np.testing.assert_array_equal(found[key], wanted[key])
        mask = at_once > np.median(at_once)
        np.testing.assert_array_equal(found[mask], at_once[mask])
        assert len(found.virtual_sources()) == len(wanted.virtual_sources())
        for one, other in zip(found.virtual_sources(), wanted.virtual_sources(), strict=True):
            assert one.dset_name == other.dset_name
            assert elements(one.vspace) == elements(other.vspace)


def elements(space):
    """The elements that a selection of hyperslabs has, however they are put together."""
    boxes = [
        np.stack(np.meshgrid(*map(np.arange, low, high + 1), indexing="ij"), axis=-1).reshape(-1, len(low))
        for low, high in space.get_select_hyper_blocklist().astype(int)
    ]
    return set(map(tuple, np.concatenate(boxes).tolist()))


@st.composite
def pieces(draw):
    """Boxes that do not overlap, as HDF5 keeps a selection of them: in the order of the file."""
    cuts = sorted(draw(st.sets(st.integers(0, 10), min_size=2, max_size=6)))
    boxes = []
    for low, high in zip(cuts[::2], cuts[1::2], strict=False):
        left = draw(st.integers(0, 7))
        boxes.append((low, left, high - low, draw(st.integers(1, 8 - left))))
    return boxes


@given(boxes=pieces(), key=selections((10, 8)))
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_selections_that_are_no_product(folder, boxes, key):
    count = sum(height * width for _, _, height, width in boxes)
    assume(count % 2 == 0 or count <= 60)
    results = []
    for opened in (
        h5py.File(folder / "pieces.h5", "w"),
        LindiH5pyFile.from_lindi_file(folder / "pieces.lindi.json", mode="w"),
    ):
        with opened as file:
            layout = h5py.VirtualLayout((10, 8), "f4")
            space = h5py.h5s.create_simple((10, 8))
            space.select_none()
            for low, left, height, width in boxes:
                space.select_hyperslab((low, left), (height, width), op=h5py.h5s.SELECT_OR)
            source = h5py.h5s.create_simple((60, 40))
            source.select_hyperslab((1, 1), (count // 2, 2)) if count % 2 == 0 else source.select_hyperslab(
                (0, 2), (count, 1)
            )
            layout.dcpl.set_virtual(space, b"a.h5", b"chunked", source)
            made = file.create_virtual_dataset("v", layout, fillvalue=-1)
            results.append((made[()], made[key]))
    for one, other in zip(*results, strict=True):
        np.testing.assert_array_equal(one, other)
