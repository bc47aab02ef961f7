"""What an added, removed or rewritten node is, in a few words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lindi_explorer.explorer.nodes import data_words, kind_of, neurodata_type, outer, shape_of, type_at
from lindi_explorer.explorer.wire import to_wire
from lindi_explorer.explorer.words import count_words
from lindi_explorer.hdf5.types import type_words
from lindi_explorer.references import keys
from lindi_explorer.references.annotations import SOFT_LINK
from lindi_explorer.references.written import WrittenChunks

if TYPE_CHECKING:
    from lindi_explorer.h5 import LindiH5pyFile
    from lindi_explorer.references.model import Node


def node_type(file: LindiH5pyFile, path: str, node: Node) -> str:
    """The type of a dataset's elements, or the neurodata type of a group; empty where there is none.

    Parameters
    ----------
    file : LindiH5pyFile
        That has the node.
    path : str
    node : Node

    Returns
    -------
    str
    """
    if kind_of(node) == "dataset" and node.array is not None:
        return to_wire(data_words(type_at(file, path, node)))
    return to_wire(neurodata_type(node))


def node_words(file: LindiH5pyFile, path: str, node: Node, over: Node | None = None) -> str:
    """A node in a list of differences: ``dataset, float32 (1,000 × 32)``, ``group with 12 objects``.

    Parameters
    ----------
    file : LindiH5pyFile
        That has the node.
    path : str
    node : Node
    over : Node, optional
        What it was before.

    Returns
    -------
    str
    """
    kind = kind_of(node)
    if kind == "link":
        return to_wire(_link_words(node))
    if kind == "group":
        return f"group with {count_words(len(file.journal.children(path)), 'object')}"
    if kind == "datatype":
        spec = node.sidecar.get("type")
        return f"committed type, {type_words(spec)}" if spec is not None else "committed type"
    if kind == "broken" or node.array is None:
        return "object that cannot be read"
    written = _written(node, over)
    return f"dataset, {node_type(file, path, node)} ({_shape_words(node)}){written}"


def _link_words(node: Node) -> str:
    link = node.sidecar.get("link", {})
    if "external" in link:
        external = link["external"]
        return f"link to {external.get('path')} in the file {external.get('filename')}"
    if "hard" in link:
        return f"another name of {link['hard']}"
    stored = node.attributes.get(SOFT_LINK)
    target = stored.get("path") if isinstance(stored, dict) else None
    return f"link to {outer(keys.normalise(str(target)))}"


def _shape_words(node: Node) -> str:
    shape = shape_of(node)
    if shape is None:
        return "null"
    return " × ".join(f"{size:,}" for size in shape) or "scalar"


def _written(node: Node, over: Node | None) -> str:
    """How many chunks of a dataset that was there have been written."""
    chunks = node.chunks
    if over is None or not isinstance(chunks, WrittenChunks) or chunks.base is not over.chunks:
        return ""
    count = len(chunks.written)
    return f", {count_words(count, 'chunk')} written" if count else ""
