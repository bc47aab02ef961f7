"""What differs between the source and the edited file."""

from __future__ import annotations

from lindi_explorer.explorer.protocol.messages import Message, Request, Response
from lindi_explorer.explorer.protocol.tree import Mark, Row


class Change(Message, frozen=True, kw_only=True):
    """One difference between the source and the edited file."""

    id: int
    mark: Mark
    path: str
    name: str
    """Attribute name; empty for the value of a dataset."""
    type: str
    old: str | None
    new: str | None
    revertible: bool = True


class GetChanges(Request, frozen=True, kw_only=True, tag="changes"):
    """Answer: Changes."""


class Changes(Response, frozen=True, kw_only=True, tag="changes"):
    """Differences between source and edited file, in the order of the tree."""

    source: str
    changes: list[Change]
    rows: list[Row]
    """Changed nodes and their parents, in the order of the tree."""
