"""A smaller selection where one costs too much."""

from __future__ import annotations

import math
from collections.abc import Callable

from lindi_explorer.explorer.preview.need import UNASKED, Need
from lindi_explorer.explorer.selection import Part, Selection, Span, spans_of, with_part

_FIRST_FETCHED = 4_000_000
_FIRST_DECODED = 16_000_000
"""What a first picture may take, so that it is there in no time; one chunk may take more."""

_NICE = (5, 2, 1)


def is_quick(need: Need) -> bool:
    """Whether a read suits a first picture."""
    return need.fetched <= _FIRST_FETCHED and need.decoded <= _FIRST_DECODED


def first_selection(
    wanted: Selection, need: Callable[[Selection], Need], *, step: float | None = None, whole: bool = False
) -> Selection:
    """Cut a selection until it suits a first picture.

    Parameters
    ----------
    wanted : tuple of int or Span
    need : callable
        What a selection takes.
    step : float, optional
        Seconds between samples of the first dimension.
    whole : bool
        Half of it means little: leave it whole if that may be read unasked.

    Returns
    -------
    tuple of int or Span
        Where not even one element is cheap, as much as costs no more than that.
    """
    if whole and need(wanted).is_within():
        return wanted
    least = need(_least(wanted)).weight
    for enough in (is_quick, Need.is_within, lambda tried: tried.weight <= least):
        found = _cut(wanted, need, enough, step)
        if found is not None:
            return found
    return _least(wanted)


def _least(wanted: Selection) -> Selection:
    """The first row and the first column."""
    selection = wanted
    for axis in _cuttable(wanted):
        selection = with_part(selection, axis, _first_of(wanted[axis]))
    return selection


def _first_of(part: Part) -> Part:
    return part if isinstance(part, int) else Span(part.start, min(part.start + 1, part.stop))


def _cuttable(selection: Selection) -> list[int]:
    """The dimensions that may be cut; a third one holds the colours of a picture."""
    return spans_of(selection)[:2]


def offered_selection(
    refused: Selection, need: Callable[[Selection], Need], *, step: float | None = None
) -> Selection | None:
    """A smaller selection, from the same start, that is read unasked; None where there is none."""
    return _cut(refused, need, Need.is_within, step)


def _cut(
    wanted: Selection, need: Callable[[Selection], Need], enough: Callable[[Need], bool], step: float | None
) -> Selection | None:
    """Cut the first span, and where one index of it is too much, the next one too."""
    selection = wanted
    for axis in _cuttable(wanted):
        span = selection[axis]
        assert isinstance(span, Span)
        length, tried = span.stop - span.start, need(selection)
        while length > 1 and not enough(tried):
            share = UNASKED / max(tried.weight, 1)
            length = max(
                1, _nice(min(length // 2, int(length * min(1.0, 2 * share))), step if axis == 0 else None)
            )
            selection = with_part(selection, axis, Span(span.start, span.start + length, span.step))
            tried = need(selection)
        if enough(tried):
            return selection
    return None


def _nice(length: int, step: float | None) -> int:
    """A round number of seconds, or a power of two, of at most this length."""
    if length < 1:
        return 1
    if step is None or length * step < 1e-3:
        return 1 << (length.bit_length() - 1)
    power = 10.0 ** math.floor(math.log10(length * step))
    seconds = next(nice * power for nice in _NICE if nice * power <= length * step * (1 + 1e-9))
    return min(length, max(1, round(seconds / step)))
