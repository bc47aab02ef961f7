"""Describe LINDI files as the original lindi reads them: ``read_upstream.py JOBS OUT``, both JSON files.

JOBS is ``{name: path or URL}``; OUT becomes ``{name: description}``.
"""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path

import h5py
import lindi
from dump import dump


def soft_link(group, name):
    link = group.get(name, getlink=True)
    return link.path if isinstance(link, h5py.SoftLink) else None


def describe(address):
    try:
        file = lindi.LindiH5pyFile.from_lindi_file(address)
        # It decodes a whole table anew for every row.
        return dump(file, is_link=soft_link, same=lambda _: None, most_rows=1000)
    except Exception as error:  # noqa: BLE001 - what it makes of the file is the result
        return {"": {"error": f"{type(error).__name__}: {error}"[:300]}}


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    jobs, out = map(Path, sys.argv[1:])
    out.write_text(json.dumps({name: describe(at) for name, at in json.loads(jobs.read_text()).items()}))
