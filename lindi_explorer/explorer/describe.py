"""Node cards: everything about one node but its data."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from lindi_explorer.errors import LindiError
from lindi_explorer.explorer.nodes import (
    data_words,
    fill_text,
    filters_of,
    inner,
    is_inline,
    kind_of,
    known_stored_bytes,
    locate,
    neurodata_type,
    open_object,
    shape_of,
    size_bytes,
    stored_bytes,
    type_at,
)
from lindi_explorer.explorer.protocol import ArrayFacts, Attribute, GetNode, NodeCard, PreviewChoice
from lindi_explorer.explorer.protocol import Node as NodeAnswer
from lindi_explorer.explorer.texts import edit_text, show_value, value_type, why_not_edited
from lindi_explorer.explorer.tree import row_at
from lindi_explorer.explorer.values import stored_data, target_of
from lindi_explorer.explorer.wire import to_wire
from lindi_explorer.references import keys
from lindi_explorer.references.annotations import RESERVED
from lindi_explorer.staging.edits import AttributeRecord, attribute_record
from lindi_explorer.staging.journal import AttributeChange, Change, DataChange

if TYPE_CHECKING:
    from lindi_explorer.explorer.state import State, Work
    from lindi_explorer.hdf5.attributes import StoredAttribute
    from lindi_explorer.references.model import Node


def node_card(state: State, request: GetNode, _work: Work) -> NodeAnswer:
    """The card of a node; a link has only its row."""
    path = locate(state.file, inner(request.path))
    node = state.journal.node(path)
    kind = kind_of(node)
    is_data = kind == "dataset" and node.array is not None
    changes = state.changes_at(path)
    # Reading the chunk index of a file on this machine costs no request.
    known = stored_bytes(node) if is_data and state.file.source.kind != "remote" else known_stored_bytes(node)
    row = row_at(state, path)
    return NodeAnswer(
        card=NodeCard(
            row=msgspec.structs.replace(row, stored_bytes=known) if is_data else row,
            in_type=_type_above(state, path),
            array=_facts(state, path, node, known) if is_data else None,
            attributes=[] if kind == "link" else _attributes(state, path, node, changes),
            previews=_previews(state, path) if kind in ("dataset", "group") else [],
            value=_value(state, path, node, changes) if is_data and shape_of(node) == () else None,
        )
    )


def _type_above(state: State, path: str) -> str:
    """``neurodata_type`` of the nearest parent that has one."""
    for parent in reversed(keys.parents(path)):
        name = neurodata_type(state.journal.node(parent))
        if name:
            return name
    return ""


def _previews(state: State, path: str) -> list[PreviewChoice]:
    from lindi_explorer.explorer.preview import choices

    return choices(state.file, f"/{path}")


def _facts(state: State, path: str, node: Node, known: int | None) -> ArrayFacts:
    array, sidecar = node.array or {}, node.sidecar
    spec, shape = type_at(state.file, path, node), shape_of(node)
    chunks = sidecar.get("chunks", array.get("chunks")) if shape else None
    fields = (
        [name for name, *_rest in spec["compound"]] if isinstance(spec, dict) and "compound" in spec else []
    )
    listed = None if shape is None else list(shape)
    return ArrayFacts(
        shape=listed,
        maxshape=sidecar.get("maxshape", listed),
        dtype=data_words(spec),
        chunks=chunks,
        filters=filters_of(node),
        fill_value=fill_text(node, spec),
        stored_bytes=known,
        size_bytes=size_bytes(node, spec),
        fields=[to_wire(name) for name in fields],
    )


# ---------------------------------------------------------------- attributes


def _attributes(state: State, path: str, node: Node, changes: list[Change]) -> list[Attribute]:
    """All attributes in the order of the file, added ones last, then what was deleted."""
    changed = {change.name: change for change in changes if isinstance(change, AttributeChange)}
    entries = node.sidecar.get("attributes", {})
    plain = [name for name in node.attributes if name not in RESERVED or name in entries]
    rows = []
    for name in dict.fromkeys([*plain, *entries]):
        record = attribute_record(node, name)
        assert record is not None
        rows.append(_attribute(state, path, name, record, changed.get(name)))
    rows += [_deleted(state, change) for change in changed.values() if change.new is None]
    return rows


def _attribute(
    state: State, path: str, name: str, record: AttributeRecord, change: AttributeChange | None
) -> Attribute:
    finding, words = state.marks().attribute_finding(path, name)
    old = None if change is None else change.old
    shown = _shown(name, record)
    return msgspec.structs.replace(
        shown,
        mark="" if change is None else "A" if old is None else "M",
        old_text="" if old is None else _old_text(old),
        change=None if change is None else state.change_id(change),
        finding=finding,
        finding_text=to_wire(words),
    )


def _shown(name: str, record: AttributeRecord) -> Attribute:
    try:
        stored = record.stored
    except LindiError as error:
        return Attribute(
            name=to_wire(name), type="", text="", edit_text="", editable=False, why_not=error.message
        )
    return value_row(name, stored)


def value_row(name: str, stored: StoredAttribute) -> Attribute:
    """How a value is shown and whether it can be edited as text.

    Parameters
    ----------
    name : str
        Empty for the value of a dataset.
    stored : StoredAttribute

    Returns
    -------
    Attribute
        Without marks.
    """
    why_not = why_not_edited(stored)
    return Attribute(
        name=to_wire(name),
        type=value_type(stored),
        text=to_wire(show_value(stored)),
        edit_text="" if why_not else to_wire(edit_text(stored)),
        editable=not why_not,
        why_not=why_not,
        target=to_wire(target_of(stored)),
    )


def _deleted(state: State, change: AttributeChange) -> Attribute:
    assert change.old is not None
    shown = _shown(change.name, change.old)
    return msgspec.structs.replace(
        shown,
        text="",
        edit_text="",
        editable=False,
        why_not="It is deleted. Revert brings it back.",
        mark="D",
        old_text=_old_text(change.old),
        change=state.change_id(change),
        target="",
    )


def _old_text(record: AttributeRecord) -> str:
    return _shown("", record).text


def _value(state: State, path: str, node: Node, changes: list[Change]) -> Attribute | None:
    """The value of a scalar dataset, as an attribute without a name."""
    try:
        row = value_row("", stored_data(open_object(state.file, path)))
    except LindiError as error:
        return Attribute(name="", type="", text="", edit_text="", editable=False, why_not=error.message)
    if row.editable and not is_inline(node):
        why_not = "Its value lies outside the document, where nothing is changed."
        row = msgspec.structs.replace(row, editable=False, edit_text="", why_not=why_not)
    finding, words = state.marks().attribute_finding(path, "")
    row = msgspec.structs.replace(row, finding=finding, finding_text=to_wire(words))
    change = next((item for item in changes if isinstance(item, DataChange)), None)
    if change is None:
        return row
    old = to_wire(show_value(state.old_data(change)))
    return msgspec.structs.replace(row, mark="M", change=state.change_id(change), old_text=old)
