"""A decoded LINDI document."""

from __future__ import annotations

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
        self.extra = dict(extra or {})
        for path in nodes:
            for parent in keys.parents(path):
                self._nodes.setdefault(parent, Node())
        self._children: dict[str, list[str]] = {}
        for path in self._nodes:
            if path:
                parent, name = keys.split(path)
                self._children.setdefault(parent, []).append(name)
        for path, names in self._children.items():
            # A document's keys have no order of their own.
            self._children[path] = keys.in_order(names, self._nodes[path].sidecar.get("order", ()))

    def node(self, path: str) -> Node:
        """The node at a path; see `References.node`."""
        try:
            return self._nodes[path]
        except KeyError:
            raise NodeNotFoundError(f"there is no object at /{path}") from None

    def children(self, path: str) -> Sequence[str]:
        """Names of the nodes in a group; see `References.children`."""
        self.node(path)
        return self._children.get(path, ())
