"""What is said of a dataset, asked once: each question to the library costs more than the answer."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt

from lindi_explorer.hdf5.filters import Codec, Filter, codecs_of, filters_of
from lindi_explorer.hdf5.stored import is_exact
from lindi_explorer.hdf5.types import array_parts, check_readable

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, kw_only=True)
class Facts(ABC):
    """One dataset.

    Attributes
    ----------
    dtype : numpy.dtype
        With h5py's marks.
    shape : tuple of int or None
        None for a null dataspace.
    maxshape : tuple of (int or None) or None
    layout : int
        ``h5py.h5d.COMPACT``, ``CONTIGUOUS``, ``CHUNKED`` or ``VIRTUAL``.
    chunks : tuple of int or None
    external : bool
        Whether the raw data lies in other files.
    edges_filtered : bool
        Whether chunks that reach beyond the data go through the filters, too, as Zarr's do.
    filters : list of Filter
    codecs : list of dict or None
        What undoes the filters, None where something has no codec.
    """

    dtype: np.dtype[Any]
    shape: tuple[int, ...] | None
    maxshape: tuple[int | None, ...] | None
    layout: int
    chunks: tuple[int, ...] | None
    external: bool
    edges_filtered: bool
    filters: list[Filter]
    codecs: list[Codec] | None = field(init=False)

    def __post_init__(self) -> None:
        as_in_zarr = self.edges_filtered or not self.filters or self._is_even
        object.__setattr__(self, "codecs", codecs_of(self.filters, self.dtype) if as_in_zarr else None)

    @property
    def _is_even(self) -> bool:
        """Whether no chunk reaches beyond the data."""
        if self.chunks is None or self.shape is None:
            return True
        return not any(size % edge for size, edge in zip(self.shape, self.chunks, strict=True))

    @property
    def size(self) -> int:
        """Number of elements."""
        return math.prod(self.shape or ())

    @property
    def nbytes(self) -> int:
        """Bytes of the decoded data; an element of variable length counts as its pointer."""
        return int(self.size * self.dtype.itemsize)

    @property
    def decodable(self) -> bool:
        """Whether HDF5 here has all the filters."""
        return all(h5py.h5z.filter_avail(item.id) for item in self.filters)

    @property
    @abstractmethod
    def id(self) -> Any:
        """The open dataset, an h5py.h5d.DatasetID."""

    @property
    @abstractmethod
    def exact(self) -> bool:
        """Whether the bytes in the file are those of the dtype."""

    @property
    @abstractmethod
    def has_fill(self) -> bool:
        """Whether the file has a fill value that somebody has set."""

    @property
    @abstractmethod
    def never_filled(self) -> bool:
        """Whether HDF5 is told never to write fill values: what was never written is zero."""

    @abstractmethod
    def fill_value(self) -> Any:
        """The fill value as h5py gives it, None where none can be told."""

    @property
    @abstractmethod
    def offset(self) -> int | None:
        """Where contiguous data begins; None where nothing is allocated."""

    @property
    @abstractmethod
    def stored(self) -> int:
        """Bytes that the data takes in the file, where it is not chunked."""

    @abstractmethod
    def read(self) -> Array:
        """All the data.

        Returns
        -------
        numpy.ndarray
            Shape ``()`` for a scalar; the axes of an array type come last.

        Raises
        ------
        OSError
            If HDF5 cannot read it.
        """

    def later(self) -> Callable[[], Array] | None:
        """A function that reads all the data without opening the dataset by its name, if there is one."""
        # Types with references or sequences in them are bound to the h5py.File that opened the dataset first.
        # HDF5 shares open datasets between all Files of a path, and forgets to unbind them: if that File is
        # closed while another one still has the dataset open, its next read crashes. So it is not kept open.
        return None if self.dtype.hasobject else self.read

    def chunk_rows(self) -> npt.NDArray[np.int64] | None:
        """The chunk index as `layout.ChunkIndex` wants it, where it is read without HDF5; else None."""
        return None


@dataclass(frozen=True, kw_only=True)
class Hdf5Facts(Facts):
    """A dataset of which HDF5 is asked.

    Attributes
    ----------
    opened : h5py.h5d.DatasetID
    plist : h5py.h5p.PropDCID
        Its creation properties.
    """

    opened: Any
    plist: Any

    @classmethod
    def of(cls, dataset: Any, plist: Any, *, edges_filtered: bool = True) -> Hdf5Facts:
        """Ask HDF5.

        Parameters
        ----------
        dataset : h5py.h5d.DatasetID
        plist : h5py.h5p.PropDCID
            Its creation properties.
        edges_filtered : bool
            See `Facts`; h5py does not tell.

        Returns
        -------
        Hdf5Facts

        Raises
        ------
        TypeError, ValueError
            If NumPy has no dtype for the data, or h5py cannot read it.
        """
        dtype = dataset.dtype
        check_readable(dtype)
        space = dataset.get_space()
        layout = plist.get_layout()
        null = space.get_simple_extent_type() == h5py.h5s.NULL
        maxshape = None if null else space.get_simple_extent_dims(True)
        return cls(
            opened=dataset,
            plist=plist,
            dtype=dtype,
            shape=None if null else space.shape,
            maxshape=None if maxshape is None else tuple(map(_limit, maxshape)),
            layout=layout,
            chunks=plist.get_chunk() if layout == h5py.h5d.CHUNKED else None,
            external=layout == h5py.h5d.CONTIGUOUS and plist.get_external_count() > 0,
            edges_filtered=edges_filtered,
            filters=filters_of(plist),
        )

    @property
    def id(self) -> Any:
        """See `Facts.id`."""
        return self.opened

    @property
    def exact(self) -> bool:
        """See `Facts.exact`."""
        return is_exact(self.opened.get_type(), self.dtype)

    @property
    def has_fill(self) -> bool:
        """See `Facts.has_fill`."""
        return bool(self.plist.fill_value_defined() == h5py.h5d.FILL_VALUE_USER_DEFINED)

    @property
    def never_filled(self) -> bool:
        """See `Facts.never_filled`."""
        return bool(self.plist.get_fill_time() == h5py.h5d.FILL_TIME_NEVER)

    def fill_value(self) -> Any:
        """See `Facts.fill_value`."""
        if self.dtype.names is not None and self.dtype.hasobject:
            # h5py frees what such a value points to twice, which ends the process.
            return None
        try:
            if not self.has_fill or self.dtype.subdtype is not None:
                return None
            return h5py.Dataset(self.opened).fillvalue
        except (RuntimeError, ValueError, OSError, TypeError):
            return None

    @property
    def offset(self) -> int | None:
        """See `Facts.offset`."""
        offset: int | None = self.opened.get_offset()
        return offset

    @property
    def stored(self) -> int:
        """See `Facts.stored`."""
        return int(self.opened.get_storage_size())

    def read(self) -> Array:
        """See `Facts.read`."""
        return read_all(self.opened, self.shape or (), self.dtype)


def read_all(dataset: Any, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Array:
    """All the data of a dataset.

    Parameters
    ----------
    dataset : h5py.h5d.DatasetID
    shape : tuple of int
    dtype : numpy.dtype

    Returns
    -------
    numpy.ndarray
        The axes of an array type come last.

    Raises
    ------
    OSError
        If HDF5 cannot read it.
    """
    # Not h5py.Dataset: preparing a selection of everything takes longer than reading a short array.
    base, axes = array_parts(dtype)
    out = np.zeros(shape + axes, dtype=base)
    if out.size:
        dataset.read(h5py.h5s.ALL, h5py.h5s.ALL, out, h5py.h5t.py_create(dtype))
    return out


def _limit(size: int) -> int | None:
    return None if size == h5py.h5s.UNLIMITED else size
