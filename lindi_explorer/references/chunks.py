"""The chunk references of one array: a table of numbers, not objects.

A million chunks take some thirty megabytes here, and gigabytes as Python objects. The few chunks that are
kept inside a document (bytes) stand beside the table. A chunk in neither is missing: it reads as fill value.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from lindi_explorer.byterange import ByteRange

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


@dataclass(frozen=True, slots=True, eq=False)
class ChunkTable(Mapping[tuple[int, ...], Reference]):
    """Chunk index -> reference, for one array.

    Attributes
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

    grid: tuple[int, ...]
    urls: tuple[str, ...]
    index: npt.NDArray[np.int64]
    url: npt.NDArray[np.int32]
    offset: npt.NDArray[np.int64]
    length: npt.NDArray[np.int64]
    inline: Mapping[tuple[int, ...], bytes] = field(default_factory=dict)
    _rows: dict[tuple[int, ...], int] = field(default_factory=dict, init=False, repr=False)

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
            inline=dict(inline or {}),
        )

    @classmethod
    def of_file(
        cls,
        grid: Sequence[int],
        url: str,
        index: npt.NDArray[np.int64],
        offset: npt.NDArray[np.int64],
        length: npt.NDArray[np.int64],
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
        )

    def __getitem__(self, index: tuple[int, ...]) -> Reference:
        inline = self.inline.get(index)
        if inline is not None:
            return inline
        return self.byte_range(self._lookup()[index])

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
        return int(self.length.sum()) + sum(map(len, self.inline.values()))

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
            data
            for index, data in self.inline.items()
            if all(low <= at < high for at, low, high in zip(index, start, stop, strict=True))
        ]
        return int(inside.sum()) + len(small), int(self.length[inside].sum()) + sum(map(len, small))

    def _lookup(self) -> dict[tuple[int, ...], int]:
        """Row of each chunk index; made at the first single look-up, as many tables are only written out."""
        if not self._rows and len(self.offset):
            self._rows.update((tuple(index), row) for row, index in enumerate(self.index.tolist()))
        return self._rows
