"""The chunks of an array in a Zarr store that is no folder.

They are read through the store, one by one, when they are asked for; what was read of an array stays in
memory as long as the array is in use.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from lindi_explorer.references.chunks import ChunkTable, LazyChunkTable, LazyInline, Reference

Index = tuple[int, ...]


class KeyReader(Protocol):
    """Reads what stands behind the keys of a store."""

    def many(self, names: Sequence[str]) -> list[bytes]:
        """The bytes behind keys that are there."""

    def sizes(self, names: Sequence[str]) -> list[int]:
        """How many they are."""


class StoreChunks(LazyChunkTable):
    """The chunks of an array in a store that is no folder: known by their keys, read when they are asked for.

    Parameters
    ----------
    source : KeyReader
    grid : tuple of int
    places : mapping
        Chunk index -> key.
    """

    def __init__(self, source: KeyReader, grid: Index, places: Mapping[Index, str]) -> None:
        self._source = source
        self._places = places
        self._sizes: dict[Index, int] = {}
        super().__init__(grid, self._read, self._listed)

    # Nobody but the thread that wants a chunk may read it, so it has to ask here for every one.

    @property
    def loaded(self) -> bool:  # type: ignore[override]
        """False: whatever is known, a chunk is looked up before it is read."""
        return False

    def is_quick(self, count: int, most: int) -> bool:  # noqa: ARG002 - as in the base class
        """True: there is no faster way than to look chunks up."""
        return True

    def _read(self, index: Index) -> Reference | None:
        name = self._places.get(index)
        return None if name is None else self._source.many([name])[0]

    def _listed(self) -> ChunkTable:
        return ChunkTable.build(self.grid, inline=_StoreInline(self))

    def __getitem__(self, index: Index) -> Reference:
        found = self._read(index)
        if found is None:
            raise KeyError(index)
        return found

    def __contains__(self, index: object) -> bool:
        return index in self._places

    def __iter__(self) -> Iterator[Index]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    @property
    def sizes(self) -> Mapping[Index, int]:
        """Bytes of the chunks, as they are stored."""
        if len(self._sizes) < len(self._places):
            sizes = self._source.sizes(list(self._places.values()))
            self._sizes = dict(zip(self._places, sizes, strict=True))
        return self._sizes

    @property
    def stored_bytes(self) -> int:
        """Bytes of all chunks, as they are stored."""
        return sum(self.sizes.values())

    def within(self, start: Sequence[int], stop: Sequence[int]) -> tuple[int, int]:
        """Count the chunks of a box; see `ChunkTable.within`."""
        inside = [
            size
            for index, size in self.sizes.items()
            if all(low <= at < high for at, low, high in zip(index, start, stop, strict=True))
        ]
        return len(inside), sum(inside)


class _StoreInline(LazyInline):
    """The chunks of such an array where all of them are gone through: each is read when its turn comes."""

    def __init__(self, chunks: StoreChunks) -> None:
        self._chunks = chunks
        self.array = None

    @property
    def size(self) -> int:  # type: ignore[override]
        """Bytes of all of them."""
        return self._chunks.stored_bytes

    def __getitem__(self, index: Index) -> bytes:
        found = self._chunks[index]
        assert isinstance(found, bytes)
        return found

    def __contains__(self, index: object) -> bool:
        return index in self._chunks

    def __iter__(self) -> Iterator[Index]:
        return iter(self._chunks)

    def __len__(self) -> int:
        return len(self._chunks)
