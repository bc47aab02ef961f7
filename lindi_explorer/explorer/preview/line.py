"""Traces: one line for each index of the second selected dimension, along the first."""

from __future__ import annotations

import numpy as np

from lindi_explorer.errors import InvalidSelectionError
from lindi_explorer.explorer.preview.axis import SampleAxis
from lindi_explorer.explorer.preview.decimate import Decimator, per_point
from lindi_explorer.explorer.preview.kinds import REPLY_BYTES, Ask, Kind, Reply
from lindi_explorer.explorer.preview.need import Need, need_of
from lindi_explorer.explorer.preview.numbers import Tally
from lindi_explorer.explorer.preview.quantity import Quantity
from lindi_explorer.explorer.preview.subject import Subject
from lindi_explorer.explorer.protocol import Axis, LinePreview
from lindi_explorer.explorer.selection import Part, Selection, Span, spans_of, write_selection

_FIRST_TRACES = 16
_MOST_TRACES = 1024
_FEW_COLUMNS = 64


def _rank(subject: Subject) -> int:
    """Numbers along at least one dimension; best where that is time."""
    shape = subject.shape
    if not subject.number_kind or not shape or 0 in shape or shape == (1,):
        return 0
    if subject.picture:
        return 10
    if subject.time is not None:
        return 70
    if len(shape) == 1:
        return 60
    if len(shape) == 2 and shape[1] <= _FEW_COLUMNS and shape[0] >= 4 * shape[1]:
        return 50
    return 20


def _first(subject: Subject) -> Selection:
    shape = subject.shape or ()
    parts: list[Part] = [0] * len(shape)
    parts[0] = Span(0, shape[0])
    if len(shape) > 1:
        parts[1] = Span(0, min(shape[1], _FIRST_TRACES))
    return tuple(parts)


def _settle(_subject: Subject, selection: Selection) -> Selection:
    spans = spans_of(selection)
    if not 1 <= len(spans) <= 2:
        raise InvalidSelectionError(
            f"A line picture needs 1 or 2 ranges, “{write_selection(selection)}” has {len(spans)}",
            hint="Give a range for the dimension along x, one for the traces, and one index for all others.",
        )
    traces = selection[spans[1]] if len(spans) == 2 else Span(0, 1)
    assert isinstance(traces, Span)
    if len(traces) > _MOST_TRACES:
        raise InvalidSelectionError(
            f"A line picture shows at most {_MOST_TRACES:,} traces, the selection has {len(traces):,}",
            hint=f"Choose fewer, or a step: {traces.start}:{traces.stop}:{-(-len(traces) // _MOST_TRACES)}.",
        )
    return selection


def _need(subject: Subject, selection: Selection) -> Need:
    x = spans_of(selection)[0]
    span = selection[x]
    assert isinstance(span, Span)
    if not len(span):
        return Need()
    own = need_of(subject.thing, selection)
    return own + SampleAxis(subject, x, span).need + Quantity(subject, selection).need


def _answer(ask: Ask) -> Reply:
    subject, selection, reading = ask.subject, ask.selection, ask.reading
    spans = spans_of(selection)
    x = selection[spans[0]]
    assert isinstance(x, Span)
    labels = _labels(selection, spans)
    every = per_point(len(x), ask.width, len(labels), REPLY_BYTES)
    axis, coordinates = SampleAxis(subject, spans[0], x).points(reading, every)
    quantity = Quantity(subject, selection)
    quantity.prepare(reading)
    points, tally, done = Decimator(len(x), every, len(labels)), Tally(), 0
    for span, block in reading.blocks(subject.thing, selection, spans[0]):
        values = quantity.of(block).reshape(len(span), len(labels))
        tally.add(values)
        points.add(done, values.astype(np.float64, copy=False))
        done += len(span)
    factor, unit = quantity.shown_unit(tally.rms)
    return LinePreview(
        id=ask.id,
        path=subject.shown_path,
        selection=write_selection(selection),
        shape=list(subject.shape or ()),
        first=x.start,
        last=x.stop,
        traces=len(labels),
        trace_labels=labels,
        points=points.points,
        samples_per_point=every * x.step,
        x=axis,
        y=Axis(label=_name(subject), unit=unit, start=0.0, step=None),
        scaling=quantity.words,
        statistics=tally.statistics(factor),
        cost=reading.cost(),
    ), points.buffers(factor) + coordinates


def _labels(selection: Selection, spans: list[int]) -> list[str]:
    """Indices of the traces along their dimension."""
    if len(spans) == 1:
        return [""]
    traces = selection[spans[1]]
    assert isinstance(traces, Span)
    return [str(index) for index in range(traces.start, traces.stop, traces.step)]


def _name(subject: Subject) -> str:
    """Name of the series, or of the dataset where it is not the ``data`` of one."""
    parent, _, name = subject.shown_path.rpartition("/")
    return parent.rpartition("/")[2] or name if name == "data" else name


LINE = Kind("line", "Line", _rank, _first, _need, _answer, settle=_settle)
