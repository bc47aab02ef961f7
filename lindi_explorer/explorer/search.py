"""Finding nodes by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lindi_explorer.explorer.changes import in_tree_order
from lindi_explorer.explorer.nodes import outer
from lindi_explorer.explorer.protocol import Found, Search
from lindi_explorer.explorer.tree import row_at
from lindi_explorer.explorer.wire import from_wire
from lindi_explorer.references import keys

if TYPE_CHECKING:
    from lindi_explorer.explorer.state import State, Work

_SAY_EVERY = 64
"""Nodes between two looks at whether the search has been cancelled."""

_MOST = 2000
"""Rows of matches in one answer."""


def search(state: State, request: Search, work: Work) -> Found:
    """Nodes whose name contains the text, capital or not, each after its parents.

    A document needs no request for this; an HDF5 file is walked, which maps what has not been mapped yet.
    """
    wanted = from_wire(request.text).casefold()
    limit = min(max(request.limit, 0), _MOST)
    matches: list[str] = []
    total = objects = 0
    for objects, path in enumerate(state.journal.walk()):
        if objects % _SAY_EVERY == 0:
            work.say("Searching", objects)
        # The root comes first and has no name.
        if path and wanted and wanted in keys.split(path)[1].casefold():
            total += 1
            if total <= limit:
                matches.append(path)
    work.check()
    return Found(
        text=request.text,
        total=total,
        objects=objects,
        rows=[row_at(state, path) for path in in_tree_order(state.journal, matches)],
        matches=[outer(path) for path in matches],
    )
