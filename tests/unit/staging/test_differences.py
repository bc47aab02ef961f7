from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lindi_explorer.byterange import ByteRange
from lindi_explorer.references import codec
from lindi_explorer.references.chunks import ChunkTable
from lindi_explorer.references.model import Node
from lindi_explorer.references.written import WrittenChunks
from lindi_explorer.staging.changes import AttributeChange
from lindi_explorer.staging.differences import Added, NodeDiffers, Removed, differences
from lindi_explorer.staging.edits import NodeEdit
from lindi_explorer.staging.node_record import NodeRecord
from lindi_explorer.staging.overlay import Overlay
from lindi_explorer.staging.table_difference import differing
from tests.unit.staging.hierarchies import hierarchy

REFERENCES = st.one_of(
    st.sampled_from([b"a", b"b"]),
    st.builds(ByteRange, st.sampled_from(["x", "y"]), st.integers(0, 1), st.integers(0, 1)),
)
INDICES = st.tuples(st.integers(0, 3), st.integers(0, 2))
GRIDS = st.tuples(st.integers(0, 4), st.integers(0, 3))
CHUNKS = st.dictionaries(INDICES, REFERENCES)


def table(chunks, grid=(4, 3)):
    return ChunkTable.build(
        grid,
        {index: item for index, item in chunks.items() if isinstance(item, ByteRange)},
        {index: item for index, item in chunks.items() if isinstance(item, bytes)},
    )


@given(CHUNKS, CHUNKS, GRIDS)
def test_tables_differ_where_their_chunks_do(one, other, grid):
    other = {index: item for index, item in other.items() if all(np.less(index, grid))}
    differ = [index for index in one.keys() | other.keys() if one.get(index) != other.get(index)]
    expected = sorted(index for index in differ if all(np.less(index, grid)))
    assert differing(table(one), table(other, grid), (4, 3), grid) == expected
    assert differing(one, other, (4, 3), grid) == expected


@given(CHUNKS, st.dictionaries(INDICES, st.one_of(st.none(), REFERENCES)), GRIDS)
def test_written_chunks_differ_where_something_else_was_written(base, written, grid):
    old = table(base)
    new = WrittenChunks(old, (4, 3)).with_chunks(written).resized(grid)
    again = new.resized((4, 3))
    for changed in (new, again):
        expected = sorted(
            index
            for index in base.keys() | written.keys()
            if base.get(index) != changed.get(index) and all(np.less(index, changed.grid))
        )
        assert differing(old, changed, (4, 3), changed.grid) == expected


def test_a_million_chunks_are_compared_as_numbers():
    index = np.stack(np.divmod(np.arange(1_000_000), 1000), axis=1)
    offset = np.arange(1_000_000, dtype=np.int64) * 10
    length = np.full(1_000_000, 10, dtype=np.int64)
    one = ChunkTable.of_file((1000, 1000), "x", index, offset, length)
    moved = offset.copy()
    moved[[5, 123_456]] += 1
    other = ChunkTable.of_file((1000, 1000), "x", index[::-1].copy(), moved[::-1].copy(), length)
    assert differing(one, other, (1000, 1000), (1000, 1000)) == [(0, 5), (123, 456)]


def kinds(old, new):
    return [(type(found), found.path) for found in differences(old, new)]


def test_differences_come_in_an_order_in_which_they_can_be_made():
    old = hierarchy({"a/one": {0: b"x" * 2000}, "a/gone": {}, "b": {0: b"x" * 2000}}, {"lab": "A"})
    new = hierarchy({"a/one": {0: b"y" * 2000}, "b/inside": {}, "c/d/e": {}}, {"lab": "B"})
    assert kinds(old, new) == [
        (Removed, "a/gone"),
        (Removed, "b"),
        (Added, "b"),
        (Added, "b/inside"),
        (Added, "c"),
        (Added, "c/d"),
        (Added, "c/d/e"),
        (AttributeChange, ""),
        (NodeDiffers, "a/one"),
    ]
    assert kinds(old, old) == []


def test_values_that_only_look_alike_differ():
    for one, other in itertools.product(["NaN", 0, 0.0, False, "0", [0], [0.0]], repeat=2):
        same = repr(one) == repr(other)
        assert (kinds(hierarchy({}, {"a": one}), hierarchy({}, {"a": other})) == []) == same


def test_templates_are_no_difference():
    array = hierarchy({"d": {}}).node("d").array
    refs = {".zgroup": {"zarr_format": 2}, "d/.zarray": array}
    spelt = codec.decode({"refs": {**refs, "d/0": ["https://a.org/x", 0, 5]}})
    short = codec.decode({"refs": {**refs, "d/0": ["{{u}}/x", 0, 5]}, "templates": {"u": "https://a.org"}})
    assert kinds(spelt, short) == []
    other = codec.decode({"refs": {**refs, "d/0": ["{{u}}/x", 0, 5]}, "templates": {"u": "https://b.org"}})
    assert kinds(spelt, other) == [(NodeDiffers, "d")]


def test_children_follow_an_order_that_was_changed():
    node = Node(sidecar={"order": ["b", "a"]})
    base = codec.decode(
        {
            "refs": {
                ".zgroup": {"zarr_format": 2},
                ".lindi_explorer": {"order": ["a", "b"]},
                "a/.zgroup": {"zarr_format": 2},
                "b/.zgroup": {"zarr_format": 2},
            }
        }
    )
    overlay = Overlay(base)
    assert list(overlay.children("")) == ["a", "b"]
    changed = NodeEdit("", NodeRecord(base.node("")), NodeRecord(node)).apply(overlay)
    assert list(changed.children("")) == ["b", "a"]
