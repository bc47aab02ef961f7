"""What differs from the source: a list of old and new values, and the tree of what changed."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

from lindi_explorer.errors import LindiError
from lindi_explorer.explorer.changed_nodes import node_type, node_words
from lindi_explorer.explorer.nodes import open_object, outer
from lindi_explorer.explorer.protocol import Change, Changes, GetChanges
from lindi_explorer.explorer.texts import show_value, value_type
from lindi_explorer.explorer.tree import removed_row, row_at
from lindi_explorer.explorer.values import stored_data
from lindi_explorer.explorer.wire import to_wire
from lindi_explorer.references import keys
from lindi_explorer.references.model import References
from lindi_explorer.staging.journal import AttributeChange, DataChange, NodeChange
from lindi_explorer.staging.journal import Change as JournalChange
from lindi_explorer.staging.overlay import is_group

if TYPE_CHECKING:
    from lindi_explorer.explorer.state import State, Work
    from lindi_explorer.hdf5.attributes import StoredAttribute
    from lindi_explorer.staging.edits import AttributeRecord


def list_changes(state: State, _request: GetChanges, work: Work) -> Changes:
    """All differences, and the changed nodes with their parents, in the order of the tree."""
    found: dict[str, list[JournalChange]] = {}
    for change in state.changes():
        found.setdefault(change.path, []).append(change)
    paths = in_tree_order(state.journal, found)
    changes, rows = [], []
    for path in paths:
        work.check()
        changes += [_change(state, change) for change in found.get(path, ())]
        rows.append(row_at(state, path) if state.journal.has(path) else removed_row(state, path))
    return Changes(source=to_wire(state.file.source.name), changes=changes, rows=rows)


def in_tree_order(references: References, paths: Iterable[str]) -> list[str]:
    """Paths and all their parents, as a walk over the tree meets them.

    Parameters
    ----------
    references : References
    paths : iterable of str
        One that is not there any more comes behind those that are in the same group.

    Returns
    -------
    list of str
    """
    below: dict[str, dict[str, None]] = {}
    for path in paths:
        child = path
        while child:
            parent = keys.split(child)[0]
            below.setdefault(parent, {})[child] = None
            child = parent
        below.setdefault(child, {})
    out: list[str] = []
    pending = [""] if below else []
    while pending:
        current = pending.pop()
        out.append(current)
        wanted = below.get(current)
        if not wanted:
            continue
        there = references.children(current) if references.has(current) else ()
        found = [child for name in there if (child := keys.join(current, name)) in wanted]
        gone = sorted(wanted.keys() - set(found))
        pending.extend(reversed([*found, *gone]))
    return out


def _change(state: State, change: JournalChange) -> Change:
    if isinstance(change, NodeChange):
        return _node_change(state, change)
    if isinstance(change, DataChange):
        return _data_change(state, change)
    return _attribute_change(state, change)


def _node_change(state: State, change: NodeChange) -> Change:
    path, old, new = change.path, change.old, change.new
    before = None if old is None else node_words(state.before, path, old)
    after = None if new is None else node_words(state.file, path, new, over=old)
    known, file = (new, state.file) if new is not None else (old, state.before)
    assert known is not None
    parent = keys.split(path)[0]
    return Change(
        id=state.change_id(change),
        mark="A" if old is None else "D" if new is None else "M",
        path=outer(path),
        name="",
        type=node_type(file, path, known),
        old=before,
        new=after if after != before or after is None else f"{after}, changed",
        # Where a group has become something else, it comes back first.
        revertible=not path or is_group(state.journal.node(parent)),
    )


def _data_change(state: State, change: DataChange) -> Change:
    try:
        new = stored_data(open_object(state.file, change.path))
        kind, text = value_type(new), _text(new)
    except LindiError:
        kind, text = "", _text(None)
    try:
        old = _text(state.old_data(change))
    except LindiError:
        old = _text(None)
    return Change(
        id=state.change_id(change), mark="M", path=outer(change.path), name="", type=kind, old=old, new=text
    )


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
