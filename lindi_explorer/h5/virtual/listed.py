"""The sources of a virtual dataset as h5py lists them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from h5py._hl.vds import VDSmap

from lindi_explorer.errors import FormatError
from lindi_explorer.h5.virtual.mapping import VIRTUAL
from lindi_explorer.h5.virtual.spaces import to_space
from lindi_explorer.references.checks import DAMAGED, short

if TYPE_CHECKING:
    from lindi_explorer.h5.arrays.data import ArrayData


def sources_of(data: ArrayData) -> list[VDSmap]:
    """The sources of a virtual dataset, with HDF5's dataspaces.

    Parameters
    ----------
    data : ArrayData
        Of a virtual dataset.

    Returns
    -------
    list of VDSmap

    Raises
    ------
    FormatError
        If a selection is none.
    """
    shape, maxshape = data.shape or (), data.maxshape
    return [
        VDSmap(
            _space(source["to"], shape, maxshape),
            source["file"],
            source["dataset"],
            _space(source["from"], source["shape"], [None] * len(source["shape"])),
        )
        for source in data.node.sidecar[VIRTUAL]["sources"]
    ]


def _space(spec: Any, shape: Sequence[int], maxshape: Sequence[int | None] | None) -> Any:
    try:
        return to_space(spec, shape, maxshape)
    except (KeyError, OverflowError, RuntimeError, TypeError, ValueError) as error:
        raise FormatError(f"{short(spec)} is no selection of HDF5's: {error}", hint=DAMAGED) from error
