"""Small looks into a file that never fail: what is not there, or cannot be read, is left out of the card."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lindi_explorer.errors import CancelledByUserError, LindiError
from lindi_explorer.explorer.nodes import is_inline, kind_of, open_object, resolve, shape_of, stored_bytes
from lindi_explorer.explorer.wire import to_wire
from lindi_explorer.references import keys
from lindi_explorer.references.model import Node

if TYPE_CHECKING:
    from lindi_explorer.explorer.state import State

_LARGEST_TEXT = 1 << 16
"""Stored bytes of a text that is read for the card."""


def node_at(state: State, path: str) -> tuple[str, Node] | None:
    """The node a path leads to, through links, with its own path; None where there is none to speak of."""
    try:
        found = resolve(state.file, path)
        node = state.journal.node(found)
    except CancelledByUserError:
        raise
    except LindiError:
        return None
    return None if kind_of(node) == "broken" else (found, node)


def children_of(state: State, path: str) -> list[str]:
    """Paths of a group's children, empty where there is no group."""
    found = node_at(state, path)
    if found is None or found[1].array is not None:
        return []
    return [keys.join(found[0], name) for name in state.journal.children(found[0])]


def values_at(state: State, path: str) -> list[Any]:
    """The values of a small dataset as a flat list; empty where there is none."""
    found = node_at(state, path)
    if found is None or found[1].array is None or not is_inline(found[1]) or shape_of(found[1]) is None:
        return []
    if stored_bytes(found[1]) > _LARGEST_TEXT:
        return []
    try:
        value = open_object(state.file, found[0])[()]
    except CancelledByUserError:
        raise
    except LindiError:
        return []
    return value.reshape(-1).tolist() if hasattr(value, "reshape") else [value]


def text_at(state: State, path: str) -> str:
    """The text of a small string dataset, several texts joined by commas; empty where there is none."""
    values = [
        value.decode("utf-8", "replace") if isinstance(value, bytes) else value
        for value in values_at(state, path)
    ]
    return to_wire("; ".join(value for value in values if isinstance(value, str) and value))


def number_at(state: State, path: str) -> float | None:
    """The value of a numeric scalar."""
    values = values_at(state, path)
    return float(values[0]) if len(values) == 1 and isinstance(values[0], (int, float)) else None


def attribute(node: Node, name: str) -> Any:
    """The plain value of an attribute, None where there is none."""
    return node.attributes.get(name)


def row_count(state: State, path: str) -> int | None:
    """How many rows a table has: the length of its ``id`` column, or of the first column."""
    found = node_at(state, path)
    if found is None or found[1].array is not None:
        return None
    names = found[1].attributes.get("colnames")
    for name in ["id", *(names if isinstance(names, list) else ())]:
        column = node_at(state, keys.join(found[0], str(name)))
        if column is not None and column[1].array is not None:
            shape = shape_of(column[1])
            if shape:
                return shape[0]
    return None
