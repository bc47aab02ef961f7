"""What stands in for HDF5's low-level identifiers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lindi_explorer.h5.view import View


class NodeId:
    """Identity of one object of one open file: equal for every name that leads to the object.

    pynwb uses identifiers as dictionary keys and asks ``valid`` and ``get_storage_size``; the rest of HDF5's
    low-level interface is not there, and asking for it raises AttributeError.

    Parameters
    ----------
    view : View
    path : str
        Canonical path, without leading slash.
    """

    __slots__ = ("_path", "_view")

    def __init__(self, view: View, path: str) -> None:
        self._view = view
        self._path = path

    @property
    def valid(self) -> bool:
        """Whether the file is open."""
        return not self._view.closed

    def __bool__(self) -> bool:
        return self.valid

    def __eq__(self, other: object) -> bool:
        return isinstance(other, NodeId) and other._view is self._view and other._path == self._path

    def __hash__(self) -> int:
        return hash((id(self._view), self._path))

    def __repr__(self) -> str:
        return f"NodeId(/{self._path})"

    def get_storage_size(self) -> int:
        """Stored bytes of a dataset's data."""
        chunks = self._view.journal.node(self._path).chunks
        return int(getattr(chunks, "stored_bytes", 0))

    def read(self, _mspace: Any, fspace: Any, out: Any, **_options: Any) -> None:
        """Read a selection into an array: here ends h5py's `Dataset.read_direct`, which pynwb calls."""
        dataset = self._view.file[f"/{self._path}"]
        out[...] = dataset.read_space(fspace).reshape(out.shape)
