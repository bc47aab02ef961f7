"""Selections of HDF5 dataspaces as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import h5py

if TYPE_CHECKING:
    from lindi_explorer.hdf5.values import Json


def region_of_space(space: Any) -> Json:
    """What a dataspace selects, as the region of a region reference.

    Parameters
    ----------
    space : h5py.h5s.SpaceID

    Returns
    -------
    dict or str
        ``{"blocks": [[start, end], ...]}``, both inclusive, ``{"points": [...]}``, ``"all"`` or ``"none"``.
    """
    kind = space.get_select_type()
    if kind == h5py.h5s.SEL_POINTS:
        return {"points": space.get_select_elem_pointlist().tolist()}
    if kind == h5py.h5s.SEL_HYPERSLABS:
        return {"blocks": space.get_select_hyper_blocklist().tolist()}
    return "none" if kind == h5py.h5s.SEL_NONE else "all"
