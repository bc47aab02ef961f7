"""Small files made at run time, and a server to read them from: for the demo and the tests.

This folder imports nothing of ours, so that what it makes is judged by h5py and pynwb alone.

`make_nwb`
    a small but complete NWB file
`make_h5_edge_cases`
    an HDF5 file of what h5py can write and few files hold
`RangeServer`
    serves a folder over http on this machine, with latency and faults
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lindi_explorer.samples.edge_cases import make_h5_edge_cases
    from lindi_explorer.samples.nwb import make_nwb
    from lindi_explorer.samples.serve import Fault, RangeServer, Request, Stats

__all__ = ["Fault", "RangeServer", "Request", "Stats", "make_h5_edge_cases", "make_nwb"]

_HOMES = {"make_h5_edge_cases": "edge_cases", "make_nwb": "nwb"}


def __getattr__(name: str) -> object:
    # pynwb takes a second to import, and the server does without.
    if name not in __all__:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES.get(name, 'serve')}"), name)
