"""The rules of attributes and of the annotations among them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

Broken = Iterator[tuple[str, str]]

RESERVED = {"_SCALAR", "_COMPOUND_DTYPE", "_REFERENCE", "_EXTERNAL_ARRAY_LINK", "_SOFT_LINK"}
WORDS = {"NaN", "Infinity", "-Infinity"}
REFERENCE = {"object_id", "path", "source", "source_object_id"}
DANGLING = "/<dangling reference>"


def key_of(path: str, name: str) -> str:
    """The key of a part of a node."""
    return f"{path}/{name}" if path else name


def is_node(refs: Mapping[str, Any], path: str) -> bool:
    """Whether there is a group or array at a path."""
    return key_of(path, ".zgroup") in refs or key_of(path, ".zarray") in refs


def attribute_rules(path: str, refs: Mapping[str, Any], sizes: Mapping[str, int]) -> Broken:
    """The rules that the ``.zattrs`` of one node breaks."""
    attributes = refs[key_of(path, ".zattrs")]
    is_array = key_of(path, ".zarray") in refs
    for name, value in attributes.items():
        if name not in RESERVED:
            yield from _value_rules(f"{path}.{name}", value, refs)
    if "_REFERENCE" in attributes:
        yield "reserved", f"{path} has an attribute _REFERENCE"
    if not is_array and RESERVED & attributes.keys() - {"_SOFT_LINK", "_REFERENCE"}:
        yield "reserved", f"{path} is a group with the annotations of an array"
    if "_SOFT_LINK" in attributes:
        link = attributes["_SOFT_LINK"]
        absolute = isinstance(link, dict) and link.keys() == {"path"} and _is_absolute(link["path"])
        if not absolute or is_array or len(attributes) > 1:
            yield "soft link", f"{path}: {attributes!r}"
    if "_EXTERNAL_ARRAY_LINK" in attributes:
        yield from _array_link_rules(path, attributes["_EXTERNAL_ARRAY_LINK"], sizes)


def _is_absolute(path: Any) -> bool:
    return isinstance(path, str) and path.startswith("/")


def _array_link_rules(path: str, link: Any, sizes: Mapping[str, int]) -> Broken:
    members = {"link_type", "name", "url"}
    if (
        not isinstance(link, dict)
        or link.keys() != members
        or link["link_type"] != "hdf5_dataset"
        or link["name"] != path
        or link["url"] not in sizes
    ):
        yield "array link", f"{path}: {link!r}"


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, list):
        for item in value:
            yield from _leaves(item)
    else:
        yield value


def _kind(leaf: Any) -> str:
    if isinstance(leaf, str):
        return "float" if leaf in WORDS else "string"
    return type(leaf).__name__


def _value_rules(place: str, value: Any, refs: Mapping[str, Any]) -> Broken:
    leaves = list(_leaves(value))
    kinds = {_kind(leaf) for leaf in leaves}
    if kinds - {"bool", "int", "float", "string", "dict"}:
        yield "attribute value", f"{place}: {value!r}"[:200]
    elif len(kinds) > 1:
        yield "attribute mixed", f"{place}: {value!r}"[:200]
    if not _is_regular(value):
        yield "attribute shape", f"{place}: {value!r}"[:200]
    for leaf in leaves:
        if isinstance(leaf, dict):
            yield from _reference_rules(place, leaf, refs, plain=True)


def _is_regular(value: Any) -> bool:
    try:
        np.array(value, dtype=object if not isinstance(value, list) else None)
    except ValueError:
        return False
    return True


def _reference_rules(place: str, value: Mapping[str, Any], refs: Mapping[str, Any], *, plain: bool) -> Broken:
    inside = value.get("_REFERENCE")
    if value.keys() != {"_REFERENCE"} or not isinstance(inside, dict):
        yield "reference", f"{place}: {value!r}"
        return
    if inside.keys() - ({"region"} if not plain else set()) != REFERENCE or inside["source"] != ".":
        yield "reference", f"{place}: {inside!r}"
        return
    ids = inside["object_id"], inside["source_object_id"]
    if not all(one is None or isinstance(one, str) for one in ids) or not _is_absolute(inside["path"]):
        yield "reference", f"{place}: {inside!r}"
        return
    target = inside["path"].removeprefix("/")
    root, own = (refs.get(key_of(at, ".zattrs"), {}).get("object_id") for at in ("", target))
    if ids[1] != root or (is_node(refs, target) and ids[0] != own):
        yield "reference ids", f"{place}: {inside!r}"
    if not is_node(refs, target) and inside["path"] != DANGLING:
        yield "reference target", f"{place}: there is no {inside['path']}"
