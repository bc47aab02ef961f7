"""What an archive finds out and does, as the view is told of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lindi_explorer.archive.target import instance_of
from lindi_explorer.explorer.protocol import GetUploadPlan, UploadedAsset, UploadFinding, UploadPlan
from lindi_explorer.explorer.wire import to_wire
from lindi_explorer.explorer.words import count_words

if TYPE_CHECKING:
    from lindi_explorer.archive.uploading import Preflight, Uploaded
    from lindi_explorer.explorer.state import State


def plan_of(found: Preflight, request: GetUploadPlan, state: State) -> UploadPlan:
    """What was found out before an upload, with what the last check of the file has said.

    Parameters
    ----------
    found : Preflight
    request : GetUploadPlan
    state : State

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
        exists=request.conflict == "ask" and found.replaces is not None and "Name" in blocked,
        ready=found.ready,
        production=instance_of(found.instance).is_production,
        findings=[*findings, _nwb_check(state)],
    )


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
