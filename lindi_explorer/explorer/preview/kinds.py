"""What a kind of preview is: a row of the table in `lindi_explorer.explorer.preview.table_of_kinds`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from lindi_explorer.explorer.preview.need import Need
from lindi_explorer.explorer.preview.reading import Reading
from lindi_explorer.explorer.preview.subject import Subject
from lindi_explorer.explorer.protocol import Response, ViewName
from lindi_explorer.explorer.selection import Selection

Reply = tuple[Response, list[bytes]]
"""An answer and its buffers."""

REPLY_BYTES = 1_900_000
"""Buffers of one answer take no more: larger messages make a notebook's connection stumble."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One question to a kind of preview.

    Attributes
    ----------
    subject : Subject
    selection : tuple of int or Span
        Fits the subject and is cheap enough.
    width, height : int
        Pixels to fill.
    id : str
        Of the request.
    reading : Reading
    """

    subject: Subject
    selection: Selection
    width: int
    height: int
    id: str
    reading: Reading


def own_shape(subject: Subject) -> tuple[int, ...]:
    """The shape that a selection of a dataset is checked against."""
    return subject.shape or ()


@dataclass(frozen=True, slots=True)
class Kind:
    """A way to show a node.

    Attributes
    ----------
    view : str
    label : str
        What the button of this view says.
    rank : callable
        How well it suits a subject; 0 = not at all, the highest is shown first.
    first : callable
        What the first picture would show if it cost nothing; it is cut until it is cheap.
    need : callable
        What reading a selection takes; nothing is read to find out.
    answer : callable
        Reads and answers.
    shape : callable
        The shape that selections are checked against.
    settle : callable
        Makes a selection fit for this view, or raises `InvalidSelectionError`.
    whole : bool
        Whether a part of the first picture means little.
    """

    view: ViewName
    label: str
    rank: Callable[[Subject], int]
    first: Callable[[Subject], Selection]
    need: Callable[[Subject, Selection], Need]
    answer: Callable[[Ask], Reply]
    shape: Callable[[Subject], tuple[int, ...]] = own_shape
    settle: Callable[[Subject, Selection], Selection] = lambda _subject, selection: selection
    whole: bool = False
