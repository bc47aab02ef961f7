"""References to objects that move: in HDF5 they lead to the object wherever it is, in LINDI to a path."""

from __future__ import annotations

from typing import Any

import numpy as np

from lindi_explorer.byterange import ByteRange
from lindi_explorer.h5.decode import chunk_array
from lindi_explorer.hdf5.inline import json_chunk
from lindi_explorer.references.annotations import COMPOUND, REFERENCE
from lindi_explorer.references.chunks import ChunkTable
from lindi_explorer.references.model import Node
from lindi_explorer.remote import RangeReader


def led_elsewhere(node: Node, path: str) -> bool:
    """Whether a node may hold references to an object at or below a path.

    Parameters
    ----------
    node : Node
    path : str

    Returns
    -------
    bool
        Of data that is kept as JSON values it is only known whether its type has references.
    """
    return _leads(node.attributes, path) or _leads(node.sidecar, path) or _has_references(node)


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
    chunks, changed = node.chunks, False
    if _has_references(node):
        array: dict[str, Any] = node.array or {}
        inline = {}
        for index, reference in node.chunks.items():
            data = reader.read_now(reference) if isinstance(reference, ByteRange) else reference
            values = chunk_array(data, array, np.dtype("O"), tuple(array["chunks"])).tolist()
            new = _changed(values, path, to)
            changed = changed or new is not values
            inline[index] = reference if new is values else json_chunk(new, tuple(array["chunks"]), array)
        if changed:
            chunks = ChunkTable.build((1,) * node.axes, inline=inline)  # type: ignore[arg-type]
    attributes, sidecar = _changed(node.attributes, path, to), _changed(node.sidecar, path, to)
    if not changed and attributes is node.attributes and sidecar is node.sidecar:
        return node
    return Node(attributes, node.array, chunks, sidecar)


def _has_references(node: Node) -> bool:
    if node.array is None or node.array["dtype"] != "|O" or not len(node.chunks):
        return False
    if COMPOUND in node.attributes and "type" not in node.sidecar:
        return any("<REFERENCE>" in field for field in node.attributes[COMPOUND])
    return "type" not in node.sidecar or "'reference'" in repr(node.sidecar["type"])


def _leads(value: Any, path: str) -> bool:
    return _changed(value, path, path) is not value


def _changed(value: Any, path: str, to: str) -> Any:
    """A JSON value with references to a path led elsewhere; the same object where there are none."""
    if isinstance(value, dict):
        inside = value.get(REFERENCE)
        if isinstance(inside, dict):
            return _changed_reference(value, inside, path, to)
        new = {name: _changed(item, path, to) for name, item in value.items()}
        return new if any(new[name] is not value[name] for name in value) else value
    if isinstance(value, list):
        items = [_changed(item, path, to) for item in value]
        return items if any(one is not other for one, other in zip(items, value, strict=True)) else value
    return value


def _changed_reference(value: dict[str, Any], inside: dict[str, Any], path: str, to: str) -> dict[str, Any]:
    target = inside.get("path")
    if not isinstance(target, str):
        return value
    plain = target.strip("/")
    if plain != path and not plain.startswith(f"{path}/"):
        return value
    return {**value, REFERENCE: {**inside, "path": f"/{to}{plain[len(path):]}"}}
