"""Copying objects: inside LINDI by reference, into an HDF5 file by value."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import h5py

from lindi_explorer.errors import NodeNotFoundError
from lindi_explorer.h5.objects import LindiObject
from lindi_explorer.h5.repoint import references_mapped
from lindi_explorer.h5.structure import Changing, hard_link
from lindi_explorer.h5.virtual.creating import seen_from_elsewhere
from lindi_explorer.h5.virtual.mapping import VIRTUAL
from lindi_explorer.references import keys
from lindi_explorer.references.annotations import RESERVED, SOFT_LINK
from lindi_explorer.references.chunks import ChunkTable, LazyInline, chunk_grid
from lindi_explorer.references.model import Node
from lindi_explorer.references.written import plain_table
from lindi_explorer.staging.overlay import is_group

if TYPE_CHECKING:
    from lindi_explorer.h5.view import View
    from lindi_explorer.h5.within import WithinGroup

_MOST_OBJECTS = 1_000_000


@dataclass(frozen=True, slots=True)
class CopyOptions:
    """What h5py's `Group.copy` may be told.

    Attributes
    ----------
    shallow : bool
        Of a group, its members only.
    expand_soft, expand_external : bool
        Copy what links lead to.
    expand_refs : bool
        Copy what references lead to.
    without_attrs : bool
        Leave out the attributes.
    """

    shallow: bool = False
    expand_soft: bool = False
    expand_external: bool = False
    expand_refs: bool = False
    without_attrs: bool = False


def copy_object(group: WithinGroup, source: Any, dest: Any, name: Any, options: CopyOptions) -> None:
    """Copy an object; see `LindiH5pyGroup.copy`."""
    found = source if isinstance(source, h5py.HLObject) else group[source]
    if name is None and isinstance(dest, h5py.Group):
        name = keys.split(os.fsdecode(found.name if found is source else source).rstrip("/"))[1]
    if isinstance(dest, h5py.Group):
        target = dest
    elif isinstance(dest, h5py.HLObject):
        raise TypeError("Destination must be path or Group object")
    else:
        target, name = group, dest
    if not isinstance(target, LindiObject):
        _into_hdf5(found, target, name, options)
        return
    if not isinstance(found, LindiObject):
        found = _as_lindi(found)
    _into_lindi(found, target, name, options)


def _as_lindi(found: Any) -> LindiObject:
    """The same object of an HDF5 file, seen as LINDI."""
    from lindi_explorer.h5.opening.open import open_any

    opened: LindiObject = open_any(found.file)[found.name]
    return opened


def _into_hdf5(found: Any, target: h5py.Group, name: Any, options: CopyOptions) -> None:
    from lindi_explorer.h5.copies.to_hdf5 import copy_to_hdf5

    copy_to_hdf5(
        found,
        target,
        name,
        shallow=options.shallow,
        expand_soft=options.expand_soft,
        expand_external=options.expand_external,
        expand_refs=options.expand_refs,
        without_attrs=options.without_attrs,
    )


def _into_lindi(found: LindiObject, target: Any, name: Any, options: CopyOptions) -> None:
    view: View = target.id.view
    view.require_writable(f"{name!r} cannot be written")
    with view.editing:
        changing = Changing(view)
        path = changing.place(target._full(name), "object")  # noqa: SLF001 - the same family
        source, above = found.place
        made = _Copies(source, view, options)
        made.collect(source, above, path, level=0)
        for place, node in made.nodes():
            changing.add(place, node)
        changing.done(f"Copy {keys.split(above)[1] or 'the file'}")


class _Copies:
    """The nodes of one copy: first which objects, then where what they refer to is."""

    def __init__(self, source: View, target: View, options: CopyOptions) -> None:
        self._source = source
        self._target = target
        self._options = options
        # Object -> the path of its copy; the copies in the order in which they are added.
        self._places: dict[tuple[int, str], str] = {}
        self._nodes: list[tuple[View, str, str, Node]] = []

    def collect(self, view: View, path: str, to: str, *, level: int) -> None:
        """Take an object, and what is below it."""
        pending = [(view, path, to, level)]
        while pending:
            view, path, to, level = pending.pop()
            if len(self._nodes) >= _MOST_OBJECTS:
                raise ValueError(
                    f"a copy of more than {_MOST_OBJECTS:,} objects: does a link lead round in a circle?"
                )
            node = view.node(path)
            seen = self._places.get((id(view), path))
            if seen is not None:
                self._nodes.append((view, path, to, hard_link(seen)))
                continue
            follow = self._followed(view, path, node)
            if follow is not None:
                pending.append((*follow, to, level))
                continue
            self._places[id(view), path] = to
            if self._options.shallow and level and is_group(node):
                node = Node(node.attributes, sidecar=_without_order(node.sidecar))
                self._nodes.append((view, path, to, node))
                continue
            self._nodes.append((view, path, to, node))
            below = [
                (view, keys.join(path, one), keys.join(to, one), level + 1)
                for one in view.journal.children(path)
            ]
            pending.extend(reversed(below))

    def _followed(self, view: View, path: str, node: Node) -> tuple[View, str] | None:
        """The object that is copied in place of a link, None where the node itself is."""
        link = node.sidecar.get("link", {})
        if "hard" in link:
            return view, keys.normalise(link["hard"])
        soft, external = SOFT_LINK in node.attributes, "external" in link
        if not (soft and self._options.expand_soft) and not (external and self._options.expand_external):
            return None
        try:
            found = view.file[f"/{path}"]
        except (KeyError, OSError, NotImplementedError):
            return None  # a link that leads nowhere stays one
        place: tuple[View, str] = found.place
        return place

    def nodes(self) -> Iterator[tuple[str, Node]]:
        """The copies: path and node, parents first."""
        if self._options.expand_refs:
            self._add_referred()
        for view, _path, to, node in self._nodes:
            yield to, self._copied(view, node)

    def _add_referred(self) -> None:
        """Have what references lead to copied, too, beside the copy."""
        number = 0
        while number < len(self._nodes):
            view, _path, _to, node = self._nodes[number]
            number += 1
            for target in references_mapped(node, lambda path: path, view.reader)[1]:
                try:
                    path = view.resolve(keys.normalise(target))
                except NodeNotFoundError:
                    continue
                if (id(view), path) not in self._places:
                    self.collect(view, path, f"~obj_pointed_by_{len(self._places)}", level=0)

    def _copied(self, view: View, node: Node) -> Node:
        attributes, sidecar = node.attributes, node.sidecar
        if self._options.without_attrs:
            attributes = {name: value for name, value in attributes.items() if name in RESERVED}
            sidecar = {
                name: value
                for name, value in sidecar.items()
                if name not in ("attributes", "attribute_order")
            }
        if sidecar.get("order"):
            # Given again by adding the children one by one.
            sidecar = {**sidecar, "order": []}
        node = Node(attributes, node.array, node.chunks, sidecar)
        if view is self._target and not self._options.expand_refs:
            return node
        node = references_mapped(node, lambda path: self._place_of(view, path), view.reader)[0]
        return node if view is self._target else _independent(view, node)

    def _place_of(self, view: View, path: str) -> str | None:
        """Where the copy of an object is, None where it has none: as in HDF5, the reference is null then."""
        try:
            return self._places.get((id(view), view.resolve(keys.normalise(path))))
        except NodeNotFoundError:
            return None


def _independent(view: View, node: Node) -> Node:
    """A node that stays what it is when the file it comes from is closed."""
    if node.array is None:
        return node
    if VIRTUAL in node.sidecar:
        return seen_from_elsewhere(view, node)
    table = plain_table(node.chunks, chunk_grid(node.array["shape"], node.array["chunks"]))
    addresses = view.file.addresses
    inline = dict(table.inline) if isinstance(table.inline, LazyInline) else table.inline
    urls = tuple(addresses.get(url, url) for url in table.urls)
    new = ChunkTable(table.grid, urls, table.index, table.url, table.offset, table.length, inline)
    return Node(node.attributes, node.array, new, node.sidecar)


def _without_order(sidecar: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in sidecar.items() if name != "order"}
