"""Lists in brackets: ``[1, 2, 3]``, ``[["a", "b"], ["c", "d"]]``."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from lindi_explorer.explorer.texts.elements import Element, InvalidTextError
from lindi_explorer.hdf5.values import Json

_TOKEN = re.compile(r'\s*(?:([\[\],])|("(?:[^"\\]|\\.)*")|([^\s\[\],"][^\[\],"]*))', re.DOTALL)
_MOST_AXES = 32
"""HDF5 has no more."""


class _List(list[Any]):
    """A pair of brackets in a text; the JSON of an element may be a list too."""


def show_list(value: Json, axes: int, show: Callable[[Json], str], *, limit: int | None = None) -> str:
    """Print nested lists.

    Parameters
    ----------
    value : Json
        Lists nested ``axes`` deep.
    axes : int
        0 = a bare element.
    show : callable
        Prints one element.
    limit : int, optional
        Stop after about so many characters; the rest becomes an ellipsis.

    Returns
    -------
    str
    """
    parts: list[str] = []
    length = open_brackets = 0
    for part in _parts(value, axes, show):
        if limit is not None and length + len(part) > limit:
            parts.append(part[: max(limit - length, 0)] if axes == 0 else "")
            return "".join(parts) + "…" + "]" * open_brackets
        parts.append(part)
        length += len(part)
        open_brackets += {"[": 1, "]": -1}.get(part, 0)
    return "".join(parts)


def is_longer(value: Json, axes: int, show: Callable[[Json], str], limit: int) -> bool:
    """Whether the text of nested lists has more characters than ``limit``; looks no further than that."""
    length = 0
    for part in _parts(value, axes, show):
        length += len(part)
        if length > limit:
            return True
    return False


def _parts(value: Json, axes: int, show: Callable[[Json], str]) -> Iterator[str]:
    if axes == 0:
        yield show(value)
        return
    yield "["
    for position, item in enumerate(value):
        if position:
            yield ", "
        yield from _parts(item, axes - 1, show)
    yield "]"


def quoted(element: Element) -> Callable[[Json], str]:
    """How an element stands inside a list."""
    if not element.text:
        return element.show
    return lambda value: json.dumps(element.show(value), ensure_ascii=False)


def read_list(text: str, element: Element, axes: int) -> tuple[Json, tuple[int, ...]]:
    """Parse nested lists.

    Parameters
    ----------
    text : str
    element : Element
        Of the list.
    axes : int
        How deep the lists are to be nested, 1 or more.

    Returns
    -------
    value : Json
    shape : tuple of int
        Shorter than ``axes`` where it ends in 0: what is in an empty list cannot be seen.

    Raises
    ------
    InvalidTextError
        If the brackets do not match, the list is ragged, too flat or too deep, or an element is no value.
    """
    value = _nest(text, element)
    if not isinstance(value, _List):
        raise InvalidTextError("this is not a list", hint="Write the values in brackets: [1, 2, 3].")
    shape = _shape(value)
    if len(shape) > axes or (len(shape) < axes and shape[-1] != 0):
        raise InvalidTextError(
            f"this list has {_axes(len(shape))} and the attribute has {_axes(axes)}",
            hint="Change the brackets, or choose another type.",
        )
    return value, shape


def _axes(count: int) -> str:
    return "one axis" if count == 1 else f"{count} axes"


def _nest(text: str, element: Element) -> Any:
    """The value of the whole text: one list, or one bare element."""
    root = _List()
    stack, after_value = [root], False
    for bracket, string, bare in _tokens(text):
        if bracket == ",":
            if not after_value or len(stack) == 1:
                raise InvalidTextError("a comma stands where a value is expected", hint="Remove it.")
            after_value = False
        elif bracket == "]":
            if len(stack) == 1 or (not after_value and stack[-1]):
                raise InvalidTextError("a closing bracket stands where it closes nothing", hint="Remove it.")
            stack.pop()
            after_value = True
        elif after_value:
            raise InvalidTextError(
                f"a comma is missing before “{(bracket or string or bare)[:40]}”",
                hint="Part values by commas.",
            )
        elif bracket == "[":
            if len(stack) > _MOST_AXES:
                raise InvalidTextError(
                    f"the lists are nested more than {_MOST_AXES} deep", hint="Flatten them."
                )
            inner = _List()
            stack[-1].append(inner)
            stack.append(inner)
        else:
            stack[-1].append(_element(string, bare, element))
            after_value = True
    if len(stack) > 1 or len(root) != 1:
        raise InvalidTextError("the list is not closed", hint="Write the values in brackets: [1, 2, 3].")
    return root[0]


def _tokens(text: str) -> Iterator[tuple[str, str, str]]:
    position, end = 0, len(text.rstrip())
    while position < end:
        match = _TOKEN.match(text, position, end)
        if match is None:
            raise InvalidTextError("a quote is not closed", hint='Write each text like "this".')
        yield match[1] or "", match[2] or "", match[3] or ""
        position = match.end()


def _element(string: str, bare: str, element: Element) -> Json:
    if string and not element.text:
        raise InvalidTextError(f"{string[:40]} stands in quotes", hint="Write numbers without quotes.")
    if bare and element.text:
        raise InvalidTextError(f"“{bare.strip()[:40]}” needs quotes", hint='Write each text like "this".')
    if not string:
        return element.read(bare)
    try:
        return element.read(json.loads(string, strict=False))
    except json.JSONDecodeError as error:
        raise InvalidTextError(
            f"{string[:40]} has a backslash that means nothing", hint=r"Write \\ for one backslash."
        ) from error


def _shape(value: Any) -> tuple[int, ...]:
    """Shape of nested lists, all of the same length on each axis."""
    shape: list[int] = []
    level = [value]
    while level and all(isinstance(item, _List) for item in level):
        lengths = {len(item) for item in level}
        if len(lengths) > 1:
            raise _ragged()
        shape.append(lengths.pop())
        level = [item for part in level for item in part]
    if any(isinstance(item, _List) for item in level):
        raise _ragged()
    return tuple(shape)


def _ragged() -> InvalidTextError:
    return InvalidTextError("the lists inside differ in length", hint="Every axis needs one length.")
