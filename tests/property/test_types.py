"""Types and values of any kind: as JSON and back, judged by HDF5 itself."""

from __future__ import annotations

import itertools
import json

import h5py
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lindi_explorer.errors import FormatError
from lindi_explorer.hdf5.attributes import decode_attribute, encode_attribute, stored_attribute
from lindi_explorer.hdf5.read_attributes import read_attribute
from lindi_explorer.hdf5.types import dtype_of, type_of, type_words
from lindi_explorer.hdf5.values import decode, encode
from tests.contract.same import Judge, same_dtype

# ---------------------------------------------------------------- types

NAMES = st.text(st.characters(exclude_characters="\0/", exclude_categories=["Cs"]), min_size=1, max_size=4)
NUMBERS = st.sampled_from(
    [
        np.dtype(order + kind)
        for kind in ("i2", "i4", "i8", "u2", "u4", "u8", "f2", "f4", "f8", "c8", "c16")
        for order in "<>"
    ]
    + [np.dtype(kind) for kind in ("i1", "u1", "?", "<f16")]
)
STRINGS = st.one_of(
    st.sampled_from([h5py.string_dtype("utf-8"), h5py.string_dtype("ascii")]),
    st.builds(h5py.string_dtype, st.sampled_from(["utf-8", "ascii"]), st.integers(1, 9)),
)
ENUMS = st.builds(
    lambda names, base: h5py.enum_dtype({name: number for number, name in enumerate(names)}, basetype=base),
    st.lists(NAMES, min_size=1, max_size=4, unique=True),
    st.sampled_from(["i1", "u1", "<i4", ">u2"]),
)
REFERENCES = st.sampled_from([h5py.ref_dtype, h5py.regionref_dtype])
OPAQUE = st.integers(1, 9).map(lambda size: np.dtype(f"V{size}"))
TAGGED = st.sampled_from(["<M8[ns]", "<m8[s]"]).map(lambda kind: h5py.opaque_dtype(np.dtype(kind)))
SIMPLE = st.one_of(NUMBERS, STRINGS, ENUMS, OPAQUE)


@st.composite
def compounds(draw, kinds):
    names = draw(st.lists(NAMES, min_size=1, max_size=4, unique=True))
    formats = [draw(kinds) for _ in names]
    if draw(st.booleans()):
        return np.dtype(list(zip(names, formats, strict=True)))
    # Gaps between the fields and behind them, as C structures have.
    offsets, end = [], 0
    for kind in formats:
        start = end + draw(st.integers(0, 3))
        offsets.append(start)
        end = start + kind.itemsize
    return np.dtype(
        {"names": names, "formats": formats, "offsets": offsets, "itemsize": end + draw(st.integers(0, 3))}
    )


def arrays_of(kinds):
    shapes = st.lists(st.integers(1, 3), min_size=1, max_size=2).map(tuple)
    # h5py gives bytes, and not str, for texts in arrays of arrays: nobody shall rely on that.
    inner = kinds.filter(lambda kind: kind.subdtype is None or not kind.hasobject)
    return st.builds(lambda kind, shape: np.dtype((kind, shape)), inner, shapes)


TYPES = st.recursive(
    st.one_of(SIMPLE, REFERENCES, TAGGED),
    lambda inner: st.one_of(inner.map(h5py.vlen_dtype), arrays_of(inner), compounds(inner)),
    max_leaves=5,
)


@given(TYPES)
def test_a_type_survives_json(dtype):
    spec = type_of(dtype)
    text = json.dumps(spec)
    back = dtype_of(json.loads(text))
    same_dtype(dtype, back)
    assert back.itemsize == dtype.itemsize
    assert type_of(back) == spec
    words = type_words(spec)
    assert words
    assert words.isprintable()


@pytest.mark.filterwarnings("ignore:Data type alias")
@given(
    st.recursive(
        st.one_of(
            st.none(),
            st.booleans(),
            st.integers(),
            st.text(max_size=4),
            st.sampled_from(["<i4", "O", "V", "|b1"]),
        ),
        lambda inner: st.one_of(
            st.lists(inner, max_size=3),
            st.dictionaries(
                st.sampled_from(
                    [
                        "string",
                        "length",
                        "enum",
                        "base",
                        "reference",
                        "vlen",
                        "array",
                        "shape",
                        "compound",
                        "size",
                        "opaque",
                        "tag",
                    ]
                ),
                inner,
                max_size=3,
            ),
        ),
        max_leaves=6,
    )
)
def test_whatever_stands_for_a_type_is_one_or_refused(spec):
    try:
        dtype = dtype_of(spec)
    except FormatError:
        return
    assert isinstance(dtype, np.dtype)


# ---------------------------------------------------------------- values

FLAT = st.recursive(SIMPLE, lambda inner: st.one_of(arrays_of(inner), compounds(inner)), max_leaves=4)
TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=5),
    st.sampled_from(["NaN", "Infinity", "-Infinity", "", " padded ", "base64:AA==", "{{u}}", "é"]),
)


def fill(draw, array):
    """Put values into an array, by the kind of its elements."""
    dtype = array.dtype
    if dtype.names:
        for name in dtype.names:
            part = array[name]
            fill(draw, part)
            array[name] = part
        return
    for index in np.ndindex(array.shape):
        array[index] = value(draw, dtype)


def value(draw, dtype):
    string = h5py.check_string_dtype(dtype)
    if string is not None:
        text = draw(TEXTS).encode("utf-8" if string.encoding == "utf-8" else "ascii", "replace")
        return text if string.length is None else text[: string.length].decode("utf-8", "ignore").encode()
    enum = h5py.check_enum_dtype(dtype)
    if enum is not None:
        return draw(st.sampled_from(sorted(enum.values())))
    if dtype.kind == "b":
        return draw(st.booleans())
    if dtype.kind in "iu":
        info = np.iinfo(dtype)
        return draw(
            st.one_of(
                st.integers(int(info.min), int(info.max)), st.sampled_from([int(info.min), int(info.max)])
            )
        )
    if dtype.kind == "f":
        return dtype.type(draw(st.floats(width=min(dtype.itemsize * 8, 64), allow_subnormal=True)))
    if dtype.kind == "c":
        width = dtype.itemsize * 4
        return complex(draw(st.floats(width=width)), draw(st.floats(width=width)))
    return np.frombuffer(draw(st.binary(min_size=dtype.itemsize, max_size=dtype.itemsize)), dtype=dtype)[0]


@st.composite
def arrays(draw, types):
    dtype = draw(types)
    shape = tuple(draw(st.lists(st.integers(0, 3), max_size=2)))
    base, inner = (dtype.subdtype[0], dtype.subdtype[1]) if dtype.subdtype else (dtype, ())
    out = np.zeros(shape + inner, dtype=base)
    fill(draw, out)
    return dtype, out


def refuse(reference, region=False):
    raise AssertionError(f"there is no reference among these values: {reference}")


@given(arrays(FLAT))
def test_values_survive_json(made):
    _, array = made
    text = json.dumps(encode(array, refuse), allow_nan=False)
    back = decode(json.loads(text), array.dtype, array.shape, refuse)
    judge = Judge(None, None)
    judge.value(array, back)


@pytest.fixture(scope="module")
def scratch():
    """Attributes of a file in memory; a new name each time, since HDF5 shares those that are open by name."""
    names = itertools.count()
    with h5py.File("types", "w", driver="core", backing_store=False) as file:
        yield lambda: file.create_group(f"g{next(names)}").attrs


@given(arrays(FLAT))
def test_attributes_are_what_h5py_reads_from_the_file(scratch, made):
    dtype, array = made
    manager = scratch()
    try:
        manager.create("a", array, dtype=dtype)
        expected = manager["a"]
    except (TypeError, ValueError, OSError, RuntimeError):
        return  # h5py itself cannot
    attribute = manager.get_id("a")
    stored = encode_attribute(read_attribute(attribute), refuse, name="a", dtype=attribute.dtype)
    kept = json.loads(json.dumps({"value": stored.value, "entry": stored.entry}, allow_nan=False))
    back = stored_attribute(kept["value"], present=stored.plain, entry=kept["entry"])
    assert (back.type, back.shape) == (stored.type, stored.shape)
    Judge(None, None).value(expected, decode_attribute(back, refuse))


@given(st.one_of(SIMPLE, TAGGED))
def test_null_attributes(scratch, dtype):
    manager = scratch()
    manager["a"] = h5py.Empty(dtype)
    stored = encode_attribute(read_attribute(manager.get_id("a")), refuse, name="a")
    back = stored_attribute(None, present=False, entry=json.loads(json.dumps(stored.entry)))
    Judge(None, None).value(manager["a"], decode_attribute(back, refuse))


ANY_JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats(), st.text(max_size=4)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["_REFERENCE", "bytes", "path", "x"]), inner, max_size=2),
    ),
    max_leaves=6,
)


@given(
    ANY_JSON, st.one_of(st.none(), TYPES.map(type_of)), st.lists(st.integers(0, 3), max_size=2), st.booleans()
)
def test_whatever_stands_for_an_attribute_is_one_or_refused(json_value, spec, shape, present):
    entry = None if spec is None else {"type": spec, "value": json_value, "shape": shape}
    try:
        stored = stored_attribute(json_value, present=present or spec is None, entry=entry)
        decode_attribute(stored, lambda inside, _region: inside)
    except FormatError as error:
        assert len(error.message) < 600  # noqa: PT017 - either outcome is right
