"""What an archive finds out and does, as the view is told of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from lindi_explorer.archive.target import instance_of
from lindi_explorer.errors import CancelledByUserError, LindiError
from lindi_explorer.explorer.failures import failure_of
from lindi_explorer.explorer.protocol import (
    GetUploadPlan,
    PendingJournal,
    StartUpload,
    UploadConflict,
    UploadedAsset,
    UploadFinding,
    UploadPlan,
    UploadState,
)
from lindi_explorer.explorer.wire import to_wire
from lindi_explorer.explorer.words import count_words

if TYPE_CHECKING:
    from lindi_explorer.archive.uploading import Preflight, Upload, Uploaded
    from lindi_explorer.explorer.state import State


def plan_of(
    found: Preflight, request: GetUploadPlan, state: State, pending: PendingJournal | None
) -> UploadPlan:
    """What was found out before an upload, with what the last check of the file has said.

    Parameters
    ----------
    found : Preflight
    request : GetUploadPlan
    state : State
    pending : PendingJournal or None
        What an earlier explorer of the file has left behind.

    Returns
    -------
    UploadPlan
    """
    blocked = {finding.title for finding in found.findings if finding.level == "blocked"}
    findings = [
        UploadFinding(level=one.level, title=one.title, detail=to_wire(one.detail)) for one in found.findings
    ]
    return UploadPlan(
        archive=found.instance,
        dandiset=found.dandiset,
        path=to_wire(found.path),
        mode=found.mode,
        bytes=found.size,
        blobs=found.blobs,
        exists=found.replaces is not None and "Name" in blocked and not _is_agreed(request, found.replaces),
        replaces=found.replaces or "",
        ready=found.ready,
        production=instance_of(found.instance).is_production,
        # What is about the file comes first: the rest of the list may be out of sight.
        findings=[*_edits(state, pending), _nwb_check(state), *findings],
    )


def _is_agreed(request: GetUploadPlan, there: str) -> bool:
    """Whether somebody has said what to do about just the file that is there."""
    return request.conflict != "ask" and request.replaces in {"", there}


def _edits(state: State, pending: PendingJournal | None) -> list[UploadFinding]:
    found = []
    if pending is not None:
        words = f"{count_words(pending.changes, 'change')} of {pending.saved_at}"
        verb = "is" if pending.changes == 1 else "are"
        detail = f"{words} {verb} not in it; resume or discard them first"
        found.append(UploadFinding(level="warning", title="Earlier edits", detail=detail))
    if not state.changes():
        found.append(UploadFinding(level="note", title="Edits", detail="none: the file as it was opened"))
    return found


def _nwb_check(state: State) -> UploadFinding:
    check, title = state.last_check(), "NWB check"
    if check is None:
        return UploadFinding(level="note", title=title, detail="not run since the last edit")
    severities = [finding.severity for finding in check.findings]
    errors, warnings = severities.count("error"), severities.count("warning")
    words = f"{count_words(errors, 'error')}, {count_words(warnings, 'warning')}"
    return UploadFinding(level="warning" if errors else "ok", title=title, detail=words)


def asset_of_upload(uploaded: Uploaded) -> UploadedAsset:
    """What came of an upload."""
    return UploadedAsset(
        url=uploaded.url,
        web_page=uploaded.web_page or "",
        neurosift=uploaded.neurosift or "",
        bytes=uploaded.size,
        sent=uploaded.sent,
        status=uploaded.status,
        errors=[to_wire(error) for error in uploaded.errors],
        orphans=[to_wire(path) for path in uploaded.orphans],
    )


def on_its_way(state: UploadState, request: StartUpload, found: Preflight) -> UploadState:
    """An upload that begins, with what whoever tries again is going to ask for.

    Parameters
    ----------
    state : UploadState
    request : StartUpload
    found : Preflight

    Returns
    -------
    UploadState
    """
    state = msgspec.structs.replace(state, path=to_wire(found.path))
    if request.conflict != "replace":
        return state
    # The file that is there now may be replaced, and no other.
    conflict: UploadConflict = "replace" if found.replaces else "ask"
    return msgspec.structs.replace(state, conflict=conflict, replaces=found.replaces or "")


def stopped_by(state: UploadState, error: BaseException, begun: Upload | None) -> UploadState:
    """An upload that has ended before it was done.

    Parameters
    ----------
    state : UploadState
        As it was.
    error : BaseException
    begun : Upload or None
        None where it had not come so far.

    Returns
    -------
    UploadState
    """
    if isinstance(error, (CancelledByUserError, KeyboardInterrupt)):
        error = CancelledByUserError("The upload was cancelled")
    failure = failure_of(error)
    return msgspec.structs.replace(
        state,
        state="cancelled" if isinstance(error, CancelledByUserError) else "failed",
        code=failure.code,
        problem=failure.message,
        hint=failure.hint,
        left=[] if begun is None else _left_behind(begun),
    )


def _left_behind(upload: Upload) -> list[str]:
    try:
        return [to_wire(path) for path in upload.left_behind()]
    except (OSError, LindiError):
        # Its record cannot be read; the failure is what matters.
        return []
