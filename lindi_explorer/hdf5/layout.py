"""Where the chunks of an HDF5 dataset lie in the file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from lindi_explorer.byterange import ByteRange
from lindi_explorer.references.chunks import ChunkTable, Reference, chunk_grid


@dataclass(frozen=True, slots=True)
class ChunkIndex:
    """The chunk index of a chunked dataset.

    Attributes
    ----------
    dataset : h5py.h5d.DatasetID
    url : str
        Address of the file.
    shape, chunks : tuple of int
    recode : callable
        Completes a chunk that skipped filters of the pipeline: from its stored bytes and its filter mask.
    """

    dataset: Any
    url: str
    shape: tuple[int, ...]
    chunks: tuple[int, ...]
    recode: Callable[[bytes, int], bytes]

    @property
    def grid(self) -> tuple[int, ...]:
        """Chunks along each axis."""
        return chunk_grid(self.shape, self.chunks)

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
        info = self.dataset.get_chunk_info_by_coord(start)
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
        rows: list[tuple[int, ...]] = []
        masked: list[tuple[int, ...]] = []

        def note(chunk: Any) -> None:
            if chunk.filter_mask:
                masked.append(chunk.chunk_offset)
            else:
                rows.append((*chunk.chunk_offset, chunk.byte_offset, chunk.size))

        self.dataset.chunk_iter(note)
        axes = len(self.chunks)
        table = np.array(rows, dtype=np.int64).reshape(len(rows), axes + 2)
        inline = {
            tuple(at // edge for at, edge in zip(start, self.chunks, strict=True)): self._recoded(start)
            for start in masked
        }
        return ChunkTable(
            grid=self.grid,
            urls=(self.url,),
            index=table[:, :axes] // np.array(self.chunks, dtype=np.int64),
            url=np.zeros(len(rows), dtype=np.int32),
            offset=table[:, axes].copy(),
            length=table[:, axes + 1].copy(),
            inline=inline,
        )

    def _recoded(self, start: tuple[int, ...]) -> bytes:
        mask, data = self.dataset.read_direct_chunk(start)
        return self.recode(data, mask)


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
