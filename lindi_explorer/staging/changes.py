"""What differs between a source and the edited hierarchy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lindi_explorer.errors import FormatError
from lindi_explorer.references import keys
from lindi_explorer.references.annotations import RESERVED
from lindi_explorer.references.model import Node
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
from lindi_explorer.staging.overlay import Overlay, same_value


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
    """A node that was added (no old), removed with all below it (no new), or whose data or kind is another."""

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
        return
    # The same table is the same data; comparing its content could mean reading it.
    if old.chunks is new.chunks and old.array == new.array:
        return
    try:
        one, other = data_record(old), data_record(new)
    except FormatError:
        yield NodeChange(path, old, new)
        return
    if one != other:
        yield DataChange(path, one, other)


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
    if change.new is not None:
        return [NodeEdit(path, NodeRecord(change.new), NodeRecord(change.old))]
    base = overlay.base
    return [NodeEdit(one, None, NodeRecord(_unordered(base.node(one)))) for one in base.walk(path)]


def _unordered(node: Node) -> Node:
    """A group as it is before its children are added one by one."""
    if not node.sidecar.get("order"):
        return node
    return Node(node.attributes, node.array, node.chunks, {**node.sidecar, "order": []})
