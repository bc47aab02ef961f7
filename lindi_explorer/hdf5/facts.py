"""What HDF5 says of a dataset, asked once: each question to the library costs more than the answer."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import h5py
import numpy as np

from lindi_explorer.hdf5.filters import Codec, Filter, codecs_of, filters_of
from lindi_explorer.hdf5.types import array_parts


@dataclass(frozen=True, slots=True)
class Facts:
    """One dataset.

    Attributes
    ----------
    id : h5py.h5d.DatasetID
    plist : h5py.h5p.PropDCID
        Creation properties.
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
    filters : list of Filter
    codecs : list of dict or None
        What undoes the filters, None where something has no codec.
    """

    id: Any
    plist: Any
    dtype: np.dtype[Any]
    shape: tuple[int, ...] | None
    maxshape: tuple[int | None, ...] | None
    layout: int
    chunks: tuple[int, ...] | None
    external: bool
    filters: list[Filter]
    codecs: list[Codec] | None

    @classmethod
    def of(cls, dataset: Any, plist: Any) -> Facts:
        """Ask HDF5.

        Parameters
        ----------
        dataset : h5py.h5d.DatasetID
        plist : h5py.h5p.PropDCID
            Its creation properties.

        Returns
        -------
        Facts

        Raises
        ------
        TypeError, ValueError
            If NumPy has no dtype for the data.
        """
        dtype = dataset.dtype
        space = dataset.get_space()
        layout = plist.get_layout()
        filters = filters_of(plist)
        null = space.get_simple_extent_type() == h5py.h5s.NULL
        maxshape = None if null else space.get_simple_extent_dims(True)
        return cls(
            id=dataset,
            plist=plist,
            dtype=dtype,
            shape=None if null else space.shape,
            maxshape=None if maxshape is None else tuple(map(_limit, maxshape)),
            layout=layout,
            chunks=plist.get_chunk() if layout == h5py.h5d.CHUNKED else None,
            external=layout == h5py.h5d.CONTIGUOUS and plist.get_external_count() > 0,
            filters=filters,
            codecs=codecs_of(filters, dtype),
        )

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
    def has_fill(self) -> bool:
        """Whether the file has a fill value that somebody has set."""
        return bool(self.plist.fill_value_defined() == h5py.h5d.FILL_VALUE_USER_DEFINED)

    def fill_value(self) -> Any:
        """The fill value as h5py gives it, None where none can be told."""
        if self.dtype.names is not None and self.dtype.hasobject:
            # h5py frees what such a value points to twice, which ends the process.
            return None
        try:
            if not self.has_fill or self.dtype.subdtype is not None:
                return None
            return h5py.Dataset(self.id).fillvalue
        except (RuntimeError, ValueError, OSError, TypeError):
            return None

    def read(self) -> np.ndarray[Any, Any]:
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
        return read_all(self.id, self.shape or (), self.dtype)


def read_all(dataset: Any, shape: tuple[int, ...], dtype: np.dtype[Any]) -> np.ndarray[Any, Any]:
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
