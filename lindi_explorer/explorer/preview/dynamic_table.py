"""DynamicTable groups: one table, a dataset for each column, ragged columns cut into rows."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from lindi_explorer.errors import InvalidSelectionError
from lindi_explorer.explorer.preview.cells import Show, clipped, show_items, show_nested, shower
from lindi_explorer.explorer.preview.kinds import Ask, Kind, Reply
from lindi_explorer.explorer.preview.need import Need, need_of
from lindi_explorer.explorer.preview.reading import Reading
from lindi_explorer.explorer.preview.subject import Subject
from lindi_explorer.explorer.preview.table import CELL, MOST_CELLS, MOST_ROWS, PAGE, column
from lindi_explorer.explorer.protocol import Column, TablePreview
from lindi_explorer.explorer.selection import Selection, Span, write_selection
from lindi_explorer.explorer.wire import to_wire
from lindi_explorer.hdf5.types import type_of, type_words
from lindi_explorer.nwb.meaning import TableColumn

_ITEMS = 6
"""Items of a list that a cell shows."""

_RAGGED_BYTES = 1_000_000
"""Where all lists of a page together take more, only their lengths are shown."""

_WIDE = 64
"""Elements of a cell of an array column above which only its shape is shown."""

_BROKEN = "broken index"


class TableColumnReader:
    """One column of a table, which may be ragged.

    Parameters
    ----------
    group : LindiH5pyGroup
    column : TableColumn
    whole : bool
        Whether cells are read and printed whole, whatever it takes.
    """

    def __init__(self, group: Any, column: TableColumn, *, whole: bool = False) -> None:
        self.name = column.name
        self._whole = whole
        self._values = group[column.name]
        self._indices = [group[name] for name in column.indices]
        spec = type_of(self._values.dtype)
        self._spec = spec
        items = None if whole else _ITEMS
        self._items = items
        inner = shower(spec, items)
        self._inner: Show = inner
        if self._values.ndim > 1:
            self._inner = lambda value: show_nested(value, inner, items)

    @property
    def length(self) -> int:
        """Rows of the table, by this column."""
        shape = (self._indices[-1] if self._indices else self._values).shape
        return shape[0] if shape else 0

    @property
    def head(self) -> Column:
        """What stands above the column."""
        if not self._indices and self._values.ndim == 1:
            return column(self.name, self._spec)
        words = type_words(self._spec)
        if self._values.ndim > 1:
            words += f" [{' × '.join(map(str, self._values.shape[1:]))}]"
        return Column(
            name=to_wire(self.name), dtype=f"list of {words}" if self._indices else words, numeric=False
        )

    def need(self, rows: Span) -> Need:
        """What reading some rows takes; of ragged columns, their index."""
        here = _within(rows, self.length)
        if self._indices:
            return _need(self._indices[-1], _with_one_before(here))
        return Need() if self._is_wide else _need(self._values, here)

    @property
    def _is_wide(self) -> bool:
        return not self._whole and math.prod(self._values.shape[1:]) > _WIDE

    def cells(self, reading: Reading, rows: Span) -> list[str]:
        """The texts of some rows; rows beyond the end of the column are empty.

        Parameters
        ----------
        reading : Reading
        rows : Span

        Returns
        -------
        list of str
        """
        here = _within(rows, self.length)
        if self._indices:
            found = self._lists(reading, here)
        elif self._is_wide:
            found = [" × ".join(map(str, self._values.shape[1:]))] * len(here)
        else:
            found = [self._inner(value) for value in reading.take(self._values, _rows_of(self._values, here))]
        return found + [""] * (len(rows) - len(found))

    def _lists(self, reading: Reading, rows: Span) -> list[str]:
        """Cells of a ragged column: through its indices, the outermost first, down to the values."""
        if not len(rows):
            return []
        edges = _edges(reading, self._indices[-1], rows)
        below: Sequence[Any] = [*reversed(self._indices[:-1]), self._values]
        return self._show(reading, edges, below)

    def _show(self, reading: Reading, edges: npt.NDArray[np.int64], below: Sequence[Any]) -> list[str]:
        """The items between each two edges, of which ``below[0]`` holds the items or their edges."""
        inner, limit = below[0], below[0].shape[0]
        fits = (np.diff(edges) >= 0) & (edges[:-1] >= 0) & (edges[1:] <= limit)
        if not fits.all():
            return self._show_broken(reading, edges, fits, below)
        span = Span(int(edges[0]), int(edges[-1]))
        need = _need(inner, span)
        if not self._whole and (need.weight > _RAGGED_BYTES or not reading.may(need)):
            noun = "values" if len(below) == 1 else "lists"
            return [f"[… {count:,} {noun}]" for count in np.diff(edges).tolist()]
        reading.allow(need)
        if not len(span):
            return ["[]"] * (len(edges) - 1)
        if len(below) == 1:
            items: Sequence[Any] = reading.take(inner, _rows_of(inner, span))  # type: ignore[assignment]
            show: Callable[[Any], str] = self._inner
        else:
            items, show = self._show(reading, _edges(reading, inner, span), below[1:]), str
        starts = (edges - edges[0]).tolist()
        return [
            show_items(items[low:high][: self._items], show, self._items, high - low)
            for low, high in itertools.pairwise(starts)
        ]

    def _show_broken(
        self,
        reading: Reading,
        edges: npt.NDArray[np.int64],
        fits: npt.NDArray[np.bool_],
        below: Sequence[Any],
    ) -> list[str]:
        """An index that goes back or beyond the end: the rows that make sense one by one."""
        return [
            self._show(reading, edges[row : row + 2], below)[0] if good else _BROKEN
            for row, good in enumerate(fits.tolist())
        ]


def _within(rows: Span, length: int) -> Span:
    return Span(min(rows.start, length), min(rows.stop, length))


def _with_one_before(rows: Span) -> Span:
    """A row of a ragged column begins where the one before ends."""
    return Span(max(0, rows.start - 1), rows.stop)


def _rows_of(dataset: Any, rows: Span) -> Selection:
    return (rows, *(Span(0, size) for size in dataset.shape[1:]))


def _need(dataset: Any, rows: Span) -> Need:
    return need_of(dataset, _rows_of(dataset, rows))


def _edges(reading: Reading, index: Any, rows: Span) -> npt.NDArray[np.int64]:
    """Where rows begin and end, from an index that says where they end; one more than rows."""
    ends = reading.take(index, (_with_one_before(rows),)).astype(np.int64)
    return ends if rows.start else np.concatenate([[0], ends])


def readers(subject: Subject, *, whole: bool = False) -> list[TableColumnReader]:
    """Readers of all columns of a table."""
    usable = [column for column in subject.columns if subject.thing[column.name].shape]
    return [TableColumnReader(subject.thing, column, whole=whole) for column in usable]


def _rank(subject: Subject) -> int:
    return 70 if subject.columns else 0


def table_shape(subject: Subject) -> tuple[int, ...]:
    """One dimension: the rows."""
    return (max((reader.length for reader in readers(subject)), default=0),)


def _first(subject: Subject) -> Selection:
    return (Span(0, min(PAGE, table_shape(subject)[0])),)


def settle(selection: Selection) -> Selection:
    """Rows in a row."""
    (rows,) = selection
    if isinstance(rows, int):
        return (Span(rows, rows + 1),)
    if rows.step != 1:
        raise InvalidSelectionError(
            f"The rows {rows} of a table have a step", hint=f"Leave it out: {rows.start}:{rows.stop}."
        )
    return selection


def _page(_subject: Subject, selection: Selection) -> Selection:
    (rows,) = settle(selection)
    assert isinstance(rows, Span)
    return (Span(rows.start, min(rows.stop, rows.start + MOST_ROWS)),)


def _columns_need(subject: Subject, selection: Selection) -> Need:
    (rows,) = selection
    assert isinstance(rows, Span)
    return sum((reader.need(rows) for reader in readers(subject)), Need())


def _answer(ask: Ask) -> Reply:
    (rows,) = ask.selection
    assert isinstance(rows, Span)
    columns = readers(ask.subject)
    most = max(1, MOST_CELLS // max(1, len(columns)))
    rows = Span(rows.start, min(rows.stop, rows.start + most))
    texts = [[clipped(text, CELL) for text in reader.cells(ask.reading, rows)] for reader in columns]
    return TablePreview(
        id=ask.id,
        path=ask.subject.shown_path,
        selection=write_selection((rows,)),
        columns=[reader.head for reader in columns],
        total=table_shape(ask.subject)[0],
        offset=rows.start,
        rows=[list(row) for row in zip(*texts, strict=True)],
        cost=ask.reading.cost(),
    ), []


DYNAMIC_TABLE = Kind("table", "Table", _rank, _first, _columns_need, _answer, shape=table_shape, settle=_page)
