"""Edits of values and attributes, and taking them back."""

from __future__ import annotations

import msgspec

from lindi_explorer.explorer.protocol.messages import Request, Response
from lindi_explorer.explorer.protocol.session import PendingJournal, Status


class SetAttribute(Request, frozen=True, kw_only=True, tag="set_attribute"):
    """Set or add an attribute, its type kept unless ``type`` names another. Answer: Edited."""

    path: str
    name: str
    text: str
    type: str = ""
    """Empty = keep the attribute's type (for a new attribute: ``utf-8``)."""


class DeleteAttribute(Request, frozen=True, kw_only=True, tag="delete_attribute"):
    """Answer: Edited."""

    path: str
    name: str


class SetValue(Request, frozen=True, kw_only=True, tag="set_value"):
    """Set the value of a scalar dataset, its type kept. Answer: Edited."""

    path: str
    text: str


class CheckText(Request, frozen=True, kw_only=True, tag="check_text"):
    """Would the text be a value of the attribute (with an empty name: of the dataset)? Answer: Checked."""

    path: str
    name: str
    text: str
    type: str = ""


class Undo(Request, frozen=True, kw_only=True, tag="undo"):
    """Answer: Edited."""


class Redo(Request, frozen=True, kw_only=True, tag="redo"):
    """Answer: Edited."""


class Revert(Request, frozen=True, kw_only=True, tag="revert"):
    """Take back these changes (empty = all) as one new undoable edit. Answer: Edited."""

    changes: list[int]


class ResumeJournal(Request, frozen=True, kw_only=True, tag="resume_journal"):
    """Apply the pending journal. Answer: Edited."""


class DiscardJournal(Request, frozen=True, kw_only=True, tag="discard_journal"):
    """Delete the pending journal. Answer: Edited."""


class Edited(Response, frozen=True, kw_only=True, tag="edited"):
    """An edit is in the journal, on disk, and every view is told (the same message without ``id``)."""

    status: Status
    touched: list[str]
    """Paths whose cards have changed."""
    words: str
    """What happened, e.g. ``Set unit of data``."""
    moved: list[tuple[str, str]] = msgspec.field(default_factory=list)
    """Where objects were, and where they are now, one move after the other."""
    pending: PendingJournal | None = None


class Checked(Response, frozen=True, kw_only=True, tag="checked"):
    """Result of CheckText."""

    ok: bool
    words: str
