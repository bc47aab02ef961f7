"""References to objects that move or are copied: HDF5 has the object itself, LINDI the path it goes by."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from lindi_explorer.byterange import ByteRange
from lindi_explorer.h5.arrays.decode import chunk_array
from lindi_explorer.hdf5.inline import json_chunk
from lindi_explorer.references.annotations import COMPOUND, REFERENCE
from lindi_explorer.references.chunks import ChunkTable
from lindi_explorer.references.model import Node
from lindi_explorer.remote import RangeReader

Place = Callable[[str], str | None]
"""From the path a reference has, without slashes around it, to the one it gets; None makes it null."""


def may_refer(node: Node) -> bool:
    """Whether a node may hold references; of data that is kept as JSON values only the type is looked at."""
    return _refers(node.attributes) or _refers(node.sidecar) or _has_references(node)


def repointed(node: Node, path: str, to: str, reader: RangeReader) -> Node:
    """The node with its references to an object at or below a path led to another path.

    Parameters
    ----------
    node : Node
    path, to : str
    reader : RangeReader

    Returns
    -------
    Node
        The same where it holds none.
    """

    def place(target: str) -> str:
        below = target == path or target.startswith(f"{path}/")
        return to + target[len(path) :] if below else target

    return references_mapped(node, place, reader)[0]


def references_mapped(node: Node, place: Place, reader: RangeReader) -> tuple[Node, list[str]]:
    """The node with other paths in its references.

    Parameters
    ----------
    node : Node
    place : callable
        Tells the new path of each.
    reader : RangeReader

    Returns
    -------
    node : Node
        The same where nothing changes.
    paths : list of str
        The paths that its references have, before.
    """
    walk = _Mapping(place)
    attributes, sidecar = _nulls_apart(walk.changed(node.attributes), walk.changed(node.sidecar))
    chunks: Any = node.chunks
    if _has_references(node):
        array: dict[str, Any] = node.array or {}
        edges = tuple(array["chunks"])
        inline, touched = {}, False
        for index, reference in node.chunks.items():
            data = reader.read_now(reference) if isinstance(reference, ByteRange) else reference
            values = chunk_array(data, array, np.dtype("O"), edges).tolist()
            new = walk.changed(values)
            touched = touched or new is not values
            inline[index] = reference if new is values else json_chunk(new, edges, array)
        if touched and all(isinstance(data, bytes) for data in inline.values()):
            chunks = ChunkTable.build((1,) * node.axes, inline=inline)  # type: ignore[arg-type]
        elif touched:
            chunks = inline
    if chunks is node.chunks and attributes is node.attributes and sidecar is node.sidecar:
        return node, walk.found
    return Node(attributes, node.array, chunks, sidecar), walk.found


def _nulls_apart(
    attributes: dict[str, Any], sidecar: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """``.zattrs`` holds no null: attributes with references that became null go to the side-car."""
    nulls = {name: value for name, value in attributes.items() if _holds_null(value)}
    if not nulls:
        return attributes, sidecar
    entries = dict(sidecar.get("attributes", {}))
    for name, value in nulls.items():
        known = {"type": {"reference": "object"}, **entries.get(name, {})}
        entries[name] = {**known, "shape": _shape(value), "value": value}
    plain = {name: value for name, value in attributes.items() if name not in nulls}
    return plain, {**sidecar, "attributes": entries}


def _holds_null(value: Any) -> bool:
    return value is None or (isinstance(value, list) and any(map(_holds_null, value)))


def _shape(value: Any) -> list[int]:
    return [len(value), *(_shape(value[0]) if value else [])] if isinstance(value, list) else []


def _has_references(node: Node) -> bool:
    if node.array is None or node.array["dtype"] != "|O" or not len(node.chunks):
        return False
    if COMPOUND in node.attributes and "type" not in node.sidecar:
        return any("<REFERENCE>" in field for field in node.attributes[COMPOUND])
    return "type" not in node.sidecar or "'reference'" in repr(node.sidecar["type"])


def _refers(value: Any) -> bool:
    if isinstance(value, dict):
        return isinstance(value.get(REFERENCE), dict) or any(map(_refers, value.values()))
    return isinstance(value, list) and any(map(_refers, value))


class _Mapping:
    """Goes over JSON values, and notes the references it meets."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self.found: list[str] = []

    def changed(self, value: Any) -> Any:
        """The value with other paths; the same object where nothing changes."""
        if isinstance(value, dict):
            inside = value.get(REFERENCE)
            if isinstance(inside, dict) and isinstance(inside.get("path"), str):
                return self._changed_reference(value, inside)
            new = {name: self.changed(item) for name, item in value.items()}
            return new if any(new[name] is not value[name] for name in value) else value
        if isinstance(value, list):
            items = [self.changed(item) for item in value]
            same = all(one is other for one, other in zip(items, value, strict=True))
            return value if same else items
        return value

    def _changed_reference(self, value: dict[str, Any], inside: dict[str, Any]) -> Any:
        before = inside["path"].strip("/")
        self.found.append(before)
        after = self._place(before)
        if after == before:
            return value
        return None if after is None else {**value, REFERENCE: {**inside, "path": f"/{after}"}}
