"""Text that can travel: names in files may hold bytes that are not UTF-8, and JSON cannot.

Such bytes are lone surrogates in Python. On the wire each stands as a character of a private plane that no
file uses, so that a path comes back as the path it was.
"""

from __future__ import annotations

_SURROGATES = range(0xD800, 0xE000)
_PRIVATE = 0xF0000
_OUT = {code: _PRIVATE + code - _SURROGATES.start for code in _SURROGATES}
_BACK = {there: here for here, there in _OUT.items()}


def to_wire(text: str) -> str:
    """A text as it is sent."""
    return text if text.isascii() else text.translate(_OUT)


def from_wire(text: str) -> str:
    """The inverse of `to_wire`."""
    return text if text.isascii() else text.translate(_BACK)
