"""What a saved notebook shows without a kernel: an outline of the file, attributes, the last picture."""

from __future__ import annotations

import base64
import html
from collections.abc import Callable, Iterator, Sequence

from lindi_explorer.errors import LindiError
from lindi_explorer.explorer import protocol as p

Ask = Callable[[p.AnyRequest], p.Response]
"""Answers a request; raises an error of the family."""

_MOST_BYTES = 200_000
"""Of the HTML: a notebook must stay small."""

_MOST_TEXT = 20_000
_MOST_CHILDREN = 50
_MOST_ROWS = 300
_CELL = 300


def outline(ask: Ask, name: str, *, depth: int, limit: int) -> str:
    """The structure of a file as text.

    Parameters
    ----------
    ask : callable
        Answers requests.
    name : str
        First line.
    depth : int
        Levels of the tree.
    limit : int
        The most characters; what is left out is said.

    Returns
    -------
    str
        A line for each object: name, then type, shape and dtype. No array data is read.
    """
    lines, size = [name], len(name)
    for line in _lines(ask, "/", depth, 1):
        size += len(line) + 1
        if size > limit - 2:
            lines.append("…")
            break
        lines.append(line)
    return "\n".join(lines)


def _lines(ask: Ask, path: str, depth: int, level: int) -> Iterator[str]:
    answer = ask(p.GetChildren(id="", path=path, limit=_MOST_CHILDREN))
    assert isinstance(answer, p.Children)
    indent = "  " * level
    for row in answer.rows:
        facts = _facts(row)
        yield f"{indent}{row.name}{'  ' + facts if facts else ''}"
        if row.kind == "group" and row.children and level < depth:
            yield from _lines(ask, row.path, depth, level + 1)
    if answer.total > len(answer.rows):
        yield f"{indent}… {answer.total - len(answer.rows):,} more"


def _facts(row: p.Row) -> str:
    """Type, shape and dtype, or where a link leads; the words of a problem may name files of this machine."""
    if row.kind == "broken":
        return "cannot be read"
    if row.kind == "link":
        return f"→ {row.target}"
    shape = "" if row.kind != "dataset" else "null" if row.shape is None else _shape(row.shape)
    return "  ".join(part for part in (row.type_name, shape, row.dtype) if part)


def _shape(shape: Sequence[int]) -> str:
    return " × ".join(f"{size:,}" for size in shape) or "scalar"


def static_view(ask: Ask, name: str, selected: str, png: bytes | None) -> dict[str, str]:
    """The static view of an explorer, for hosts that cannot show the widget.

    Parameters
    ----------
    ask : callable
        Answers requests.
    name : str
        Name of the file.
    selected : str
        Path of the object whose attributes are shown, as it is sent.
    png : bytes or None
        The last picture.

    Returns
    -------
    dict
        MIME type -> content: ``text/plain`` and ``text/html``, without scripts, secrets and local paths.
    """
    text = outline(ask, name, depth=2, limit=_MOST_TEXT)
    parts = [f"<pre>{html.escape(text)}</pre>", _attributes(ask, selected), _image(png)]
    page = ""
    for part in parts:
        # The picture goes first where it is too much.
        if len((page + part).encode()) <= _MOST_BYTES - 100:
            page += part
    return {"text/plain": text, "text/html": f'<div class="lindi-explorer-static">{page}</div>'}


def _attributes(ask: Ask, path: str) -> str:
    try:
        answer = ask(p.GetNode(id="", path=path))
    except (LindiError, KeyError):
        return ""
    assert isinstance(answer, p.Node)
    shown = answer.card.attributes[:_MOST_ROWS]
    rows = "".join(f"<tr><td>{_cell(item.name)}</td><td>{_cell(item.text)}</td></tr>" for item in shown)
    return f"<p><b>{_cell(path)}</b></p><table>{rows}</table>" if rows else ""


def _cell(text: str) -> str:
    return html.escape(text if len(text) <= _CELL else f"{text[: _CELL - 1]}…")


def _image(png: bytes | None) -> str:
    if png is None:
        return ""
    return f'<img alt="The last preview" src="data:image/png;base64,{base64.b64encode(png).decode("ascii")}">'
