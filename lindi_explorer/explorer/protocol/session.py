"""The open file, and the state of its explorer."""

from __future__ import annotations

from typing import Literal

from lindi_explorer.explorer.protocol.messages import Message, Request, Response
from lindi_explorer.explorer.protocol.tree import Row


class Status(Message, frozen=True, kw_only=True):
    """State of the whole explorer; comes with every answer that changes it."""

    changes: int
    undo: str
    """What undo would do, empty = nothing to undo."""
    redo: str
    check: Literal["unchecked", "checking", "valid", "findings"]
    """``unchecked`` also when the last result belongs to an older edit."""
    errors: int = 0
    warnings: int = 0
    requests: int = 0
    bytes: int = 0
    """Requests made and bytes received since opening."""


class PendingJournal(Message, frozen=True, kw_only=True):
    """Changes of an earlier explorer that ended without exporting or discarding them."""

    changes: int
    saved_at: str
    """Local date and time with offset."""


class Open(Request, frozen=True, kw_only=True, tag="open"):
    """First request of a view. Answer: Opened, or Choosing where only a dandiset has been named."""


class Cancel(Request, frozen=True, kw_only=True, tag="cancel"):
    """Stop the request ``target``, which then answers with a Failure of code ``cancelled``. No answer."""

    target: str


class Opened(Response, frozen=True, kw_only=True, tag="opened"):
    """The file is open; no array data has been read."""

    name: str
    """File name to show."""
    source: str
    """``local file``, the host of a URL ..."""
    source_kind: Literal["local", "remote", "memory"]
    format: str
    """``HDF5``, ``LINDI JSON`` ..."""
    nwb_version: str
    root: Row
    status: Status
    seconds: float
    pending: PendingJournal | None
    read_only: str = ""
    """Why nothing can be edited; empty = editable."""
    dandiset: str = ""
    """``Dandiset 000123``, to which there is a way back; empty where the file was not chosen from one."""
    embargoed: bool = False
    """Whether that is known to be under embargo."""


class Failure(Response, frozen=True, kw_only=True, tag="failure"):
    """A request failed; the explorer stays usable."""

    code: str
    """Stable code of the error family."""
    message: str
    """What happened, to what."""
    hint: str
    """What to do."""
    details: str = ""


class Progress(Response, frozen=True, kw_only=True, tag="progress"):
    """A request is under way for longer than a moment."""

    words: str
    done: int
    total: int | None
    bytes: int
    requests: int


class StatusChanged(Response, frozen=True, kw_only=True, tag="status"):
    """Event: the state of the explorer has changed."""

    status: Status
