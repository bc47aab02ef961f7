"""The layout of a ``.lindi.tar``: headers, the entry, an empty archive, room for growth.

A plain USTAR archive of regular files. `lindi_explorer.formats.tar_file` says how it is read.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

from lindi_explorer.references.text import indented

BLOCK = 512
ENTRY, INDEX, DOCUMENT = ".tar_entry.json", ".tar_index.json", "lindi.json"
ENTRY_AT, ENTRY_SIZE = 512, 1024
TRASH = ".trash/"
"""How the names of members begin that are members no more."""

END = bytes(1024)
"""What an archive ends with."""

LARGEST_MEMBER = 8**11 - 1
"""A header has eleven octal digits for the size."""

_LETTERS = 10
_ROOM = 8192
_GENEROUS = 4 << 20
"""Texts up to this length get room to grow four times as long, and longer ones up to twice."""


@dataclass(frozen=True, slots=True)
class Member:
    """A member of an archive.

    Attributes
    ----------
    name : str
    at : int
        Where its header begins.
    size : int
        Bytes of its data.
    """

    name: str
    at: int
    size: int

    @property
    def data(self) -> int:
        """Where its data begins."""
        return self.at + BLOCK

    @property
    def end(self) -> int:
        """Where the next header may begin."""
        return self.data + padded(self.size)

    @property
    def row(self) -> dict[str, Any]:
        """How the index says it."""
        return {"d": self.data, "n": self.name, "o": self.at, "s": self.size}


def padded(size: int) -> int:
    """A number of bytes in whole blocks."""
    return -(-size // BLOCK) * BLOCK


def header(name: str, size: int) -> bytes:
    """The header of a member.

    Parameters
    ----------
    name : str
        ASCII, up to 100 characters.
    size : int
        Up to `LARGEST_MEMBER`.

    Returns
    -------
    bytes
        512 of them; the same as upstream writes.
    """
    assert name.isascii()
    assert len(name) <= 100
    fields = (name.encode("ascii"), b"0000644", b"0000000", b"0000000", b"%011o" % size, b"%011o" % 0)
    sealed = struct.pack("100s8s8s8s12s12s8sc100s6s2s247x", *fields, b" " * 8, b"0", b"", b"ustar", b"00")
    return sealed[:148] + b"%06o\0 " % sum(sealed) + sealed[156:]


def trash_name(name: str, letters: str) -> str:
    """A new name for a member that is none any more."""
    return f"{TRASH}{name}.{letters[:_LETTERS]}"


def room_for(length: int) -> int:
    """The size of a new member for a text that will change.

    Parameters
    ----------
    length : int

    Returns
    -------
    int
        The smallest 8192 x 2^k that leaves room to grow: four times the length, as upstream has it, but for
        very long texts.
    """
    wanted = 4 * length if length <= _GENEROUS else length + length // 8
    size = _ROOM
    while size < wanted:
        size *= 2
    return size


def entry(index: Member) -> bytes:
    """The data of the first member, which says where the index is."""
    return json_text({"index": index.row}).ljust(ENTRY_SIZE)


def json_text(value: Any) -> bytes:
    """A JSON value as canonical text."""
    return indented(value).encode("ascii")


def empty_archive(document: Any) -> bytes:
    """A whole archive without chunks.

    Parameters
    ----------
    document : Json

    Returns
    -------
    bytes
    """
    text = json_text(document)
    first = Member(ENTRY, 0, ENTRY_SIZE)
    index = Member(INDEX, first.end, _ROOM)
    saved = Member(DOCUMENT, index.end, room_for(len(text)))
    listed = json_text({"files": [first.row, index.row, saved.row]})
    parts = []
    for member, content in ((first, entry(index)), (index, listed), (saved, text)):
        parts += [header(member.name, member.size), content.ljust(member.size)]
    return b"".join([*parts, END])
