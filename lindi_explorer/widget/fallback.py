"""What a saved notebook shows without a kernel: a static outline, as text and as HTML."""

from __future__ import annotations

import html
from collections.abc import Iterator
from typing import Any

from lindi_explorer.errors import LindiError
from lindi_explorer.h5 import (
    LindiH5pyDataset,
    LindiH5pyExternalLink,
    LindiH5pyFile,
    LindiH5pyGroup,
    LindiH5pySoftLink,
)

_LIMIT = 60_000
"""Characters of the HTML; a notebook must stay small."""

_MOST_CHILDREN = 50


def outline(file: LindiH5pyFile, *, depth: int, limit: int) -> str:
    """The structure of a file as text.

    Parameters
    ----------
    file : LindiH5pyFile
    depth : int
        Levels of the tree.
    limit : int
        The most characters; a cut is said in the last line.

    Returns
    -------
    str
        A line for each object: name, then type, shape and dtype. No array data is read.
    """
    lines = [file.source.name]
    size = len(lines[0])
    for level, name, facts in _walk(file["/"], depth, 1):
        line = f"{'  ' * level}{name}{'  ' + facts if facts else ''}"
        size += len(line) + 1
        if size > limit:
            return "\n".join([*lines, "…"])
        lines.append(line)
    return "\n".join(lines)


def _walk(group: Any, depth: int, level: int) -> Iterator[tuple[int, str, str]]:
    if depth < level:
        return
    names = list(group)
    for name in names[:_MOST_CHILDREN]:
        link = group.get(name, getlink=True)
        if isinstance(link, (LindiH5pySoftLink, LindiH5pyExternalLink)):
            yield level, str(name), f"→ {link.path}"
            continue
        try:
            child = group[name]
            yield level, str(name), _facts(child)
        except (LindiError, KeyError) as error:
            yield level, str(name), f"cannot be read: {error}"
            continue
        if isinstance(child, LindiH5pyGroup):
            yield from _walk(child, depth, level + 1)
    if len(names) > _MOST_CHILDREN:
        yield level, f"… {len(names) - _MOST_CHILDREN:,} more", ""


def _facts(child: Any) -> str:
    if isinstance(child, LindiH5pyDataset):
        shape = "null" if child.shape is None else " × ".join(map(str, child.shape)) or "scalar"
        return f"{shape} {child.dtype.name}"
    kind = child.attrs.get("neurodata_type", "")
    return str(kind) if isinstance(kind, str) else ""


def fallback_html(file: LindiH5pyFile | None, selected: str) -> dict[str, str]:
    """The static view of an explorer, for hosts that cannot show the widget.

    Parameters
    ----------
    file : LindiH5pyFile or None
        None while it is being opened, or where it cannot be.
    selected : str
        Path of the object whose attributes are shown.

    Returns
    -------
    dict
        MIME type -> content: ``text/plain`` and ``text/html``, without scripts, secrets and local paths.
    """
    if file is None or not file:
        return {"text/plain": "LindiExplorer"}
    text = outline(file, depth=2, limit=_LIMIT // 4)
    rows = "".join(
        f"<tr><td>{_cell(name)}</td><td>{_cell(value)}</td></tr>"
        for name, value in _attributes(file, selected)
    )
    table = f"<p><b>{_cell(selected)}</b></p><table>{rows}</table>" if rows else ""
    page = f'<div class="lindi-explorer-static"><pre>{html.escape(text)}</pre>{table}</div>'
    if len(page) > _LIMIT:
        page = f'<div class="lindi-explorer-static"><pre>{html.escape(text)}</pre></div>'
    return {"text/plain": f"LindiExplorer\n{text}", "text/html": page}


def _attributes(file: LindiH5pyFile, path: str) -> Iterator[tuple[str, Any]]:
    try:
        attributes = file[path].attrs
    except (LindiError, KeyError):
        return
    for name in list(attributes)[:_MOST_CHILDREN]:
        try:
            yield name, attributes[name]
        except LindiError as error:
            yield name, error


def _cell(value: Any) -> str:
    text = str(value)
    return html.escape(text if len(text) <= 300 else f"{text[:299]}…")
