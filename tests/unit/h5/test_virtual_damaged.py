"""Numbers of a damaged document that fit nothing: told as damage, at once, before they wrap around."""

from __future__ import annotations

import base64
import warnings

import h5py
import numpy as np
import pytest

from lindi_explorer import LindiH5pyFile
from lindi_explorer.errors import FormatError, InvalidSelectionError, UnsupportedError
from lindi_explorer.h5.virtual import circles
from tests.unit.h5.test_virtual_untrusted import document, read, source

LARGEST = 2**63 - 1
BIG = 2**62
ENDLESS = {"start": [0], "count": [None]}


def opened(doc):
    return LindiH5pyFile.from_reference_file_system(doc)


def packed(data):
    return "base64:" + base64.b64encode(data.tobytes()).decode()


BEYOND = {
    "a stride in the source": source(of={"start": [1], "stride": [LARGEST], "count": [4]}),
    "half a stride in the source": source(of={"start": [0], "stride": [BIG], "count": [4]}),
    "a stride in the dataset": source({"start": [1], "stride": [LARGEST], "count": [4]}),
    "a start": source({"start": [LARGEST], "count": [1], "block": [4]}),
    "the last index": source({"blocks": [[[0], [LARGEST]]]}),
    "the last index of several": source({"blocks": [[[0], [LARGEST]], [[1], [2**31]]]}),
}


@pytest.mark.parametrize("one", BEYOND.values(), ids=BEYOND)
@pytest.mark.parametrize("part", [[0, 2], slice(0, 4), 3], ids=["list", "slice", "index"])
def test_indices_that_no_dataset_has_read_no_other_element(one, part):
    with warnings.catch_warnings(), opened(document(one)) as file:
        warnings.simplefilter("error")
        with pytest.raises(FormatError, match="beyond what any dataset has"):
            file["v"][part]


BEYOND_AS_IT_GROWS = {
    "by its source": source({"start": [0], "stride": [BIG], "count": [None]}, ENDLESS),
    "by numbered sources": source({"start": [BIG], "stride": [BIG], "count": [None], "block": [4]}, file=".")
    | {"dataset": "d%b"},
}


@pytest.mark.parametrize("one", BEYOND_AS_IT_GROWS.values(), ids=BEYOND_AS_IT_GROWS)
def test_no_shape_is_longer_than_a_dataset_can_be(one):
    doc = document(one, maxshape=[None])
    for number in range(4):
        doc["refs"] |= {f"d{number}/{key}": doc["refs"][f"d/{key}"] for key in (".zarray", "0")}
    with opened(doc) as file:
        for look in (lambda: file["v"].shape, lambda: file["v"][0], file["v"].virtual_sources):
            with pytest.raises(FormatError, match="beyond what any dataset has"):
                look()


def test_elements_that_cannot_be_counted_are_refused_when_the_source_says_how_many():
    to = {"start": [0, 0], "count": [None, 1], "block": [1, BIG]}
    doc = document(source(to, ENDLESS), shape=(4, BIG), maxshape=[None, BIG])
    with opened(doc) as file, pytest.raises(UnsupportedError, match="too large"):
        file["v"][0, 0]


def test_a_virtual_dataset_has_at_most_as_many_axes_as_hdf5_allows():
    assert np.array(read(document(source("none", "none"), shape=(1,) * 32))).shape == (1,) * 32
    with pytest.raises(FormatError, match="the virtual dataset /v has 33 axes"):
        read(document(source("none", "none"), shape=(1,) * 33))


def test_sources_have_at_most_as_many_axes_as_hdf5_allows():
    with opened(document(source(shape=(1,) * 32))) as file:
        assert file["v"].virtual_sources()[0].src_space.shape == (1,) * 32
    with pytest.raises(FormatError, match="length <= 32"):
        read(document(source(shape=(1,) * 33)))


WRONG_AXES = {
    "a slab": {"start": [0, 0], "count": [1, 4]},
    "blocks of as many elements": {"blocks": [[[0, 0], [0, 3]]]},
}


@pytest.mark.parametrize("of", WRONG_AXES.values(), ids=WRONG_AXES)
def test_a_source_with_another_number_of_axes_is_told(of):
    with pytest.raises(FormatError, match="axes"):
        read(document(source(of=of, shape=(1, 4))))


OF_NO_SPACE = {
    "another number of axes": {"start": [0, 4], "count": [5, 4]},
    "longer than numbers": {"start": [1], "count": [LARGEST], "block": [BIG], "stride": [1]},
}


@pytest.mark.parametrize("of", OF_NO_SPACE.values(), ids=OF_NO_SPACE)
def test_listing_sources_tells_what_hdf5_cannot_select(of):
    with opened(document(source(of=of))) as file, pytest.raises(FormatError, match="is no selection"):
        file["v"].virtual_sources()


def test_a_file_whose_name_is_longer_than_names_are_is_not_there_as_in_hdf5(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    name = "f" * 5000
    with h5py.File("a.h5", "w") as file:
        layout = h5py.VirtualLayout((4,), "i8")
        layout[:] = h5py.VirtualSource(name, "d", shape=(4,))
        expected = file.create_virtual_dataset("v", layout)[()].tolist()
    assert read(document(source(file=name))) == expected == [0, 0, 0, 0]


def test_messages_do_not_grow_with_names_and_selections():
    long = [
        source(dataset="/" * 5000 + "d", of={"start": [0], "count": [3]}),
        source(dataset="/" * 5000 + "d", of={"start": [1], "count": [4]}),
        source({"start": [0] * 3000, "count": [4]}),
    ]
    for one in long:
        with pytest.raises(FormatError) as caught:
            read(document(one))
        assert len(str(caught.value)) < 300


L = {"blocks": [[[0, 0], [599, 299]], [[0, 300], [299, 599]]]}
"""An L: no product, of 270,000 elements."""


def square(*sources):
    doc = document(*sources, shape=(600, 600))
    doc["refs"]["d/.zarray"] = {**doc["refs"]["d/.zarray"], "shape": [600, 600], "chunks": [600, 600]}
    del doc["refs"]["d/0"]
    return doc


def test_what_all_sources_of_a_dataset_write_out_has_one_limit():
    one = source(L, L, shape=(600, 600))
    with opened(square(one)) as file:
        assert file["v"][0, 0] == 0
    others = [source(L, "none", shape=(600, 600))] * 4, [source("none", L, shape=(600, 600))] * 4
    for sources in ([one] * 2, *others):
        with opened(square(*sources)) as file, pytest.raises(UnsupportedError, match="more than 1,048,576"):
            file["v"][0, 0]


def test_shapes_of_sources_of_sources_do_not_multiply(monkeypatch):
    monkeypatch.setattr(circles, "_MOST_SOURCES", 500)
    doc = document(*[source(ENDLESS, ENDLESS, dataset="v1")] * 10, maxshape=[None])
    for level in range(1, 5):
        name = f"v{level + 1}" if level < 4 else "d"
        below = document(*[source(ENDLESS, ENDLESS, dataset=name)] * 10, maxshape=[None])["refs"]
        doc["refs"] |= {f"v{level}/{key.split('/')[1]}": below[key] for key in below if key.startswith("v/")}
    with opened(doc) as file:
        assert file["v4"].shape == (4,)
        assert file["v3"].shape == (4,)
        for look in (lambda: file["v"].shape, lambda: repr(file["v"])):
            with pytest.raises(InvalidSelectionError, match="takes more than 500 sources of sources"):
                look()


def test_a_shape_asks_each_source_for_its_own_once(monkeypatch):
    doc = document(source(ENDLESS, ENDLESS, dataset="v1"), maxshape=[None])
    for level in range(1, 7):
        name = f"v{level + 1}" if level < 6 else "d"
        below = document(source(ENDLESS, ENDLESS, dataset=name), maxshape=[None])["refs"]
        doc["refs"] |= {f"v{level}/{key.split('/')[1]}": below[key] for key in below if key.startswith("v/")}
    monkeypatch.setattr(circles, "_MOST_SOURCES", 6)
    with opened(doc) as file:
        assert file["v"].shape == (4,)


def test_numbered_sources_of_sources_are_counted_too(monkeypatch):
    monkeypatch.setattr(circles, "_MOST_SOURCES", 20)
    numbered = source({"start": [0], "count": [None], "stride": [4], "block": [4]}, dataset="d%b")
    doc = document(*[source(ENDLESS, ENDLESS, dataset="w")] * 10, maxshape=[None])
    below = document(numbered, maxshape=[None])["refs"]
    doc["refs"] |= {f"w/{key.split('/')[1]}": below[key] for key in below if key.startswith("v/")}
    for number in range(4):
        doc["refs"] |= {f"d{number}/{key}": doc["refs"][f"d/{key}"] for key in (".zarray", "0")}
    with opened(doc) as file:
        assert file["w"].shape == (16,)
        with pytest.raises(InvalidSelectionError, match="sources of sources"):
            file["v"].shape  # noqa: B018 - it is counted then


@pytest.mark.parametrize("seed", range(12))
def test_blocks_in_any_order_and_over_each_other_are_those_of_hdf5(seed, tmp_path):
    rng = np.random.default_rng(seed)
    shape = tuple(rng.integers(2, 6, rng.integers(1, 4)).tolist())
    space = h5py.h5s.create_simple(shape)
    space.select_none()
    blocks = []
    for _ in range(rng.integers(1, 6)):
        low = rng.integers(0, shape)
        high = rng.integers(low, shape)
        blocks.append([low.tolist(), high.tolist()])
        space.select_hyperslab(
            tuple(low.tolist()),
            (1,) * len(shape),
            None,
            tuple((high - low + 1).tolist()),
            op=h5py.h5s.SELECT_OR,
        )
    count = space.get_select_npoints()
    with h5py.File(tmp_path / "a.h5", "w") as file:
        data = np.arange(1, count + 1)
        file["d"] = data
        plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        plist.set_virtual(space, b".", b"d", h5py.h5s.create_simple((count,)))
        whole = h5py.h5s.create_simple(shape)
        h5py.h5d.create(file.id, b"v", h5py.h5t.NATIVE_INT64, whole, plist)
        expected = file["v"][()]
    doc = document(source({"blocks": blocks}, shape=(count,)), shape=shape)
    doc["refs"]["d/.zarray"] = {**doc["refs"]["d/.zarray"], "shape": [count], "chunks": [count]}
    doc["refs"]["d/0"] = packed(data)
    with opened(doc) as file:
        np.testing.assert_array_equal(file["v"][()], expected)
        mask = rng.random(shape) < 0.5
        np.testing.assert_array_equal(file["v"][mask], expected[mask])
