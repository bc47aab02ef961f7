"""References as the document inside a container has them: ``./member`` where they lead into it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from lindi_explorer.byterange import ByteRange
from lindi_explorer.errors import FormatError
from lindi_explorer.formats.members import Members
from lindi_explorer.references.chunks import ChunkTable, LazyChunkTable, Reference
from lindi_explorer.references.model import Node, References
from lindi_explorer.references.outline import is_reference
from lindi_explorer.references.written import WrittenChunks

Chunks = ChunkTable | Mapping[tuple[int, ...], Reference]


class Relocated(References):
    """Other references with the addresses that a container's document has for them.

    Parameters
    ----------
    references : References
        With absolute addresses.
    rename : callable
        Address of a file -> what the document says; the same for all that lie elsewhere.
    members : callable, optional
        The members of the one file that holds many of them, as they are when chunks are looked up.
    """

    def __init__(
        self,
        references: References,
        rename: Callable[[str], str],
        members: Callable[[], Members] | None = None,
    ) -> None:
        self._references = references
        self._rename = rename
        self._members = members
        self.reads_files = references.reads_files

    def node(self, path: str) -> Node:
        """The node at a path; see `References.node`."""
        node = self._references.node(path)
        if node.array is None:
            return node
        return dataclasses.replace(node, chunks=self._chunks(node.chunks))

    def children(self, path: str) -> Sequence[str]:
        """Names of the nodes in a group; see `References.children`."""
        return self._references.children(path)

    @property
    def extra(self) -> Mapping[str, Any]:
        """What else the document holds; see `References.extra`."""
        return self.of_extra(self._references.extra)

    def of_extra(self, extra: Mapping[str, Any]) -> Mapping[str, Any]:
        """What else a document holds, with the addresses that the document has for them.

        Parameters
        ----------
        extra : mapping
            As `References.extra`, with absolute addresses.

        Returns
        -------
        mapping
        """
        refs = extra.get("refs", {})
        if not any(map(is_reference, refs.values())):
            return extra
        return {**extra, "refs": {key: self._other(value) for key, value in refs.items()}}

    def _chunks(self, chunks: Chunks) -> Chunks:
        if not isinstance(chunks, ChunkTable):
            return {index: self._one(reference) for index, reference in chunks.items()}
        if chunks.loaded and not isinstance(chunks, WrittenChunks) and not any(map(self._moves, chunks.urls)):
            return chunks

        def find(index: tuple[int, ...]) -> Reference | None:
            found = chunks.get(index)
            return None if found is None else self._one(found)

        # Only when it is looked into: a table that cannot be read costs itself, not the document.
        return LazyChunkTable(
            chunks.grid, find, lambda: relocate(getattr(chunks, "table", chunks), self._rename, self._members)
        )

    def _moves(self, url: str) -> bool:
        """Whether a document says something else for an address."""
        return self._rename(url) != url or (self._members is not None and url == self._members().address)

    def _one(self, reference: Reference) -> Reference:
        if isinstance(reference, bytes):
            return reference
        members = None if self._members is None else self._members()
        if members is None or reference.url != members.address:
            return dataclasses.replace(reference, url=self._rename(reference.url))
        (row,) = members.rows(np.array([reference.offset]), np.array([reference.length]))
        return ByteRange(members.urls[row], reference.offset - int(members.start[row]), reference.length)

    def _other(self, value: Any) -> Any:
        """The value of a key that belongs to no node."""
        match value:
            case [str(url), int(offset), int(length)] if offset >= 0 <= length:
                try:
                    moved = self._one(ByteRange(url, offset, length))
                except FormatError:
                    return value  # nobody reads it: it is kept as it is
                assert isinstance(moved, ByteRange)
                return [moved.url, moved.offset, moved.length]
            case [str(url), *rest]:
                return [self._rename(url), *rest]
        return value


def relocate(
    table: ChunkTable, rename: Callable[[str], str], members: Callable[[], Members] | None
) -> ChunkTable:
    """A table with the addresses that a container's document has; parameters as of `Relocated`."""
    # First, as chunks may be put into the container while their table is made.
    urls = list(map(rename, table.urls))
    found = None if members is None else members()
    if found is None or found.address not in table.urls:
        return table if urls == list(table.urls) else _with(table, urls, table.url, table.offset)
    inside = np.isin(table.url, [at for at, url in enumerate(table.urls) if url == found.address])
    offset = table.offset[inside]
    rows, number = np.unique(found.rows(offset, table.length[inside]), return_inverse=True)
    new_url, new_offset = table.url.astype(np.int32), table.offset.copy()
    new_url[inside] = number + len(urls)
    new_offset[inside] = offset - found.start[rows][number]
    return _with(table, [*urls, *(found.urls[row] for row in rows.tolist())], new_url, new_offset)


def _with(table: ChunkTable, urls: Sequence[str], url: Any, offset: Any) -> ChunkTable:
    return ChunkTable(table.grid, tuple(urls), table.index, url, offset, table.length, table.inline)
