"""Where the chunks of an HDF5 dataset lie in the file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt

from lindi_explorer.references.chunks import ChunkTable, chunk_grid

_Int64s = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class StoredChunks:
    """The chunks of a chunked dataset that have been written.

    Attributes
    ----------
    index : numpy.ndarray
        int64 of shape (n, axes), chunk indices.
    offset, length : numpy.ndarray
        int64 of shape (n,), bytes; offsets count from the start of the file.
    masked : bool
        Whether some chunk skipped a filter of the pipeline.
    """

    index: _Int64s
    offset: _Int64s
    length: _Int64s
    masked: bool


def stored_chunks(dataset: Any) -> StoredChunks:
    """List the chunks of a chunked dataset in one pass over its chunk index.

    Parameters
    ----------
    dataset : h5py.h5d.DatasetID

    Returns
    -------
    StoredChunks
    """
    rows: list[tuple[tuple[int, ...], int, int]] = []
    masks = 0

    def note(chunk: Any) -> None:
        nonlocal masks
        rows.append((chunk.chunk_offset, chunk.byte_offset, chunk.size))
        masks |= chunk.filter_mask

    dataset.chunk_iter(note)
    edges = np.array(dataset.get_create_plist().get_chunk(), dtype=np.int64)
    starts = np.array([row[0] for row in rows], dtype=np.int64).reshape(len(rows), len(edges))
    return StoredChunks(
        index=starts // edges,
        offset=np.array([row[1] for row in rows], dtype=np.int64),
        length=np.array([row[2] for row in rows], dtype=np.int64),
        masked=masks != 0,
    )


def is_plain_contiguous(plist: Any) -> bool:
    """Whether the data lies in one piece in this very file."""
    return bool(plist.get_layout() == h5py.h5d.CONTIGUOUS and plist.get_external_count() == 0)


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
