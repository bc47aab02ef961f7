"""Describe LINDI documents as Zarr reads them through fsspec: ``read_zarr.py JOBS OUT [PACKAGE_ROOT]``.

Runs with zarr-python 2 and 3. With PACKAGE_ROOT, `lindi_explorer` is imported first. JOBS is
``{name: path of a document}``; OUT becomes ``{name: description}``, as `dump` gives it.
"""

from __future__ import annotations

import json
import math
import sys
import warnings
from pathlib import Path

import fsspec
import numpy as np
import zarr
from dump import LARGEST, element, values

SECOND = zarr.__version__.startswith("2.")


def open_store(document):
    """All references of the documents lead to http addresses."""
    if SECOND:
        return fsspec.filesystem("reference", fo=document, remote_protocol="http").get_mapper("")
    options = {"fo": document, "remote_protocol": "http", "asynchronous": True}
    options["remote_options"] = {"asynchronous": True}
    return zarr.storage.FsspecStore.from_url("reference://", storage_options=options, read_only=True)


def describe(path):
    document = json.loads(Path(path).read_text())
    store = open_store(document)
    options = {} if SECOND else {"zarr_format": 2}
    found = {}
    for key in document["refs"]:
        path, _, leaf = key.rpartition("/")
        if leaf not in {".zarray", ".zgroup"}:
            continue
        try:
            opening = zarr.open_array if leaf == ".zarray" else zarr.open_group
            # zarr 2 wants None for the root of a store
            item = opening(store, mode="r", path=path or ("" if not SECOND else None), **options)
            found[f"/{path}"] = array(item) if leaf == ".zarray" else group(item)
        except Exception as error:  # noqa: BLE001 - what it makes of the object is the result
            found[f"/{path}"] = {"error": f"{type(error).__name__}: {error}"[:300]}
    return found


def group(item):
    attributes = dict(item.attrs)
    link = attributes.pop("_SOFT_LINK", None)
    if link is not None:
        return {"link": link["path"]}
    return {"kind": "group", "attributes": {name: element(value, None) for name, value in attributes.items()}}


def array(item):
    attributes = dict(item.attrs)
    scalar = attributes.pop("_SCALAR", False)
    columns = attributes.pop("_COMPOUND_DTYPE", None)
    away = attributes.pop("_EXTERNAL_ARRAY_LINK", None)
    described = {
        "kind": "dataset",
        "shape": [] if scalar else list(item.shape),
        "attributes": {name: element(value, None) for name, value in attributes.items()},
    }
    if away is not None:
        return {**described, "away": True}
    if math.prod(item.shape) > LARGEST:
        return {**described, "data": {"large": True}}
    try:
        data = item[...]
        if columns is not None:
            described["data"] = {
                "fields": {name: column(data, at, kind) for at, (name, kind) in enumerate(columns)}
            }
        else:
            described["data"] = values(data.reshape(-1)[0] if scalar else data, None)
    except Exception as error:  # noqa: BLE001 - as above
        described["data"] = {"error": f"{type(error).__name__}: {error}"[:300]}
    return described


def column(rows, at, kind):
    cells = [row[at] for row in rows.reshape(-1)]
    if kind == "<REFERENCE>" or np.dtype(kind) == object:
        return {"shape": list(rows.shape), "elements": [element(cell, None) for cell in cells]}
    return values(np.array(cells, dtype=kind).reshape(rows.shape), None)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    if len(sys.argv) > 3:
        sys.path.append(sys.argv[3])
        import lindi_explorer.store  # noqa: F401 - registers the data type
    jobs, out = Path(sys.argv[1]), Path(sys.argv[2])
    out.write_text(json.dumps({name: describe(at) for name, at in json.loads(jobs.read_text()).items()}))
