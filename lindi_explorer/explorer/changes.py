"""What differs from the source: a list of old and new values, and the tree of what changed."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

from lindi_explorer.errors import LindiError
from lindi_explorer.explorer.nodes import open_object, outer
from lindi_explorer.explorer.protocol import Change, Changes, GetChanges
from lindi_explorer.explorer.texts import show_value, value_type
from lindi_explorer.explorer.tree import row_at
from lindi_explorer.explorer.values import stored_data
from lindi_explorer.explorer.wire import to_wire
from lindi_explorer.references import keys
from lindi_explorer.references.model import References
from lindi_explorer.staging.journal import AttributeChange, DataChange
from lindi_explorer.staging.journal import Change as JournalChange

if TYPE_CHECKING:
    from lindi_explorer.explorer.state import State, Work
    from lindi_explorer.hdf5.attributes import StoredAttribute
    from lindi_explorer.staging.edits import AttributeRecord


def list_changes(state: State, _request: GetChanges, _work: Work) -> Changes:
    """All differences, and the changed nodes with their parents, in the order of the tree."""
    found: dict[str, list[JournalChange]] = {}
    for change in state.journal.changes():
        found.setdefault(change.path, []).append(change)
    paths = in_tree_order(state.journal, found)
    return Changes(
        source=to_wire(state.file.source.name),
        changes=[_change(state, change) for path in paths for change in found.get(path, ())],
        rows=[row_at(state, path) for path in paths],
    )


def in_tree_order(references: References, paths: Iterable[str]) -> list[str]:
    """Paths and all their parents, as a walk over the tree meets them.

    Parameters
    ----------
    references : References
    paths : iterable of str

    Returns
    -------
    list of str
    """
    below: dict[str, set[str]] = {}
    for path in paths:
        child = path
        while child:
            parent = keys.split(child)[0]
            below.setdefault(parent, set()).add(child)
            child = parent
        below.setdefault(child, set())
    out: list[str] = []
    pending = [""] if below else []
    while pending:
        current = pending.pop()
        out.append(current)
        wanted = below.get(current)
        if wanted:
            children = (keys.join(current, name) for name in reversed(references.children(current)))
            pending.extend(child for child in children if child in wanted)
    return out


def _change(state: State, change: JournalChange) -> Change:
    if isinstance(change, DataChange):
        old, new = _data(state, change)
        return Change(
            id=state.change_id(change),
            mark="M",
            path=outer(change.path),
            name="",
            type=value_type(new),
            old=_text(old),
            new=_text(new),
        )
    return _attribute_change(state, change)


def _data(state: State, change: DataChange) -> tuple[StoredAttribute, StoredAttribute]:
    return state.old_data(change), stored_data(open_object(state.file, change.path))


def _attribute_change(state: State, change: AttributeChange) -> Change:
    old, new = _stored(change.old), _stored(change.new)
    known = new or old
    return Change(
        id=state.change_id(change),
        mark="A" if change.old is None else "D" if change.new is None else "M",
        path=outer(change.path),
        name=to_wire(change.name),
        type=value_type(known) if known else "",
        old=None if change.old is None else _text(old),
        new=None if change.new is None else _text(new),
    )


def _stored(record: AttributeRecord | None) -> StoredAttribute | None:
    try:
        return None if record is None else record.stored
    except LindiError:
        return None


def _text(stored: StoredAttribute | None) -> str:
    """A value in a list of differences: texts stand in quotes, so that spaces and empty texts are seen."""
    if stored is None:
        return "cannot be read"
    shown = to_wire(show_value(stored))
    is_text = isinstance(stored.type, dict) and "string" in stored.type and stored.shape == ()
    return json.dumps(shown, ensure_ascii=False) if is_text else shown
