"""Indexing local files, beside upstream LINDI and beside a walk of h5py that reads what must be read."""

from __future__ import annotations

import pytest

from tests.benchmarks import files
from tests.benchmarks.measure import Table, in_turns


@pytest.mark.parametrize(
    ("what", "make", "size"),
    [
        ("500 groups and datasets as in NWB", files.nwb_like, 500),
        ("a dataset of 100,000 chunks", files.chunked, 100_000),
    ],
    ids=["objects", "chunks"],
)
def test_index(tmp_path, what, make, size):
    path = make(tmp_path / "f.h5", size)
    best = in_turns({"index_ours": (path,), "index_upstream": (path,), "walk_h5py": (path,)}, runs=7)
    table = Table(f"Index {what}")
    table.faster("beside upstream", best["index_ours"], best.get("index_upstream"), 5)
    table.within("beside a walk of h5py", best["index_ours"], best["walk_h5py"], 2)
    table.check()
