"""Files that the generator of ``../shared/tools`` does not make."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import h5py
import numpy as np

MILLION = 1_000_000
"""Chunks of the file that has as many."""


def nwb_of_500(path: Path) -> Path:
    """Make the file, unless it is there: 160 time series (group, data, timestamps or rate), 30 MB."""
    if path.exists():
        return path
    import pynwb
    from hdmf.backends.hdf5 import H5DataIO

    rng = np.random.default_rng(0)
    nwb = pynwb.NWBFile("500 objects", "nwb-500", datetime(2026, 1, 1, tzinfo=UTC))
    for number in range(160):
        nwb.add_acquisition(
            pynwb.TimeSeries(
                name=f"series_{number:03d}",
                description="A made-up signal",
                unit="V",
                data=H5DataIO(rng.normal(size=20_000), chunks=(5_000,), compression="gzip"),
                timestamps=H5DataIO(np.arange(20_000) / 1000, chunks=(5_000,), compression="gzip"),
            )
        )
    with pynwb.NWBHDF5IO(path, "w") as io:
        io.write(nwb)
    return path


def of_a_million_chunks(path: Path) -> Path:
    """Make the file, unless it is there: a v1 B-tree over 4 GB, none of which is ever written."""
    if path.exists():
        return path
    chunk = 2048
    plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    plist.set_chunk((chunk,))
    plist.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
    plist.set_fill_time(h5py.h5d.FILL_TIME_NEVER)
    with h5py.File(path, "w") as file:
        space = h5py.h5s.create_simple((MILLION * chunk,), (h5py.h5s.UNLIMITED,))
        h5py.h5d.create(file.id, b"data", h5py.h5t.STD_I16LE, space, plist)
    return path
