"""What has changed from one state of a hierarchy to another, as keys of a document."""

from __future__ import annotations

from typing import Any

from lindi_explorer.references import keys
from lindi_explorer.references.model import Node
from lindi_explorer.references.text import plain_copy
from lindi_explorer.references.written import WrittenChunks
from lindi_explorer.staging.node_record import NodeRecord
from lindi_explorer.staging.overlay import Overlay


def changed_keys(before: Overlay, after: Overlay) -> dict[str, Any]:
    """The keys that are others; new chunks are kept where the file keeps them.

    Parameters
    ----------
    before, after : Overlay
        Of one base.

    Returns
    -------
    dict
        Key -> new value, None for one that is gone.
    """
    out: dict[str, Any] = {}
    for path in _changed_paths(before, after):
        old = before.node(path) if before.has(path) else None
        new = after.node(path) if after.has(path) else None
        if old is not new:
            refs = _changed(old, new)
            out.update((keys.join(path, name), plain_copy(value)) for name, value in refs.items())
    return out


def _changed_paths(before: Overlay, after: Overlay) -> set[str]:
    paths = {
        path
        for one, other in ((before.nodes, after.nodes), (after.nodes, before.nodes))
        for path, node in one.items()
        if other.get(path) is not node
    }
    for one, other in ((before, after), (after, before)):
        for path in other.cut:
            # What the one shows there the other hides.
            if path not in one.cut and one.has(path):
                paths.update(one.walk(path))
    return paths


def _changed(old: Node | None, new: Node | None) -> dict[str, Any]:
    if new is not None and isinstance(new.chunks, WrittenChunks):
        new.chunks.settle()
    if new is None:
        assert old is not None
        return dict.fromkeys(NodeRecord(old).refs)
    if old is None:
        return NodeRecord(new).refs
    return NodeRecord.difference(NodeRecord(old), NodeRecord(new))[1].refs
