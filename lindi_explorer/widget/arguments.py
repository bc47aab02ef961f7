"""What people hand over: whether it may be, how the protocol spells it, and advice where it may not."""

from __future__ import annotations

import difflib
import os
from collections.abc import Sequence
from typing import Any

from lindi_explorer.errors import NodeNotFoundError
from lindi_explorer.h5 import LindiH5pyFile
from lindi_explorer.references import keys


def may_be_opened(source: Any) -> bool:
    """Whether a source is of a kind that can be opened; an h5py.File is known by the name of its class."""
    if isinstance(source, (str, os.PathLike, dict, tuple)):
        return True
    return any(
        kind.__name__ == "File" and kind.__module__.startswith("h5py.") for kind in type(source).__mro__
    )


def require_node(file: LindiH5pyFile, path: str) -> None:
    """Raise `NodeNotFoundError` where there is nothing at a path, not even a broken link."""
    if path not in file and not file.journal.has(keys.normalise(path)):
        close = difflib.get_close_matches(path, [f"/{name}" for name in file], n=1)
        raise NodeNotFoundError(
            f"there is no object at {path}",
            hint=f"Did you mean {close[0]}?" if close else "Look at to_text().",
        )


def absolute(path: str) -> str:
    """A path with one slash before it and none behind."""
    return f"/{path.strip('/')}"


def selection_text(selection: Any) -> str:
    """``np.s_[0:100, 3]`` as ``0:100, 3``."""
    return ", ".join(
        _part_text(part) for part in (selection if isinstance(selection, tuple) else (selection,))
    )


def _part_text(part: Any) -> str:
    if part is Ellipsis:
        return "..."
    if isinstance(part, slice):
        ends = ["" if end is None else str(int(end)) for end in (part.start, part.stop)]
        return ":".join(ends) + ("" if part.step in (None, 1) else f":{int(part.step)}")
    return str(int(part))


def keyword_advice(keyword: str, known: Sequence[str]) -> str:
    """What to say about a keyword that is not known."""
    return f"LindiExplorer has no keyword {keyword!r}; {advice(keyword, known)}"


def advice(word: str, known: Sequence[str]) -> str:
    """The known word that was meant, or all of them."""
    close = difflib.get_close_matches(word, known, n=1)
    return f"did you mean {close[0]!r}?" if close else f"there are {', '.join(filter(None, known))}."
