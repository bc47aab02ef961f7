"""Summarise NWB files as pynwb reads them: ``read_pynwb.py JOBS OUT``, both JSON files.

JOBS is ``{name: path of a LINDI or HDF5 file}``; OUT becomes ``{name: summary}``.
"""

from __future__ import annotations

import hashlib
import json
import sys
import warnings
from pathlib import Path

import h5py
import lindi
import numpy as np
import pynwb


def summary(path):
    """Every object: where it is, its type, and its data."""
    lindi_file = path.endswith(".json")
    file = lindi.LindiH5pyFile.from_lindi_file(path) if lindi_file else h5py.File(path, "r")
    try:
        with pynwb.NWBHDF5IO(file=file, mode="r") as io:
            nwbfile = io.read()
            found = [
                [place_of(item), type(item).__name__, data_of(getattr(item, "data", None))]
                for item in nwbfile.objects.values()
            ]
            found.append([nwbfile.identifier, nwbfile.session_description, str(nwbfile.session_start_time)])
            return {"objects": sorted(found, key=json.dumps)}
    except Exception as error:  # noqa: BLE001 - what pynwb makes of the file is the result
        return {"error": type(error).__name__}


def place_of(item):
    return f"{place_of(item.parent)}/{item.name}" if item.parent is not None else ""


def data_of(data):
    if data is None or "Table" in type(data).__name__ or getattr(getattr(data, "dtype", None), "names", None):
        return None  # the original cannot read rows of compound data
    array = np.asarray(data[:] if hasattr(data, "shape") and data.shape else data)
    if array.dtype.kind in "biuf":
        return [list(array.shape), hashlib.sha1(np.ascontiguousarray(array).tobytes()).hexdigest()]  # noqa: S324
    texts = [one.decode() if isinstance(one, bytes) else one for one in array.reshape(-1)]
    return [list(array.shape), texts if all(isinstance(one, str) for one in texts) else None]


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    jobs, out = map(Path, sys.argv[1:])
    out.write_text(json.dumps({name: summary(at) for name, at in json.loads(jobs.read_text()).items()}))
