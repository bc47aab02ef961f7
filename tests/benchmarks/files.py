"""Files to measure on, made with h5py alone."""

from __future__ import annotations

import json
import uuid
from pathlib import Path

import h5py
import numpy as np


def nwb_like(path: Path, objects: int) -> Path:
    """A file of so many groups and datasets, with the attributes that NWB gives them.

    Of every five objects one is a group, two are short arrays, one is chunked and compressed, one a table
    column of text.
    """
    data = np.arange(2000, dtype="i2")
    with h5py.File(path, "w") as file:
        file.attrs.update({"neurodata_type": "NWBFile", "namespace": "core", "nwb_version": "2.9.0"})
        file.attrs["object_id"] = str(uuid.uuid4())
        electrodes = file.create_group("electrodes")
        electrodes.attrs.update(_typed("DynamicTable", "core"))
        acquisition = file.create_group("acquisition")
        for number in range((objects - 2) // 5):
            group = acquisition.create_group(f"series_{number:05d}")
            group.attrs.update(_typed("ElectricalSeries", "core"))
            group.attrs.update({"description": "A voltage trace", "comments": "no comments"})
            trace = group.create_dataset("data", data=data, chunks=(1000,), compression="gzip", shuffle=True)
            trace.attrs.update({"conversion": 1e-6, "offset": 0.0, "resolution": -1.0, "unit": "volts"})
            times = group.create_dataset("timestamps", data=np.arange(200) / 30)
            times.attrs.update({"interval": np.int32(1), "unit": "seconds"})
            region = group.create_dataset("electrodes", data=np.arange(16))
            region.attrs.update(_typed("DynamicTableRegion", "hdmf-common"))
            region.attrs.update({"description": "which electrodes", "table": electrodes.ref})
            labels = group.create_dataset("labels", data=[f"label {label}" for label in range(16)])
            labels.attrs.update(_typed("VectorData", "hdmf-common"))
            labels.attrs["description"] = "names of the electrodes"
    return path


def _typed(kind: str, namespace: str) -> dict[str, str]:
    return {"neurodata_type": kind, "namespace": namespace, "object_id": str(uuid.uuid4())}


def chunked(path: Path, chunks: int, rows: int = 4) -> Path:
    """One dataset of so many raw chunks, all of them allocated."""
    with h5py.File(path, "w") as file:
        plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        plist.set_chunk((rows, 4))
        plist.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
        plist.set_fill_time(h5py.h5d.FILL_TIME_NEVER)
        space = h5py.h5s.create_simple((chunks * rows, 4))
        h5py.h5d.create(file.id, b"data", h5py.h5t.NATIVE_INT16, space, plist)
    return path


def document(path: Path, nodes: int) -> Path:
    """A LINDI document of so many groups and datasets, as another writer might have made it."""
    refs: dict[str, object] = {".zgroup": {"zarr_format": 2}, ".zattrs": _typed("NWBFile", "core")}
    for number in range(nodes // 2):
        group = f"acquisition/series_{number:05d}" if number else "acquisition"
        refs[f"{group}/.zgroup"] = {"zarr_format": 2}
        refs[f"{group}/.zattrs"] = {**_typed("TimeSeries", "core"), "description": "A trace"}
        refs[f"{group}/data/.zarray"] = {
            "chunks": [1000],
            "compressor": None,
            "dtype": "<i2",
            "fill_value": 0,
            "filters": [{"elementsize": 2, "id": "shuffle"}, {"id": "zlib", "level": 4}],
            "order": "C",
            "shape": [2000],
            "zarr_format": 2,
        }
        refs[f"{group}/data/.zattrs"] = {"conversion": 1e-6, "offset": 0.0, "unit": "volts"}
        for chunk in range(2):
            refs[f"{group}/data/{chunk}"] = ["{{u1}}", 4096 * number + 2048 * chunk, 2048]
    whole = {"refs": refs, "templates": {"u1": "https://example.org/file.nwb"}, "version": 1}
    path.write_text(json.dumps(whole, indent=2, sort_keys=True))
    return path


def document_of_chunks(path: Path, chunks: int) -> Path:
    """A LINDI document of one array of so many chunks."""
    refs: dict[str, object] = {f"data/{number}.0": ["{{u1}}", 64 * number, 64] for number in range(chunks)}
    refs[".zgroup"] = {"zarr_format": 2}
    refs["data/.zarray"] = {
        "chunks": [4, 4],
        "compressor": None,
        "dtype": "<i4",
        "fill_value": 0,
        "filters": None,
        "order": "C",
        "shape": [4 * chunks, 4],
        "zarr_format": 2,
    }
    whole = {"refs": refs, "templates": {"u1": "https://example.org/file.nwb"}, "version": 1}
    path.write_text(json.dumps(whole, indent=2, sort_keys=True))
    return path


def contiguous(path: Path, rows: int) -> Path:
    """One dataset of so many rows of 512 bytes, in one piece."""
    with h5py.File(path, "w") as file:
        file["data"] = np.arange(rows * 256, dtype="i2").reshape(rows, 256)
    return path


def for_upstream(path: Path) -> Path:
    """Take out of the sample what upstream cannot read: scalars of compound type."""
    with h5py.File(path, "r+") as file:
        odd: list[str] = []
        file.visititems(lambda name, item: odd.append(name) if _is_odd(item) else None)
        for name in odd:
            del file[name]
    return path


def _is_odd(item: object) -> bool:
    return isinstance(item, h5py.Dataset) and item.shape == () and item.dtype.names is not None
