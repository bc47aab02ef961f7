"""What differs between a source and the edited hierarchy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lindi_explorer.errors import FormatError
from lindi_explorer.references import keys
from lindi_explorer.references.annotations import RESERVED
from lindi_explorer.references.chunks import ChunkTable
from lindi_explorer.references.model import Node, References
from lindi_explorer.references.written import WrittenChunks
from lindi_explorer.staging.edits import (
    AttributeEdit,
    AttributeRecord,
    DataEdit,
    DataRecord,
    Edit,
    NodeEdit,
    RemoveEdit,
    attribute_record,
    data_record,
)
from lindi_explorer.staging.node_record import NodeRecord, TreeRecord
from lindi_explorer.staging.overlay import Overlay, is_group, same_value


@dataclass(frozen=True, slots=True)
class AttributeChange:
    """The difference of one attribute between source and edited hierarchy; None = not there."""

    path: str
    name: str
    old: AttributeRecord | None
    new: AttributeRecord | None


@dataclass(frozen=True, slots=True)
class DataChange:
    """The difference of the data of one array that is kept in the document."""

    path: str
    old: DataRecord
    new: DataRecord


@dataclass(frozen=True, slots=True)
class NodeChange:
    """A node that was added (no old), removed with all below it (no new), or is another in data or kind."""

    path: str
    old: Node | None
    new: Node | None


Change = AttributeChange | DataChange | NodeChange


def changed_paths(overlay: Overlay) -> list[str]:
    """Paths of the nodes that differ from the base; of what was removed as a whole, the topmost."""
    removed = {path for cut in overlay.cut for path in _removed(overlay, cut)}
    return sorted({*overlay.nodes, *removed})


def _removed(overlay: Overlay, path: str) -> Iterator[str]:
    """The topmost paths at or below a hidden one that are not there any more."""
    if not overlay.has(path):
        yield path
        return
    for name in overlay.base.children(path):
        yield from _removed(overlay, keys.join(path, name))


def changes_at(overlay: Overlay, path: str) -> Iterator[Change]:
    """What differs at one node.

    Parameters
    ----------
    overlay : Overlay
    path : str

    Yields
    ------
    Change
    """
    if path not in overlay.nodes and not (overlay.cut and not overlay.has(path)):
        return
    # As the source has it, hidden or not: what was removed and made again is a change.
    old = overlay.base.node(path) if overlay.base.has(path) else None
    new = overlay.node(path) if overlay.has(path) else None
    if old is None and new is None:
        return
    if old is None or new is None or (old.array is None) != (new.array is None):
        yield NodeChange(path, old, new)
        return
    for name in dict.fromkeys([*_attribute_names(old), *_attribute_names(new)]):
        before, after = attribute_record(old, name), attribute_record(new, name)
        if before != after:
            yield AttributeChange(path, name, before, after)
    if new.array is None:
        if not same_value(_other_sidecar(old), _other_sidecar(new)) or _annotations(old) != _annotations(new):
            yield NodeChange(path, old, new)
    # The same table is the same data; comparing its content could mean reading it.
    elif old.chunks is not new.chunks or old.array != new.array or _annotations(old) != _annotations(new):
        yield from _data_change(path, old, new)


def _data_change(path: str, old: Node, new: Node) -> Iterator[Change]:
    # A record of the data does not say how it is annotated: that it is a scalar, or compound.
    if _lies_elsewhere(old) or _annotations(old) != _annotations(new):
        yield NodeChange(path, old, new)
        return
    try:
        one, other = data_record(old), data_record(new)
    except FormatError:
        yield NodeChange(path, old, new)
        return
    if one != other:
        yield DataChange(path, one, other)


def _lies_elsewhere(node: Node) -> bool:
    """Whether data is outside of the document, as far as that is known without reading anything."""
    chunks = node.chunks
    if not isinstance(chunks, ChunkTable) or isinstance(chunks, WrittenChunks):
        return False
    return not chunks.loaded or len(chunks.offset) > 0


def _other_sidecar(node: Node) -> dict[str, object]:
    own = ("attributes", "attribute_order", "order")
    return {name: value for name, value in node.sidecar.items() if name not in own}


def _annotations(node: Node) -> dict[str, object]:
    return {name: value for name, value in node.attributes.items() if name in RESERVED}


def _attribute_names(node: Node) -> list[str]:
    return [*node.attributes, *node.sidecar.get("attributes", {})]


def revert(change: Change, overlay: Overlay) -> list[Edit]:
    """The edits that set a change back to the source.

    Parameters
    ----------
    change : Change
    overlay : Overlay
        The hierarchy with the change.

    Returns
    -------
    list of Edit
    """
    if isinstance(change, DataChange):
        return [DataEdit(change.path, change.new, change.old)]
    if isinstance(change, AttributeChange):
        return [AttributeEdit(change.path, change.name, change.new, change.old)]
    path = change.path
    if change.old is None:
        return [RemoveEdit(path, TreeRecord.of(overlay, path))]
    if change.new is None:
        return restored(path, overlay.base)
    if is_group(change.old) != is_group(change.new):
        # What is in a group cannot be in what the group has become, nor the other way round.
        return [RemoveEdit(path, TreeRecord.of(overlay, path)), *restored(path, overlay.base)]
    is_same_kind = (change.old.array is None) == (change.new.array is None)
    back = _with_attributes(change.old, change.new) if is_same_kind else change.old
    return [NodeEdit(path, NodeRecord(change.new), NodeRecord(back))]


def restored(path: str, base: References) -> list[Edit]:
    """The edits that put back what was removed with all below it."""
    return [NodeEdit(one, None, NodeRecord(_unordered(base.node(one)))) for one in base.walk(path)]


def _with_attributes(node: Node, attributes: Node) -> Node:
    """A node with the attributes of another one: each of them is a change of its own."""
    reserved = {name: value for name, value in node.attributes.items() if name in RESERVED}
    free = {name: value for name, value in attributes.attributes.items() if name not in RESERVED}
    own = ("attributes", "attribute_order")
    sidecar = {name: value for name, value in node.sidecar.items() if name not in own}
    sidecar |= {name: attributes.sidecar[name] for name in own if name in attributes.sidecar}
    return Node({**reserved, **free}, node.array, node.chunks, sidecar)


def _unordered(node: Node) -> Node:
    """A group as it is before its children are added one by one."""
    if not node.sidecar.get("order"):
        return node
    return Node(node.attributes, node.array, node.chunks, {**node.sidecar, "order": []})
