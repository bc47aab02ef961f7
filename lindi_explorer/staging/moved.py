"""A hierarchy some of whose arrays have their chunks elsewhere."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from lindi_explorer.references.chunks import ChunkTable
from lindi_explorer.references.model import Node, References


class MovedChunks(References):
    """References with other tables for some arrays, and everything else as it is.

    Parameters
    ----------
    base : References
        Never changed.
    tables : mapping
        Path of an array -> its chunks.
    """

    def __init__(self, base: References, tables: Mapping[str, ChunkTable]) -> None:
        self._base = base
        self.tables = tables
        self.reads_files = base.reads_files

    @property
    def extra(self) -> Mapping[str, Any]:
        """What else the document holds."""
        return self._base.extra

    def node(self, path: str) -> Node:
        """The node at a path; see `References.node`."""
        node = self._base.node(path)
        table = self.tables.get(path)
        return node if table is None else dataclasses.replace(node, chunks=table)

    def children(self, path: str) -> Sequence[str]:
        """Names of the nodes in a group; see `References.children`."""
        return self._base.children(path)
