"""The text of a LINDI document, parsed as far as it must be to be opened.

What stands behind a key stays text (`msgspec.Raw`) until somebody asks for it, though it is known to be JSON
from then on. Of a long text only one piece at a time is cut into keys: a document of a million chunks is
read in the memory of its text and little more.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from lindi_explorer.errors import FormatError
from lindi_explorer.references.checks import DAMAGED

_LONG = 32 << 20
"""Bytes of text from which on it is cut into keys in pieces."""

_PIECE = 4 << 20
"""Bytes of such a piece."""

_SAMPLES = 100
"""Keys of a text that are looked at to learn whether it holds many objects, or chunks of few of them."""

_REFS = b'\n  "refs": {'
_END = b"\n  }"
_END_AND_MORE = b'\n  },\n  "'
_KEY = b'\n    "'
_NEXT = b"," + _KEY
_MARK = b'{"\\u0000": 0}'
_RAW_MARK = msgspec.Raw(_MARK)

_Member = dict[str, msgspec.Raw] | list[Any] | str | int | float | bool | None

_document = msgspec.json.Decoder(dict[str, _Member])
_members = msgspec.json.Decoder(dict[str, msgspec.Raw])

NOT_JSON = (msgspec.DecodeError, RecursionError, UnicodeDecodeError)
"""What msgspec raises; it does not say on its own behalf that text is no UTF-8."""


class Pieces:
    """The members of ``refs`` as they stand in a text, a part of them at a time; gone through once.

    Parameters
    ----------
    pieces : iterable of mapping
        Key -> `msgspec.Raw`, or the value itself.
    are_many : bool
        Whether they are too much for being kept.
    """

    def __init__(self, pieces: Iterable[Mapping[str, Any]], *, are_many: bool) -> None:
        self._pieces = pieces
        self.are_many = are_many

    def __iter__(self) -> Iterator[Mapping[str, Any]]:
        return iter(self._pieces)

    def __eq__(self, other: object) -> bool:
        return {key: parsed(key, value) for piece in self for key, value in piece.items()} == other

    __hash__ = None  # type: ignore[assignment]


def parse_json(data: bytes) -> dict[str, Any]:
    """Parse the text of a LINDI document.

    Parameters
    ----------
    data : bytes
        UTF-8 JSON text. The bare words NaN and Infinity, which Python's own writer makes, are accepted.

    Returns
    -------
    dict
        For `lindi_explorer.references.decoding.decode`: what is under ``refs`` may be text still.

    Raises
    ------
    FormatError
        If it is not JSON, or not an object with ``refs``.
    """
    try:
        in_pieces = len(data) > _LONG or (len(data) > _PIECE and _is_mostly_chunks(data))
        document = _in_pieces(data) if in_pieces else None
        if document is None:
            document = _at_once(data)
    except NOT_JSON:
        document = _lenient(data)
    if not isinstance(document, dict) or not isinstance(document.get("refs"), (dict, Pieces)):
        raise FormatError("this JSON is no LINDI document: it has no object `refs`", hint=DAMAGED)
    return document


def _at_once(data: bytes) -> dict[str, Any]:
    document: dict[str, Any] = _document.decode(data)
    for name, member in document.items():
        if type(member) is dict:
            document[name] = (
                Pieces([member], are_many=False)
                if name == "refs"
                else {key: parsed(key, value) for key, value in member.items()}
            )
    return document


def _is_mostly_chunks(data: bytes) -> bool:
    """Whether keys here and there in a text belong to the same few arrays."""
    step = len(data) // _SAMPLES + 1
    paths = []
    for at in range(0, len(data), step):
        start = data.find(_KEY, at, at + step) + len(_KEY)
        if start >= len(_KEY):
            paths.append(data[start : data.find(b'"', start)].rpartition(b"/")[0])
    return len(set(paths)) <= len(paths) // 2


def _in_pieces(data: bytes) -> dict[str, Any] | None:
    """The document in pieces; None where its text is not indented as LINDI tools do it.

    A piece ends before a line that starts as those of the members of ``refs`` do. That such a line is one is
    sure once all pieces are JSON: a piece that ended inside of something would have a bracket too many.
    """
    start = data.find(_REFS)
    end = data.find(_END_AND_MORE, start)
    if end < 0:
        end = data.rfind(_END)
    if start < 0 or end < start:
        return None
    members = _members.decode(b"".join((data[:start], _REFS[:-1], _MARK, data[end + len(_END) :])))
    if members.get("refs") != _RAW_MARK:
        return None  # The mark shows that the place is what the name says.
    document = {name: parsed(name, text) for name, text in members.items()}
    return {**document, "refs": Pieces(_cut(data, start + len(_REFS), end), are_many=True)}


def _cut(data: bytes, start: int, end: int) -> Iterator[Mapping[str, Any]]:
    view = memoryview(data)
    while start < end:
        found = data.find(_NEXT, start + _PIECE, end)
        stop = end if found < 0 else found
        text = b"".join((b"{", view[start:stop], b"}"))
        try:
            piece: Mapping[str, Any] = _members.decode(text)
        except NOT_JSON:
            piece = _lenient(text)
        yield piece
        start = stop + 1


def parsed(key: str, value: Any) -> Any:
    """What stands behind a key, parsed now if it is text still.

    Parameters
    ----------
    key : str
        For the message.
    value : Json or msgspec.Raw

    Raises
    ------
    FormatError
        If it is not JSON.
    """
    if type(value) is not msgspec.Raw:
        return value
    try:
        return msgspec.json.decode(value)
    except NOT_JSON:
        try:
            return json.loads(bytes(value))
        except (ValueError, RecursionError) as error:
            raise FormatError(f"what stands behind {key!r} is not JSON: {error}", hint=DAMAGED) from error


def _lenient(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise FormatError(f"this is not JSON: {error}", hint=DAMAGED) from error
