"""Whole values of attributes and scalar datasets <-> text."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from typing import Any

import numpy as np

from lindi_explorer.explorer.texts.elements import (
    Element,
    InvalidTextError,
    ResolveReference,
    element_of,
    show_float,
)
from lindi_explorer.explorer.texts.lists import is_longer, quoted, read_list, show_list
from lindi_explorer.hdf5.attributes import StoredAttribute, encode_attribute
from lindi_explorer.hdf5.types import STRING, TypeSpec, dtype_of, type_words
from lindi_explorer.hdf5.values import Json, decode
from lindi_explorer.references.annotations import REFERENCE

_SHOWN = 300
"""Characters of a value for display."""

_MOST_EDITED = 100_000
"""Characters of a value that travels to a text field; longer ones are edited from Python."""

_NAMED: dict[str, TypeSpec] = {
    "utf-8": STRING,
    "ascii": {"string": "ascii"},
    "bool": "|b1",
    **{name: np.dtype(name).str for name in ("int8", "int16", "int32", "int64")},
    **{name: np.dtype(name).str for name in ("uint8", "uint16", "uint32", "uint64")},
    **{name: np.dtype(name).str for name in ("float16", "float32", "float64", "complex64", "complex128")},
    "reference": {"reference": "object"},
}
"""Types that a new attribute can have, by the words that `type_words` prints."""

_TYPE = re.compile(
    r"(?P<name>[a-z0-9-]+)( \[(?P<bytes>[1-9][0-9]{0,5}) bytes\])?( \[(?P<shape>[0-9 ×]*)\])?", re.ASCII
)


# ---------------------------------------------------------------- printing


def value_type(stored: StoredAttribute) -> str:
    """The type for people: ``float32``, ``utf-8``, ``int32 [384]``.

    Parameters
    ----------
    stored : StoredAttribute

    Returns
    -------
    str
    """
    words = type_words(stored.type)
    return f"{words} [{' × '.join(map(str, stored.shape))}]" if stored.shape else words


def show_value(stored: StoredAttribute, limit: int | None = _SHOWN) -> str:
    """A value for display.

    Parameters
    ----------
    stored : StoredAttribute
        Of any type.
    limit : int, optional
        Characters from which on it is shortened; None = never.

    Returns
    -------
    str
    """
    if stored.shape is None:
        return "empty"
    return show_list(stored.value, len(stored.shape), _shower_of(stored), limit=limit)


def _shower_of(stored: StoredAttribute) -> Callable[[Json], str]:
    """Prints one element of a value: texts stand in quotes inside lists."""
    element = element_of(stored.type, _no_references)
    show = _shower(stored.type)
    if element is None or not stored.shape:
        return show
    return quoted(Element(show, element.read, element.text))


def edit_text(stored: StoredAttribute) -> str:
    """The whole value as it can be typed; `read_value` gives the same value back.

    Parameters
    ----------
    stored : StoredAttribute
        Of an editable value, see `why_not_edited`.

    Returns
    -------
    str
    """
    return show_value(stored, None)


def why_not_edited(stored: StoredAttribute) -> str:
    """Why a value cannot be edited as text; empty where it can.

    Parameters
    ----------
    stored : StoredAttribute

    Returns
    -------
    str
    """
    if stored.shape is None:
        return "It is empty: it has a type and no value. Delete it and add it with a value."
    if element_of(stored.type, _no_references) is None:
        return f"Values of the type {type_words(stored.type)} are not edited as text. Set it from Python."
    if _holds_raw_bytes(stored):
        return "Its text is not valid UTF-8. Set it from Python."
    if is_longer(stored.value, len(stored.shape), _shower_of(stored), _MOST_EDITED):
        return f"It is longer than {_MOST_EDITED:,} characters. Set it from Python."
    return ""


def _holds_raw_bytes(stored: StoredAttribute) -> bool:
    if not (isinstance(stored.type, dict) and "string" in stored.type):
        return False
    level = [stored.value]
    for _ in stored.shape or ():
        level = [item for part in level for item in part]
    return any(isinstance(item, dict) for item in level)


def _shower(spec: TypeSpec) -> Callable[[Json], str]:
    """Prints one element of any type."""
    element = element_of(spec, _no_references)
    if isinstance(spec, dict) and "string" in spec:
        return _show_text
    if element is not None:
        return element.show
    if isinstance(spec, str):
        return lambda value: (
            show_float(value, np.dtype("f8")) if isinstance(value, (int, float)) else str(value)
        )
    if "vlen" in spec:
        inner = _shower(spec["vlen"])
        return lambda value: show_list(value or [], 1, inner)
    if "array" in spec:
        inner = _shower(spec["array"])
        return lambda value: show_list(value, len(spec["shape"]), inner)
    if "compound" in spec:
        fields = [(name, _shower(kind)) for name, kind, _offset in spec["compound"]]
        return lambda row: _show_row(row, fields)
    if "reference" in spec:
        return lambda value: f"a region of {value[REFERENCE]['path']}" if isinstance(value, dict) else "null"
    return lambda value: (
        f"0x{base64.b64decode(value['bytes']).hex()}" if isinstance(value, dict) else str(value)
    )


def _show_text(value: Json) -> str:
    if isinstance(value, dict):
        return base64.b64decode(value["bytes"]).decode("utf-8", "replace")
    return value if isinstance(value, str) else ""


def _show_row(row: Json, fields: list[tuple[str, Callable[[Json], str]]]) -> str:
    shown = (f"{name}: {show(item)}" for item, (name, show) in zip(row, fields, strict=False))
    return "{" + ", ".join(shown) + "}"


def _no_references(path: str) -> Json:
    raise AssertionError(path)


# ---------------------------------------------------------------- parsing


def read_value(
    text: str, spec: TypeSpec, shape: tuple[int, ...], resolve: ResolveReference, *, name: str = ""
) -> StoredAttribute:
    """Parse a value of a type.

    Parameters
    ----------
    text : str
    spec : TypeSpec
    shape : tuple of int
        Of the value before: ``()`` for a scalar; lists keep the number of axes, their lengths may change.
    resolve : callable
        Makes references from paths.
    name : str
        Name of the attribute.

    Returns
    -------
    StoredAttribute

    Raises
    ------
    InvalidTextError
        If the text is no value of the type.
    """
    element = element_of(spec, resolve)
    if element is None:
        raise InvalidTextError(
            f"values of the type {type_words(spec)} are not edited as text", hint="Set it from Python."
        )
    if shape:
        value, found = read_list(text, element, len(shape))
        # What is inside an empty list cannot be seen: there the old shape speaks.
        shape = (*found, *shape[len(found) :])
    else:
        value = element.read(text)
    array = decode(value, dtype_of(spec), shape, _keep_reference)
    return encode_attribute(array, lambda item: item or None, name=name)


def _keep_reference(inside: dict[str, Any] | None, _region: bool) -> Json:
    """A reference passes through an object array as the JSON it is."""
    return None if inside is None else {REFERENCE: inside}


def type_named(words: str) -> tuple[TypeSpec, tuple[int, ...]]:
    """The type that `value_type` would print so.

    Parameters
    ----------
    words : str
        E.g. ``float32``, ``ascii [5 bytes]``, ``int32 [384]``, ``utf-8 []`` (a list of any length).

    Returns
    -------
    type : TypeSpec
    shape : tuple of int
        Only its length counts.

    Raises
    ------
    InvalidTextError
        If no type goes by these words.
    """
    match = _TYPE.fullmatch(words.strip())
    spec = _NAMED.get(match["name"]) if match else None
    if match is None or spec is None or (match["bytes"] and match["name"] not in ("utf-8", "ascii")):
        raise InvalidTextError(
            f"“{words[:40]}” is not a type an attribute can be given", hint=f"Types are {', '.join(_NAMED)}."
        )
    if match["bytes"]:
        spec = {"string": match["name"], "length": int(match["bytes"])}
    if match["shape"] is None:
        return spec, ()
    sizes = [size.strip() for size in match["shape"].split("×")]
    if not all(size.isdigit() or size == "" for size in sizes):
        raise InvalidTextError(
            f"“{words[:40]}” names no shape", hint="Write it like float64 [3] or int8 [2 × 3]."
        )
    return spec, tuple(int(size or 0) for size in sizes)
