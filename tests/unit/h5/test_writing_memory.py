"""Writing takes little memory and little disk, however much is written."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]

CHUNKS = textwrap.dedent(
    """
    import sys
    import numpy as np
    from lindi_explorer import LindiH5pyFile, StagingArea
    from tests.memory import peak

    how, target, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
    block = np.random.default_rng(0).integers(0, 256, (1024, 1024), dtype="u1")

    def write(path, **options):
        with LindiH5pyFile.from_lindi_file(path, mode="w", **options) as file:
            data = file.create_dataset("x", (count * 1024, 1024), "u1", chunks=(1024, 1024))
            for number in range(count):
                block[0] = number % 251
                data[number * 1024 : (number + 1) * 1024] = block
        with LindiH5pyFile.from_lindi_file(path) as again:
            for number in (0, count // 2, count - 1):
                assert (again["x"][number * 1024] == number % 251).all()

    before = peak()
    if how == "area":
        with StagingArea.create(dir=f"{target}/area") as area:
            write(f"{target}/f.lindi.json", staging_area=area)
            taken = peak() - before
    else:
        write(f"{target}/f.{how}")
        taken = peak() - before
    print(taken)
    """
)


def run(program: str, *args: object) -> list[int]:
    """The numbers that a program prints."""
    done = subprocess.run(
        [sys.executable, "-c", program, *map(str, args)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return list(map(int, done.stdout.split()))


@pytest.mark.parametrize("how", ["lindi.d", "lindi.tar", "area"])
def test_a_long_dataset_written_chunk_by_chunk(tmp_path, count, how):
    """Ten gigabytes in the long run."""
    (taken,) = run(CHUNKS, how, tmp_path, count(300, 10_240))
    assert taken < 300 << 20 if os.environ.get("LINDI_LONG") == "1" else taken < 100 << 20


ROWS = textwrap.dedent(
    """
    import os, sys
    import numpy as np
    from pathlib import Path
    from lindi_explorer import LindiH5pyFile
    from lindi_explorer.formats.blobs import BlobWriter
    from lindi_explorer.h5.arrays.encode import RawChunks
    from tests.memory import peak

    target, count = sys.argv[1], int(sys.argv[2])
    encoded = []
    encode = RawChunks.encode
    RawChunks.encode = lambda self, chunk: encoded.append(1) or encode(self, chunk)
    before = peak()
    with LindiH5pyFile.from_lindi_file(f"{target}/f.lindi.d", mode="w") as file:
        data = file.create_dataset("x", (count, 10), "f8", chunks=(1000, 10))
        row = np.arange(10.0)
        for number in range(count):
            data[number] = row + number
    size = sum(path.stat().st_size for path in Path(target).rglob("*") if path.is_file())
    print(peak() - before, size, len(encoded))
    with LindiH5pyFile.from_lindi_file(f"{target}/f.lindi.d") as again:
        assert (again["x"][...] == np.arange(count)[:, None] + row).all()
    """
).replace("from lindi_explorer.formats.blobs import BlobWriter\n", "")


def test_single_rows_are_encoded_once_for_each_chunk(tmp_path, count):
    """One encoded chunk for each row would be a thousand times the data."""
    rows = count(10_000, 100_000)
    taken, size, encoded = run(ROWS, tmp_path, rows)
    assert encoded == rows // 1000
    assert size < rows * 10 * 8 + 100_000
    assert taken < 300 << 20
