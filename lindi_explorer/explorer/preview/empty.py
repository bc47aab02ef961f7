"""Datasets that hold nothing: why."""

from __future__ import annotations

from lindi_explorer.explorer.preview.kinds import Ask, Kind, Reply
from lindi_explorer.explorer.preview.need import Need
from lindi_explorer.explorer.preview.subject import Subject
from lindi_explorer.explorer.protocol import EmptyPreview
from lindi_explorer.explorer.selection import Selection, Span


def _rank(subject: Subject) -> int:
    if not subject.is_dataset:
        return 0
    return 100 if subject.shape is None or 0 in subject.shape else 0


def _first(subject: Subject) -> Selection:
    return tuple(Span(0, size) for size in subject.shape or ())


def _need(subject: Subject, selection: Selection) -> Need:  # noqa: ARG001 - nothing is read
    return Need()


def _answer(ask: Ask) -> Reply:
    return EmptyPreview(id=ask.id, path=ask.subject.shown_path, words=empty_words(ask.subject.shape)), []


def empty_words(shape: tuple[int, ...] | None) -> str:
    """Why there is nothing to show."""
    if shape is None:
        return "This dataset has a type but no value (null dataspace)."
    return f"This dataset has no elements: its shape is {' × '.join(f'{size:,}' for size in shape)}."


EMPTY = Kind("empty", "Empty", _rank, _first, _need, _answer)
