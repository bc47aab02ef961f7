"""Which part of a dataset: the text ``0:100, :, 3`` and its parsed form.

The text is what stands between the brackets of a NumPy expression: whole numbers and ranges with positive
steps. Unlike NumPy, which quietly cuts a range at the end of an axis, a selection that reaches beyond it is
an error: whoever typed it meant another dataset.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from lindi_explorer.errors import InvalidSelectionError

_INTEGER = r"[+-]?\d{1,18}"
_INDEX = re.compile(_INTEGER)
_RANGE = re.compile(
    rf"(?P<start>{_INTEGER})?\s*:\s*(?P<stop>{_INTEGER})?\s*(?::\s*(?P<step>{_INTEGER})?\s*)?"
)
_EXAMPLE = "Write one number or range for each dimension, e.g. 0:100, :, 3"


@dataclass(frozen=True, slots=True)
class Span:
    """Indices ``start`` to ``stop`` (exclusive), every ``step``-th; not negative, inside its axis."""

    start: int
    stop: int
    step: int = 1

    def __len__(self) -> int:
        return len(range(self.start, self.stop, self.step))

    def __str__(self) -> str:
        return f"{self.start}:{self.stop}" + (f":{self.step}" if self.step != 1 else "")


Part = int | Span
"""One index of a dimension, or a span of it."""

Selection = tuple[Part, ...]
"""One part for each dimension of the dataset."""


def parse_selection(text: str, shape: Sequence[int]) -> Selection:
    """Read the text of a selection.

    Parameters
    ----------
    text : str
        E.g. ``0:100, :, 3``; may stand in brackets. Dimensions that are not named are taken whole,
        ``...`` stands for as many of them as are missing, negative numbers count from the end.
    shape : sequence of int
        Shape of the dataset.

    Returns
    -------
    tuple of int or Span
        One for each dimension, all numbers counted from 0.

    Raises
    ------
    InvalidSelectionError
        If the text is no selection, or not one of such a dataset; the message names the allowed range.
    """
    pieces = _pieces(text, len(shape))
    if len(pieces) > len(shape):
        raise InvalidSelectionError(
            f"The selection “{_short(text)}” asks for {_axes(len(pieces))}, the dataset has {len(shape)}",
            hint=_EXAMPLE if shape else "Leave the selection of a scalar empty.",
        )
    pieces += [":"] * (len(shape) - len(pieces))
    return tuple(
        _part(piece, axis, size) for axis, (piece, size) in enumerate(zip(pieces, shape, strict=True))
    )


def _pieces(text: str, axes: int) -> list[str]:
    """The text cut at its commas, ``...`` replaced."""
    bare = text.strip()
    for opening, closing in ("[]", "()"):
        if bare.startswith(opening) and bare.endswith(closing):
            bare = bare[1:-1].strip()
            break
    bare = bare.removesuffix(",")
    if not bare:
        return []
    pieces = [piece.strip() for piece in bare.split(",")]
    if pieces.count("...") > 1:
        raise InvalidSelectionError(f"The selection “{_short(text)}” has more than one “...”", hint=_EXAMPLE)
    if "..." in pieces:
        at = pieces.index("...")
        pieces[at : at + 1] = [":"] * (axes - len(pieces) + 1)
    return pieces


def _part(piece: str, axis: int, size: int) -> Part:
    if _INDEX.fullmatch(piece):
        return _index(int(piece), axis, size)
    match = _RANGE.fullmatch(piece)
    if match is None:
        raise InvalidSelectionError(f"“{_short(piece)}” is neither a number nor a range", hint=_EXAMPLE)
    step = int(match["step"] or 1)
    if step < 1:
        raise InvalidSelectionError(
            f"The step of “{_short(piece)}” is {step}; a step is at least 1",
            hint="Leave it out to take every element.",
        )
    start = _edge(match["start"], 0, axis, size)
    stop = _edge(match["stop"], size, axis, size)
    if stop < start:
        raise InvalidSelectionError(
            f"The range “{_short(piece)}” of dimension {axis} ends before it starts",
            hint=f"Dimension {axis} has the range 0:{size}.",
        )
    return Span(start, stop, step)


def _index(index: int, axis: int, size: int) -> int:
    found = index + size if index < 0 else index
    if not 0 <= found < size:
        allowed = f"0 to {size - 1:,}" if size else "no index at all"
        raise InvalidSelectionError(
            f"Index {index} is out of bounds: dimension {axis} has {size:,} elements",
            hint=f"It allows {allowed}.",
        )
    return found


def _edge(text: str | None, default: int, axis: int, size: int) -> int:
    if text is None:
        return default
    edge = int(text)
    found = edge + size if edge < 0 else edge
    if not 0 <= found <= size:
        raise InvalidSelectionError(
            f"The range reaches to {edge}, but dimension {axis} has {size:,} elements",
            hint=f"It allows 0:{size}.",
        )
    return found


def write_selection(selection: Selection) -> str:
    """The text of a selection, e.g. ``0:4096, 3, 0:16``.

    Parameters
    ----------
    selection : tuple of int or Span

    Returns
    -------
    str
        `parse_selection` reads it as the same selection.
    """
    return ", ".join(map(str, selection))


def as_index(selection: Selection) -> tuple[int | slice, ...]:
    """The selection as NumPy and h5py take it between brackets."""
    return tuple(
        part if isinstance(part, int) else slice(part.start, part.stop, part.step) for part in selection
    )


def selected_shape(selection: Selection) -> tuple[int, ...]:
    """Shape of what a selection reads; single indices have no dimension."""
    return tuple(len(part) for part in selection if isinstance(part, Span))


def spans_of(selection: Selection) -> list[int]:
    """The dimensions of which more than one index may be selected."""
    return [axis for axis, part in enumerate(selection) if isinstance(part, Span)]


def with_part(selection: Selection, axis: int, part: Part) -> Selection:
    """The same selection with another part in one dimension."""
    return (*selection[:axis], part, *selection[axis + 1 :])


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:59] + "…"


def _axes(count: int) -> str:
    return "1 dimension" if count == 1 else f"{count} dimensions"
