"""How long `import lindi_explorer` takes, beside `import h5py, zarr`; prints the ratio of the medians."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

RUNS = 9
BASE = "import h5py, zarr"
CODES = {
    "import lindi_explorer": "import lindi_explorer",
    "... and LindiH5pyFile": "import lindi_explorer; lindi_explorer.LindiH5pyFile",
    "... and LindiExplorer": "import lindi_explorer; lindi_explorer.LindiExplorer",
}


def seconds(code: str) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.perf_counter() - start


def test_import():
    codes = {BASE: BASE, **CODES}
    # In turns, so that a machine that slows down slows all of them.
    runs = [{name: seconds(code) for name, code in codes.items()} for _ in range(RUNS)]
    medians = {name: statistics.median(run[name] for run in runs) for name in codes}
    print()
    for name in CODES:
        print(f"{name:24} {medians[name] / medians[BASE]:.2f} x {BASE}")
