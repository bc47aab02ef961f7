"""Where the chunks of an HDF5 dataset lie in the file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from lindi_explorer.byterange import ByteRange
from lindi_explorer.hdf5.chunk_columns import Columns
from lindi_explorer.hdf5.facts import Facts
from lindi_explorer.hdf5.growing_axis import in_place, is_misplaced
from lindi_explorer.references.chunks import ChunkTable, Reference, chunk_grid

_LEAST, _FEW, _MOST = 2, 8, 512
"""Large, usual, small chunks of a remote dataset that HDF5 reads one by one before their index is read."""

_LARGE = 8 << 20
"""Bytes of large chunks: what was found is remembered, so there must not be many."""

_NEARBY = 1 << 20
"""Bytes of small chunks together: they lie side by side, and one request brings many."""


@dataclass(frozen=True, slots=True)
class ChunkIndex:
    """The chunk index of a chunked dataset.

    Attributes
    ----------
    facts : Facts
    url : str
        Address of the file.
    recode : callable
        Completes a chunk that skipped filters of the pipeline: from its stored bytes and its filter mask.
    largest : int
        Bytes of a chunk without filters.
    ahead : callable or None
        Fetches the metadata of one remote dataset, which HDF5 would read piece by piece.
    """

    facts: Facts
    url: str
    recode: Callable[[bytes, int], bytes]
    largest: int = 0
    ahead: Callable[[Any], None] | None = None

    @property
    def lookups(self) -> int | None:
        """How many chunks are found one by one; None for any number of them."""
        if self.ahead is None:
            return 0 if self._misplaced else None
        if self.largest > _LARGE:
            return _LEAST
        return min(_MOST, max(_FEW, _NEARBY // max(self.largest, 1)))

    @property
    def _misplaced(self) -> bool:
        return is_misplaced(self.facts.maxshape or ())

    @property
    def grid(self) -> tuple[int, ...]:
        """Chunks along each axis."""
        return chunk_grid(self.facts.shape or (), self.chunks)

    @property
    def chunks(self) -> tuple[int, ...]:
        """Elements of a chunk along each axis."""
        assert self.facts.chunks is not None
        return self.facts.chunks

    def find(self, index: tuple[int, ...]) -> Reference | None:
        """One chunk, without reading the whole index.

        Parameters
        ----------
        index : tuple of int
            Inside the grid.

        Returns
        -------
        ByteRange, bytes or None
            None where it has never been written.
        """
        start = tuple(at * edge for at, edge in zip(index, self.chunks, strict=True))
        if self.ahead is not None or self._misplaced:
            return self._content(start)
        info = self.facts.id.get_chunk_info_by_coord(start)
        if info.byte_offset is None:
            return None
        if info.filter_mask:
            return self._recoded(start)
        return ByteRange(self.url, info.byte_offset, info.size)

    def load(self) -> ChunkTable:
        """The whole table, in one pass over the chunk index.

        Returns
        -------
        ChunkTable
        """
        if self.ahead is not None:
            self.ahead(self.facts.id)
        rows = self.facts.chunk_rows()
        if rows is None:
            rows = self._listed()
        skipped = rows[-1] != 0
        inline = {}
        if skipped.any():
            for start in map(tuple, rows[:-3, skipped].T.tolist()):
                place = tuple(at // edge for at, edge in zip(start, self.chunks, strict=True))
                inline[place] = self._recoded(start)
            rows = rows[:, ~skipped]
        index = (rows[:-3] // np.array(self.chunks, dtype=np.int64)[:, np.newaxis]).T
        return ChunkTable.of_file(self.grid, self.url, index, rows[-3].copy(), rows[-2].copy(), inline)

    def _listed(self) -> npt.NDArray[np.int64]:
        """The chunk index as HDF5 lists it, each chunk in its place."""
        rows = Columns(len(self.chunks)).read(self.facts.id)
        if not self._misplaced:
            return rows
        return in_place(
            rows, self.chunks, self.facts.maxshape or (), lambda start: self._content(start) is not None
        )

    def _content(self, start: tuple[int, ...]) -> bytes | None:
        """A chunk's bytes in place of its address.

        HDF5 finds the data by the index, but for an address it goes through all chunks that come before.
        """
        try:
            return self._recoded(start)
        except (RuntimeError, MemoryError) as error:
            if "not allocated" in str(error):
                return None
            # Where there is no index at all, h5py asks for memory of a size that HDF5 never told it. This
            # question comes last: it takes the whole index.
            if self.facts.id.get_chunk_info_by_coord(start).byte_offset is None:
                return None
            raise

    def _recoded(self, start: tuple[int, ...]) -> bytes:
        mask, data = self.facts.id.read_direct_chunk(start)
        return self.recode(data, mask) if mask else data


def split_rows(shape: tuple[int, ...], itemsize: int, largest: int | None) -> int | None:
    """How many rows a chunk of a split contiguous dataset has (format section 7.4).

    Parameters
    ----------
    shape : tuple of int
        At least one axis.
    itemsize : int
        Bytes of an element.
    largest : int or None
        Data of more bytes is split; None = never.

    Returns
    -------
    int or None
        None = not split.
    """
    row = itemsize * int(np.prod(shape[1:], dtype=object))
    if largest is None or row * shape[0] <= largest:
        return None
    return max(1, largest // row)


def split_table(url: str, start: int, shape: tuple[int, ...], itemsize: int, rows: int) -> ChunkTable:
    """The chunks of one contiguous piece, cut along the first axis; the last one may be short.

    Parameters
    ----------
    url : str
    start : int
        Byte offset of the data in the file.
    shape : tuple of int
    itemsize : int
    rows : int
        Rows of a chunk.

    Returns
    -------
    ChunkTable
    """
    row = itemsize * int(np.prod(shape[1:], dtype=np.int64))
    count = -(-shape[0] // rows)
    index = np.zeros((count, len(shape)), dtype=np.int64)
    index[:, 0] = np.arange(count)
    length = np.full(count, rows * row, dtype=np.int64)
    length[-1] = (shape[0] - (count - 1) * rows) * row
    offset = start + np.arange(count, dtype=np.int64) * rows * row
    grid = chunk_grid(shape, (rows, *shape[1:]))
    return ChunkTable.of_file(grid, url, index, offset, length)
