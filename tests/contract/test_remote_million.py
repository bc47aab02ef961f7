"""A remote file of a million chunks, within bounds of memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import h5py
import pytest

from tests.contract.bad_server import BadServer

ROOT = Path(__file__).parents[2]
MOST_MEMORY = 600 << 20


@pytest.mark.parametrize("libver", ["earliest", "latest"])
def test_writing_the_lindi_file_of_a_million_remote_chunks(tmp_path, libver, count):
    chunks = count(20_000, 1_000_000)
    with h5py.File(tmp_path / "x.h5", "w", libver=libver) as made:
        data = made.create_dataset("d", (64 * chunks,), "u1", chunks=(64,), maxshape=(None,))
        for number in range(chunks):
            data.id.write_direct_chunk((64 * number,), bytes(64))
    script = """
        import json, sys, time
        from lindi_explorer import LindiH5pyFile
        from tests.memory import peak
        start = time.perf_counter()
        with LindiH5pyFile.from_hdf5_file(sys.argv[1]) as file:
            file.write_lindi_file(sys.argv[2])
            stats = file.reader.stats.snapshot()
        print(json.dumps([peak(), time.perf_counter() - start, stats.requests, stats.bytes, stats.misses]))
    """
    out = tmp_path / "x.lindi.json"
    with BadServer(tmp_path) as server:
        done = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(script), server.url("x.h5"), str(out)],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=600,
            check=True,
        )
    peak, seconds, requests, read, misses = json.loads(done.stdout)
    sys.stdout.write(
        f"{chunks:,} chunks ({libver}): {peak / 1e6:.0f} MB at most, {seconds:.1f} s, {requests:,} requests, "
        f"{read / 1e6:.1f} MB, {misses} misses\n"
    )
    refs = json.loads(out.read_bytes())["refs"]
    assert sum(key.startswith("d/") and key[2].isdigit() for key in refs) == chunks
    assert peak <= MOST_MEMORY
