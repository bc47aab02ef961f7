"""The three questions about data: how can it be shown, show it, write it down."""

from __future__ import annotations

from typing import Any

from lindi_explorer.errors import LindiError
from lindi_explorer.explorer.preview.cheaper import first_selection, offered_selection
from lindi_explorer.explorer.preview.csv_text import csv_text
from lindi_explorer.explorer.preview.kinds import Ask, Kind, Reply
from lindi_explorer.explorer.preview.need import BUDGET, UNASKED, Need
from lindi_explorer.explorer.preview.reading import Reading, TellProgress
from lindi_explorer.explorer.preview.subject import Subject
from lindi_explorer.explorer.preview.table_of_kinds import kind_for, kinds_for
from lindi_explorer.explorer.protocol import (
    Download,
    EmptyPreview,
    GetCsv,
    GetPreview,
    PreviewChoice,
    TooCostly,
)
from lindi_explorer.explorer.selection import Selection, parse_selection, selected_shape, write_selection
from lindi_explorer.remote import CancelToken, cancelling

_MOST_PIXELS = 4096


def choices(file: Any, path: str) -> list[PreviewChoice]:
    """The ways to show a node, the best first; nothing of its data is read.

    Parameters
    ----------
    file : LindiH5pyFile
    path : str

    Returns
    -------
    list of PreviewChoice
        Empty for groups without a view of their own and for what cannot be read.
    """
    try:
        subject = Subject(file, path)
        subject.require_readable()
        return [_choice(subject, kind) for kind in kinds_for(subject)]
    except (LindiError, KeyError):
        # The card of a node that cannot be read says so itself.
        return []


def _choice(subject: Subject, kind: Kind) -> PreviewChoice:
    selection = _first(subject, kind)
    return PreviewChoice(
        view=kind.view,
        label=kind.label,
        selection=write_selection(selection),
        cost=kind.need(subject, selection).estimate(subject.file),
    )


def _first(subject: Subject, kind: Kind) -> Selection:
    def need(selection: Selection) -> Need:
        return kind.need(subject, selection)

    wanted = kind.settle(subject, kind.first(subject))
    return first_selection(wanted, need, step=_step(subject), whole=kind.whole)


def _step(subject: Subject) -> float | None:
    """Seconds between samples, for round lengths."""
    return subject.time.step if subject.is_dataset and subject.time is not None else None


def preview(
    file: Any, request: GetPreview, cancel: CancelToken | None = None, progress: TellProgress | None = None
) -> Reply:
    """Read a selection for a picture, or refuse politely where it costs too much.

    Parameters
    ----------
    file : LindiH5pyFile
    request : GetPreview
    cancel : CancelToken, optional
        Stops all reads once it is set.
    progress : callable, optional
        Called between blocks.

    Returns
    -------
    response : LinePreview, ImagePreview, TablePreview, ValuePreview, EmptyPreview or TooCostly
    buffers : list of bytes

    Raises
    ------
    NodeNotFoundError, InvalidSelectionError, UnsupportedError
        If there is no such node, no such selection of it, or no such view of it.
    CancelledByUserError
        If ``cancel`` was set.
    TransferError, AccessDeniedError, StaleFileError, FormatError
        If the data cannot be read.
    """
    with cancelling(cancel):
        subject = Subject(file, request.path)
        subject.require_readable()
        kind = kind_for(subject, request.view)
        if request.selection is None:
            selection = _first(subject, kind)
        else:
            selection = kind.settle(subject, parse_selection(request.selection, kind.shape(subject)))
        need = kind.need(subject, selection)
        if not need.is_within(request.agreed_bytes):
            return _too_costly(request, subject, kind, selection, need), []
        if 0 in selected_shape(selection) and kind.view != "empty":
            words = f"The selection {write_selection(selection)} has no elements."
            return EmptyPreview(id=request.id, path=subject.shown_path, words=words), []
        reading = Reading(file, cancel, progress, agreed=request.agreed_bytes)
        reading.need = need
        width, height = (max(1, min(pixels, _MOST_PIXELS)) for pixels in (request.width, request.height))
        return kind.answer(Ask(subject, selection, width, height, request.id, reading))


def _too_costly(
    request: GetPreview, subject: Subject, kind: Kind, selection: Selection, need: Need
) -> TooCostly:
    def needed(smaller: Selection) -> Need:
        return kind.need(subject, smaller)

    offer = None if kind.view == "value" else offered_selection(selection, needed, step=_step(subject))
    return TooCostly(
        id=request.id,
        path=subject.shown_path,
        view=kind.view,
        selection=write_selection(selection),
        cost=need.estimate(subject.file),
        limit=UNASKED,
        allowed=need.is_within(BUDGET),
        offer="" if offer is None else write_selection(offer),
        offer_cost=None if offer is None else needed(offer).estimate(subject.file),
    )


def csv(
    file: Any, request: GetCsv, cancel: CancelToken | None = None, progress: TellProgress | None = None
) -> tuple[Download, list[bytes]]:
    """Write a selection as CSV text, whole and exact.

    Parameters
    ----------
    file : LindiH5pyFile
    request : GetCsv
    cancel : CancelToken, optional
    progress : callable, optional

    Returns
    -------
    download : Download
    buffers : list of bytes
        One: the text, UTF-8.

    Raises
    ------
    InvalidSelectionError
        If there is no such selection, or it is too large for a text.
    Others
        As `preview`.
    """
    with cancelling(cancel):
        subject = Subject(file, request.path)
        subject.require_readable()
        reading = Reading(file, cancel, progress, agreed=request.agreed_bytes)
        text = csv_text(subject, request.selection, reading)
    name = "_".join(part for part in subject.shown_path.split("/") if part) or "table"
    return Download(id=request.id, filename=f"{name}.csv", mime="text/csv"), [text]
