"""Rows of the tree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from lindi_explorer.errors import LindiError
from lindi_explorer.explorer.icons import icon_of
from lindi_explorer.explorer.nodes import (
    inner,
    kind_of,
    known_stored_bytes,
    name_of,
    neurodata_type,
    open_object,
    outer,
    resolve,
    shape_of,
    type_at,
)
from lindi_explorer.explorer.protocol import Children, GetChildren, Kind, Row
from lindi_explorer.hdf5.types import TypeSpec, type_words
from lindi_explorer.references import keys
from lindi_explorer.references.model import Node

if TYPE_CHECKING:
    from lindi_explorer.explorer.state import State, Work
    from lindi_explorer.h5 import LindiH5pyFile

_LARGEST_PAGE = 5000
"""Rows; a page stays below 2 MB."""


def children(state: State, request: GetChildren, work: Work) -> Children:
    """A page of a group's children; what one odd child costs is its own row."""
    path = resolve(state.file, inner(request.path))
    state.file.look_ahead(path)
    names = state.journal.children(path)
    start = max(request.offset, 0)
    stop = start + min(max(request.limit, 1), _LARGEST_PAGE)
    rows = []
    for name in names[start:stop]:
        work.check()
        rows.append(row_at(state, keys.join(path, name)))
    return Children(path=outer(path), offset=start, total=len(names), rows=rows)


def row_at(state: State, path: str) -> Row:
    """The row of the node at a path; links are not followed.

    Parameters
    ----------
    state : State
    path : str
        Of a node that exists, without leading slash.

    Returns
    -------
    Row
    """
    return _row_in(state, state.file, path)


def removed_row(state: State, path: str) -> Row:
    """The row of a node that the source has and the edited file has not; there is nothing in it to open.

    Parameters
    ----------
    state : State
    path : str

    Returns
    -------
    Row
    """
    return msgspec.structs.replace(_row_in(state, state.before, path), children=0, stored_bytes=None)


def _row_in(state: State, file: LindiH5pyFile, path: str) -> Row:
    try:
        node = file.journal.node(path)
        return (_link_row if kind_of(node) == "link" else _row)(state, file, path, node)
    except LindiError as error:
        return _plain(state, path, "broken", problem=error.message)


def _row(state: State, file: LindiH5pyFile, path: str, node: Node) -> Row:
    kind = kind_of(node)
    if kind == "group":
        return _plain(
            state,
            path,
            kind,
            node,
            children=len(file.journal.children(path)),
            stored_bytes=state.sizes.below(path),
        )
    if node.array is None or kind == "broken":
        return _plain(state, path, kind, node, problem=str(node.sidecar.get("problem", "")))
    spec, shape = type_at(file, path, node), shape_of(node)
    return _plain(
        state,
        path,
        kind,
        node,
        spec,
        shape=None if shape is None else list(shape),
        dtype=_short_words(spec),
        stored_bytes=known_stored_bytes(node),
        target=_target(file, path, spec) if shape == () else "",
    )


def _link_row(state: State, file: LindiH5pyFile, path: str, node: Node) -> Row:
    external = node.sidecar.get("link", {}).get("external")
    if external is not None:
        where = f"{external.get('filename')}:{external.get('path')}"
        words = f"It leads to another file: {where}"
        return _plain(state, path, "broken", node, problem=words)
    try:
        return _plain(state, path, "link", node, target=outer(resolve(file, path)))
    except LindiError as error:
        return _plain(state, path, "broken", node, problem=error.message)


def _plain(
    state: State, path: str, kind: Kind, node: Node | None = None, spec: TypeSpec | None = None, **facts: Any
) -> Row:
    name, shape = name_of(path), facts.get("shape")
    node = node or Node()
    return Row(
        path=outer(path),
        name=name,
        kind=kind,
        icon=icon_of(kind, node, name, spec, None if shape is None else tuple(shape)),
        type_name=neurodata_type(node),
        **facts,
        **state.marks().of(path),
    )


def _short_words(spec: TypeSpec | None) -> str:
    """There is little room in a row."""
    if spec is None:
        return "object"
    return "string" if isinstance(spec, dict) and "string" in spec else type_words(spec)


def _target(file: LindiH5pyFile, path: str, spec: TypeSpec | None) -> str:
    """Where a scalar object reference leads to."""
    if not isinstance(spec, dict) or spec.get("reference") != "object":
        return ""
    try:
        return getattr(open_object(file, path)[()], "path", None) or ""
    except LindiError:
        return ""
