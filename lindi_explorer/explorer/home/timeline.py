"""When which object has data: from rates, and from the first and last of timestamps."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from lindi_explorer.explorer.home.ends import Ends
from lindi_explorer.explorer.home.look import children_of, node_at, number_at, row_count
from lindi_explorer.explorer.nodes import kind_of, name_of, outer, shape_of
from lindi_explorer.explorer.protocol import TimeBar
from lindi_explorer.explorer.words import count_words, rate_words
from lindi_explorer.references import keys

if TYPE_CHECKING:
    from lindi_explorer.explorer.state import State, Work

_SECTIONS = ("acquisition", "stimulus/presentation", "processing", "analysis", "intervals")
_AXES = ("timestamps", "start_time", "stop_time")
_DEEPEST = 3
_MOST_GROUPS = 400
_MOST_BARS = 60
_MOST_SPANS = 1000


def timeline(state: State, work: Work) -> list[TimeBar]:
    """Bars of the time series and tables of intervals, in the order of the file."""
    groups = []
    ends = Ends(state)
    for path in _groups(state):
        work.check()
        groups.append(path)
        for axis in _AXES:
            ends.want(keys.join(path, axis))
    ends.fetch()
    bars: list[TimeBar] = []
    for path in groups:
        bar = _series(state, path, ends) or _intervals(state, path, ends)
        if bar is not None:
            bars.append(bar)
            if len(bars) == _MOST_BARS:
                break
    return bars


def _groups(state: State) -> Iterator[str]:
    """Groups that may be series or tables; links are left to the place they lead to."""
    left = _MOST_GROUPS
    pending = [(path, 0) for path in reversed(_SECTIONS)]
    while pending and left:
        path, depth = pending.pop()
        if not state.journal.has(path) or kind_of(state.journal.node(path)) != "group":
            continue
        left -= 1
        yield path
        if depth < _DEEPEST and not _is_leaf(state, path):
            pending.extend((child, depth + 1) for child in reversed(children_of(state, path)[:_MOST_GROUPS]))


def _is_leaf(state: State, path: str) -> bool:
    """Series and tables hold columns, not further series."""
    names = set(state.journal.children(path))
    return bool(names & {"starting_time", "timestamps", "start_time", "id"})


def _series(state: State, path: str, ends: Ends) -> TimeBar | None:
    start = number_at(state, keys.join(path, "starting_time"))
    timed = node_at(state, keys.join(path, "starting_time"))
    data = node_at(state, keys.join(path, "data"))
    if start is not None and timed is not None and data is not None and data[1].array is not None:
        rate, shape = timed[1].attributes.get("rate"), shape_of(data[1])
        if (
            isinstance(rate, (int, float))
            and math.isfinite(rate)
            and rate > 0
            and shape
            and math.isfinite(start)
        ):
            return _bar(path, [(start, start + shape[0] / rate)], rate_words(rate))
        return None
    times = keys.join(path, "timestamps")
    span = ends.of(times)
    if span is None:
        return None
    found = node_at(state, times)
    count = (shape_of(found[1]) or (0,))[0] if found else 0
    return _bar(path, [span], count_words(count, "sample"))


def _intervals(state: State, path: str, ends: Ends) -> TimeBar | None:
    starts, stops = keys.join(path, "start_time"), keys.join(path, "stop_time")
    rows = row_count(state, path)
    if not rows or node_at(state, starts) is None or node_at(state, stops) is None:
        return None
    all_starts, all_stops = ends.all_of(starts, _MOST_SPANS), ends.all_of(stops, _MOST_SPANS)
    spans = [
        (start, stop)
        for start, stop in zip(all_starts, all_stops, strict=False)
        if math.isfinite(start) and math.isfinite(stop) and start <= stop
    ]
    if not spans:
        first, last = ends.of(starts), ends.of(stops)
        spans = [(first[0], last[1])] if first and last and first[0] <= last[1] else []
    return _bar(path, spans, count_words(rows, "row")) if spans else None


def _bar(path: str, spans: list[tuple[float, float]], note: str) -> TimeBar:
    return TimeBar(name=name_of(path), path=outer(path), spans=spans, note=note)
