"""Describe Zarr folders as Zarr reads them: ``read_folder.py JOBS OUT [PACKAGE_ROOT]``; see `read_zarr`."""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path

import zarr
from read_zarr import SECOND, array, group


def describe(folder):
    options = {} if SECOND else {"zarr_format": 2}
    found = {}
    for metadata in sorted(Path(folder).rglob(".z*")):
        if metadata.name not in {".zarray", ".zgroup"}:
            continue
        path = metadata.parent.relative_to(folder).as_posix()
        path = "" if path == "." else path
        try:
            opening = zarr.open_array if metadata.name == ".zarray" else zarr.open_group
            item = opening(folder, mode="r", path=path or ("" if not SECOND else None), **options)
            found[f"/{path}"] = array(item) if metadata.name == ".zarray" else group(item)
        except Exception as error:  # noqa: BLE001 - what it makes of the object is the result
            found[f"/{path}"] = {"error": f"{type(error).__name__}: {error}"[:300]}
    return found


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    if len(sys.argv) > 3:
        sys.path.append(sys.argv[3])
        import lindi_explorer.store  # noqa: F401 - registers the data type
    jobs, out = Path(sys.argv[1]), Path(sys.argv[2])
    out.write_text(json.dumps({name: describe(at) for name, at in json.loads(jobs.read_text()).items()}))
