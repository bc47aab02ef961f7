"""Data in chunks: copied as it is where the copy has the same chunks and filters, otherwise decoded."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import h5py
import numpy as np

from lindi_explorer.errors import FormatError
from lindi_explorer.h5.arrays.data import ArrayData
from lindi_explorer.h5.arrays.decode import decoded
from lindi_explorer.h5.materialise.fetch import Piece
from lindi_explorer.h5.materialise.made import Made
from lindi_explorer.h5.materialise.stored import Box, Index, addresses, chunk_box, stored_chunks, stored_size
from lindi_explorer.hdf5.filters import Codec, Filter, filter_of
from lindi_explorer.references.model import Node

_PADDED = "iuf"
"""Kinds of which a raw chunk may be shorter than its shape (format section 7.5)."""


class OpenDataset:
    """The dataset that is written to; only the latest stays open.

    Parameters
    ----------
    file : h5py.h5f.FileID
    """

    def __init__(self, file: Any) -> None:
        self._file = file
        self._name = b""
        self._id: Any = None

    def at(self, name: bytes) -> Any:
        """The dataset of a name, as `h5py.h5d.DatasetID`."""
        if name != self._name or self._id is None:
            self._id, self._name = h5py.h5d.open(self._file, name), name
        return self._id


class StoredChunks:
    """The data of one dataset, chunk by chunk, as the chunks are stored.

    Parameters
    ----------
    made : Made
    opened : OpenDataset
    """

    def __init__(self, made: Made, opened: OpenDataset) -> None:
        self.made = made
        self._opened = opened
        self.data: ArrayData = made.view.data(made.path)
        self._array: dict[str, Any] = self.data.node.array or {}
        self._shape: tuple[int, ...] = self.data.shape or ()
        self._edges: tuple[int, ...] = tuple(self._array["chunks"])
        self._dtype = np.dtype(self._array["dtype"])
        self.size = stored_size(self.data.node.chunks)

    @property
    def addresses(self) -> set[str]:
        """Files the data comes from."""
        return addresses(self.data.node.chunks)

    def pieces(self) -> Iterator[Piece]:
        """What has to be fetched."""
        for index, content in stored_chunks(self.data.node.chunks):
            # Zarr does not read chunks outside of the array either.
            if all(at * edge < size for at, edge, size in zip(index, self._edges, self._shape, strict=True)):
                yield Piece(self, index, content, self.made.view.reader)

    def write(self, index: Index, data: bytes) -> None:
        """Put a chunk into the copy, as it is."""
        if not self._array["filters"]:
            data = _full(data, math.prod(self._edges) * self._dtype.itemsize, self._dtype)
        start = tuple(at * edge for at, edge in zip(index, self._edges, strict=True))
        self._opened.at(self.made.name).write_direct_chunk(start, data, 0)


class DecodedChunks(StoredChunks):
    """The same where the chunks of the copy are others: they are decoded, and HDF5 encodes its own."""

    def write(self, index: Index, data: bytes) -> None:
        """Decode a chunk and write its elements."""
        one = Node(array={**self._array, "shape": list(self._edges)}, chunks={(0,) * len(self._edges): data})
        chunk = decoded(one, self.made.view.reader.read_now)
        box = chunk_box(index, self._edges, self._shape)
        inside = chunk[tuple(slice(0, part.stop - part.start) for part in box)]
        if inside.dtype.itemsize != self.data.dtype.itemsize:
            inside = inside.astype(self.data.dtype)
        write_raw(self._opened.at(self.made.name), box, inside.tobytes())


def write_raw(dataset: Any, box: Box, data: bytes) -> None:
    """Write elements whose bytes are those that HDF5 stores.

    Parameters
    ----------
    dataset : h5py.h5d.DatasetID
    box : tuple of slice
    data : bytes
    """
    kind = dataset.get_type()
    count = tuple(part.stop - part.start for part in box)
    space = dataset.get_space()
    space.select_hyperslab(tuple(part.start for part in box), count)
    elements = np.frombuffer(data, dtype=np.dtype(f"V{kind.get_size()}")).reshape(count)
    dataset.write(h5py.h5s.create_simple(count), space, elements, kind)


def _full(data: bytes, length: int, dtype: np.dtype[Any]) -> bytes:
    """A raw chunk as HDF5 has it: not shorter than its shape, and not longer."""
    if len(data) < length and dtype.kind not in _PADDED:
        raise FormatError(f"a chunk has {len(data)} bytes in place of {length}", hint="The file is damaged.")
    return data.ljust(length, b"\0")[:length]


def same_pipeline(codecs: Sequence[Codec], filters: Sequence[Filter]) -> bool:
    """Whether chunks that some codecs have made are undone by some HDF5 filters.

    Parameters
    ----------
    codecs : sequence of dict
        In the order of writing.
    filters : sequence of Filter

    Returns
    -------
    bool
    """
    known = [filter_of(codec) for codec in codecs]
    if len(known) != len(filters):
        return False
    return all(
        one is not None
        and one.id == other.id
        # The level of a compression is nothing that reading needs.
        and (one.id != h5py.h5z.FILTER_SHUFFLE or one.parameters == other.parameters[:1])
        for one, other in zip(known, filters, strict=True)
    )
