"""Saving what has changed: the text of a document with some of its keys replaced, all others as they stand.

Decoding and writing tens of thousands of nodes anew takes seconds; their text is copied in milliseconds.
"""

from __future__ import annotations

import bisect
import itertools
import json
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import msgspec

from lindi_explorer.references.outline import TEMPLATE_USES, is_reference, members, without_templates

_START = b'\n  "refs": {\n'
_END = b"\n  }"
_RANGE = re.compile(rb'^      "((?:[^"\\]|\\.)*)",\n      [0-9]+,\n', re.MULTILINE)
_NAME = re.compile(rb'((?:[^"\\]|\\.)*)": ')


class Splice:
    """A document with other values for some keys.

    Parameters
    ----------
    pieces : list of bytes
        Its text.
    templates : mapping
        Name -> address.
    """

    def __init__(self, pieces: list[bytes], templates: Mapping[str, str]) -> None:
        self._pieces = pieces
        self._templates = templates

    def addresses(self) -> set[str]:
        """All addresses that byte ranges of the document have; as `Outline.addresses`."""
        found = {raw for piece in self._pieces for raw in _RANGE.findall(piece)}
        return without_templates(map(_name, found), self._templates)

    def text(self) -> Iterator[bytes]:
        """The canonical text, in pieces; as `Outline.text`."""
        return iter(self._pieces)


def splice(text: bytes, values: Mapping[str, Any], gone: Collection[str]) -> Splice | None:
    """Put values into a document.

    Parameters
    ----------
    text : bytes
        Of the document.
    values : mapping
        Key under ``refs`` -> new value, with addresses and not templates in lists.
    gone : collection of str
        Keys that are taken away, where they are there.

    Returns
    -------
    Splice or None
        None where the text is not as we write it, or its templates would have to be others: then the document
        has to be written as a whole.
    """
    start = text.find(_START) + len(_START) - 1
    end = text.find(_END, start)
    if start < len(_START) or end < 0 or not _is_canonical(text):
        return None
    body = text[start + 1 : end + 1]
    starts, names = _members(body)
    if names != sorted(set(names)):
        return None
    other = msgspec.json.decode(text[: start + 1] + text[end + 1 :])
    templates = other.get("templates", {})
    new = _with_templates(values, templates)
    if new is None:
        return None
    edges = [*starts, len(body)]
    # The last member has no comma: all of them end in one while they are put together.
    body = body[:-1] + b",\n"
    edges[-1] += 1
    pieces, done, removed = [text[: start + 1]], 0, Counter[str]()
    for key in sorted({*new, *gone}):
        place = bisect.bisect_left(names, key)
        there = place < len(names) and names[place] == key
        pieces.append(body[done : edges[place]])
        done = edges[place + there]
        if there:
            removed.update(_template_of(body[edges[place] : done], templates))
        if key in new:
            pieces.append(members({key: new[key]}).encode("ascii") + b",\n")
    pieces.append(body[done:])
    last = next((number for number in range(len(pieces) - 1, 0, -1) if pieces[number]), 0)
    if not last:
        return None  # nothing is left: an empty object is written another way
    pieces[last] = pieces[last][:-2]
    if any(text.count(b'"{{%s}}"' % name.encode()) <= count for name, count in removed.items()):
        return None
    return Splice([*pieces, text[end:]], templates)


def _members(body: bytes) -> tuple[list[int], list[str]]:
    """Where the members of ``refs`` start, and their names."""
    # In canonical text only they, and those of other objects beside it, stand so far from the left.
    parts = (b"\n" + body).split(b'\n    "')[1:]
    starts = [0, *itertools.accumulate(len(part) + 6 for part in parts)][:-1]
    raw = [part.partition(b'": ')[0] for part in parts]
    if b"\\" not in (together := b"\n".join(raw)):
        return starts, together.decode("ascii").split("\n")
    return starts, [json.loads(b'"%s"' % _NAME.match(part).group(1)) for part in parts]  # type: ignore[union-attr]


def _is_canonical(text: bytes) -> bool:
    try:
        return text.isascii() and bytes(msgspec.json.format(text, indent=2)) == text
    except msgspec.DecodeError:
        return False


def _name(raw: bytes) -> str:
    return str(json.loads(b'"%s"' % raw)) if b"\\" in raw else raw.decode("ascii")


def _with_templates(values: Mapping[str, Any], templates: Mapping[str, str]) -> dict[str, Any] | None:
    """Values with the templates there are; None where there should be more of them."""
    names = {address: f"{{{{{name}}}}}" for name, address in templates.items()}
    out, plain = dict(values), Counter[str]()
    for key, value in values.items():
        if is_reference(value) and value[0] in names:
            out[key] = [names[value[0]], *value[1:]]
        elif is_reference(value):
            plain[value[0]] += 1
    often = any(count >= TEMPLATE_USES or "{{" in address for address, count in plain.items())
    return None if often else out


def _template_of(member: bytes, templates: Mapping[str, str]) -> list[str]:
    """The template that a byte range uses."""
    return [name for name in templates if b'"{{%s}}"' % name.encode() in member]
