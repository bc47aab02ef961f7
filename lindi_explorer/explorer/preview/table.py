"""Arrays as tables: rows along the first selected dimension, columns along the next one or by field."""

from __future__ import annotations

from typing import Any

import numpy as np

from lindi_explorer.errors import InvalidSelectionError
from lindi_explorer.explorer.preview.cells import Show, clipped, show_nested, shower
from lindi_explorer.explorer.preview.kinds import Ask, Kind, Reply
from lindi_explorer.explorer.preview.need import Need, need_of
from lindi_explorer.explorer.preview.subject import Subject
from lindi_explorer.explorer.protocol import Column, TablePreview
from lindi_explorer.explorer.selection import Part, Selection, Span, spans_of, with_part, write_selection
from lindi_explorer.explorer.wire import to_wire
from lindi_explorer.hdf5.types import TypeSpec, type_words

PAGE = 100
"""Rows of the first page."""

MOST_ROWS = 1000
MOST_CELLS = 20_000
"""Of one answer; the next page is one more request."""

CELL = 200
"""Characters of a cell."""

_FIRST_COLUMNS = 64
_MOST_COLUMNS = 1000


def _rank(subject: Subject) -> int:
    """Best for rows with fields; everything that has elements can be listed."""
    if not subject.is_dataset or subject.shape is None or 0 in subject.shape:
        return 0
    if isinstance(subject.spec, dict) and "compound" in subject.spec:
        return 95 if len(subject.shape) <= 1 else 70
    if subject.shape == ():
        return 0
    return 25 if subject.number_kind else 55


def rows_shape(subject: Subject) -> tuple[int, ...]:
    """A scalar with fields is a table of one row."""
    return subject.shape or (1,)


def _first(subject: Subject) -> Selection:
    shape = rows_shape(subject)
    parts: list[Part] = [0] * len(shape)
    parts[0] = Span(0, min(shape[0], PAGE))
    if len(shape) > 1:
        parts[1] = Span(0, min(shape[1], _FIRST_COLUMNS))
    return tuple(parts)


def _settle(_subject: Subject, selection: Selection) -> Selection:
    """Two dimensions at most, and no more cells than an answer holds."""
    spans = spans_of(selection)
    if len(spans) > 2:
        raise InvalidSelectionError(
            f"A table needs 1 or 2 ranges, “{write_selection(selection)}” has {len(spans)}",
            hint="Give a range for rows and columns and one index for every other dimension.",
        )
    if not spans:
        return with_part(selection, 0, _one(selection[0]))
    columns = 1
    if len(spans) == 2:
        span = selection[spans[1]]
        selection = with_part(selection, spans[1], _head(span, _MOST_COLUMNS))
        columns = max(1, len(spans_span(selection, 1)))
    return with_part(
        selection, spans[0], _head(selection[spans[0]], min(MOST_ROWS, max(1, MOST_CELLS // columns)))
    )


def _one(part: Part) -> Part:
    return Span(part, part + 1) if isinstance(part, int) else part


def _head(part: Part, most: int) -> Part:
    """The first indices of a span."""
    if isinstance(part, int) or len(part) <= most:
        return part
    return Span(part.start, part.start + (most - 1) * part.step + 1, part.step)


def spans_span(selection: Selection, number: int) -> Span:
    """The first (0) or second (1) span of a selection."""
    part = selection[spans_of(selection)[number]]
    assert isinstance(part, Span)
    return part


def _need(subject: Subject, selection: Selection) -> Need:
    own = () if subject.shape == () else selection
    return need_of(subject.thing, own)


def _answer(ask: Ask) -> Reply:
    subject, selection = ask.subject, ask.selection
    columns, rows = read_rows(ask, CELL)
    return TablePreview(
        id=ask.id,
        path=subject.shown_path,
        # What Python writes between the brackets of a scalar.
        selection="()" if subject.shape == () else write_selection(selection),
        columns=columns,
        total=rows_shape(subject)[spans_of(selection)[0]],
        offset=spans_span(selection, 0).start,
        rows=rows,
        cost=ask.reading.cost(),
    ), []


def read_rows(ask: Ask, most_letters: int | None) -> tuple[list[Column], list[list[str]]]:
    """Read a selection as columns and rows of text.

    Parameters
    ----------
    ask : Ask
        Its selection has one or two spans.
    most_letters : int or None
        Letters of a cell; None = cells are whole.

    Returns
    -------
    columns : list of Column
    rows : list of list of str
    """
    subject, selection = ask.subject, ask.selection
    if subject.shape == ():
        values = np.empty((1,), dtype=subject.thing.dtype)
        values[0] = subject.thing[()]
    else:
        values = ask.reading.take(subject.thing, selection)
    items = None if most_letters is None else 6

    def cell(show: Show, value: Any) -> str:
        text = show(value)
        return text if most_letters is None else clipped(text, most_letters)

    fields = _fields(subject.spec) if len(spans_of(selection)) == 1 else []
    if fields:
        shows = [(name, shower(kind, items)) for name, kind in fields]
        rows = [[cell(show, row[name]) for name, show in shows] for row in values]
        return [column(name, kind) for name, kind in fields], rows
    show = shower(subject.spec, items)
    if isinstance(subject.spec, dict) and "array" in subject.spec:
        inner = shower(subject.spec["array"], items)
        show = lambda value: show_nested(value, inner, items)  # noqa: E731 - h5py unpacks array elements
    if len(spans_of(selection)) == 1:
        name = subject.path.rpartition("/")[2]
        return [column(name, subject.spec)], [[cell(show, value)] for value in values]
    across = spans_span(selection, 1)
    names = map(str, range(across.start, across.stop, across.step))
    return [column(name, subject.spec) for name in names], [
        [cell(show, value) for value in row] for row in values
    ]


def _fields(spec: TypeSpec) -> list[tuple[str, TypeSpec]]:
    if not isinstance(spec, dict) or "compound" not in spec:
        return []
    return [(name, kind) for name, kind, _ in spec["compound"]]


def column(name: str, spec: TypeSpec) -> Column:
    """A column that holds elements of a type."""
    return Column(
        name=to_wire(name),
        dtype=type_words(spec),
        numeric=isinstance(spec, str) and np.dtype(spec).kind in "iufc",
    )


TABLE = Kind("table", "Table", _rank, _first, _need, _answer, shape=rows_shape, settle=_settle)
