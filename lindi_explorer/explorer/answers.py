"""Which function answers which request."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from lindi_explorer.explorer import edits
from lindi_explorer.explorer import protocol as p
from lindi_explorer.explorer.changes import list_changes
from lindi_explorer.explorer.describe import node_card
from lindi_explorer.explorer.export import plan_export
from lindi_explorer.explorer.home import home
from lindi_explorer.explorer.raw_json import raw_json
from lindi_explorer.explorer.search import search
from lindi_explorer.explorer.storage import storage
from lindi_explorer.explorer.tree import children

if TYPE_CHECKING:
    from lindi_explorer.explorer.state import State, Work

Answer = tuple[p.Response, Sequence[bytes | memoryview]]
"""A response and the binary buffers it describes."""


def _preview(state: State, request: p.GetPreview, work: Work) -> Answer:
    from lindi_explorer.explorer.preview import preview

    return preview(state.file, request, work.cancel, work.say)


def _csv(state: State, request: p.GetCsv, work: Work) -> Answer:
    from lindi_explorer.explorer.preview import csv

    return csv(state.file, request, work.cancel, work.say)


def _upload_targets(state: State, request: p.GetUploadTargets, work: Work) -> p.UploadTargets:
    from lindi_explorer.explorer.upload_targets import upload_targets

    return upload_targets(state, request, work)


# Each takes the state, a request of its type, and the work in hand.
READS: dict[type[p.Request], Callable[[State, Any, Work], p.AnyResponse]] = {
    p.GetHome: home,
    p.GetChildren: children,
    p.GetNode: node_card,
    p.GetStorage: storage,
    p.GetJson: raw_json,
    p.Search: search,
    p.CheckText: edits.check_text,
    p.GetChanges: list_changes,
    p.GetExportPlan: plan_export,
    p.GetUploadTargets: _upload_targets,
}

WITH_BUFFERS: dict[type[p.Request], Callable[[State, Any, Work], Answer]] = {
    p.GetPreview: _preview,
    p.GetCsv: _csv,
}

EDITS: dict[type[p.Request], Callable[[State, Any, Work], edits.Outcome]] = {
    p.SetAttribute: edits.set_attribute,
    p.DeleteAttribute: edits.delete_attribute,
    p.SetValue: edits.set_value,
    p.Undo: edits.undo,
    p.Redo: edits.redo,
    p.Revert: edits.revert_changes,
}
