"""HDF5 files made at random: every object is what h5py says it is, directly and through a document."""

from __future__ import annotations

import itertools
import json

import h5py
import numpy as np
import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from lindi_explorer import LindiH5pyFile
from lindi_explorer.hdf5.references import LindiH5ZarrStoreOpts
from tests.contract.same import Judge, same_dtype

NAMES = st.sampled_from(["a", "b", "c d", "é", "x.y", "0"])
NUMBERS = st.sampled_from(["<i2", ">i4", "<u8", "<f4", ">f8", "|i1", "<f2", "?", "<c8"])
KINDS = st.one_of(
    NUMBERS.map(np.dtype),
    st.sampled_from([h5py.string_dtype(), h5py.string_dtype("ascii"), np.dtype("S4"), np.dtype("V3")]),
    st.sampled_from(
        [
            np.dtype([("a", "<i4"), ("b", ">f8")]),
            np.dtype([("s", h5py.string_dtype()), ("n", "u1")]),
            h5py.enum_dtype({"A": 0, "B": 1}),
            h5py.vlen_dtype("i4"),
        ]
    ),
)
SHAPES = st.one_of(
    st.just(()),
    st.lists(st.integers(0, 6), min_size=1, max_size=3).map(tuple),
    st.sampled_from([(1500,), (60, 40), (1200, 1), (2, 3000)]),
)
FILTERS = st.fixed_dictionaries(
    {},
    optional={
        "compression": st.sampled_from(["gzip", "lzf"]),
        "shuffle": st.just(True),
        "fletcher32": st.just(True),
    },
)


def values(rng, dtype, shape):
    """Values of a dtype: numbers with their extremes, text of every length."""
    count = int(np.prod(shape, dtype=int))
    if h5py.check_string_dtype(dtype) is not None and dtype.kind == "O":
        texts = ["", "a", "longer text", "z" * 300]
        return np.array([texts[i] for i in rng.integers(0, 4, count)], dtype=object).reshape(shape)
    if h5py.check_vlen_dtype(dtype) is not None:
        out = np.empty(count, dtype=object)
        out[:] = [rng.integers(-9, 9, size).astype("i4") for size in rng.integers(0, 4, count)]
        return out.reshape(shape)
    if dtype.names:
        out = np.zeros(shape, dtype)
        for name in dtype.names:
            out[name] = values(rng, dtype[name], shape)
        return out
    if h5py.check_enum_dtype(dtype) is not None:
        return rng.integers(0, 2, shape).astype(dtype)
    if dtype.kind in "biufc":
        numbers = rng.integers(-100, 100, count).astype(dtype)
        if dtype.kind in "fc" and count:
            numbers[:: max(count // 3, 1)] = np.nan
        return numbers.reshape(shape)
    return np.frombuffer(rng.bytes(count * dtype.itemsize), dtype=dtype).reshape(shape)


@st.composite
def datasets(draw):
    """How to make one dataset."""
    dtype = draw(KINDS)
    shape = draw(SHAPES)
    options = {}
    if shape and draw(st.booleans()):
        options["chunks"] = tuple(draw(st.integers(1, max(size, 1))) for size in shape)
        options["maxshape"] = tuple(draw(st.sampled_from([size, None, size + 5])) for size in shape)
        options |= draw(FILTERS)
    part = draw(st.sampled_from(["all", "all", "none", "some"]))
    if dtype.kind in "iuf" and draw(st.booleans()):
        options["fillvalue"] = draw(st.sampled_from([0, 7, 1]))
    return dtype, shape, options, part, draw(st.integers(0, 2**32 - 1))


@st.composite
def trees(draw):
    """Paths with datasets, attributes and links."""
    folders = draw(st.lists(st.lists(NAMES, max_size=2).map("/".join), min_size=1, max_size=3, unique=True))
    entries = [(f"{folder}/d{number}", draw(datasets())) for number, folder in enumerate(folders)]
    links = draw(
        st.lists(st.sampled_from(["soft", "hard", "relative", "up", "dangling"]), max_size=3, unique=True)
    )
    attributes = draw(
        st.lists(datasets().filter(lambda made: np.prod(made[1], dtype=int) < 1000), max_size=2)
    )
    return entries, links, attributes


def make(file, tree):
    entries, links, attributes = tree
    for path, (dtype, shape, options, part, seed) in entries:
        rng = np.random.default_rng(seed)
        dataset = file.create_dataset(path, shape, dtype, **options)
        data = values(rng, dtype, shape)
        if part == "all" or shape == ():
            if 0 not in shape:
                dataset[...] = data
        elif part == "some" and 0 not in shape:
            where = tuple(slice(size // 3, size // 3 + size // 2 + 1) for size in shape)
            dataset[where] = data[where]
        for number, (kind, size, _, _, attribute_seed) in enumerate(attributes):
            content = values(np.random.default_rng(attribute_seed), kind, size)
            dataset.attrs.create(f"attribute {number}", content, dtype=kind)
    first = entries[0][0]
    parent = first.rpartition("/")[0] or "/"
    makers = {
        "soft": lambda: file.__setitem__("l soft", h5py.SoftLink("/" + first.lstrip("/"))),
        "hard": lambda: file.__setitem__("l hard", file[first]),
        "relative": lambda: file[parent].__setitem__("l relative", h5py.SoftLink(first.rpartition("/")[2])),
        "up": lambda: file[parent].__setitem__("l up", file["/"]),
        "dangling": lambda: file.__setitem__("l dangling", h5py.SoftLink("/nowhere")),
    }
    for link in links:
        makers[link]()


@pytest.fixture(scope="module")
def new_path(tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    numbers = itertools.count()
    return lambda: folder / f"{next(numbers)}.h5"


@given(trees(), st.sampled_from([None, 1000, 100]))
def test_files_at_random(new_path, tree, largest):
    path = new_path()
    with h5py.File(path, "w") as file:
        try:
            make(file, tree)
        except (TypeError, ValueError, OSError, RuntimeError, AttributeError):
            event("h5py does not make such a file")
            return
    opts = LindiH5ZarrStoreOpts(contiguous_dataset_max_chunk_size=largest)
    with h5py.File(path) as theirs, LindiH5pyFile.from_hdf5_file(path, zarr_store_opts=opts) as direct:
        document = json.loads(json.dumps(direct.to_reference_file_system(), allow_nan=False))
        with LindiH5pyFile.from_reference_file_system(document) as decoded:
            for ours in (direct, decoded):
                for name in every_name(theirs):
                    same_object(Judge(theirs, ours), theirs.get(name), ours.get(name))
            assert decoded.to_reference_file_system() == document
    path.unlink()


def every_name(file):
    names = [""]
    file.visit_links(names.append)
    return ["/" + name for name in names]


def same_object(judge, one, other):
    if one is None:
        assert other is None
        return
    assert other.name == one.name
    judge.attributes(one.attrs, other.attrs)
    if isinstance(one, h5py.Group):
        assert list(other) == list(one)
        return
    same_dtype(one.dtype, other.dtype)
    for fact in ("shape", "chunks", "maxshape", "compression", "compression_opts", "shuffle", "fletcher32"):
        assert getattr(other, fact) == getattr(one, fact), fact
    judge.value(one.fillvalue, other.fillvalue)
    judge.value(one[()], other[()])
    if one.shape and one.size:
        middle = tuple(size // 2 for size in one.shape)
        judge.value(one[middle], other[middle])
        judge.value(one[middle[0] :: 2], other[middle[0] :: 2])
