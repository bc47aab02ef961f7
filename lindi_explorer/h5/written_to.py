"""Writing to a dataset, as `h5py.Dataset` does it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import h5py
from h5py._selector import Selector

from lindi_explorer.h5.arrays.boxes import box_of
from lindi_explorer.h5.arrays.write import resize, write
from lindi_explorer.h5.described import Described
from lindi_explorer.h5.identity import Writing, WritingNoted


class BeyondLimitError(RuntimeError, ValueError):
    """A shape beyond the maximal one: a RuntimeError in h5py."""


class WrittenTo(Described):
    """The part of `LindiH5pyDataset` that is written to, and resized."""

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
        stand_in = object.__new__(type(self))
        stand_in.__dict__.update(self.__dict__, _id=noted)
        method(stand_in, *args)
        return noted.writings

    @property
    def _selector(self) -> Any:
        """What h5py parses selections with."""
        return Selector(h5py.h5s.create_simple(self.shape or ()))

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
