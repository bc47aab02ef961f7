"""Writing: a dataset more in a large document, and a large one chunk by chunk, beside HDF5 and upstream."""

from __future__ import annotations

import itertools
import os
import shutil

import pytest

from tests.benchmarks import files
from tests.benchmarks.measure import Result, Table, has_upstream, in_turns, run

MIB = int(os.environ.get("LINDI_BENCH_MIB") or 1024)
"""Size of the large dataset; a smaller one for a look."""

RUNS = 3


def test_a_dataset_more_in_fifty_thousand_nodes(tmp_path):
    ours = files.document(tmp_path / "ours.lindi.json", 50_000)
    theirs = shutil.copy(ours, tmp_path / "theirs.lindi.json")
    best = in_turns({"append_ours": (ours,), "append_upstream": (theirs,)}, runs=5)
    table = Table(f"A dataset more in a document of 50,000 nodes, {ours.stat().st_size / 1e6:.0f} MB")
    table.faster("open, create and save", best["append_ours"], best.get("append_upstream"), 5)
    table.check()


@pytest.fixture
def best(tmp_path):
    """``best(task, suffix, ...)``: the best of several runs, each into a new file that is removed again."""
    numbers = itertools.count()

    def best_(task, suffix, *arguments):
        found = []
        for _ in range(RUNS):
            path = tmp_path / f"{next(numbers)}.lindi.{suffix}"
            found.append(run(task, path, MIB, *arguments))
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        return Result(min(one.seconds for one in found), min(one.peak for one in found))

    return best_


def test_a_large_dataset_chunk_by_chunk(best):
    plain = best("write_h5py", "h5")
    durable = best("write_h5py", "h5", "durable")
    upstream = best("write_upstream", "tar") if has_upstream() else None
    upstream_durable = best("write_upstream", "tar", "durable") if has_upstream() else None
    table = Table(f"{MIB} chunks of 1 MiB; ours are on the disk when the file is closed")
    for suffix in ("d", "tar"):
        ours = best("write_ours", suffix)
        table.within(f".{suffix}, beside h5py and fsync", ours, durable, 1 / 0.7)
        table.note(f".{suffix}, beside h5py, nothing on the disk", ours, plain)
        if suffix == "tar":
            table.faster(f".{suffix}, beside upstream and fsync", ours, upstream_durable, 2)
            table.note(f".{suffix}, beside upstream, nothing on the disk", ours, upstream)
        table.at_most(f".{suffix}: largest memory", ours.megabytes, 300, "MB")
    table.check()
