"""Writing the edited file."""

from __future__ import annotations

from lindi_explorer.explorer.protocol.messages import Request, Response


class GetExportPlan(Request, frozen=True, kw_only=True, tag="export_plan"):
    """What an export would write. Answer: ExportPlan."""

    filename: str = ""
    """Empty = the default name."""


class Export(Request, frozen=True, kw_only=True, tag="export"):
    """Write the edited file as ``.lindi.json``. Answer: Exported."""

    filename: str
    replace: bool = False
    """Whether an existing file may be replaced."""
    local_paths: bool = False
    """Whether references to files of this machine may be written."""


class ExportPlan(Response, frozen=True, kw_only=True, tag="export_plan"):
    """What an export would write."""

    filename: str
    bytes: int
    changes: int
    exists: bool
    local_references: int
    """References to files of this machine, which nobody else can follow."""


class Exported(Response, frozen=True, kw_only=True, tag="exported"):
    """The file is on disk."""

    filename: str
    bytes: int
    changes: int
