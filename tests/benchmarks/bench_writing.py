"""Writing: a dataset more in a large document, and a large one chunk by chunk, beside HDF5 and upstream."""

from __future__ import annotations

import itertools
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.benchmarks import files
from tests.benchmarks.measure import Result, Table, has_upstream, in_turns, run

MIB = int(os.environ.get("LINDI_BENCH_MIB") or 1024)
"""Size of the large dataset; a smaller one for a look."""

RUNS = 5


def test_a_dataset_more_in_fifty_thousand_nodes(tmp_path):
    ours = files.document(tmp_path / "ours.lindi.json", 50_000)
    theirs = shutil.copy(ours, tmp_path / "theirs.lindi.json")
    best = in_turns({"append_ours": (ours,), "append_upstream": (theirs,)}, runs=5)
    table = Table(f"A dataset more in a document of 50,000 nodes, {ours.stat().st_size / 1e6:.0f} MB")
    table.faster("open, create and save", best["append_ours"], best.get("append_upstream"), 5)
    table.check()


@dataclass(frozen=True)
class Write:
    """A task of the worker, what its file is called, and whether it waits for the disk at the end."""

    task: str
    suffix: str
    durable: bool = False

    def run(self, path: Path) -> Result:
        """Write a new file, and remove it again."""
        result = run(self.task, path, MIB, *(["durable"] if self.durable else []))
        shutil.rmtree(path) if path.is_dir() else path.unlink()
        return result


FLOOR = Write("write_bytes", "bin")
H5PY, H5PY_DURABLE = (Write("write_h5py", "h5", durable) for durable in (False, True))
UPSTREAM, UPSTREAM_DURABLE = (Write("write_upstream", "tar", durable) for durable in (False, True))
FOLDER, ARCHIVE = Write("write_ours", "d"), Write("write_ours", "tar")


@pytest.fixture
def best(tmp_path):
    """The best of several runs of each, in turns."""
    wanted = [FLOOR, H5PY, FOLDER, ARCHIVE, H5PY_DURABLE]
    if has_upstream():
        wanted += [UPSTREAM, UPSTREAM_DURABLE]
    numbers = itertools.count()
    found = {write: [] for write in wanted}
    for _ in range(RUNS):
        for write in wanted:
            found[write].append(write.run(tmp_path / f"{next(numbers)}.lindi.{write.suffix}"))
    return {
        write: Result(min(one.seconds for one in runs), min(one.peak for one in runs))
        for write, runs in found.items()
    }


def test_a_large_dataset_chunk_by_chunk(best):
    table = Table(f"{MIB} chunks of 1 MiB; ours are on the disk when the file is closed")
    for write in (FOLDER, ARCHIVE):
        ours, suffix = best[write], write.suffix
        table.within(f".{suffix}, beside h5py, nothing on the disk", ours, best[H5PY], 1 / 0.7)
        table.note(f".{suffix}, beside h5py and fsync", ours, best[H5PY_DURABLE])
        table.note(f".{suffix}, beside the bytes alone, and fsync", ours, best[FLOOR])
        table.at_most(f".{suffix}: largest memory", ours.megabytes, 300, "MB")
    durable = best.get(UPSTREAM_DURABLE)
    # Where the disk is what both wait for, nobody is twice as fast: the last row says what there is to win.
    table.faster(".tar, beside upstream and fsync", best[ARCHIVE], durable, 2)
    table.note(".tar, beside upstream, nothing on the disk", best[ARCHIVE], best.get(UPSTREAM))
    table.note("the bytes alone, beside upstream and fsync", best[FLOOR], durable)
    table.check()
