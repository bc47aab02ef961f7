"""Texts in an archive that change: each is written where it does not hurt, with room to grow."""

from __future__ import annotations

import os
from collections.abc import Iterable

from lindi_explorer.errors import UnsupportedError
from lindi_explorer.formats.positions import read_at, write_at
from lindi_explorer.formats.tar_file import LARGEST_TEXT
from lindi_explorer.formats.tar_index import header_at
from lindi_explorer.formats.tar_layout import BLOCK, TRASH, Member, header, padded, room_for, trash_name

_PIECE = 1 << 20


class TextWriter:
    """Writes the texts of one save.

    Parameters
    ----------
    descriptor : int
        Of the archive.
    end : int
        Where the next header belongs.
    spare : list of Member
        Places that can be used.
    """

    def __init__(self, descriptor: int, end: int, spare: list[Member]) -> None:
        self.end = end
        self.used: list[Member] = []
        self._descriptor = descriptor
        self._spare = spare

    def write(self, name: str, text: Iterable[bytes]) -> Member:
        """Write a text of unknown length.

        Parameters
        ----------
        name : str
            Of the member.
        text : iterable of bytes
            Its parts, which need not be in memory at the same time.

        Returns
        -------
        Member
            Where it is now.

        Raises
        ------
        UnsupportedError
            If it is longer than what is read.
        """
        # It goes to the end first: only then its length is known.
        start, length = self.end + BLOCK, 0
        for part in text:
            write_at(self._descriptor, part, start + length)
            length += len(part)
        member = self.place(name, length)
        if member.data != start:
            for at in range(0, length, _PIECE):
                piece = read_at(self._descriptor, min(_PIECE, length - at), start + at)
                write_at(self._descriptor, piece, member.data + at)
            os.ftruncate(self._descriptor, self.end)
        self.finish(member, length)
        return member

    def place(self, name: str, length: int) -> Member:
        """Choose where a text goes: the smallest place in which it fits, or the end of the archive."""
        if length > LARGEST_TEXT:
            raise UnsupportedError(
                f"{name} would take {length:,} bytes; up to {LARGEST_TEXT:,} are read", hint="Split the file."
            )
        size = room_for(length)
        fitting = [
            member for member in self._spare if length <= member.size <= 4 * size and member not in self.used
        ]
        if fitting:
            spare = min(fitting, key=lambda member: member.size)
            self.used.append(spare)
            return Member(name, spare.at, spare.size)
        member = Member(name, self.end, size if size <= LARGEST_TEXT else padded(length))
        self.end = member.end
        return member

    def finish(self, member: Member, length: int) -> None:
        """Write what is around a text: header, and spaces behind it."""
        fill(self._descriptor, b" ", member.data + length, member.data + member.size)
        write_at(self._descriptor, header(member.name, member.size), member.at)


def trash(descriptor: int, member: Member, letters: str) -> None:
    """Overwrite a member that is in no index any more, and give it a name that says so.

    Parameters
    ----------
    descriptor : int
        Of the archive.
    member : Member
        One whose name says so already is left as it is.
    letters : str
        What makes its name unlike all others.
    """
    # What its name is now shows only there: a save that failed may have used the place.
    found = header_at(descriptor, member.at)
    if found is None or not found.name.startswith(TRASH):
        fill(descriptor, b"-", member.data, member.data + member.size)
        name = trash_name(member.name if found is None else found.name, letters)
        write_at(descriptor, header(name, member.size), member.at)


def fill(descriptor: int, byte: bytes, start: int, stop: int) -> None:
    """Write one byte again and again, up to a position."""
    for at in range(start, stop, _PIECE):
        write_at(descriptor, byte * min(_PIECE, stop - at), at)
