"""Chunks that reach beyond the data, which a file may keep without filters; h5py does not tell of that."""

from __future__ import annotations

from typing import Any

from lindi_explorer.errors import LindiError
from lindi_explorer.hdf5.direct.header import LAYOUT
from lindi_explorer.hdf5.direct.messages import layout
from lindi_explorer.hdf5.direct.objects import Objects
from lindi_explorer.hdf5.direct.source import NOT_PLAIN
from lindi_explorer.hdf5.identity import address_of


def edges_filtered(objects: Objects | None, dataset: Any) -> bool:
    """Whether such chunks of a dataset go through its filters.

    Parameters
    ----------
    objects : Objects or None
    dataset : h5py.h5d.DatasetID

    Returns
    -------
    bool
        True where it is not known: no library does otherwise unless it is told to.
    """
    if objects is None:
        return True
    try:
        message = objects.header(address_of(dataset)).only(LAYOUT)
        return message is None or layout(message, dataset.get_type().get_size()).edges_filtered
    except LindiError:
        raise  # a fault of the network
    except NOT_PLAIN:
        return True
