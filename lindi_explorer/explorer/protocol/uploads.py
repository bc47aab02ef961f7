"""Sending the edited file to an archive."""

from __future__ import annotations

from typing import Literal

import msgspec

from lindi_explorer.explorer.protocol.messages import Message, Request, Response

UploadMode = Literal["auto", "json", "inline", "tar", "nwb"]
"""How an edited file goes to an archive; see `lindi_explorer.archive.preflight.Mode`."""

UploadConflict = Literal["ask", "replace", "rename"]
"""What to do where there is a file of this name already."""


class UploadArchive(Message, frozen=True, kw_only=True):
    """An archive that files may be uploaded to."""

    name: str
    production: bool
    """Whether an upload to it wants a yes of its own."""
    key: bool
    """Whether the kernel has an API key for it; the key itself is never told."""


class UploadDandiset(Message, frozen=True, kw_only=True):
    """A dandiset that the key's owner may write to."""

    identifier: str
    title: str
    embargoed: bool


class UploadFinding(Message, frozen=True, kw_only=True):
    """One thing that was looked at before an upload."""

    level: Literal["ok", "note", "warning", "blocked"]
    title: str
    detail: str


class UploadedAsset(Message, frozen=True, kw_only=True):
    """What came of an upload."""

    url: str
    web_page: str
    """Empty where there is none."""
    neurosift: str
    """Empty where there is none."""
    bytes: int
    sent: int
    """Bytes that were really sent."""
    status: Literal["Valid", "Pending", "Invalid"]
    errors: list[str]
    orphans: list[str]
    """Paths of blobs that an earlier upload has left, and nobody needs."""


class GetUploadTargets(Request, frozen=True, kw_only=True, tag="upload_targets"):
    """Which archives there are, and which dandisets of one of them. Answer: UploadTargets."""

    archive: str = ""
    """Name; empty = the one to begin with."""


class _UploadRequest(Request, frozen=True, kw_only=True):
    """What is to go where."""

    archive: str
    dandiset: str
    path: str = ""
    """Empty = the default path."""
    mode: UploadMode = "auto"
    conflict: UploadConflict = "ask"
    replaces: str = ""
    """The asset that somebody has agreed to replace; empty = whichever is there."""


class GetUploadPlan(_UploadRequest, frozen=True, kw_only=True, tag="upload_plan"):
    """What an upload would do, and what is in its way; nothing is sent. Answer: UploadPlan."""


class StartUpload(_UploadRequest, frozen=True, kw_only=True, tag="upload"):
    """Begin an upload, which goes on without the view. Answer: UploadState, and events of the same kind."""

    production: bool = False
    """Whether an archive that is no sandbox is meant."""


class CancelUpload(Request, frozen=True, kw_only=True, tag="cancel_upload"):
    """Stop the upload; what has arrived is not sent again by the next. Answer: UploadState."""


class GetUploadState(Request, frozen=True, kw_only=True, tag="upload_state"):
    """How far the upload is, or what came of the last. Answer: UploadState."""


class UploadTargets(Response, frozen=True, kw_only=True, tag="upload_targets"):
    """Where an upload could go."""

    archives: list[UploadArchive]
    archive: str
    """The one that the dandisets are of."""
    dandisets: list[UploadDandiset]
    dandiset: str
    """The one to begin with; empty where there is none."""
    web_page: str
    """Of the archive; empty where it has none."""
    code: str
    """Of the failure, where there is a problem."""
    problem: str
    """Why there are none; empty where that is no fault."""
    hint: str


class UploadPlan(Response, frozen=True, kw_only=True, tag="upload_plan"):
    """What an upload would do."""

    archive: str
    dandiset: str
    path: str
    mode: UploadMode
    """Never ``auto``."""
    bytes: int
    blobs: int
    """Files with new chunks among what is sent."""
    exists: bool
    """There is a file at this path, and nothing has been said of what to do about just this one."""
    replaces: str
    """The asset that is at this path now; empty where there is none."""
    ready: bool
    production: bool
    """Whether a yes of its own is wanted."""
    findings: list[UploadFinding]


class UploadState(Response, frozen=True, kw_only=True, tag="upload_state"):
    """How far an upload is; as an event whenever that changes."""

    state: Literal["none", "running", "done", "failed", "cancelled"]
    archive: str = ""
    dandiset: str = ""
    path: str = ""
    mode: UploadMode = "auto"
    conflict: UploadConflict = "ask"
    replaces: str = ""
    production: bool = False
    """What was asked for, to ask for it again."""
    step: int = 0
    """1 to 9."""
    label: str = ""
    done: int = 0
    total: int = 0
    rate: float = 0.0
    """Per second, since the step began."""
    uploaded: UploadedAsset | None = None
    edited: bool = False
    """Whether what was uploaded is not what there is now."""
    left: list[str] = msgspec.field(default_factory=list)
    """Paths of what a failed or cancelled upload has left in the dandiset; the next try begins with it."""
    code: str = ""
    """Of a failure."""
    problem: str = ""
    hint: str = ""
