"""Text that can travel: names in files may hold bytes that are not UTF-8, and JSON cannot.

Such bytes are lone surrogates in Python. On the wire each is a mark and a character of a private plane, so
that a path comes back as the path it was.
"""

from __future__ import annotations

import re

_MARK = "\U000f0fff"
_SURROGATES = range(0xD800, 0xE000)
_PRIVATE = 0xF0000
_OUT = {code: f"{_MARK}{chr(_PRIVATE + code - _SURROGATES.start)}" for code in _SURROGATES} | {
    ord(_MARK): _MARK * 2
}
_MARKED = re.compile(f"{_MARK}(.)", re.DOTALL)


def to_wire(text: str) -> str:
    """A text as it is sent."""
    return text if text.isascii() else text.translate(_OUT)


def from_wire(text: str) -> str:
    """The inverse of `to_wire`; any other text that came over the wire stays as it is."""
    return text if text.isascii() else _MARKED.sub(_unmark, text)


def _unmark(match: re.Match[str]) -> str:
    code = ord(match[1]) - _PRIVATE
    if 0 <= code < len(_SURROGATES):
        return chr(_SURROGATES[code])
    return _MARK if match[1] == _MARK else match[0]
