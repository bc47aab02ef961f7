"""Documents made at random: sound ones come back, damaged ones give a FormatError and nothing else."""

from __future__ import annotations

import contextlib
import json
import string

from hypothesis import given
from hypothesis import strategies as st

from lindi_explorer.byterange import ByteRange
from lindi_explorer.errors import FormatError, NodeNotFoundError
from lindi_explorer.references import codec
from lindi_explorer.references.chunks import ChunkTable
from lindi_explorer.references.model import Node
from lindi_explorer.references.reference_set import ReferenceSet

# ---------------------------------------------------------------- sound hierarchies

NAMES = st.one_of(
    st.sampled_from(["0", "0.0", "a", "a.b", ".zattrs", "zarr.json", "é", "with space", "{{u1}}", "base64:"]),
    st.text(st.characters(exclude_characters="/", exclude_categories=["Cs"]), min_size=1, max_size=5).filter(
        lambda name: name != "."
    ),
    st.binary(min_size=1, max_size=4)
    .map(lambda name: name.replace(b"/", b"\xff").decode("utf-8", "surrogateescape"))
    .filter(lambda name: name != "."),
)
PATHS = st.lists(NAMES, min_size=1, max_size=4).map("/".join)
JSON = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**63), 2**64),
        st.floats(allow_nan=False, allow_infinity=False),
        st.text(max_size=5),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=5,
)
ATTRIBUTES = st.dictionaries(st.text(max_size=5).filter(lambda name: name != "_SOFT_LINK"), JSON, max_size=3)
BYTES = st.one_of(
    st.binary(max_size=12), st.binary(max_size=4).map(b"base64:".__add__), st.just("é".encode())
)
ADDRESSES = st.sampled_from(
    ["https://ex.org/f.nwb", "/data/{{x}}/f.nwb", "{{u1}}", "./blobs/x", "relative.h5", "é"]
)
RANGES = st.builds(ByteRange, ADDRESSES, st.integers(0, 2**40), st.integers(0, 2**40))


@st.composite
def array_nodes(draw):
    shape = draw(st.lists(st.integers(0, 5), max_size=3))
    edges = [draw(st.integers(1, max(size, 1))) for size in shape]
    grid = tuple(-(-size // edge) for size, edge in zip(shape, edges, strict=True))
    metadata = {
        "chunks": edges,
        "compressor": draw(st.sampled_from([None, {"id": "zlib", "level": 1}])),
        "dtype": draw(st.sampled_from(["<i4", "|O", ">f8", "|S3"])),
        "fill_value": draw(st.sampled_from([0, None, "NaN", "", 7.0])),
        "filters": draw(st.sampled_from([None, [], [{"id": "shuffle", "elementsize": 4}]])),
        "order": draw(st.sampled_from("CF")),
        "shape": shape,
        "zarr_format": 2,
    }
    if draw(st.booleans()):
        metadata["dimension_separator"] = draw(st.sampled_from("./"))
    chunks = {}
    if 0 not in grid:
        indices = st.tuples(*[st.integers(0, count - 1) for count in grid])
        chunks = draw(st.dictionaries(indices, st.one_of(BYTES, RANGES), max_size=12))
    table = ChunkTable.build(
        grid,
        {at: item for at, item in chunks.items() if isinstance(item, ByteRange)},
        {at: item for at, item in chunks.items() if isinstance(item, bytes)},
    )
    sidecar = draw(st.sampled_from([{}, {"type": "<i4"}, {"maxshape": [None], "chunks": None}]))
    return Node(draw(ATTRIBUTES), metadata, table, sidecar)


GROUP_NODES = st.builds(Node, attributes=ATTRIBUTES)


@st.composite
def hierarchies(draw):
    nodes = draw(st.dictionaries(PATHS, st.one_of(GROUP_NODES, array_nodes()), max_size=6))
    arrays = [path for path, node in nodes.items() if node.array is not None]
    nodes = {p: n for p, n in nodes.items() if not any(p.startswith(f"{array}/") for array in arrays)}
    nodes[""] = draw(GROUP_NODES)
    return ReferenceSet(nodes)


def facts(references):
    """Everything a hierarchy holds, in terms that compare."""
    return {
        path: (node.attributes, node.array, dict(node.chunks), node.sidecar)
        for path in references.walk()
        for node in [references.node(path)]
    }


def strict(value):
    """JSON text: 1, 1.0 and true differ in it."""
    return json.dumps(value, sort_keys=True)


@given(hierarchies())
def test_a_hierarchy_survives_the_document(references):
    document = codec.encode(references)
    text = codec.to_text(document)
    assert text.isascii()
    back = codec.decode(codec.parse_json(text.encode()))
    assert facts(back) == facts(references)
    assert {path: strict(back.node(path).attributes) for path in back.walk()} == {
        path: strict(references.node(path).attributes) for path in references.walk()
    }
    assert b"".join(codec.outline(references).text()).decode("ascii") == text
    # The same content gives the same text, and a second time changes nothing.
    assert codec.to_text(codec.encode(back, back.extra)) == text


@given(hierarchies())
def test_the_mapping_agrees_with_the_document(references):
    document = codec.encode(references)
    assert sorted(references) == sorted(document["refs"])
    assert len(references) == len(document["refs"])
    decoded = codec.decode(document)
    for key in references:
        assert key in references
        assert decoded[key] == references[key]


@given(hierarchies())
def test_templates_are_used_from_five_uses_on_and_only_then(references):
    document = codec.encode(references)
    uses = [value[0] for value in document["refs"].values() if isinstance(value, list)]
    for name, url in document.get("templates", {}).items():
        assert uses.count("{{" + name + "}}") >= 5 or "{{" in url
        assert url not in uses or "{{" in url
    assert all(uses.count(url) < 5 for url in uses if "{{" not in url)


# ---------------------------------------------------------------- anything at all

ANYTHING = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=8),
        st.sampled_from([0, 1, 2, 2**63, -1, 10**30, "base64:", "{{u}}", "|O", "<i4", "C", "/", ".", "NaN"]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(
            st.one_of(
                st.text(max_size=4),
                st.sampled_from(["id", "path", "_SOFT_LINK", "_SCALAR", "link", "type", "attributes"]),
            ),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=8,
)
KEYS = st.one_of(
    st.sampled_from(
        [
            *(".zgroup", ".zarray", ".zattrs", ".lindi_explorer", "d/.zarray", "d/0", "d/0.0", "d/.zattrs"),
            *("d/.lindi_explorer", "/.zgroup", "//", "", "d/0/0", "d/x/.zgroup", "d//0", "zarr.json"),
        ]
    ),
    st.text("d0./" + string.ascii_letters, max_size=8),
    st.text(max_size=6),
)
SOUND = {
    "chunks": [2],
    "compressor": None,
    "dtype": "<i4",
    "fill_value": 0,
    "filters": None,
    "order": "C",
    "shape": [4],
    "zarr_format": 2,
}


@st.composite
def damaged_documents(draw):
    """A sound document with some members replaced by anything, so that every check is reached."""
    array = {
        **SOUND,
        **draw(st.dictionaries(st.sampled_from([*SOUND, "dimension_separator"]), ANYTHING, max_size=2)),
    }
    refs = {".zgroup": {"zarr_format": 2}, "d/.zarray": array, "d/0": ["{{u}}", 0, 8]}
    refs.update(draw(st.dictionaries(KEYS, ANYTHING, max_size=4)))
    document = {"refs": refs, "templates": {"u": "http://h"}}
    document.update(
        draw(st.dictionaries(st.sampled_from(["refs", "templates", "version"]), ANYTHING, max_size=1))
    )
    return document


@given(st.one_of(damaged_documents(), ANYTHING))
def test_whatever_a_document_holds_it_is_decoded_or_refused(document):
    try:
        references = codec.decode(document)
    except FormatError as error:
        assert error.message  # noqa: PT017 - either outcome is right
        assert len(error.message) < 500  # noqa: PT017
        return
    # What was taken can be walked, asked, counted and written again.
    keys = list(references)
    assert len(keys) == len(references)
    for key in keys:
        references[key]
    codec.to_text(codec.encode(references, references.extra))


def answer(references, path):
    """What a hierarchy says of a path."""
    try:
        node = references.node(path)
        return strict([node.attributes, node.array, len(node.chunks)]), list(references.children(path))
    except (FormatError, NodeNotFoundError) as error:
        return type(error), error.message


METADATA = {".zarray": SOUND, ".zgroup": {"zarr_format": 2}, ".zattrs": {"a": 1}, ".lindi_explorer": {}}


@given(st.sets(KEYS, max_size=12), st.randoms(use_true_random=False))
def test_what_is_a_node_does_not_depend_on_what_is_asked_first(found, random):
    refs = {key: METADATA.get(key.split("/")[-1], "text") for key in sorted(found | {".zgroup"})}
    text = json.dumps({"refs": refs}).encode()
    paths = list({"/".join(key.split("/")[:parts]) for key in refs for parts in range(key.count("/") + 2)})
    random.shuffle(paths)
    asked, walked = codec.decode(codec.parse_json(text)), codec.decode(codec.parse_json(text))
    whole = set(walked.walk())
    for path in paths:
        assert answer(asked, path) == answer(walked, path)
        assert asked.has(path) == (path in whole)
    # By its definition: a path that is written as it is read and lies outside of arrays, or one above it.
    arrays = {key.rpartition("/")[0] for key in refs if key.split("/")[-1] == ".zarray"}
    sound = {
        path
        for key in refs
        for path, _, name in [key.rpartition("/")]
        if name in (".zgroup", ".zarray") and not ({"", "."} & set(path.split("/")) and path)
        if not any(path.startswith(f"{array}/" if array else "") and path != array for array in arrays)
    }
    above = {"/".join(path.split("/")[:parts]) for path in sound for parts in range(path.count("/") + 1)}
    assert whole == sound | above


@given(
    st.one_of(st.binary(max_size=60), st.text(max_size=60).map(lambda text: text.encode("utf-8", "replace")))
)
def test_whatever_the_text_is_it_is_parsed_or_refused(data):
    try:
        document = codec.parse_json(data)
    except FormatError:
        return
    with contextlib.suppress(FormatError):
        list(codec.decode(document))
