"""A decoded LINDI document."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any

from lindi_explorer.errors import NodeNotFoundError
from lindi_explorer.references import keys
from lindi_explorer.references.model import Node, References


class ReferenceSet(References):
    """Nodes that are all known; immutable.

    Parameters
    ----------
    nodes : mapping
        Path -> node. A path whose parents are missing gets them as empty groups.
    extra : mapping, optional
        What else the document holds, kept when it is written again: its members beside ``refs`` and
        ``templates``, and under ``refs`` the keys that belong to no node.
    """

    def __init__(self, nodes: Mapping[str, Node], extra: Mapping[str, Any] | None = None) -> None:
        self._nodes = dict(nodes)
        self._extra = dict(extra or {})
        self._ordered: dict[str, list[str]] = {}
        for path in nodes:
            # Missing parents are groups; where one is there, so are those above it, or it adds them itself.
            while path and (path := path.rpartition("/")[0]) not in self._nodes:
                self._nodes[path] = Node()

    @functools.cached_property
    def _children(self) -> dict[str, list[str]]:
        """The names in every group."""
        children: dict[str, list[str]] = {}
        for path in self._nodes:
            if path:
                parent, _, name = path.rpartition("/")
                children.setdefault(parent, []).append(name)
        return children

    @property
    def extra(self) -> Mapping[str, Any]:
        """What else the document holds."""
        return self._extra

    def node(self, path: str) -> Node:
        """The node at a path; see `References.node`."""
        try:
            return self._nodes[path]
        except KeyError:
            raise NodeNotFoundError(f"there is no object at /{path}") from None

    def children(self, path: str) -> Sequence[str]:
        """Names of the nodes in a group; see `References.children`."""
        node = self.node(path)
        names = self._children.get(path, ())
        if names and path not in self._ordered:
            # A document's keys have no order of their own.
            self._ordered[path] = keys.in_order(names, node.sidecar.get("order", ()))
        return self._ordered.get(path, ())
