"""Writing the edited file as ``.lindi.json``."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from lindi_explorer.errors import (
    AccessDeniedError,
    ConflictError,
    FormatError,
    LindiError,
    MissingFileError,
    UnsupportedError,
)
from lindi_explorer.explorer.home.facts import nwb_version
from lindi_explorer.explorer.protocol import Export, Exported, ExportPlan, GetExportPlan
from lindi_explorer.explorer.secrets import Report
from lindi_explorer.explorer.wire import from_wire, to_wire
from lindi_explorer.formats.atomic import write_atomically

if TYPE_CHECKING:
    from lindi_explorer.explorer.state import State, Work

_ENDING = ".lindi.json"
_SOURCE_ENDINGS = re.compile(r"(\.nwb)?(\.lindi\.json|\.json)$|\.(nwb|h5|hdf5)$", re.IGNORECASE)


def plan_export(state: State, request: GetExportPlan, work: Work) -> ExportPlan:
    """What an export would write, and where."""
    target = _target(state, from_wire(request.filename) or default_name(state))
    text = state.exporter.text(state, work)
    return ExportPlan(
        filename=_shown(state, target),
        bytes=len(text.data),
        changes=len(state.changes()),
        exists=target.exists(),
        local_references=text.report.local,
    )


def export(state: State, request: Export, work: Work) -> Exported:
    """Write the file, at once or not at all."""
    target = _target(state, from_wire(request.filename))
    if target.exists() and not request.replace:
        raise ConflictError(
            f"{target.name} exists already and has not been replaced",
            hint="Choose another name, or agree to replace it.",
        )
    text = state.exporter.text(state, work)
    _require_followable(state, text.report, local_paths=request.local_paths)
    work.check()
    try:
        write_atomically(target, text.data)
    except OSError as error:
        raise _unwritable(target, error) from error
    return Exported(filename=_shown(state, target), bytes=len(text.data), changes=len(state.changes()))


def default_name(state: State) -> str:
    """The name of an export where the person gives none: never that of the source."""
    stem = _SOURCE_ENDINGS.sub("", state.file.source.name) or "export"
    ending = f".nwb{_ENDING}" if nwb_version(state) else _ENDING
    name = f"{stem}{ending}"
    return name if not _is_source(state, state.folder / name) else f"{stem}.edited{ending}"


def _target(state: State, name: str) -> Path:
    target = state.folder / os.path.expanduser(name.strip())  # noqa: PTH111 - Path.expanduser raises for unknown users
    if not target.name.endswith(_ENDING) or target.name == _ENDING:
        raise FormatError(
            f"“{target.name}” cannot be written: the name of a LINDI file ends with {_ENDING}",
            hint=f"Name it something like {default_name(state)}.",
        )
    if not target.parent.is_dir():
        raise MissingFileError(
            f"{target.name} cannot be written: its folder does not exist", hint="Make the folder first."
        )
    if target.is_dir():
        raise ConflictError(f"{target.name} is a folder", hint="Choose another name.")
    if _is_source(state, target):
        raise ConflictError(
            f"{target.name} is the file that is open, which is never changed", hint="Choose another name."
        )
    return target


def _is_source(state: State, target: Path) -> bool:
    source = state.file.source
    if source.kind != "local":
        return False
    try:
        return target.samefile(source.address)
    except OSError:
        return False


def _shown(state: State, target: Path) -> str:
    """The name as it was meant: relative to the folder where it lies in it."""
    return to_wire(str(target.relative_to(state.folder) if target.is_relative_to(state.folder) else target))


def _require_followable(state: State, report: Report, *, local_paths: bool) -> None:
    if report.unnamed:
        raise UnsupportedError(
            f"{state.file.source.name} exists in memory only: {report.unnamed:,} references lead nowhere",
            hint="Save it as a file and open that.",
        )
    if report.local and not local_paths:
        raise AccessDeniedError(
            f"{report.local:,} references lead to files of this machine, which nobody else can follow",
            hint="Agree to write them, or open the file by its URL.",
        )


def _unwritable(target: Path, error: OSError) -> LindiError:
    reason = (error.strerror or type(error).__name__).lower()
    if isinstance(error, PermissionError):
        return AccessDeniedError(f"{target.name} cannot be written: {reason}", hint="Choose another folder.")
    return LindiError(
        f"{target.name} cannot be written: {reason}", hint="Free some space, or choose another folder."
    )
