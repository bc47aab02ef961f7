"""A hierarchy with nodes changed, added, removed, moved: each change makes a new one that shares the rest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import immutables

from lindi_explorer.errors import ConflictError, NodeNotFoundError
from lindi_explorer.references import keys
from lindi_explorer.references.annotations import SOFT_LINK
from lindi_explorer.references.chunks import ChunkTable
from lindi_explorer.references.model import Node, References
from lindi_explorer.references.written import WrittenChunks

_Names = immutables.Map[str, int]


@dataclass(frozen=True, slots=True)
class Overlay:
    """What lies over a base hierarchy.

    Attributes
    ----------
    base : References
        Never changed.
    nodes : immutables.Map
        Path -> node, where it is not the base's.
    members : immutables.Map
        Path of a group -> its children, where they are not the base's: name -> a number that grows.
    cut : immutables.Map
        Paths at which the base is hidden, with everything below.
    count : int
        The next number of `members`.
    """

    base: References
    nodes: immutables.Map[str, Node] = field(default_factory=immutables.Map)
    members: immutables.Map[str, _Names] = field(default_factory=immutables.Map)
    cut: immutables.Map[str, None] = field(default_factory=immutables.Map)
    count: int = 0

    # ------------------------------------------------------------ reading

    def node(self, path: str) -> Node:
        """The node at a path; see `References.node`."""
        node = self.nodes.get(path)
        if node is not None:
            return node
        if self.cut and self._is_hidden(path):
            raise NodeNotFoundError(f"there is no object at /{path}")
        return self.base.node(path)

    def has(self, path: str) -> bool:
        """Whether there is a node at a path."""
        if path in self.nodes:
            return True
        return not (self.cut and self._is_hidden(path)) and self.base.has(path)

    def base_node(self, path: str) -> Node | None:
        """The base's node at a path, None where it has none or it is hidden."""
        if self.cut and self._is_hidden(path):
            return None
        try:
            return self.base.node(path)
        except NodeNotFoundError:
            return None

    def _is_hidden(self, path: str) -> bool:
        while path not in self.cut:
            if not path:
                return False
            path = keys.split(path)[0]
        return True

    def children(self, path: str) -> Sequence[str]:
        """Names of the nodes in a group; see `References.children`."""
        names = self.members.get(path)
        if names is not None:
            order = self.node(path).sidecar.get("order", ())
            if not order:
                return keys.in_order(names, ())
            return keys.in_order(sorted(names, key=names.__getitem__), order)
        if path not in self.nodes:
            return self._base_children(path)
        before = self.base_node(path)
        if before is None:
            return ()
        order = self.nodes[path].sidecar.get("order", ())
        is_reordered = order != before.sidecar.get("order", ())
        return keys.in_order(self.base.children(path), order) if is_reordered else self.base.children(path)

    def _base_children(self, path: str) -> Sequence[str]:
        if self.cut and self._is_hidden(path):
            raise NodeNotFoundError(f"there is no object at /{path}")
        return self.base.children(path)

    def has_child(self, path: str, name: str) -> bool:
        """Whether a group has a child of that name."""
        names = self.members.get(path)
        return name in names if names is not None else self.has(keys.join(path, name))

    def walk(self, path: str) -> Iterator[str]:
        """Paths of a node and all below it, parents first."""
        pending = [path]
        while pending:
            current = pending.pop()
            pending.extend(keys.join(current, name) for name in reversed(self.children(current)))
            yield current

    # ------------------------------------------------------------ changing

    def put(self, path: str, node: Node) -> Overlay:
        """Replace the node at a path; its children stay."""
        before = self.base_node(path)
        if before is not None and same_node(node, before):
            return replace(self, nodes=self.nodes.delete(path)) if path in self.nodes else self
        return replace(self, nodes=self.nodes.set(path, node))

    def add(self, path: str, node: Node) -> Overlay:
        """Add a node without children to a group.

        Raises
        ------
        ConflictError
            If there is one already, or no group to put it in.
        """
        parent, name = keys.split(path)
        if not path or self.has_child(parent, name):
            raise ConflictError(f"there is an object at /{path} already", hint="Nothing was applied.")
        if not is_group(self.node(parent)):
            raise ConflictError(f"/{parent} is no group", hint="Nothing was applied.")
        members = self.members.set(parent, self._names(parent).set(name, self.count))
        if path in members:
            members = members.delete(path)
        # What was at or below the path in the base once stays hidden.
        out = replace(self, members=members, count=self.count + 1, nodes=self.nodes.set(path, node))
        return out.ordered(parent, name, add=True)

    def remove(self, path: str) -> Overlay:
        """Take a node away, and all below it.

        Raises
        ------
        NodeNotFoundError
            If there is none.
        """
        parent, name = keys.split(path)
        if not path or not self.has(path):
            raise NodeNotFoundError(f"there is no object at /{path}")
        nodes, members, cut = self.nodes, self.members, self.cut
        below = is_group(self.node(path))
        with nodes.mutate() as fewer, members.mutate() as groups:
            # Only what was changed is here; the rest is hidden with the path.
            for changed in _at_or_below(nodes, path) if below else [path] if path in nodes else []:
                del fewer[changed]
            for changed in _at_or_below(members, path) if below else ():
                del groups[changed]
            groups[parent] = self._names(parent).delete(name)
            nodes, members = fewer.finish(), groups.finish()
        for hidden in _at_or_below(cut, path) if below else ():
            cut = cut.delete(hidden)
        if self.base.has(path):
            cut = cut.set(path, None)
        return replace(self, nodes=nodes, members=members, cut=cut).ordered(parent, name, add=False)

    def move(self, path: str, to: str) -> Overlay:
        """Give a node, with all below it, another path.

        Raises
        ------
        ConflictError
            If something is there already, or it is the node itself or below it.
        NodeNotFoundError
            If there is no node at the path.
        """
        if to == path or to.startswith(f"{path}/"):
            raise ConflictError(f"/{path} cannot be moved to /{to}, which is a part of it")
        found = [(one[len(path) :], self.node(one)) for one in self.walk(path)]
        order = {rest: self.children(path + rest) for rest, node in found if node.sidecar.get("order")}
        out = self.remove(path)
        for rest, node in found:
            # The order of creation is given again by adding the children one by one.
            fresh = replace(node, sidecar={**node.sidecar, "order": []}) if rest in order else node
            out = out.add(to + rest, fresh)
        return out

    def _names(self, path: str) -> _Names:
        names = self.members.get(path)
        if names is None:
            names = immutables.Map(
                {name: number for number, name in enumerate(self.children(path), -(1 << 40))}
            )
        return names

    def ordered(self, parent: str, name: str, *, add: bool) -> Overlay:
        """Keep the order of creation, where a group has one."""
        node = self.node(parent)
        order = node.sidecar.get("order")
        if order is None:
            return self
        order = [*(other for other in order if other != name), *([name] if add else [])]
        sidecar = {**node.sidecar, "order": order}
        return replace(
            self, nodes=self.nodes.set(parent, Node(node.attributes, node.array, node.chunks, sidecar))
        )


def is_group(node: Node) -> bool:
    """Whether a node may have children: no array, link, committed type or odd object."""
    return node.array is None and SOFT_LINK not in node.attributes and _NOT_GROUPS.isdisjoint(node.sidecar)


_NOT_GROUPS = frozenset({"link", "committed", "problem"})


def _at_or_below(paths: Mapping[str, Any], path: str) -> list[str]:
    return [other for other in paths if other == path or other.startswith(f"{path}/")]


def same_value(one: Any, other: Any) -> bool:
    """Whether two JSON values are the same, type and all: to Python, 1, 1.0 and true are equal."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same_value(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same_value, one, other))
    return repr(one) == repr(other) if isinstance(one, float) else bool(one == other)


def same_node(one: Node, other: Node) -> bool:
    """Whether two nodes say the same, as far as that is known without reading tables of chunks."""
    return one is other or (
        same_value(one.attributes, other.attributes)
        and same_value(one.sidecar, other.sidecar)
        and one.array == other.array
        and (one.chunks is other.chunks or _same_few(one.chunks, other.chunks))
    )


def _same_few(one: Mapping[Any, Any], other: Mapping[Any, Any]) -> bool:
    for chunks in (one, other):
        if isinstance(chunks, WrittenChunks) or not getattr(chunks, "loaded", True):
            return False
        if isinstance(chunks, ChunkTable) and len(chunks.offset) > _FEW:
            return False
    return dict(one) == dict(other)


_FEW = 64
"""Byte ranges that are compared one by one."""
