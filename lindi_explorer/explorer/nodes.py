"""What a node is and holds, as far as its metadata tells: no array data is read here."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from lindi_explorer.errors import LindiError, NodeNotFoundError
from lindi_explorer.explorer.texts import show_value
from lindi_explorer.explorer.wire import from_wire, to_wire
from lindi_explorer.h5.arrays.dtypes import declared_dtype
from lindi_explorer.hdf5.attributes import StoredAttribute
from lindi_explorer.hdf5.filters import words_of
from lindi_explorer.hdf5.types import TypeSpec, dtype_of, type_of, type_words
from lindi_explorer.references import keys
from lindi_explorer.references.annotations import EXTERNAL_ARRAY_LINK, SCALAR, SOFT_LINK
from lindi_explorer.references.chunks import ChunkTable
from lindi_explorer.references.written import WrittenChunks

if TYPE_CHECKING:
    from lindi_explorer.explorer.protocol import Kind
    from lindi_explorer.h5 import LindiH5pyFile
    from lindi_explorer.references.model import Node

_LARGEST_PEEK = 1 << 20
"""Stored bytes of an object array that are decoded to learn the type of its elements."""


def outer(path: str) -> str:
    """A path as the protocol has it: with a leading slash, ready to be sent."""
    return to_wire(f"/{path}")


def inner(path: str) -> str:
    """A path of the protocol as it is in the file, without leading slash."""
    return keys.normalise(from_wire(path))


def name_of(path: str) -> str:
    """The last part of a path, ``/`` for the root."""
    return to_wire(keys.split(path)[1]) or "/"


def open_object(file: LindiH5pyFile, path: str) -> Any:
    """The group, dataset or type at a path without leading slash."""
    return file[f"/{path}"]


def resolve(file: LindiH5pyFile, path: str) -> str:
    """The path of the object that a path leads to, through links anywhere in it.

    Parameters
    ----------
    file : LindiH5pyFile
    path : str
        Without leading slash.

    Returns
    -------
    str

    Raises
    ------
    NodeNotFoundError
        If there is none.
    """
    return file.id.view.resolve(path)


def locate(file: LindiH5pyFile, path: str) -> str:
    """As `resolve`, but a link at the very end is not followed: the node itself.

    Raises
    ------
    NodeNotFoundError
        If there is none.
    """
    parent, name = keys.split(path)
    place = keys.join(resolve(file, parent), name) if name else ""
    if not file.journal.has(place):
        raise NodeNotFoundError(f"there is no object at {outer(place)}")
    return place


def kind_of(node: Node) -> Kind:
    """What a node is; links are not followed."""
    if SOFT_LINK in node.attributes or "link" in node.sidecar:
        return "link"
    if node.sidecar.get("committed"):
        return "datatype"
    if "problem" in node.sidecar:
        return "broken"
    return "group" if node.array is None else "dataset"


def neurodata_type(node: Node) -> str:
    """``neurodata_type`` of a node, empty where it has none."""
    value = node.attributes.get("neurodata_type")
    return value if isinstance(value, str) else ""


# ---------------------------------------------------------------- datasets


def shape_of(node: Node) -> tuple[int, ...] | None:
    """Shape of a dataset: None for a null dataspace, ``()`` for a scalar."""
    if node.sidecar.get("null"):
        return None
    return () if node.attributes.get(SCALAR) else tuple((node.array or {})["shape"])


def type_at(file: LindiH5pyFile, path: str, node: Node) -> TypeSpec | None:
    """The type of a dataset's elements.

    Returns
    -------
    TypeSpec or None
        None where finding out would read much, or the metadata is damaged.
    """
    try:
        if "type" in node.sidecar:
            dtype_of(node.sidecar["type"])
            spec: TypeSpec = node.sidecar["type"]
            return spec
        if EXTERNAL_ARRAY_LINK in node.attributes and not len(node.chunks):
            return type_of(np.dtype((node.array or {})["dtype"]))
        declared = declared_dtype(node)
        if declared is None and stored_bytes(node) > _LARGEST_PEEK:
            return None
        return type_of(open_object(file, path).dtype if declared is None else declared)
    except (LindiError, TypeError, ValueError, KeyError):
        return None


def data_words(spec: TypeSpec | None) -> str:
    """The type of a dataset for people: ``int16``, ``utf-8 string``, ``compound (3 fields)``."""
    if spec is None:
        return "object"
    if isinstance(spec, dict) and "string" in spec:
        charset, _, length = type_words(spec).partition(" ")
        return f"{charset} string {length}".rstrip()
    return type_words(spec)


def known_stored_bytes(node: Node) -> int | None:
    """Stored bytes of a node's chunks, None where counting them would read the file's chunk index."""
    chunks = node.chunks
    return None if isinstance(chunks, ChunkTable) and not chunks.loaded else stored_bytes(node)


def stored_bytes(node: Node) -> int:
    """Stored bytes of a node's chunks, counted now if they have not been."""
    chunks = node.chunks
    if isinstance(chunks, ChunkTable) and not isinstance(chunks, WrittenChunks):
        return chunks.stored_bytes
    # What was written is counted one by one: a table of it would be kept, of each state that was looked at.
    return sum(len(item) if isinstance(item, bytes) else item.length for item in chunks.values())


def size_bytes(node: Node, spec: TypeSpec | None) -> int | None:
    """Bytes of the decoded array, None for variable-length data."""
    shape = shape_of(node)
    if shape is None or spec is None:
        return None
    dtype = dtype_of(spec)
    return None if dtype.hasobject else math.prod(shape) * dtype.itemsize


def is_inline(node: Node) -> bool:
    """Whether all data is kept in the document."""
    chunks = node.chunks
    if isinstance(chunks, ChunkTable) and not isinstance(chunks, WrittenChunks):
        return chunks.loaded and bool(chunks.inline) and not len(chunks.offset)
    if not getattr(chunks, "loaded", True):
        return False
    return bool(chunks) and all(isinstance(item, bytes) for item in chunks.values())


def filters_of(node: Node) -> list[str]:
    """The filters of a dataset in words, in the order of writing."""
    array = node.array or {}
    words = words_of(array, node.sidecar)
    compressor: Any = array.get("compressor")
    # The compressor of what is kept in the document is LINDI's own business.
    if (
        isinstance(compressor, dict)
        and not is_inline(node)
        and "filters" not in node.sidecar
        and len(node.chunks)
    ):
        level = compressor.get("clevel", compressor.get("level", ""))
        words.append(" ".join(map(str, (compressor.get("id"), compressor.get("cname", ""), level))).strip())
    return words


def fill_text(node: Node, spec: TypeSpec | None) -> str:
    """The fill value of a dataset, empty where there is none to speak of."""
    value = node.sidecar.get("fill", (node.array or {}).get("fill_value"))
    if spec is None or value is None or not isinstance(spec, str) or is_inline(node):
        return ""
    try:
        return show_value(StoredAttribute(value=value, plain=True, type=spec, shape=(), exact=True))
    except (KeyError, TypeError, ValueError):
        return ""
