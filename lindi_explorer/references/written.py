"""The chunks of an array of which some were written since it was opened."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import immutables
import numpy as np

from lindi_explorer.byterange import ByteRange
from lindi_explorer.references.chunks import ChunkTable, LazyChunkTable, Reference

Index = tuple[int, ...]


class PendingChunk(ABC):
    """A chunk that was written and may not be encoded yet."""

    __slots__ = ()

    @abstractmethod
    def data(self) -> Reference:
        """Its bytes, or where they are; nothing is written anywhere."""

    @abstractmethod
    def settle(self) -> Reference:
        """Where its bytes are kept from now on."""


class WrittenChunks(ChunkTable):
    """A table of chunks with others over it; a changed one is a new object, and costs what has changed.

    Parameters
    ----------
    base : mapping
        The chunks the array was opened with; never changed.
    grid : tuple of int
        Chunks along each axis, now.
    reach : tuple of int, optional
        Chunks of the base at or beyond are gone: the array was so short in between. Default: the grid.
    written : immutables.Map, optional
        Index -> reference or pending chunk; None for one that was taken away.
    """

    def __init__(
        self,
        base: Mapping[Index, Reference],
        grid: tuple[int, ...],
        reach: tuple[int, ...] | None = None,
        written: immutables.Map[Index, Reference | PendingChunk | None] | None = None,
    ) -> None:
        self.base = base
        self.grid = grid
        self.reach = grid if reach is None else reach
        self.written: immutables.Map[Index, Any] = immutables.Map() if written is None else written
        self._table: ChunkTable | None = None

    @classmethod
    def over(cls, chunks: Mapping[Index, Reference], grid: tuple[int, ...]) -> WrittenChunks:
        """The chunks of a node, ready to be written over."""
        return chunks if isinstance(chunks, WrittenChunks) else cls(chunks, grid)

    # ------------------------------------------------------------ changing

    def with_chunks(self, chunks: Mapping[Index, Reference | PendingChunk | None]) -> WrittenChunks:
        """The same with some chunks replaced, or taken away (None)."""
        return WrittenChunks(self.base, self.grid, self.reach, self.written.update(chunks))

    def resized(self, grid: tuple[int, ...]) -> WrittenChunks:
        """The same for another grid; chunks outside of it are gone for good."""
        reach = tuple(map(min, self.reach, grid))
        written = self.written
        if any(new < old for new, old in zip(grid, self.grid, strict=True)):
            for index in written:
                if not _inside(index, grid):
                    written = written.delete(index)
        return WrittenChunks(self.base, grid, reach, written)

    def current(self, index: Index) -> Reference | PendingChunk | None:
        """What stands for a chunk, pending ones as they are; None for one that is missing."""
        if index in self.written:
            found: Reference | PendingChunk | None = self.written[index]
            return found
        return self.base.get(index) if _inside(index, self.reach) else None

    @property
    def is_pending(self) -> bool:
        """Whether some chunks may not be encoded yet."""
        return any(isinstance(found, PendingChunk) for found in self.written.values())

    def settle(self) -> None:
        """Have all pending chunks kept where the file keeps new chunks."""
        for found in self.written.values():
            if isinstance(found, PendingChunk):
                found.settle()

    # ------------------------------------------------------------ the face of a table

    @property
    def loaded(self) -> bool:  # type: ignore[override]
        """Whether the chunk index of the base has been read."""
        return bool(getattr(self.base, "loaded", True))

    def is_quick(self, count: int, most: int) -> bool:
        """Whether so many chunks are looked up rather one by one; see `LazyChunkTable.is_quick`."""
        return isinstance(self.base, LazyChunkTable) and self.base.is_quick(count, most)

    def __getitem__(self, index: Index) -> Reference:
        found = self.current(index)
        if found is None:
            raise KeyError(index)
        return found.data() if isinstance(found, PendingChunk) else found

    def __contains__(self, index: object) -> bool:
        return isinstance(index, tuple) and self.current(index) is not None

    def __iter__(self) -> Iterator[Index]:
        for index in self.base:
            if index not in self.written and _inside(index, self.reach):
                yield index
        for index, reference in self.written.items():
            if reference is not None:
                yield index

    def __len__(self) -> int:
        return sum(1 for _ in self)

    @property
    def table(self) -> ChunkTable:
        """All of it as one plain table; pending chunks are settled for that."""
        if self._table is None:
            self._table = self._joined()
        return self._table

    def _joined(self) -> ChunkTable:
        ranges: dict[Index, ByteRange] = {}
        inline: dict[Index, bytes] = {}
        for index, found in self.written.items():
            reference = found.settle() if isinstance(found, PendingChunk) else found
            if isinstance(reference, ByteRange):
                ranges[index] = reference
            elif reference is not None:
                inline[index] = reference
        base = plain_table(self.base, self.grid)
        kept = np.ones(len(base.offset), dtype=bool)
        for axis, most in enumerate(self.reach):
            kept &= base.index[:, axis] < most
        if self.written:
            kept &= ~_among(base.index, list(self.written))
        inline |= {
            index: data
            for index, data in base.inline.items()
            if index not in self.written and _inside(index, self.reach)
        }
        new = ChunkTable.build(self.grid, ranges)
        return ChunkTable(
            self.grid,
            base.urls + new.urls,
            np.concatenate([base.index[kept], new.index]),
            np.concatenate([base.url[kept], new.url + np.int32(len(base.urls))]),
            np.concatenate([base.offset[kept], new.offset]),
            np.concatenate([base.length[kept], new.length]),
            inline,
        )

    def __getattr__(self, name: str) -> Any:
        if name not in _COLUMNS:
            raise AttributeError(name)
        return getattr(self.table, name)

    def within(self, start: Sequence[int], stop: Sequence[int]) -> tuple[int, int]:
        """Count the chunks of a box; see `ChunkTable.within`."""
        return self.table.within(start, stop)


def plain_table(chunks: Mapping[Index, Reference], grid: tuple[int, ...]) -> ChunkTable:
    """The chunks of a node as a table that is loaded."""
    if isinstance(chunks, (WrittenChunks, LazyChunkTable)):
        return chunks.table
    if isinstance(chunks, ChunkTable):
        return chunks
    ranges = {index: item for index, item in chunks.items() if isinstance(item, ByteRange)}
    inline = {index: item for index, item in chunks.items() if isinstance(item, bytes)}
    return ChunkTable.build(grid, ranges, inline)


def _inside(index: Index, grid: tuple[int, ...]) -> bool:
    return len(index) == len(grid) and all(0 <= at < most for at, most in zip(index, grid, strict=True))


def _among(rows: np.ndarray[Any, Any], indices: Sequence[Index]) -> np.ndarray[Any, Any]:
    """Which rows (n, axes) are one of some indices."""
    axes = rows.shape[1]
    if not axes:
        return np.ones(len(rows), dtype=bool)
    kind = np.dtype([(str(axis), np.int64) for axis in range(axes)])
    wanted = np.array(indices, dtype=np.int64).reshape(-1, axes)
    found: np.ndarray[Any, Any] = np.isin(
        np.ascontiguousarray(rows).view(kind).reshape(-1), np.ascontiguousarray(wanted).view(kind).reshape(-1)
    )
    return found


_COLUMNS = frozenset({"urls", "index", "url", "offset", "length", "inline"})
