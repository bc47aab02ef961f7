"""Random writing, overwriting and deleting of staged chunks: consolidating never changes a byte."""

from __future__ import annotations

import os
import tempfile

from hypothesis import given, settings
from hypothesis import strategies as st

from lindi_explorer.byterange import ByteRange
from lindi_explorer.formats.blobs import BlobFiles
from lindi_explorer.staging.area import StagingArea
from lindi_explorer.staging.consolidate import consolidate
from tests.unit.staging.hierarchies import chunk, contents, dead_bytes, files, hierarchy, ranges

FEW, MANY = 60, 2000
PLACES = st.tuples(st.sampled_from(["a", "b", "g/c"]), st.integers(0, 5))
STEPS = st.one_of(
    st.tuples(st.just("put"), PLACES, st.sampled_from([10, 999, 1000, 1001, 2500, 4000])),
    st.tuples(st.just("store"), PLACES, st.sampled_from([0, 1, 1000, 3000])),
    st.tuples(st.just("alias"), PLACES, PLACES),
    st.tuples(st.just("part"), PLACES, PLACES),
    st.tuples(st.just("drop"), PLACES, st.none()),
    st.tuples(st.just("seal"), st.none(), st.none()),
    st.tuples(st.just("consolidate"), st.none(), st.none()),
)


class Model:
    """What is staged, and what it should be."""

    def __init__(self, area):
        self.area = area
        self.references = {}
        self.expected = {}
        self.count = 0

    def take(self, kind, place, other):
        match kind:
            case "put" | "store":
                self.count += 1
                data = chunk(self.count, other)
                if kind == "put":
                    reference = self.area.put(data)
                else:
                    path = self.area.store_file(f"{place[0]}/{self.count}/0", data)
                    reference = ByteRange(path, 0, other)
                self.references[place], self.expected[place] = reference, data
            case "alias" if other in self.references:
                self.references[place], self.expected[place] = self.references[other], self.expected[other]
            case "part" if isinstance(found := self.references.get(other), ByteRange):
                half = found.length // 2
                self.references[place] = ByteRange(found.url, found.offset + half, found.length - half)
                self.expected[place] = self.expected[other][half:]
            case "drop":
                self.references.pop(place, None)
                self.expected.pop(place, None)
            case "seal":
                self.area.seal()
            case "consolidate":
                self.adopt(self.consolidated())

    @property
    def hierarchy(self):
        arrays = {}
        for (path, index), reference in self.references.items():
            arrays.setdefault(path, {})[index] = reference
        return hierarchy(arrays)

    def consolidated(self):
        return consolidate(self.hierarchy, self.area, small=3000, full=6000)

    def adopt(self, moved):
        for path, index in list(self.references):
            self.references[path, index] = moved.node(path).chunks[index,]

    def check(self):
        expected = {(path, (index,)): data for (path, index), data in self.expected.items()}
        before = self.hierarchy
        moved = self.consolidated()
        assert contents(moved) == contents(before) == expected
        assert dead_bytes(moved) == 0
        names = [path.name for path in files(moved)]
        assert len(set(names)) == len(names)
        assert all(path.parent == self.area.blob_folder for path in files(moved))
        small = [path for path in files(moved) if path.stat().st_size < 3000]
        assert len(small) <= 2  # the last of those put together, and one that was alone
        assert ranges(self.consolidated()) == ranges(moved)
        assert ranges(consolidate(moved, self.area, small=3000, full=6000)) == ranges(moved)


@settings(max_examples=MANY if os.environ.get("LINDI_LONG") == "1" else FEW)
@given(st.lists(STEPS, max_size=25))
def test_consolidating_keeps_every_byte_and_no_other(steps):
    with tempfile.TemporaryDirectory() as folder, StagingArea.create(base_dir=folder) as area:
        area._blobs = BlobFiles(area._blobs.folder, full=8000)
        model = Model(area)
        for step in steps:
            model.take(*step)
        model.check()
