"""The sources of a virtual dataset as h5py lists them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from h5py._hl.vds import VDSmap

from lindi_explorer.h5.virtual.mapping import VIRTUAL
from lindi_explorer.h5.virtual.spaces import to_space

if TYPE_CHECKING:
    from lindi_explorer.h5.data import ArrayData


def sources_of(data: ArrayData) -> list[VDSmap]:
    """The sources of a virtual dataset, with HDF5's dataspaces.

    Parameters
    ----------
    data : ArrayData
        Of a virtual dataset.

    Returns
    -------
    list of VDSmap
    """
    shape = data.shape or ()
    return [
        VDSmap(
            to_space(source["to"], shape, data.maxshape),
            source["file"],
            source["dataset"],
            to_space(source["from"], source["shape"], [None] * len(source["shape"])),
        )
        for source in data.node.sidecar[VIRTUAL]["sources"]
    ]
