"""What stands in for HDF5's low-level identifiers."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, NamedTuple

import h5py
import numpy as np

from lindi_explorer.h5.arrays.selection import put, taken
from lindi_explorer.h5.twin import dataset_properties, dataset_space, group_properties
from lindi_explorer.references.keys import split

if TYPE_CHECKING:
    from lindi_explorer.h5.arrays.data import ArrayData
    from lindi_explorer.h5.view import View


class NodeId:
    """Identity of one object of one open file: the same for every name that leads to the object.

    It goes with the object when that is moved. pynwb uses identifiers as dictionary keys. Of HDF5's low-level
    interface there is what can be said of a dataset without HDF5; asking for the rest raises AttributeError.
    Made by `View.identity`.

    Parameters
    ----------
    view : View
    path : str
        Canonical path, without leading slash.
    """

    __slots__ = ("__weakref__", "_hash", "gone", "path", "prefixes", "view")

    def __init__(self, view: View, path: str) -> None:
        self.view = view
        self.path = path
        self.gone = False
        # Of files with raw data, and of those with the sources of virtual datasets.
        self.prefixes = ("", "")
        # Of the object, as h5py's is: the same when nobody has held it in between, and when it is moved.
        self._hash = hash((id(view), path))

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return self._hash

    @property
    def valid(self) -> bool:
        """Whether the file is open and the object still there."""
        return not self.view.closed and not self.gone

    def __bool__(self) -> bool:
        return self.valid

    def __repr__(self) -> str:
        return f"NodeId(/{self.path})"

    def get_storage_size(self) -> int:
        """Stored bytes of a dataset's data."""
        chunks = self.view.journal.node(self.path).chunks
        return int(getattr(chunks, "stored_bytes", 0))

    # ------------------------------------------------------------ as h5py.h5d.DatasetID

    @property
    def _data(self) -> ArrayData:
        if self.view.node(self.path).array is None:
            raise AttributeError(f"/{self.path} is no dataset")
        return self.view.data(self.path)

    @property
    def shape(self) -> tuple[int, ...] | None:
        """Shape of a dataset."""
        return self._data.shape

    @property
    def rank(self) -> int:
        """Number of axes of a dataset."""
        return len(self.shape or ())

    @property
    def dtype(self) -> np.dtype[Any]:
        """Dtype of a dataset."""
        return self._data.dtype

    def get_type(self) -> Any:
        """The HDF5 type of a dataset: one that is equal."""
        return h5py.h5t.py_create(self.dtype, logical=True)

    def get_space(self) -> Any:
        """The dataspace of a dataset: one that is equal."""
        data = self._data
        return dataset_space(data.shape, data.maxshape)

    def write(self, mspace: Any, fspace: Any, values: Any, kind: Any = None, **_options: Any) -> None:
        """Write a selection, as one step of the journal.

        Parameters
        ----------
        mspace, fspace : h5py.h5s.SpaceID
            What is selected in the array, and in the dataset.
        values : numpy.ndarray
        kind : h5py.h5t.TypeID, optional
            Type of the values in memory.
        """
        from lindi_explorer.h5.arrays.write import write  # it imports this

        self.view.require_writable(f"/{self.path} cannot be written")
        noted = WritingNoted(self.view, self.path)
        with self.view.editing:
            noted.write(mspace, fspace, values, kind)
            write(self.view, self.path, noted.writings, f"data of {split(self.path)[1]}")

    def extend(self, shape: tuple[int, ...]) -> None:
        """Make a dataset at least as long, along each axis: so hdmf writes what comes in pieces.

        Parameters
        ----------
        shape : tuple of int
        """
        old = self.shape or ()
        grown = tuple(map(max, shape, old)) if len(shape) == len(old) else tuple(shape)
        if grown != old:
            self.set_extent(grown)

    def set_extent(self, shape: tuple[int, ...]) -> None:
        """Change the shape of a dataset; see `LindiH5pyDataset.resize`.

        Parameters
        ----------
        shape : tuple of int
        """
        from lindi_explorer.h5.dataset import LindiH5pyDataset  # it imports this

        LindiH5pyDataset(self.view, self.path, self.path).resize(tuple(shape))

    def get_access_plist(self) -> Any:
        """How a dataset was opened: where the files that it takes data from are looked for."""
        plist = h5py.h5p.create(h5py.h5p.DATASET_ACCESS)
        raw, virtual = (os.fsencode(prefix) for prefix in self.prefixes)
        if raw:
            plist.set_efile_prefix(raw)
        if virtual:
            plist.set_virtual_prefix(virtual)
        return plist

    def get_create_plist(self) -> Any:
        """The creation properties of a group or dataset: filters, chunks, fill value, orders of creation."""
        node = self.view.node(self.path)
        if node.array is None:
            return group_properties(node)
        return dataset_properties(self._data)

    def read(self, mspace: Any, fspace: Any, out: Any, _kind: Any = None, **_options: Any) -> None:
        """Read a selection into an array.

        Parameters
        ----------
        mspace, fspace : h5py.h5s.SpaceID
            What is selected in the array, and in the dataset.
        out : numpy.ndarray
        """
        if not (out.flags.c_contiguous and out.flags.writeable):
            raise TypeError("Array must be C-contiguous and writable")
        values = self._data.read_space(fspace, out.dtype)
        if _selects_all(mspace):
            out[...] = values.reshape(out.shape)
        else:
            put(out, mspace, values)


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
    view : View
    path : str
        Canonical path of the dataset.
    """

    gone = False

    def __init__(self, view: View, path: str) -> None:
        self.view = view
        self.path = path
        self.writings: list[Writing] = []

    def write(self, mspace: Any, fspace: Any, values: Any, kind: Any = None, **_options: Any) -> None:
        """Note what is to be written."""
        if not values.flags.c_contiguous:
            raise TypeError("Array must be C-contiguous")
        if fspace.get_select_npoints():
            start = fspace.get_select_bounds()[0] if fspace.shape else ()
            part = values if _selects_all(mspace) else taken(values, mspace)
            self.writings.append(Writing(fspace.copy(), start, part, kind))


def _selects_all(space: Any) -> bool:
    return isinstance(space, int) or bool(space.get_select_npoints() == space.get_simple_extent_npoints())
