"""A committed type, as `h5py.Datatype`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import h5py
import numpy as np

from lindi_explorer.errors import UnsupportedError
from lindi_explorer.h5.objects import LindiObject
from lindi_explorer.hdf5.types import dtype_of

if TYPE_CHECKING:
    from lindi_explorer.h5.view import View


class LindiH5pyDatatype(LindiObject, h5py.Datatype):
    """A type that is stored under a name.

    Parameters
    ----------
    view : View
    path, name : str
    """

    def __init__(self, view: View, path: str, name: str) -> None:
        self._bind(view, path, name)

    @property
    def dtype(self) -> np.dtype[Any]:
        """The NumPy dtype.

        Raises
        ------
        UnsupportedError
            If NumPy has none.
        """
        sidecar = self._view.node(self._path).sidecar
        if "type" not in sidecar:
            raise UnsupportedError(str(sidecar.get("problem", f"the type of {self.name} is unknown")))
        return dtype_of(sidecar["type"])

    def __repr__(self) -> str:
        return f'<HDF5 named type "{self._leaf}">'
