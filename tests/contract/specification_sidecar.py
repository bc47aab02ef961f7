"""The rules of side-cars, and of the type specifications in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from tests.contract.specification_metadata import RESERVED, is_node, key_of

Broken = Iterator[tuple[str, str]]


def sidecar_rules(path: str, refs: Mapping[str, Any], children: set[str]) -> Broken:
    """The rules that the side-car of one node breaks."""
    sidecar = refs[key_of(path, ".lindi_explorer")]
    node = _Node(path, refs, children)
    unknown = sidecar.keys() - _MEMBERS.keys()
    if unknown:
        yield "side-car members", f"{path}: {unknown}"
    for name, rule in _MEMBERS.items():
        if name in sidecar and not rule(node, sidecar[name]):
            yield f"side-car {name}", f"{path}: {sidecar[name]!r}"[:300]
    if ("null" in sidecar or "committed" in sidecar) and not {"type", "problem"} & sidecar.keys():
        yield "side-car without type", path


class _Node:
    def __init__(self, path: str, refs: Mapping[str, Any], children: set[str]) -> None:
        self.path, self.refs, self.children = path, refs, children
        self.array = refs.get(key_of(path, ".zarray"))
        self.attributes = refs.get(key_of(path, ".zattrs"), {})
        self.sidecar = refs[key_of(path, ".lindi_explorer")]
        self.shape = [] if self.attributes.get("_SCALAR") else (self.array or {}).get("shape")

    @property
    def is_leaf(self) -> bool:
        return self.array is None and not self.children


def _attributes(node: _Node, entries: Any) -> bool:
    return (
        isinstance(entries, dict)
        and bool(entries)
        and all(
            _entry(entry, present=name in node.attributes and name not in RESERVED)
            for name, entry in entries.items()
        )
    )


def _entry(entry: Any, *, present: bool) -> bool:
    if not isinstance(entry, dict):
        return False
    if "problem" in entry:
        return entry.keys() == {"problem"} and isinstance(entry["problem"], str) and not present
    if "type" not in entry or not is_type(entry["type"]):
        return False
    if "null" in entry:
        return entry.keys() == {"type", "null"} and entry["null"] is True and not present
    shape = entry.get("shape", [])
    is_shape = isinstance(shape, list) and all(type(size) is int and size >= 0 for size in shape)
    rest = {"shape"} & entry.keys() if present else {"shape", "value"}
    return is_shape and entry.keys() == {"type"} | rest


def is_type(spec: Any) -> bool:
    """Whether this is a type specification."""
    return _is_number_type(spec) if isinstance(spec, str) else isinstance(spec, dict) and _is_made_type(spec)


def _is_number_type(spec: str) -> bool:
    try:
        dtype = np.dtype(spec)
    except TypeError:
        return False
    return dtype.str == spec and dtype.kind in "biufc"


def _is_made_type(spec: dict[str, Any]) -> bool:
    match spec:
        case {"string": "utf-8" | "ascii", **rest}:
            return not rest or (rest.keys() == {"length"} and type(rest["length"]) is int)
        case {"enum": dict(names), "base": base, **rest}:
            return not rest and is_type(base) and all(type(number) is int for number in names.values())
        case {"reference": "object" | "region", **rest}:
            return not rest
        case {"vlen": base, **rest}:
            return not rest and is_type(base)
        case {"array": base, "shape": list(shape), **rest}:
            return not rest and is_type(base) and all(type(size) is int for size in shape)
        case {"compound": list(fields), "size": int(), **rest}:
            return not rest and all(
                isinstance(field, list)
                and list(map(type, field))[::2] == [str, int]
                and len(field) == 3
                and is_type(field[1])
                for field in fields
            )
        case {"opaque": int(), **rest}:
            return not rest or (rest.keys() == {"tag"} and isinstance(rest["tag"], str))
    return False


def _maxshape(node: _Node, limits: Any) -> bool:
    if not isinstance(limits, list) or node.shape is None or len(limits) != len(node.shape):
        return False
    sound = all(
        limit is None or (type(limit) is int and limit >= size)
        for limit, size in zip(limits, node.shape, strict=True)
    )
    return sound and limits != node.shape


def _chunks(node: _Node, edges: Any) -> bool:
    if node.array is None:
        return False
    if edges is None:
        return True
    sound = isinstance(edges, list) and all(type(edge) is int and edge > 0 for edge in edges)
    return sound and len(edges) == len(node.array["shape"]) and edges != node.array["chunks"]


def _filters(node: _Node, filters: Any) -> bool:
    return (
        node.array is not None
        and isinstance(filters, list)
        and (bool(filters) or "virtual" in node.sidecar)
        and all(
            isinstance(item, list)
            and [type(part) for part in item] == [int, str, list]
            and all(type(number) is int for number in item[2])
            for item in filters
        )
    )


def _external(node: _Node, files: Any) -> bool:
    return node.array is not None and all(
        isinstance(file, dict)
        and file.keys() == {"file", "offset", "size"}
        and isinstance(file["file"], str)
        and type(file["offset"]) is int
        and (file["size"] is None or type(file["size"]) is int)
        for file in files
    )


def _virtual(node: _Node, virtual: Any) -> bool:
    if node.array is None or not isinstance(virtual, dict) or not virtual.keys() <= {"sources", "base"}:
        return False
    axes = len(node.shape or [])
    return isinstance(virtual.get("base", ""), str) and all(
        isinstance(source, dict)
        and source.keys() == {"file", "dataset", "shape", "from", "to"}
        and all(isinstance(source[name], str) for name in ("file", "dataset"))
        and _is_selection(source["to"], axes)
        and _is_selection(source["from"], len(source["shape"]))
        for source in virtual["sources"]
    )


def _is_selection(selection: Any, axes: int) -> bool:
    match selection:
        case "all" | "none":
            return True
        case {"blocks": list(blocks), **rest}:
            return not rest and all([len(end) for end in block] == [axes, axes] for block in blocks)
        case {"start": list(), "count": list(), **rest}:
            named = {"start": True, "count": False, "stride": True, "block": False}
            return rest.keys() <= named.keys() and all(
                len(numbers) == axes
                and all(
                    (type(number) is int and number >= 0) or (number is None and not named[name])
                    for number in numbers
                )
                for name, numbers in selection.items()
            )
    return False


def _link(node: _Node, link: Any) -> bool:
    if not node.is_leaf or not isinstance(link, dict) or len(link) != 1:
        return False
    plain = node.attributes.get("_SOFT_LINK", {}).get("path")
    match link:
        case {"external": dict(external)}:
            texts = all(isinstance(text, str) for text in external.values())
            return external.keys() == {"filename", "path", "base"} and texts and plain is None
        case {"hard": str(path)}:
            target = path.removeprefix("/")
            return path == plain and is_node(node.refs, target) and target != node.path
        case {"soft": str(path)}:
            return not path.startswith("/") and plain is not None and plain.endswith(path)
    return False


def _order(node: _Node, names: Any) -> bool:
    return isinstance(names, list) and sorted(names) == sorted(node.children) and _unlike_names(names)


def _attribute_order(node: _Node, names: Any) -> bool:
    own = (node.attributes.keys() - RESERVED) | node.sidecar.get("attributes", {}).keys()
    return isinstance(names, list) and sorted(names) == sorted(own) and _unlike_names(names)


def _unlike_names(names: list[str]) -> bool:
    return names != sorted(names, key=lambda name: name.encode("utf-8", "surrogatepass"))


_MEMBERS: dict[str, Callable[[_Node, Any], bool]] = {
    "attributes": _attributes,
    "type": lambda node, spec: is_type(spec) and (node.array is None or spec != node.array["dtype"]),
    "null": lambda node, value: value is True and (node.array or {}).get("shape") == [0],
    "maxshape": _maxshape,
    "chunks": _chunks,
    "filters": _filters,
    "fill": lambda node, value: node.array is not None and value != node.array["fill_value"],
    "link": _link,
    "external": _external,
    "virtual": _virtual,
    "order": _order,
    "attribute_order": _attribute_order,
    "committed": lambda node, value: value is True and node.is_leaf,
    "problem": lambda _node, value: isinstance(value, str) and bool(value),
}
