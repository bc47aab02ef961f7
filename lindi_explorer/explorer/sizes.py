"""Stored bytes of whole groups."""

from __future__ import annotations

import threading
from itertools import islice

from lindi_explorer.explorer.nodes import stored_bytes
from lindi_explorer.references import keys
from lindi_explorer.references.model import References
from lindi_explorer.references.reference_set import ReferenceSet

_MOST_NODES = 50_000
"""Counting more would keep the tree waiting."""


class Sizes:
    """Sums over subtrees, counted once, and only where counting needs no read.

    Parameters
    ----------
    base : References
        The hierarchy before the edits: they change a few bytes at most.
    """

    def __init__(self, base: References) -> None:
        self._base = base
        self._sums: dict[str, int] | None = None
        self._lock = threading.Lock()

    def below(self, path: str) -> int | None:
        """Stored bytes of a node and everything in it; None where they are not known."""
        with self._lock:
            if self._sums is None:
                self._sums = self._count()
        return self._sums.get(path)

    def _count(self) -> dict[str, int]:
        if not isinstance(self._base, ReferenceSet):
            return {}
        paths = list(islice(self._base.walk(), _MOST_NODES + 1))
        if len(paths) > _MOST_NODES:
            return {}
        sums = dict.fromkeys(paths, 0)
        for path in reversed(paths):
            # Children come after their parents in a walk, so theirs are complete here.
            sums[path] += stored_bytes(self._base.node(path))
            if path:
                sums[keys.split(path)[0]] += sums[path]
        return sums
