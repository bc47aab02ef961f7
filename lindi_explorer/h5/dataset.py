"""A dataset, as `h5py.Dataset`: what is selected, converted and compared is h5py's; what is read is ours."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
from h5py._hl import selections
from h5py._hl.dataset import FieldsView
from h5py._selector import Selector

from lindi_explorer.errors import LindiError
from lindi_explorer.h5.boxes import box_of
from lindi_explorer.h5.dims import LindiH5pyDimensions, is_scale, make_scale
from lindi_explorer.h5.identity import Writing, WritingNoted
from lindi_explorer.h5.introducing import introduce
from lindi_explorer.h5.objects import LindiObject
from lindi_explorer.h5.virtual.listed import sources_of
from lindi_explorer.h5.virtual.mapping import VIRTUAL
from lindi_explorer.h5.write import resize, write
from lindi_explorer.hdf5.filters import compression_of, has_filter
from lindi_explorer.hdf5.types import array_parts

if TYPE_CHECKING:
    from lindi_explorer.h5.data import ArrayData
    from lindi_explorer.h5.view import View


class LindiH5pyDataset(LindiObject, h5py.Dataset):
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
    def _data(self) -> ArrayData:
        return self._view.data(self._path)

    @property
    def _array(self) -> dict[str, Any]:
        return self._data.node.array or {}

    @property
    def _sidecar(self) -> dict[str, Any]:
        return self._data.node.sidecar

    # ------------------------------------------------------------ what it is

    @property
    def shape(self) -> tuple[int, ...] | None:
        """Shape; ``()`` for a scalar, None for a null dataspace."""
        return self._data.shape

    @shape.setter
    def shape(self, shape: tuple[int, ...]) -> None:
        self.resize(shape)

    @property
    def dtype(self) -> np.dtype[Any]:
        """Dtype with h5py's marks (string kind, enum names, references)."""
        return self._data.dtype

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return len(self.shape or ())

    @property
    def size(self) -> int | None:
        """Number of elements; None for a null dataspace."""
        return None if self.shape is None else _product(self.shape)

    @property
    def nbytes(self) -> int:
        """Bytes of the decoded array (8 for each variable-length element, as in h5py)."""
        return int((self.size or 0) * self.dtype.itemsize)

    @property
    def chunks(self) -> tuple[int, ...] | None:
        """Chunk shape in HDF5; None for contiguous data."""
        return self._data.chunks

    @property
    def maxshape(self) -> tuple[int | None, ...] | None:
        """Largest shape; None along an axis without limit."""
        return self._data.maxshape

    @property
    def compression(self) -> str | None:
        """``gzip``, ``lzf``, ``szip`` or None, as in h5py."""
        return compression_of(self._array, self._sidecar)[0]

    @property
    def compression_opts(self) -> Any:
        """Level of the compression."""
        return compression_of(self._array, self._sidecar)[1]

    @property
    def shuffle(self) -> bool:
        """Whether the shuffle filter is in use."""
        return has_filter(self._array, self._sidecar, "shuffle")

    @property
    def fletcher32(self) -> bool:
        """Whether chunks carry checksums."""
        return has_filter(self._array, self._sidecar, "fletcher32")

    @property
    def scaleoffset(self) -> int | None:
        """Parameter of the scale-offset filter, None where it is not in use."""
        for _number, name, parameters in self._sidecar.get("filters", []):
            if name == "scaleoffset":
                return int(parameters[1])
        return None

    @property
    def external(self) -> None:
        """None: raw data in other files is read through an external array link."""
        return

    @property
    def is_virtual(self) -> bool:
        """Whether it is put together from other datasets."""
        return VIRTUAL in self._sidecar

    def virtual_sources(self) -> list[Any]:
        """The sources of a virtual dataset; see `h5py.Dataset.virtual_sources`.

        Returns
        -------
        list of VDSmap

        Raises
        ------
        RuntimeError
            If it is none.
        """
        if not self.is_virtual:
            raise RuntimeError("Not a virtual dataset")
        return sources_of(self._data)

    @property
    def fillvalue(self) -> Any:
        """What elements are that were never written."""
        return self._data.fillvalue

    @property
    def _is_empty(self) -> bool:
        return self.shape is None

    @property
    def _extent_type(self) -> int:
        kind = h5py.h5s.NULL if self.shape is None else h5py.h5s.SIMPLE if self.shape else h5py.h5s.SCALAR
        return int(kind)

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

    # ------------------------------------------------------------ writing

    def __setitem__(self, args: Any, value: Any) -> None:
        """Write a selection, as one step of the journal: what h5py takes, with its conversions and errors.

        Parameters
        ----------
        args : object
            Integers, slices, lists, masks, field names.
        value : object
            What h5py takes; it is broadcast as h5py does.

        Raises
        ------
        ReadOnlyError
            If the file is open for reading.
        TypeError, ValueError, IndexError
            As h5py raises them.
        UnsupportedError
            If the data cannot be read, and so not be changed.
        """
        self._view.require_writable(f"{self.name} cannot be written")
        with self._view.editing:
            box = box_of(self._data, args, value)
            writings = self._noted(h5py.Dataset.__setitem__, args, value) if box is None else [box]
            write(self._view, self._path, writings, f"data of {self._leaf}")

    def _noted(self, method: Callable[..., None], *args: Any) -> list[Writing]:
        """What a method of h5py's would have HDF5 write."""
        if self.shape is None:
            raise TypeError(f"{self.name} is empty (it has a null dataspace) and cannot be written")
        noted = WritingNoted(self._view, self._path)
        stand_in = LindiH5pyDataset.__new__(LindiH5pyDataset)
        stand_in.__dict__.update(self.__dict__, _id=noted)
        method(stand_in, *args)
        return noted.writings

    @property
    def _selector(self) -> Any:
        """What h5py parses selections with."""
        return Selector(h5py.h5s.create_simple(self.shape or ()))

    @property
    def _fast_reader(self) -> _Reader:
        """What h5py reads simple selections with."""
        return _Reader(self)

    def write_direct(self, source: Any, source_sel: Any = None, dest_sel: Any = None) -> None:
        """Write from an array, as one step of the journal; see `h5py.Dataset.write_direct`.

        Parameters
        ----------
        source : numpy.ndarray
            C-contiguous.
        source_sel, dest_sel : selection, optional
        """
        self._view.require_writable(f"{self.name} cannot be written")
        with self._view.editing:
            writings = self._noted(h5py.Dataset.write_direct, source, source_sel, dest_sel)
            write(self._view, self._path, writings, f"data of {self._leaf}")

    def resize(self, size: Any, axis: int | None = None) -> None:
        """Change the shape, or the length of one axis; see `h5py.Dataset.resize`.

        Parameters
        ----------
        size : tuple of int, or int with an axis
        axis : int, optional

        Raises
        ------
        TypeError
            If the dataset is not chunked, or has another number of axes.
        BeyondLimitError
            Beyond ``maxshape``.
        """
        self._view.require_writable(f"{self.name} cannot be resized")
        with self._view.editing:
            resize(self._view, self._path, self._new_shape(size, axis), f"shape of {self._leaf}")

    def _new_shape(self, size: Any, axis: int | None) -> tuple[int, ...]:
        shape = self.shape
        if self.chunks is None or shape is None:
            raise TypeError("Only chunked datasets can be resized")
        if axis is None:
            wanted = tuple(size)
        else:
            if not 0 <= axis < len(shape):
                raise ValueError(f"Invalid axis (0 to {len(shape) - 1} allowed)")
            try:
                length = int(size)
            except TypeError:
                raise TypeError("Argument must be a single int if axis is specified") from None
            wanted = (*shape[:axis], length, *shape[axis + 1 :])
        if len(wanted) != len(shape):
            raise TypeError(f"New shape length ({len(wanted)}) must match dataset rank ({len(shape)})")
        for length, most in zip(wanted, self.maxshape or (), strict=True):
            if length < 0 or (most is not None and length > most):
                raise BeyondLimitError(
                    f"Unable to set the shape {wanted}: the maximal shape of {self.name} is {self.maxshape}"
                )
        return tuple(int(length) for length in wanted)

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


class BeyondLimitError(RuntimeError, ValueError):
    """A shape beyond the maximal one: a RuntimeError in h5py."""


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


def _product(numbers: tuple[int, ...]) -> int:
    out = 1
    for number in numbers:
        out *= number
    return out
