"""Scalars, strings and a few values as text."""

from __future__ import annotations

import math

import numpy as np

from lindi_explorer.explorer.preview.cells import shower
from lindi_explorer.explorer.preview.kinds import Ask, Kind, Reply, own_shape
from lindi_explorer.explorer.preview.need import Need, need_of
from lindi_explorer.explorer.preview.subject import Subject
from lindi_explorer.explorer.protocol import ValuePreview
from lindi_explorer.explorer.selection import Selection, Span
from lindi_explorer.explorer.wire import from_wire

_LONGEST = 100_000
"""Characters that are shown; whole texts are had from Python."""

_FEW_TEXTS = 20
_FEW_NUMBERS = 8


def _rank(subject: Subject) -> int:
    """Best for one element, good for a few of them."""
    if not subject.is_dataset or subject.shape is None or 0 in subject.shape:
        return 0
    if subject.shape == ():
        return 90
    size = math.prod(subject.shape)
    if size == 1:
        return 80
    if len(subject.shape) > 1 or subject.time is not None:
        return 0
    if subject.number_kind:
        return 62 if size <= _FEW_NUMBERS else 0
    return 57 if size <= _FEW_TEXTS and isinstance(subject.spec, dict) and "string" in subject.spec else 0


def _first(subject: Subject) -> Selection:
    return tuple(Span(0, size) for size in own_shape(subject))


def _need(subject: Subject, selection: Selection) -> Need:
    return need_of(subject.thing, selection)


def _answer(ask: Ask) -> Reply:
    subject, spec = ask.subject, ask.subject.spec
    ask.reading.check()
    value = subject.thing[()]
    show = shower(spec, most_items=None)
    if subject.shape == ():
        text = show(value)
    else:
        elements = np.asarray(value).reshape(-1, *value.shape[len(subject.shape or ()) :])
        text = "\n".join(show(item) for item in elements)
    is_reference = isinstance(spec, dict) and "reference" in spec
    target = text if is_reference and text.startswith("/") and from_wire(text) in subject.file else ""
    return ValuePreview(
        id=ask.id,
        path=subject.shown_path,
        text=text[:_LONGEST],
        dtype=subject.dtype_words,
        truncated=len(text) > _LONGEST,
        target=target,
    ), []


VALUE = Kind("value", "Value", _rank, _first, _need, _answer)
