"""Elements of any HDF5 type as the text of a table's cell."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from lindi_explorer.explorer.wire import to_wire
from lindi_explorer.hdf5.types import TypeSpec

Show = Callable[[Any], str]

_NO_TARGET = "null"
_WORDS = {"nan": "NaN", "inf": "inf", "-inf": "-inf"}


def shower(spec: TypeSpec, most_items: int | None = 6) -> Show:
    """How elements of a type are printed.

    Numbers are printed exactly, in the plain spelling that programs read, as cells are copied from.

    Parameters
    ----------
    spec : TypeSpec
    most_items : int or None
        Items of a sequence inside a cell; None = all.

    Returns
    -------
    callable
        Element, as h5py gives it -> text.
    """
    if isinstance(spec, str):
        return _number
    if "enum" in spec:
        names = {value: name for name, value in spec["enum"].items()}
        return lambda value: names.get(int(value), str(int(value)))
    if "string" in spec:
        return text_of
    if "reference" in spec:
        return target_of
    if "vlen" in spec:
        inner = shower(spec["vlen"], most_items)
        return lambda value: show_items(value, inner, most_items)
    if "array" in spec:
        inner = shower(spec["array"], most_items)
        return lambda value: show_nested(value, inner, most_items)
    if "compound" in spec:
        fields = [(name, shower(kind, most_items)) for name, kind, _ in spec["compound"]]
        return lambda row: "(" + ", ".join(show(row[name]) for name, show in fields) + ")"
    return _opaque


def text_of(value: Any) -> str:
    """A string as h5py gives it; bytes that are not UTF-8 are marked."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return to_wire(str(value))


def target_of(value: Any) -> str:
    """The path that a reference leads to."""
    path = getattr(value, "path", None)
    return to_wire(path) if isinstance(path, str) else _NO_TARGET


def show_items(items: Iterable[Any], show: Show, most: int | None, total: int | None = None) -> str:
    """A sequence as ``[1, 2, 3]``; a long one as ``[1, 2, 3, … 322 values]``.

    Parameters
    ----------
    items : iterable
        At least the first of them.
    show : callable
        Prints one.
    most : int or None
        How many are printed; None = all.
    total : int, optional
        How many there are; default: as many as given.

    Returns
    -------
    str
    """
    listed = list(items)
    total = len(listed) if total is None else total
    if most is None or total <= most:
        return "[" + ", ".join(map(show, listed)) + "]"
    head = ", ".join(map(show, listed[:most]))
    return f"[{head}{', ' if head else ''}… {total:,} values]"


def show_nested(value: Any, show: Show, most: int | None) -> str:
    """An array inside a cell as nested lists."""
    array = np.asarray(value)
    if array.ndim == 0:
        return show(array[()])
    if array.ndim == 1:
        return show_items(array, show, most)
    return show_items(array, lambda part: show_nested(part, show, most), most)


def _number(value: Any) -> str:
    if isinstance(value, (bool, np.bool_)):
        return "true" if value else "false"
    if isinstance(value, (complex, np.complexfloating)):
        return str(value).strip("()")
    text = str(value)
    return (
        _WORDS.get(text, text)
        if isinstance(value, (float, np.floating)) and not math.isfinite(value)
        else text
    )


def _opaque(value: Any) -> str:
    """Opaque bytes as hexadecimal digits; dates that NumPy has put there as dates."""
    return value.tobytes().hex() if isinstance(value, np.void) else str(value)


def clipped(text: str, most: int) -> str:
    """The beginning of a long text, marked as such."""
    return text if len(text) <= most else text[: most - 1] + "…"
