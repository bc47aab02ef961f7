"""A hierarchy some of whose arrays have their chunks elsewhere."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from lindi_explorer.byterange import ByteRange
from lindi_explorer.references.chunks import ChunkTable, Reference
from lindi_explorer.references.model import Node, References
from lindi_explorer.staging.journal import EditJournal

Numbers = npt.NDArray[np.int64]


class MovedChunks(References):
    """References with other tables for some arrays, and everything else as it is.

    Parameters
    ----------
    base : References
        Never changed.
    tables : mapping
        Path of an array -> its chunks.
    nodes : mapping, optional
        Path of an array -> all of it but the chunks, where more than these is different.
    """

    def __init__(
        self, base: References, tables: Mapping[str, ChunkTable], nodes: Mapping[str, Node] | None = None
    ) -> None:
        self._base = base
        self.tables = tables
        self.nodes = nodes or {}
        self.reads_files = base.reads_files

    @property
    def extra(self) -> Mapping[str, Any]:
        """What else the document holds."""
        return self._base.extra

    def node(self, path: str) -> Node:
        """The node at a path; see `References.node`."""
        node = self.nodes[path] if path in self.nodes else self._base.node(path)
        table = self.tables.get(path)
        return node if table is None else dataclasses.replace(node, chunks=table)

    def children(self, path: str) -> Sequence[str]:
        """Names of the nodes in a group; see `References.children`."""
        return self._base.children(path)


class Snapshot(References):
    """The hierarchy of a journal at one moment: whoever edits it in the meantime does not change this.

    Parameters
    ----------
    journal : EditJournal
    """

    def __init__(self, journal: EditJournal) -> None:
        self._overlay = journal.overlay
        self.reads_files = journal.reads_files

    def node(self, path: str) -> Node:
        """The node at a path; see `References.node`."""
        return self._overlay.node(path)

    def children(self, path: str) -> Sequence[str]:
        """Names of the nodes in a group; see `References.children`."""
        return self._overlay.children(path)


class MovingTable:
    """A table some of whose rows get other places.

    Parameters
    ----------
    table : ChunkTable
        Never changed.
    """

    def __init__(self, table: ChunkTable) -> None:
        self._table = table
        self._urls = {url: number for number, url in enumerate(table.urls)}
        self._url = table.url.astype(np.int32)
        self._offset = table.offset.copy()
        self._inline = dict(table.inline)
        self._stay = np.ones(len(table.url), dtype=bool)
        self.has_moved = False
        """Whether there is something new."""

    def move(self, row: int, reference: Reference) -> None:
        """Note where a chunk is from now on."""
        self.has_moved = True
        if isinstance(reference, bytes):
            self._inline[tuple(self._table.index[row].tolist())] = reference
            self._stay[row] = False
        else:
            self._url[row] = self._urls.setdefault(reference.url, len(self._urls))
            self._offset[row] = reference.offset

    def move_all(self, rows: Numbers, urls: list[str], url: Numbers, offset: Numbers) -> None:
        """Note where many chunks are; ``url`` numbers the ``urls``."""
        self.has_moved |= bool(len(rows))
        numbers = np.array([self._urls.setdefault(one, len(self._urls)) for one in urls], dtype=np.int32)
        self._url[rows] = numbers[url]
        self._offset[rows] = offset

    def moved(self) -> ChunkTable:
        """The table with the new places, and no address that it does not need any more."""
        table, stay = self._table, self._stay
        used, url = np.unique(self._url[stay], return_inverse=True)
        urls = list(self._urls)
        return ChunkTable(
            table.grid,
            tuple(urls[number] for number in used.tolist()),
            table.index[stay],
            url.astype(np.int32),
            self._offset[stay],
            table.length[stay],
            self._inline,
        )


def with_ranges(table: ChunkTable, ranges: Mapping[tuple[int, ...], ByteRange]) -> ChunkTable:
    """A table some of whose chunks, which were bytes, are in files.

    Parameters
    ----------
    table : ChunkTable
        Never changed.
    ranges : mapping
        Index -> where the chunk is.

    Returns
    -------
    ChunkTable
    """
    new = ChunkTable.build(table.grid, ranges)
    return ChunkTable(
        table.grid,
        table.urls + new.urls,
        np.concatenate([table.index, new.index]),
        np.concatenate([table.url, new.url + np.int32(len(table.urls))]),
        np.concatenate([table.offset, new.offset]),
        np.concatenate([table.length, new.length]),
        {index: data for index, data in table.inline.items() if index not in ranges},
    )
