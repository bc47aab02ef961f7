"""A hierarchy some of whose arrays have their chunks elsewhere."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from lindi_explorer.references.chunks import ChunkTable
from lindi_explorer.references.model import Node, References
from lindi_explorer.staging.journal import EditJournal


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
