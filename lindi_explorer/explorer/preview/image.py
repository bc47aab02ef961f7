"""Pictures: two dimensions as rows and columns, their stored colours, a slider for every other dimension."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from lindi_explorer.errors import InvalidSelectionError
from lindi_explorer.explorer.preview.decimate import as_float32
from lindi_explorer.explorer.preview.kinds import REPLY_BYTES, Ask, Kind, Reply
from lindi_explorer.explorer.preview.need import Need, need_of
from lindi_explorer.explorer.preview.numbers import Tally
from lindi_explorer.explorer.preview.quantity import Quantity
from lindi_explorer.explorer.preview.subject import Subject
from lindi_explorer.explorer.protocol import ImagePreview, Slider
from lindi_explorer.explorer.selection import Part, Selection, Span, spans_of, write_selection

_LEAST_EDGE = 8
"""Shorter ones with three values beside them are more likely points in space than a colour picture."""

_PERCENTILES = (1, 99)


def _is_colour(subject: Subject) -> bool:
    """Whether the last dimension holds red, green, blue and perhaps opacity."""
    shape = subject.shape or ()
    if len(shape) < 3 or shape[-1] not in (3, 4) or subject.spec != "|u1":
        return False
    return subject.picture == "picture" or min(shape[-3:-1]) >= _LEAST_EDGE


def _rank(subject: Subject) -> int:
    shape = subject.shape or ()
    if not subject.number_kind or len(shape) < 2 or 0 in shape:
        return 0
    if subject.picture:
        return 80
    if _is_colour(subject):
        return 65
    rows, columns = shape[-2:]
    return 0 if rows < 2 or columns < 2 else 45 if len(shape) > 2 else 40


def _first(subject: Subject) -> Selection:
    shape = subject.shape or ()
    shown = 3 if _is_colour(subject) else 2
    parts: list[Part] = [0] * len(shape)
    for axis in range(len(shape) - shown, len(shape)):
        parts[axis] = Span(0, shape[axis])
    return tuple(parts)


def _settle(subject: Subject, selection: Selection) -> Selection:
    if len(spans_of(selection)) != 2 and not _is_colour_selection(subject, selection):
        raise InvalidSelectionError(
            f"A picture needs 2 ranges, “{write_selection(selection)}” has {len(spans_of(selection))}",
            hint="Give a range for rows and columns and one index for every other dimension.",
        )
    return selection


def _is_colour_selection(subject: Subject, selection: Selection) -> bool:
    return (
        len(spans_of(selection)) == 3
        and _is_colour(subject)
        and selection[-1] == Span(0, (subject.shape or (0,))[-1])
    )


def _need(subject: Subject, selection: Selection) -> Need:
    own = need_of(subject.thing, selection)
    return own if _is_colour_selection(subject, selection) else own + Quantity(subject, selection).need


def _answer(ask: Ask) -> Reply:
    subject, selection, reading = ask.subject, ask.selection, ask.reading
    row_axis, column_axis = spans_of(selection)[:2]
    rows, columns = selection[row_axis], selection[column_axis]
    assert isinstance(rows, Span)
    assert isinstance(columns, Span)
    channels = (subject.shape or ())[-1] if _is_colour_selection(subject, selection) else 1
    quantity = Quantity(subject, selection)
    if channels == 1:
        quantity.prepare(reading)
    every_row, every_column = _every(len(rows), len(columns), ask.height, ask.width, channels)
    tally, done = Tally(), 0
    parts: list[npt.NDArray[Any]] = []
    for span, block in reading.blocks(subject.thing, selection, row_axis):
        values = quantity.of(block) if channels == 1 else block
        tally.add(values)
        thin = values[-done % every_row :: every_row, ::every_column]
        # Converted (and so copied) at once, so that the block itself can go.
        parts.append(as_float32(thin) if channels == 1 else thin.copy())
        done += len(span)
    picture = np.concatenate(parts)
    low, high = _range(picture) if channels == 1 else (0.0, 255.0)
    return ImagePreview(
        id=ask.id,
        path=subject.shown_path,
        selection=write_selection(selection),
        shape=list(subject.shape or ()),
        height=picture.shape[0],
        width=picture.shape[1],
        rows=rows.stop - rows.start,
        columns=columns.stop - columns.start,
        every_row=every_row * rows.step,
        every_column=every_column * columns.step,
        channels=channels,
        low=low,
        high=high,
        sliders=[
            Slider(dimension=axis, size=(subject.shape or ())[axis], index=part)
            for axis, part in enumerate(selection)
            if isinstance(part, int)
        ],
        row_label=_label(subject, row_axis),
        column_label=_label(subject, column_axis),
        unit=quantity.unit if channels == 1 else "",
        scaling=quantity.words if channels == 1 else "",
        statistics=tally.statistics(),
        cost=reading.cost(),
    ), [picture.tobytes()]


def _every(rows: int, columns: int, height: int, width: int, channels: int) -> tuple[int, int]:
    """How many rows and columns share a pixel: one pixel of the screen, and no more than a reply holds."""
    every_row, every_column = -(-rows // height), -(-columns // width)
    size = 4 if channels == 1 else channels
    while -(-rows // every_row) * -(-columns // every_column) * size > REPLY_BYTES:
        if rows / every_row >= columns / every_column:
            every_row += 1
        else:
            every_column += 1
    return every_row, every_column


def _range(picture: npt.NDArray[np.float32]) -> tuple[float, float]:
    """The percentiles of the numbers in a picture."""
    finite = picture[np.isfinite(picture)]
    if not finite.size:
        return 0.0, 1.0
    low, high = np.percentile(finite, _PERCENTILES)
    return float(low), float(high)


def _label(subject: Subject, axis: int) -> str:
    """What a dimension is called."""
    dimensions = len(subject.shape or ())
    if subject.time is not None and not subject.picture:
        return (
            ["sample", "channel"][axis] if dimensions == 2 else "sample" if axis == 0 else f"dimension {axis}"
        )
    if subject.picture or dimensions == 2:
        last = axis == dimensions - (2 if _is_colour(subject) else 1)
        return "column" if last else "row"
    return f"dimension {axis}"


IMAGE = Kind("image", "Image", _rank, _first, _need, _answer, settle=_settle, whole=True)
