"""What stands in for HDF5's low-level identifiers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from lindi_explorer.h5.view import View


class NodeId:
    """Identity of one object of one open file: the same for every name that leads to the object.

    It goes with the object when that is moved. pynwb uses identifiers as dictionary keys and asks ``valid`` and
    ``get_storage_size``; the rest of HDF5's low-level interface is not there, and asking for it raises
    AttributeError. Made by `View.identity`.

    Parameters
    ----------
    view : View
    path : str
        Canonical path, without leading slash.
    """

    __slots__ = ("__weakref__", "_view", "gone", "path")

    def __init__(self, view: View, path: str) -> None:
        self._view = view
        self.path = path
        self.gone = False

    @property
    def valid(self) -> bool:
        """Whether the file is open and the object still there."""
        return not self._view.closed and not self.gone

    def __bool__(self) -> bool:
        return self.valid

    def __repr__(self) -> str:
        return f"NodeId(/{self.path})"

    def get_storage_size(self) -> int:
        """Stored bytes of a dataset's data."""
        chunks = self._view.journal.node(self.path).chunks
        return int(getattr(chunks, "stored_bytes", 0))

    def read(self, _mspace: Any, fspace: Any, out: Any, **_options: Any) -> None:
        """Read a selection into an array: here ends h5py's `Dataset.read_direct`, which pynwb calls."""
        dataset = self._view.file[f"/{self.path}"]
        out[...] = dataset.read_space(fspace).reshape(out.shape)


class Writing(NamedTuple):
    """What h5py's `Dataset.__setitem__` would have HDF5 write.

    Attributes
    ----------
    space : h5py.h5s.SpaceID
        With the selection in the file.
    start : tuple of int
        Where the box around the selection begins: broadcasting moves one selection from place to place.
    values : numpy.ndarray
    kind : h5py.h5t.TypeID or None
        Type of the values in memory, where it is not that of their dtype.
    """

    space: Any
    start: tuple[int, ...]
    values: np.ndarray[Any, Any]
    kind: Any


class WritingNoted:
    """Stands in for an identifier while h5py works out what is to be written; nothing is written yet.

    Parameters
    ----------
    path : str
        Canonical path of the dataset.
    """

    gone = False

    def __init__(self, path: str) -> None:
        self.path = path
        self.writings: list[Writing] = []

    def write(self, _mspace: Any, fspace: Any, values: Any, kind: Any = None, **_options: Any) -> None:
        """Note what is to be written."""
        if fspace.get_select_npoints():
            start = fspace.get_select_bounds()[0] if fspace.shape else ()
            self.writings.append(Writing(fspace.copy(), start, values, kind))
