"""Writing chunks into containers in their place, beside plain HDF5 and upstream."""

from __future__ import annotations

import itertools
import os

import pytest

from tests.benchmarks.measure import Result, Table, has_upstream, run

MIB = int(os.environ.get("LINDI_BENCH_MIB") or 1024)
"""Size of the dataset; a smaller one for a look."""

RUNS = 3


@pytest.fixture
def best(tmp_path):
    """``best(task, suffix, ...)``: the best of several runs, each into a new file that is removed again."""
    numbers = itertools.count()

    def best_(task, suffix, *arguments):
        found = []
        for _ in range(RUNS):
            path = tmp_path / f"{next(numbers)}.lindi.{suffix}"
            found.append(run(task, path, MIB, *arguments))
            remove(path)
        return Result(min(one.seconds for one in found), min(one.peak for one in found))

    return best_


def remove(path):
    for file in sorted(path.rglob("*"), reverse=True) if path.is_dir() else ():
        file.rmdir() if file.is_dir() else file.unlink()
    path.rmdir() if path.is_dir() else path.unlink()


def test_chunks_of_a_mebibyte(best):
    plain = best("container_h5py", "h5")
    durable = best("container_h5py", "h5", "durable")
    upstream = best("container_upstream", "tar") if has_upstream() else None
    upstream_durable = best("container_upstream", "tar", "durable") if has_upstream() else None
    table = Table(f"{MIB} chunks of 1 MiB, and one save; ours are on the disk then")
    for suffix in ("d", "tar"):
        ours = best("container_ours", suffix)
        table.within(f".{suffix}, beside plain h5py and fsync", ours, durable, 1 / 0.7)
        table.note(f".{suffix}, beside plain h5py", ours, plain)
        table.note(f".{suffix}, beside upstream's .tar and fsync", ours, upstream_durable)
        table.note(f".{suffix}, beside upstream's .tar", ours, upstream)
        table.at_most(f".{suffix}: largest memory", ours.megabytes, 300, "MB")
    table.check()
