"""An NWB file of 500 objects, as pynwb writes it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np


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
