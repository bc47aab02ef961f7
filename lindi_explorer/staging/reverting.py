"""Several changes set back to the source together, whatever depends on what."""

from __future__ import annotations

from collections.abc import Iterable

from lindi_explorer.references import keys
from lindi_explorer.references.model import Node
from lindi_explorer.staging.changes import (
    AttributeChange,
    Change,
    DataChange,
    NodeChange,
    changes_at,
    revert,
)
from lindi_explorer.staging.edits import Edit, NodeEdit, attribute_record, data_record
from lindi_explorer.staging.node_record import NodeRecord
from lindi_explorer.staging.overlay import Overlay


def revert_together(changes: Iterable[Change], overlay: Overlay) -> list[Edit]:
    """The edits that set changes back to the source, in an order in which they apply.

    What was added goes first, and takes along what was added in it. What was removed, or has become something
    else, comes back with all below it; what else was changed there is then as in the source already.

    Parameters
    ----------
    changes : iterable of Change
    overlay : Overlay
        The hierarchy with the changes.

    Returns
    -------
    list of Edit

    Raises
    ------
    ConflictError
        If an object cannot come back as long as another change stays.
    """
    by_path = sorted(changes, key=lambda change: change.path)
    plan = _Plan(overlay)
    for change in by_path:
        if isinstance(change, NodeChange) and change.old is None and plan.overlay.has(change.path):
            plan.revert(change)
    for change in by_path:
        if isinstance(change, NodeChange) and change.old is not None and not _is_back(change, plan.overlay):
            plan.revert(change)
    for change in by_path:
        if not isinstance(change, NodeChange) and not _is_back(change, plan.overlay):
            plan.revert(change)
    for path in sorted({above for change in by_path for above in (change.path, *keys.parents(change.path))}):
        plan.put_in_order(path)
    return plan.edits


class _Plan:
    """Edits, and the hierarchy that they make."""

    def __init__(self, overlay: Overlay) -> None:
        self.overlay = overlay
        self.edits: list[Edit] = []

    def revert(self, change: Change) -> None:
        if isinstance(change, NodeChange) and change.new is not None:
            # Written anew: edits before may have touched it, as the order of a group.
            change = NodeChange(change.path, change.old, self.overlay.node(change.path))
        for edit in revert(change, self.overlay):
            if isinstance(edit, NodeEdit) and edit.old is None and self.overlay.has(edit.path):
                continue
            self.add(edit)

    def put_in_order(self, path: str) -> None:
        """Let a node that says the same as in the source say it in the same order."""
        overlay = self.overlay
        if path not in overlay.nodes or not overlay.base.has(path) or any(changes_at(overlay, path)):
            return
        old, new = overlay.base.node(path), overlay.node(path)
        if set(overlay.children(path)) == set(overlay.base.children(path)) and _orders(old) != _orders(new):
            self.add(NodeEdit(path, NodeRecord(new), NodeRecord(old)))

    def add(self, edit: Edit) -> None:
        self.overlay = edit.apply(self.overlay)
        self.edits.append(edit)


def _is_back(change: Change, overlay: Overlay) -> bool:
    """Whether a node, or a value, is as in the source by now, or has gone with what it was in."""
    if not overlay.has(change.path):
        return not (isinstance(change, NodeChange) and change.new is None)
    node = overlay.node(change.path)
    if isinstance(change, AttributeChange):
        return attribute_record(node, change.name) == change.old
    if isinstance(change, DataChange):
        return data_record(node) == change.old
    return not any(isinstance(found, NodeChange) for found in changes_at(overlay, change.path))


def _orders(node: Node) -> tuple[object, ...]:
    return (node.sidecar.get("order"), node.sidecar.get("attribute_order"), list(node.attributes))
