"""``lindi-explorer show``: what is in a file, as a tree."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from lindi_explorer.cli.terminal import say
from lindi_explorer.errors import LindiError
from lindi_explorer.explorer.describe import node_card
from lindi_explorer.explorer.nodes import inner, is_inline, open_object, resolve
from lindi_explorer.explorer.protocol import GetNode, Row
from lindi_explorer.explorer.state import State, Work
from lindi_explorer.explorer.texts import show_value
from lindi_explorer.explorer.tree import row_at
from lindi_explorer.explorer.values import stored_data
from lindi_explorer.explorer.words import count_words
from lindi_explorer.h5 import LindiH5pyFile, open_any
from lindi_explorer.references import keys

_LONGEST_VALUE = 60
"""Characters of a value."""


def run(args: argparse.Namespace) -> int:
    """Print a tree.

    Parameters
    ----------
    args : argparse.Namespace
        ``source``, ``path``, ``depth``.

    Returns
    -------
    int
        0
    """
    with open_any(args.source) as file:
        state = State(file)
        path = resolve(file, inner(args.path))
        say(_heading(file))
        if file.source.note:
            say(file.source.note)
        say()
        for line in _attribute_lines(state, path):
            say(line)
        for line in tree_lines(file, path, args.depth):
            say(line)
    return 0


def tree_lines(file: LindiH5pyFile, path: str = "", depth: int = 3) -> Iterator[str]:
    """The lines of a tree.

    Parameters
    ----------
    file : LindiH5pyFile
    path : str
        Where to start, without leading slash.
    depth : int
        Levels below the start.

    Yields
    ------
    str
    """
    state = State(file)
    row = row_at(state, path)
    yield row.path + _facts(state, path, row, is_open=depth > 0)
    if depth:
        yield from _below(state, path, depth, "")


def _below(state: State, path: str, depth: int, indent: str) -> Iterator[str]:
    names = state.journal.children(path)
    for number, name in enumerate(names, 1):
        child = keys.join(path, name)
        row = row_at(state, child)
        is_last = number == len(names)
        branch = indent + ("└── " if is_last else "├── ")
        yield branch + row.name + _facts(state, child, row, is_open=depth > 1)
        if depth > 1 and row.kind == "group":
            yield from _below(state, child, depth - 1, indent + ("    " if is_last else "│   "))


def _facts(state: State, path: str, row: Row, *, is_open: bool) -> str:
    parts = [row.type_name]
    if row.kind == "dataset":
        shape = f" {list(row.shape)}" if row.shape else ""
        parts.append(f"{row.dtype}{shape}")
        parts.append(_value(state, path, row))
    elif row.kind == "group" and not is_open and row.children:
        parts.append(f"({row.children:,} inside)")
    if row.target:
        parts.append(f"→ {row.target}")
    if row.problem:
        parts.append(f"[{row.problem}]")
    return "".join(f"  {part}" for part in parts if part)


def _value(state: State, path: str, row: Row) -> str:
    """The value of a scalar, where it needs no read."""
    if row.shape != [] or row.target or not is_inline(state.journal.node(path)):
        return ""
    try:
        value = show_value(stored_data(open_object(state.file, path)), _LONGEST_VALUE)
    except LindiError:
        return ""
    return " ".join(f"= {value}".split())


def _attribute_lines(state: State, path: str) -> Iterator[str]:
    """The attributes of the node the tree starts at."""
    card = node_card(state, GetNode(id="", path=f"/{path}"), Work(state.file.reader)).card
    width = max((len(item.name) for item in card.attributes), default=0)
    for item in card.attributes:
        yield f"  {item.name:<{width}}  {' '.join(item.text.split())}  ({item.type})"
    if card.array is not None:
        chunks = f"chunks of {card.array.chunks}" if card.array.chunks else "not chunked"
        yield f"  {', '.join([chunks, *card.array.filters])}"
    if card.attributes:
        yield ""


def _heading(file: LindiH5pyFile) -> str:
    version = file.attrs.get("nwb_version")
    stats = file.reader.stats.snapshot()
    parts = [file.source.name, file.source.format]
    if isinstance(version, str):
        parts.append(f"NWB {version}")
    if stats.requests:
        parts.append(count_words(stats.requests, "request"))
    return " · ".join(parts)
