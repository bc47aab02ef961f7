"""What the file contains, one line a part."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from lindi_explorer.explorer.home.facts import nwb_version
from lindi_explorer.explorer.home.look import children_of, node_at, row_count
from lindi_explorer.explorer.nodes import name_of, outer
from lindi_explorer.explorer.protocol import Contents, Item
from lindi_explorer.explorer.words import count_words

if TYPE_CHECKING:
    from lindi_explorer.explorer.state import State, Work

_MOST_ITEMS = 64
"""Items of one line; the view shows as many as fit."""


def _no_note(_state: State, _path: str) -> str:
    return ""


def _objects(state: State, path: str) -> str:
    return count_words(len(children_of(state, path)), "object")


def _rows(state: State, path: str) -> str:
    count = row_count(state, path)
    return "" if count is None else count_words(count, "row")


def _units(state: State, path: str) -> str:
    count = row_count(state, path)
    return "" if count is None else count_words(count, "unit")


_Note = Callable[["State", str], str]

_PARTS: tuple[tuple[str, tuple[str, ...], bool, _Note], ...] = (
    ("Acquisition", ("acquisition",), True, _no_note),
    ("Processing", ("processing",), True, _objects),
    ("Stimulus", ("stimulus/presentation", "stimulus/templates"), True, _no_note),
    ("Units", ("units",), False, _units),
    ("Intervals", ("intervals",), True, _rows),
    ("Electrodes", ("general/extracellular_ephys/electrodes",), False, _rows),
    ("Devices", ("general/devices",), True, _no_note),
    ("Imaging", ("general/optophysiology",), True, _no_note),
    ("Optogenetics", ("general/optogenetics",), True, _no_note),
    ("Intracellular", ("general/intracellular_ephys",), True, _no_note),
    ("Analysis", ("analysis",), True, _no_note),
    ("Scratch", ("scratch",), True, _no_note),
)
"""Label, paths, whether their children are listed (or they themselves), note beside each item."""


def contents(state: State, work: Work) -> list[Contents]:
    """The parts of an NWB file that hold something; of any other file what is at the root."""
    if not nwb_version(state):
        line = _line(state, "Root", children_of(state, ""), [""], _no_note)
        return [line] if line.items else []
    lines = []
    for label, paths, of_children, note in _PARTS:
        work.check()
        there = [path for path in paths if node_at(state, path) is not None]
        items = [child for path in there for child in children_of(state, path)] if of_children else there
        lines.append(_line(state, label, items, there, note))
    return [line for line in lines if line.items]


def _line(state: State, label: str, items: list[str], paths: list[str], note: _Note) -> Contents:
    sizes = [state.sizes.below(path) for path in paths]
    known = [size for size in sizes if size is not None]
    return Contents(
        label=label,
        items=[
            Item(name=name_of(path), path=outer(path), note=note(state, path)) for path in items[:_MOST_ITEMS]
        ],
        stored_bytes=sum(known) if len(known) == len(sizes) else None,
    )
