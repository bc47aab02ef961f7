"""What a dataset is, as `h5py.Dataset` says it."""

from __future__ import annotations

import math
from abc import abstractmethod
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np

from lindi_explorer.h5.objects import LindiObject
from lindi_explorer.h5.raw_files import raw_files
from lindi_explorer.h5.virtual.listed import sources_of
from lindi_explorer.h5.virtual.mapping import VIRTUAL
from lindi_explorer.hdf5.filters import compression_of, has_filter

if TYPE_CHECKING:
    from lindi_explorer.h5.arrays.data import ArrayData


class Described(LindiObject):
    """The part of `LindiH5pyDataset` that says what it is."""

    @abstractmethod
    def resize(self, size: Any, axis: int | None = None) -> None:
        """Change the shape."""

    @property
    def _data(self) -> ArrayData:
        return self._view.data(self._path)

    @property
    def _array(self) -> dict[str, Any]:
        return self._data.node.array or {}

    @property
    def _sidecar(self) -> dict[str, Any]:
        return self._data.node.sidecar

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
        return None if self.shape is None else math.prod(self.shape)

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
    def external(self) -> list[tuple[str, int, int]] | None:
        """Name, offset and size of the files that the data lies in, where it was made with such."""
        return raw_files(self._data.node)

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
