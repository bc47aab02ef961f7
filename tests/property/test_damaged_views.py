"""Whatever a document holds: every object can be asked everything, and answers or refuses clearly."""

from __future__ import annotations

import contextlib
import re

import h5py
import numpy as np
from hypothesis import event, given
from hypothesis import strategies as st

from lindi_explorer import LindiH5pyFile
from lindi_explorer.errors import FormatError, LindiError

SMALL = st.integers(0, 4)
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(-3, 300), st.floats(), st.text(max_size=4))
TYPES = st.sampled_from(
    [
        "<i4",
        ">f8",
        "|b1",
        "|S3",
        "<U2",
        "|O",
        "|V4",
        "<c8",
        "<f2",
        "<M8[ns]",
        [["a", "<i4"]],
        "nonsense",
        None,
        5,
    ]
)
SPECS = st.sampled_from(
    [
        *(
            "<i4",
            ">f8",
            "|b1",
            {"string": "utf-8"},
            {"string": "ascii", "length": 4},
            {"reference": "object"},
        ),
        *(
            {"reference": "region"},
            {"vlen": "<i4"},
            {"opaque": 4},
            "nonsense",
        ),
        *(
            {"enum": {"A": 0}, "base": "<i4"},
            {"compound": [["a", "<i4", 0]], "size": 4},
            {"vlen": {"string": "utf-8"}},
        ),
    ]
)
CODECS = st.sampled_from(
    [
        *(
            {"id": "zlib", "level": 1},
            {"id": "json2"},
            {"id": "shuffle", "elementsize": 4},
            {"id": "fletcher32"},
        ),
        *(
            {"id": "blosc"},
            {"id": "pickle"},
            {"id": "nobody"},
            {"id": "delta", "dtype": "<i4"},
            {"id": "vlen-utf8"},
        ),
        *({"id": "base64"}, {"id": "astype", "encode_dtype": "<i4", "decode_dtype": "<i8"}, {"id": "zstd"}),
    ]
)
TEXTS = st.one_of(
    st.sampled_from(
        [
            *(
                '["a","|O",[1]]',
                '[[1,2],"|O",[1]]',
                "[5]",
                "abcd",
                "abcdefgh",
                "",
                '[null,"|O",[1]]',
                "base64://///w==",
            ),
            *(
                '[{"_REFERENCE":{"path":"/g"}},"|O",[1]]',
                '[{"_REFERENCE":5},"|O",[1]]',
                '[[[1]],"|O",[1,1]]',
                "[" * 500,
            ),
        ]
    ),
    st.text(max_size=9),
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["_REFERENCE", "path", "region", "bytes", "blocks", "x"]), inner, max_size=3
        ),
    ),
    max_leaves=5,
)
LINKS = st.fixed_dictionaries(
    {},
    optional={
        "link_type": st.sampled_from(["hdf5_dataset", "x", 5]),
        "url": st.sampled_from(["/nowhere.h5", "", 5]),
        "name": st.sampled_from(["d", "", None]),
    },
)
FIELDS = st.lists(
    st.one_of(
        st.tuples(
            st.sampled_from(["a", "b", ""]),
            st.sampled_from(["<i4", "<REFERENCE>", "object", "|S2", "nonsense"]),
        ).map(list),
        JSON,
    ),
    max_size=3,
)
ATTRIBUTES = st.dictionaries(
    st.sampled_from(["a", "object_id", "_ARRAY_DIMENSIONS"]), JSON, max_size=2
).flatmap(
    lambda plain: st.fixed_dictionaries(
        {},
        optional={
            "_SCALAR": st.sampled_from([True, False, 1, "x"]),
            "_COMPOUND_DTYPE": FIELDS,
            "_EXTERNAL_ARRAY_LINK": st.one_of(LINKS, JSON),
            "_SOFT_LINK": st.sampled_from(["/g", "/l", "g", "/nowhere", "..", ""]).map(
                lambda path: {"path": path}
            ),
        },
    ).map(lambda notes: {**plain, **notes})
)
ENTRIES = st.fixed_dictionaries(
    {}, optional={"type": SPECS, "value": JSON, "shape": st.lists(SMALL, max_size=2), "null": st.booleans()}
)
SIDECARS = st.fixed_dictionaries(
    {},
    optional={
        "type": SPECS,
        "null": st.booleans(),
        "maxshape": st.lists(st.one_of(st.none(), SMALL), max_size=2),
        "chunks": st.one_of(st.none(), st.lists(SMALL, max_size=2)),
        "filters": st.lists(
            st.tuples(st.integers(0, 9), st.text(max_size=3), st.lists(SMALL, max_size=2)).map(list),
            max_size=2,
        ),
        "fill": JSON,
        "order": st.lists(st.text(max_size=2), max_size=2),
        "link": st.sampled_from(
            [
                {"hard": "/g"},
                {"soft": "d"},
                {"external": {"filename": "x.h5", "path": "/d"}},
                {"external": {"filename": "", "path": ""}},
            ]
        ),
        "committed": st.booleans(),
        "problem": st.just("nobody knows"),
        "attributes": st.dictionaries(st.sampled_from(["a", "b"]), ENTRIES, max_size=2),
    },
)


@st.composite
def arrays(draw):
    shape = draw(st.lists(SMALL, max_size=2))
    return {
        "chunks": draw(st.one_of(st.just([max(size, 1) for size in shape]), st.just([1] * len(shape)))),
        "compressor": draw(st.one_of(st.none(), CODECS)),
        "dtype": draw(TYPES),
        "fill_value": draw(st.one_of(st.sampled_from([0, None, "NaN", "", False]), JSON)),
        "filters": draw(st.one_of(st.none(), st.lists(CODECS, max_size=2))),
        "order": draw(st.sampled_from("CF")),
        "shape": shape,
        "zarr_format": 2,
    }


@st.composite
def documents(draw):
    refs = {".zgroup": {"zarr_format": 2}, ".zattrs": {"object_id": "F"}, "g/.zgroup": {"zarr_format": 2}}
    for path in draw(
        st.lists(st.sampled_from(["d", "g/d", "l", "g/l", "x"]), min_size=1, max_size=3, unique=True)
    ):
        if draw(st.integers(0, 3)):
            refs[f"{path}/.zarray"] = array = draw(arrays())
            for name in draw(st.lists(st.sampled_from(["0", "0.0", "1", "1.0"]), max_size=2)):
                refs[f"{path}/{name}"] = draw(st.one_of(TEXTS, st.just(["/nowhere.bin", 0, 4])))
            if draw(st.booleans()) and array["shape"] == []:
                refs[f"{path}/0"] = draw(TEXTS)
        else:
            refs[f"{path}/.zgroup"] = {"zarr_format": 2}
        refs[f"{path}/.zattrs"] = draw(ATTRIBUTES)
        refs[f"{path}/.lindi_explorer"] = draw(SIDECARS)
    return {"refs": refs}


# What h5py itself raises for a question that does not fit the object.
FITTING = (LindiError, TypeError, IndexError, AttributeError)
FACTS = [
    "shape",
    "dtype",
    "ndim",
    "size",
    "nbytes",
    "chunks",
    "maxshape",
    "compression",
    "compression_opts",
    "shuffle",
]
FACTS += ["fletcher32", "scaleoffset", "fillvalue", "is_virtual", "external", "name", "parent", "id"]


@given(documents())
def test_every_question_has_an_answer(document):
    try:
        file = LindiH5pyFile.from_reference_file_system(document)
    except FormatError:
        event("refused")
        return
    with file:
        seen = []
        file.visit_links(seen.append)
        for name in ["/", *seen]:
            ask(file, name)
        with contextlib.suppress(LindiError):
            file.visititems(lambda _name, item: repr(item))
        file.to_reference_file_system()


def ask(file, name):
    file.get(name, getlink=True)
    assert isinstance(name in file, bool)
    try:
        item = file[name]
    except LindiError:
        return
    assert repr(item)
    for attribute in item.attrs:
        with contextlib.suppress(LindiError):
            item.attrs[attribute]
    if isinstance(item, h5py.Group):
        assert len(list(item)) == len(item)
    elif isinstance(item, h5py.Dataset):
        dataset(item)


def dataset(item):
    for fact in FACTS:
        with contextlib.suppress(LindiError):
            getattr(item, fact)
    assert item.id.get_storage_size() >= 0
    for selection in ((), ..., 0, slice(0, 1), "a"):
        try:
            item[selection]
        except FITTING:
            pass
        except ValueError as error:
            # h5py's own words for questions that do not fit.
            assert re.search("Illegal slicing|Empty datasets|Field ", str(error)), selection  # noqa: PT017
    with contextlib.suppress(*FITTING):
        np.asarray(item)
    with contextlib.suppress(*FITTING, UnicodeDecodeError):
        item.asstr()[()]
