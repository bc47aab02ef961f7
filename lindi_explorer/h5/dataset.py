"""A dataset, as `h5py.Dataset`: what is selected, converted and compared is h5py's; what is read is ours."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
from h5py._hl import selections
from h5py._hl.dataset import FieldsView

from lindi_explorer.errors import LindiError
from lindi_explorer.h5.dims import LindiH5pyDimensions, is_scale, make_scale
from lindi_explorer.h5.introducing import introduce
from lindi_explorer.h5.written_to import WrittenTo
from lindi_explorer.hdf5.types import array_parts

if TYPE_CHECKING:
    from lindi_explorer.h5.view import View


class LindiH5pyDataset(WrittenTo, h5py.Dataset):
    """A dataset of a LINDI hierarchy.

    Parameters
    ----------
    view : View
    path : str
        Canonical path, without leading slash.
    name : str
        The path it was opened by, without leading slash.
    """

    _dxpl = None
    """Of h5py: how HDF5 should transfer data."""

    def __init__(self, view: View, path: str, name: str) -> None:
        introduce(LindiH5pyDataset)
        self._bind(view, path, name)

    @property
    def dims(self) -> LindiH5pyDimensions:
        """The axes, with labels and dimension scales; see `h5py.Dataset.dims`."""
        return LindiH5pyDimensions(self)

    @property
    def is_scale(self) -> bool:
        """Whether this is a dimension scale."""
        return is_scale(self)

    def make_scale(self, name: str | bytes = "") -> None:
        """Make this a dimension scale, which can be attached to axes: ``other.dims[0].attach_scale(this)``.

        Parameters
        ----------
        name : str or bytes
            Of the scale.
        """
        with self._view.editing:
            make_scale(self, name)

    # ------------------------------------------------------------ reading

    def __getitem__(self, args: Any, new_dtype: Any = None) -> Any:
        """Read a selection: everything h5py takes, with its results and its errors.

        Parameters
        ----------
        args : object
            Integers, slices, lists, masks, field names, region references.
        new_dtype : numpy.dtype, optional
            Convert to this.

        Returns
        -------
        object
            numpy.ndarray, or a scalar where every axis has one index.

        Raises
        ------
        InvalidSelectionError
            If the selection does not fit the shape.
        UnsupportedError
            If the data cannot be read; the message says why.
        TransferError, AccessDeniedError, MissingFileError, RangeNotSupportedError, StaleFileError
            If the bytes cannot be fetched.
        """
        args = args if isinstance(args, tuple) else (args,)
        if any(arg is None for arg in args):
            raise TypeError("Indexing with None (or np.newaxis) is not supported")
        names = tuple(arg for arg in args if isinstance(arg, str))
        if names:
            rest = tuple(arg for arg in args if not isinstance(arg, str))
            fields = names[0] if len(names) == 1 else names
            return FieldsView(self, new_dtype or self.dtype, fields)[rest]
        return self._data.read(args, None if new_dtype is None else np.dtype(new_dtype))

    def read_direct(self, dest: np.ndarray[Any, Any], source_sel: Any = None, dest_sel: Any = None) -> None:
        """Read into an array; see `h5py.Dataset.read_direct`.

        Parameters
        ----------
        dest : numpy.ndarray
            C-contiguous; HDF5's numbers are converted as HDF5 does.
        source_sel, dest_sel : selection, optional
        """
        shape = self.shape
        if shape is None:
            raise TypeError("Empty datasets have no numpy representation")
        inner = array_parts(self.dtype)[1]
        source = _selection(shape, source_sel)
        outer = (
            dest.shape[: dest.ndim - len(inner)]
            if dest.shape[dest.ndim - len(inner) :] == inner
            else dest.shape
        )
        for space in _selection(outer, dest_sel).broadcast(source.array_shape):
            self._id.read(space, source.id, dest)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        if copy is False:
            raise ValueError(
                f"Dataset.__array__ received {copy=} but memory allocation cannot be avoided on read"
            )
        if self.shape is None:
            raise TypeError("Empty datasets have no numpy representation")
        out = np.empty(self.shape, dtype=self.dtype)
        if self.shape == () and self.dtype.kind == "O":
            # The element may itself be a sequence, which must not be spread.
            out = self[...]
        elif self.size:
            out[...] = self[()]
        return out if dtype is None else out.astype(dtype)

    def __iter__(self) -> Iterator[Any]:
        if not self.shape:
            raise TypeError("Can't iterate over a scalar dataset")
        for position in range(self.shape[0]):
            yield self[position]

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("Attempt to take len() of scalar dataset")
        return self.shape[0]

    def len(self) -> int:
        """Length of the first axis."""
        return len(self)

    @property
    def _fast_reader(self) -> _Reader:
        """What h5py reads simple selections with."""
        return _Reader(self)

    def flush(self) -> None:
        """Save the file, as far as it is saved in its place; see `LindiH5pyFile.flush`."""
        self.file.flush()

    def refresh(self) -> None:
        """Nothing to do: no other process writes to an open file."""
        self._view.require_open()

    def __repr__(self) -> str:
        if self._view.closed:
            return "<Closed HDF5 dataset>"
        start = f"<HDF5 dataset {self._shown_name}: shape {self.shape}, "
        if "problem" in self._sidecar:
            return f"{start}unreadable: {self._sidecar['problem']}>"
        try:
            kind = self.dtype.str
        except LindiError:
            # A damaged dataset must be shown, not raise, in a list or a traceback.
            kind = "unknown"
        return f'{start}type "{kind}">'


class _Reader:
    """Reads as the dataset does, under the name that h5py has for its fast way.

    Parameters
    ----------
    dataset : LindiH5pyDataset
    """

    def __init__(self, dataset: LindiH5pyDataset) -> None:
        self._dataset = dataset

    def read(self, args: tuple[Any, ...]) -> Any:
        """Read a selection."""
        return self._dataset[args]


def _selection(shape: tuple[int, ...], args: Any) -> Any:
    """What h5py makes of a selection; everything where there is none."""
    return selections.SimpleSelection(shape) if args is None else selections.select(shape, args)
