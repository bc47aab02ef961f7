"""Downloads take little memory, of many small chunks and of a few large ones."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np

from lindi_explorer.formats.json_file import write_json
from lindi_explorer.references import codec
from lindi_explorer.references.chunks import ChunkTable
from lindi_explorer.references.model import Node
from lindi_explorer.references.reference_set import ReferenceSet

ROOT = Path(__file__).resolve().parents[3]
SMALL, LARGE, MANY = 64, 20 << 20, 12

PROGRAM = textwrap.dedent(
    """
    import sys
    from lindi_explorer import LindiH5pyFile
    from lindi_explorer.h5.copies import download
    from tests.memory import peak

    with LindiH5pyFile.from_lindi_file(sys.argv[1]) as file:
        file["small"][:10], file["large"][:10]
        before = peak()
        file.download(sys.argv[2])
        print(peak() - before)
    """
)


def test_the_memory_it_takes_is_bounded(tmp_path, serve, count):
    small = count(20_000, 1_000_000)
    far = tmp_path / "far"
    far.mkdir()
    with (far / "f.bin").open("wb") as file:
        file.truncate(small * SMALL + MANY * LARGE)
        file.write(bytes(range(256)))
    url = serve(far).url("f.bin")
    arrays = {"small": (small, SMALL, 0), "large": (MANY, LARGE, small * SMALL)}
    nodes = {"": Node()}
    for name, (chunks, length, start) in arrays.items():
        metadata = {
            "zarr_format": 2,
            "shape": [chunks * length],
            "chunks": [length],
            "dtype": "|u1",
            "order": "C",
        }
        index = np.arange(chunks)
        table = ChunkTable.of_file(
            (chunks,), url, index.reshape(-1, 1), start + index * length, np.full(chunks, length)
        )
        nodes[name] = Node(
            array={**metadata, "compressor": None, "filters": None, "fill_value": 0}, chunks=table
        )
    write_json(str(tmp_path / "f.lindi.json"), codec.outline(ReferenceSet(nodes)))
    target = tmp_path / "o.lindi.d"
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path / "f.lindi.json"), str(target)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert sum(one.stat().st_size for one in (target / "blobs").iterdir()) == small * SMALL + MANY * LARGE
    # Two batches of two chunks, each twice while it is put together; and 150 bytes for each row of a table.
    assert int(run.stdout) < 170_000_000 + small * 150
