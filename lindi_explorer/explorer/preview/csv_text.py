"""A selection as CSV: a head, the coordinates, and every value exactly."""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from lindi_explorer.errors import InvalidSelectionError, UnsupportedError
from lindi_explorer.explorer.preview import dynamic_table
from lindi_explorer.explorer.preview.axis import SampleAxis
from lindi_explorer.explorer.preview.cells import shower
from lindi_explorer.explorer.preview.kinds import Ask
from lindi_explorer.explorer.preview.need import Need, need_of
from lindi_explorer.explorer.preview.quantity import Quantity
from lindi_explorer.explorer.preview.reading import Reading, cut
from lindi_explorer.explorer.preview.subject import Subject
from lindi_explorer.explorer.preview.table import read_rows, rows_shape
from lindi_explorer.explorer.selection import (
    Part,
    Selection,
    Span,
    parse_selection,
    spans_of,
    with_part,
    write_selection,
)

_MOST_BYTES = 16_000_000
"""Of text: more at once breaks the connection to a notebook."""

_ROWS_AT_ONCE = 10_000
"""Of a table whose columns are cut into chunks in ways of their own."""


def csv_text(subject: Subject, text: str, reading: Reading) -> bytes:
    """Write a selection.

    Parameters
    ----------
    subject : Subject
        A dataset or a DynamicTable.
    text : str
        The selection.
    reading : Reading

    Returns
    -------
    bytes
        UTF-8, lines ending as RFC 4180 has them.

    Raises
    ------
    InvalidSelectionError
        If there is no such selection, or it is too large.
    UnsupportedError
        If the subject is neither a dataset nor a table.
    """
    if subject.columns:
        shape, make = dynamic_table.table_shape(subject), _table
    elif subject.is_dataset and subject.shape is not None:
        shape = subject.shape if subject.number_kind else rows_shape(subject)
        make = _numbers if subject.number_kind else _cells
    else:
        raise UnsupportedError(f"{subject.path} holds no values", hint="Select a dataset or a table.")
    selection = parse_selection(text, shape)
    writer = _Writer(selection, reading)
    make(subject, selection, writer)
    return writer.text()


class _Writer:
    """Collects lines, up to what a message can carry."""

    def __init__(self, selection: Selection, reading: Reading) -> None:
        self.reading = reading
        self._selection = selection
        self._out = io.StringIO(newline="")
        self._csv = csv.writer(self._out)

    def write(self, rows: Iterable[Sequence[Any]]) -> None:
        """Write lines."""
        for row in rows:
            self._csv.writerow(row)
            if self._out.tell() > _MOST_BYTES:
                raise InvalidSelectionError(
                    f"The text of {write_selection(self._selection)} is longer than "
                    f"{_MOST_BYTES / 1e6:,.0f} MB",
                    hint="Select less, or read it in Python.",
                )

    def text(self) -> bytes:
        return self._out.getvalue().encode("utf-8", "replace")


def _numbers(subject: Subject, selection: Selection, writer: _Writer) -> None:
    """Rows along the first span, which may be time; a column for each index of the second one."""
    spans = spans_of(selection)
    quantity = Quantity(subject, selection)
    own = need_of(subject.thing, selection)
    if not spans:
        writer.reading.allow(own + quantity.need)
        quantity.prepare(writer.reading)
        value = quantity.of(np.asarray(writer.reading.take(subject.thing, selection)))
        writer.write([[_head(subject, "", quantity)], [_exact(value[()])]])
        return
    along = selection[spans[0]]
    assert isinstance(along, Span)
    axis = SampleAxis(subject, spans[0], along)
    writer.reading.allow(own + quantity.need + axis.need)
    quantity.prepare(writer.reading)
    coordinates = axis.coordinates(writer.reading)
    others = [_indices(selection[dimension]) for dimension in spans[1:]]
    names = [", ".join(map(str, index)) for index in itertools.product(*others)] if others else [""]
    writer.write([[axis.header, *(_head(subject, name, quantity) for name in names)]])
    done = 0
    for span, block in writer.reading.blocks(subject.thing, selection, spans[0]):
        values = quantity.of(block).reshape(len(span), -1)
        writer.write(
            [_exact(coordinate), *map(_exact, row)]
            for coordinate, row in zip(coordinates[done:], values, strict=False)
        )
        done += len(span)


def _indices(part: Part) -> range:
    assert isinstance(part, Span)
    return range(part.start, part.stop, part.step)


def _head(subject: Subject, name: str, quantity: Quantity) -> str:
    """E.g. ``raw[3] (V)``."""
    label = subject.path.rpartition("/")[2]
    if label == "data":
        label = subject.path.split("/")[-2] or label
    return label + (f"[{name}]" if name else "") + (f" ({quantity.unit})" if quantity.unit else "")


_exact = shower("<f8")
"""Shortest text that reads back as the same number, of any width."""


def _cells(subject: Subject, selection: Selection, writer: _Writer) -> None:
    """Texts, references, records: the row number and the cells."""
    spans = spans_of(selection)
    own = () if subject.shape == () else selection
    writer.reading.allow(need_of(subject.thing, own))
    if len(spans) > 2:
        raise InvalidSelectionError(
            f"“{write_selection(selection)}” selects {len(spans)} dimensions, and a table has 2",
            hint="Give one index for each of the others.",
        )
    if not spans:
        first = selection[0]
        assert isinstance(first, int)
        selection, spans = with_part(selection, 0, Span(first, first + 1)), [0]
    rows = selection[spans[0]]
    assert isinstance(rows, Span)
    # By chunks, as none should be read twice.
    pages = (
        [rows]
        if subject.shape == ()
        else cut(subject.node, selection, spans[0], subject.thing.dtype.itemsize)
    )
    for number, page in enumerate(pages):
        ask = Ask(subject, with_part(selection, spans[0], page), 1, 1, "", writer.reading)
        columns, texts = read_rows(ask, None)
        if number == 0:
            writer.write([["row", *(column.name for column in columns)]])
        writer.write([row, *cells] for row, cells in zip(_indices(page), texts, strict=True))


def _table(subject: Subject, selection: Selection, writer: _Writer) -> None:
    """A DynamicTable, its lists in full."""
    (rows,) = dynamic_table.settle(selection)
    assert isinstance(rows, Span)
    columns = dynamic_table.readers(subject, whole=True)
    writer.reading.allow(sum((reader.need(rows) for reader in columns), Need()))
    writer.write([[reader.name for reader in columns]])
    for page in _pages(rows):
        writer.write(zip(*(reader.cells(writer.reading, page) for reader in columns), strict=True))


def _pages(rows: Span) -> Iterator[Span]:
    step = _ROWS_AT_ONCE * rows.step
    for start in range(rows.start, rows.stop, step):
        yield Span(start, min(start + step, rows.stop), rows.step)
