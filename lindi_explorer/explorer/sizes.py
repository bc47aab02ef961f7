"""Stored bytes of whole groups."""

from __future__ import annotations

import threading
from itertools import islice

from lindi_explorer.explorer.nodes import stored_bytes
from lindi_explorer.references import keys
from lindi_explorer.references.model import References
from lindi_explorer.references.reference_set import ReferenceSet
from lindi_explorer.staging.journal import EditJournal
from lindi_explorer.staging.overlay import Overlay

_MOST_NODES = 50_000
"""Counting more would keep the tree waiting."""


class Sizes:
    """Sums over subtrees: of the source counted once, and only where counting needs no read.

    Parameters
    ----------
    journal : EditJournal
    """

    def __init__(self, journal: EditJournal) -> None:
        self._journal = journal
        self._sums: dict[str, int] | None = None
        self._edited: tuple[Overlay, dict[str, int]] | None = None
        self._lock = threading.Lock()

    def below(self, path: str) -> int | None:
        """Stored bytes of a node and everything in it; None where they are not known."""
        overlay = self._journal.overlay
        with self._lock:
            if self._sums is None:
                self._sums = _count(overlay.base)
            if self._edited is None or self._edited[0] is not overlay:
                self._edited = (overlay, _differences(overlay, self._sums))
            more = self._edited[1].get(path, 0)
        if overlay.base_node(path) is None:
            # All of it is new: what it holds has been counted whatever the source is.
            return more if overlay.has(path) and len(overlay.nodes) <= _MOST_NODES else None
        base = self._sums.get(path)
        return None if base is None else base + more


def _count(base: References) -> dict[str, int]:
    if not isinstance(base, ReferenceSet):
        return {}
    paths = list(islice(base.walk(), _MOST_NODES + 1))
    if len(paths) > _MOST_NODES:
        return {}
    sums = dict.fromkeys(paths, 0)
    for path in reversed(paths):
        # Children come after their parents in a walk, so theirs are complete here.
        sums[path] += stored_bytes(base.node(path))
        if path:
            sums[keys.split(path)[0]] += sums[path]
    return sums


def _differences(overlay: Overlay, sums: dict[str, int]) -> dict[str, int]:
    """What the edits add to the sum of each node, and take from it."""
    more: dict[str, int] = {}
    if len(overlay.nodes) > _MOST_NODES:
        return more

    def add(path: str, size: int) -> None:
        for one in (*keys.parents(path), path):
            more[one] = more.get(one, 0) + size

    for cut in overlay.cut:
        if not any(above in overlay.cut for above in keys.parents(cut)):
            add(cut, -sums.get(cut, 0))
            # At the path itself is what was put there since.
            more[cut] += sums.get(cut, 0)
    for path, node in overlay.nodes.items():
        before = overlay.base_node(path)
        old = 0 if before is None or not sums else stored_bytes(before)
        if before is None or node.chunks is not before.chunks:
            add(path, (stored_bytes(node) if before is None or sums else 0) - old)
    return more
