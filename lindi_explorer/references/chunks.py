"""The chunk references of one array: a table of numbers, not objects.

A million chunks take some thirty megabytes here, and gigabytes as Python objects. The few chunks that are
kept inside a document (bytes) stand beside the table. A chunk in neither is missing: it reads as fill value.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from lindi_explorer.byterange import ByteRange
from lindi_explorer.references.rows import RowsByChunk

Reference = bytes | ByteRange
"""What stands behind one Zarr key."""


def chunk_grid(shape: Sequence[int], chunks: Sequence[int]) -> tuple[int, ...]:
    """How many chunks an array has along each axis.

    Parameters
    ----------
    shape, chunks : sequence of int
        Same length; chunk edges of 1 or more.

    Returns
    -------
    tuple of int
    """
    return tuple(-(-size // max(edge, 1)) for size, edge in zip(shape, chunks, strict=True))


class ChunkTable(Mapping[tuple[int, ...], Reference]):
    """Chunk index -> reference, for one array. Immutable.

    Parameters
    ----------
    grid : tuple of int
        Chunks along each axis.
    urls : tuple of str
        The addresses that ``url`` numbers.
    index : numpy.ndarray
        int64 of shape (n, axes): the indices of the chunks that are byte ranges.
    url : numpy.ndarray
        int32 of shape (n,): which address.
    offset, length : numpy.ndarray
        int64 of shape (n,): bytes.
    inline : mapping
        Chunk index -> bytes kept in the document.
    """

    loaded = True
    """Whether everything is known; False where asking for a column has the file's chunk index read."""

    def __init__(
        self,
        grid: tuple[int, ...],
        urls: tuple[str, ...],
        index: npt.NDArray[np.int64],
        url: npt.NDArray[np.int32],
        offset: npt.NDArray[np.int64],
        length: npt.NDArray[np.int64],
        inline: Mapping[tuple[int, ...], bytes] | None = None,
    ) -> None:
        self.grid = grid
        self.urls = urls
        self.index = index
        self.url = url
        self.offset = offset
        self.length = length
        self.inline: Mapping[tuple[int, ...], bytes] = inline or {}

    @classmethod
    def build(
        cls,
        grid: Sequence[int],
        ranges: Mapping[tuple[int, ...], ByteRange] | None = None,
        inline: Mapping[tuple[int, ...], bytes] | None = None,
    ) -> ChunkTable:
        """Make a table from single references.

        Parameters
        ----------
        grid : sequence of int
            Chunks along each axis.
        ranges : mapping, optional
            Chunk index -> byte range.
        inline : mapping, optional
            Chunk index -> bytes.

        Returns
        -------
        ChunkTable
        """
        ranges = ranges or {}
        urls = tuple(dict.fromkeys(item.url for item in ranges.values()))
        number = {url: position for position, url in enumerate(urls)}
        return cls(
            grid=tuple(grid),
            urls=urls,
            index=np.array(list(ranges), dtype=np.int64).reshape(len(ranges), len(grid)),
            url=np.array([number[item.url] for item in ranges.values()], dtype=np.int32),
            offset=np.array([item.offset for item in ranges.values()], dtype=np.int64),
            length=np.array([item.length for item in ranges.values()], dtype=np.int64),
            inline=inline,
        )

    @classmethod
    def of_file(
        cls,
        grid: Sequence[int],
        url: str,
        index: npt.NDArray[np.int64],
        offset: npt.NDArray[np.int64],
        length: npt.NDArray[np.int64],
        inline: Mapping[tuple[int, ...], bytes] | None = None,
    ) -> ChunkTable:
        """Make the table of an array whose chunks all lie in one file.

        Parameters
        ----------
        grid : sequence of int
        url : str
        index : numpy.ndarray
            int64 of shape (n, axes).
        offset, length : numpy.ndarray
            int64 of shape (n,), bytes.
        inline : mapping, optional
            Chunk index -> bytes.

        Returns
        -------
        ChunkTable
        """
        return cls(
            grid=tuple(grid),
            urls=(url,),
            index=index,
            url=np.zeros(len(offset), dtype=np.int32),
            offset=offset,
            length=length,
            inline=inline,
        )

    def __getitem__(self, index: tuple[int, ...]) -> Reference:
        if index in self.inline:
            return self.inline[index]
        row = self._row(index)
        if row is None:
            raise KeyError(index)
        return self.byte_range(row)

    def __contains__(self, index: object) -> bool:
        return index in self.inline or self._row(index) is not None

    def __iter__(self) -> Iterator[tuple[int, ...]]:
        yield from self.inline
        for row in self.index.tolist():
            yield tuple(row)

    def __len__(self) -> int:
        return len(self.inline) + len(self.offset)

    def byte_range(self, row: int) -> ByteRange:
        """The byte range in one row of the table.

        Parameters
        ----------
        row : int

        Returns
        -------
        ByteRange
        """
        return ByteRange(self.urls[self.url[row]], int(self.offset[row]), int(self.length[row]))

    @property
    def stored_bytes(self) -> int:
        """Bytes of all chunks, as they are stored."""
        return int(self.length.sum()) + _inline_bytes(self.inline, self.inline)

    def within(self, start: Sequence[int], stop: Sequence[int]) -> tuple[int, int]:
        """Count the chunks of a box of the grid.

        Parameters
        ----------
        start, stop : sequence of int
            Chunk indices; stop is exclusive.

        Returns
        -------
        chunks : int
            Stored chunks in the box.
        stored : int
            Their stored bytes.
        """
        inside = np.ones(len(self.offset), dtype=bool)
        for axis, (low, high) in enumerate(zip(start, stop, strict=True)):
            inside &= (self.index[:, axis] >= low) & (self.index[:, axis] < high)
        small = [
            index
            for index in self.inline
            if all(low <= at < high for at, low, high in zip(index, start, stop, strict=True))
        ]
        stored = int(self.length[inside].sum()) + _inline_bytes(self.inline, small)
        return int(inside.sum()) + len(small), stored

    def _row(self, index: object) -> int | None:
        return self._rows.get(index) if len(self.offset) else None

    @functools.cached_property
    def _rows(self) -> RowsByChunk:
        # Made at the first single look-up: many tables are only written out.
        return RowsByChunk(self.index)


class LazyChunkTable(ChunkTable):
    """A table that is read from the file's chunk index when a column is asked for.

    Single chunks are found one by one: a preview of a dataset of a million chunks looks up a few of them.

    Parameters
    ----------
    grid : tuple of int
    find : callable
        Chunk index -> reference, or None for a chunk that has never been written.
    load : callable
        Makes the whole table.
    lookups : int, optional
        So many chunks are found one by one, and what was found is remembered; for one more the whole table is
        read. By default there is no limit.
    """

    def __init__(
        self,
        grid: tuple[int, ...],
        find: Callable[[tuple[int, ...]], Reference | None],
        load: Callable[[], ChunkTable],
        lookups: int | None = None,
    ) -> None:
        self.grid = grid
        self._find = find
        self._load = load
        self._lookups = lookups
        self._found: dict[tuple[int, ...], Reference | None] = {}
        self._table: ChunkTable | None = None

    def is_quick(self, count: int, most: int) -> bool:
        """Whether so many chunks are looked up rather one by one than by reading the whole index.

        Parameters
        ----------
        count : int
            Of chunks.
        most : int
            Beyond, the whole index is read, whatever a look-up costs.
        """
        return not self.loaded and count <= (most if self._lookups is None else min(most, self._lookups))

    @property
    def loaded(self) -> bool:  # type: ignore[override]
        """Whether the chunk index has been read."""
        return self._table is not None

    @property
    def table(self) -> ChunkTable:
        """The whole table, read now if it has not been."""
        if self._table is None:
            self._table = self._load()
            self._found.clear()
        return self._table

    def __getattr__(self, name: str) -> Any:
        if name not in _COLUMNS:
            raise AttributeError(name)
        return getattr(self.table, name)

    def __getitem__(self, index: tuple[int, ...]) -> Reference:
        if self._table is not None:
            return self._table[index]
        outside = len(index) != len(self.grid) or not all(
            0 <= at < count for at, count in zip(index, self.grid, strict=True)
        )
        reference = None if outside else self._look_up(index)
        if reference is None:
            raise KeyError(index)
        return reference

    def _look_up(self, index: tuple[int, ...]) -> Reference | None:
        if self._lookups is None:
            return self._find(index)
        if index not in self._found:
            if len(self._found) >= self._lookups:
                return self.table.get(index)
            self._found[index] = self._find(index)
        return self._found[index]

    def __contains__(self, index: object) -> bool:
        if self._table is not None:
            return index in self._table
        return isinstance(index, tuple) and self.get(index) is not None

    def within(self, start: Sequence[int], stop: Sequence[int]) -> tuple[int, int]:
        """Count the chunks of a box; a small box is looked up chunk by chunk. See `ChunkTable.within`."""
        sizes = [max(0, high - low) for low, high in zip(start, stop, strict=True)]
        if not self.is_quick(math.prod(sizes), _LOOKED_UP):
            return self.table.within(start, stop)
        ranges = [range(low, high) for low, high in zip(start, stop, strict=True)]
        found = [self.get(index) for index in itertools.product(*ranges)]
        lengths = [
            item.length if isinstance(item, ByteRange) else len(item) for item in found if item is not None
        ]
        return len(lengths), sum(lengths)


_COLUMNS = frozenset({"urls", "index", "url", "offset", "length", "inline"})

_LOOKED_UP = 64
"""Chunks that are looked up one by one before the whole index is read instead."""


class LazyInline(Mapping[tuple[int, ...], bytes]):
    """The only chunk of an array that goes into the document, encoded when somebody asks for its bytes.

    Parameters
    ----------
    index : tuple of int
    encode : callable
        Makes the bytes.
    array : callable or None
        The data itself, which spares decoding the bytes; None where it holds references of the HDF5 file.
    size : int
        Bytes the data takes in the file.
    """

    def __init__(
        self, index: tuple[int, ...], encode: Callable[[], bytes], array: Callable[[], Any] | None, size: int
    ) -> None:
        self._index = index
        self._encode = encode
        self.array = array
        self.size = size

    def __getitem__(self, index: tuple[int, ...]) -> bytes:
        if index != self._index:
            raise KeyError(index)
        return self._encode()

    def __contains__(self, index: object) -> bool:
        return index == self._index

    def __iter__(self) -> Iterator[tuple[int, ...]]:
        yield self._index

    def __len__(self) -> int:
        return 1


def _inline_bytes(inline: Mapping[tuple[int, ...], bytes], indices: Iterable[tuple[int, ...]]) -> int:
    if isinstance(inline, LazyInline):
        return inline.size if list(indices) else 0
    return sum(len(inline[index]) for index in indices)
