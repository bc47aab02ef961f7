"""Have the original lindi write into files that are there: ``append_upstream.py JOBS OUT``, both JSON files.

JOBS is ``{name: [path, dataset]}``: that dataset is added and, but for JSON, half of ``x`` replaced.
"""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path

import lindi
import numpy as np


def append(path, name):
    with lindi.LindiH5pyFile.from_lindi_file(path, mode="r+") as file:
        # In chunks that are large each: of several written at once, it forgets those after a small one.
        added = np.random.default_rng(len(name)).integers(0, 255, size=6000, dtype="u1")
        file.create_dataset(name, data=added, chunks=(3000,))
        if not path.endswith(".json"):  # it cannot write there what has no compressor
            file["x"][: len(file["x"]) // 2] = 7
        file.attrs[name] = "x" * 5000


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    jobs, out = map(Path, sys.argv[1:])
    for path, name in json.loads(jobs.read_text()).values():
        append(path, name)
    out.write_text("{}")
