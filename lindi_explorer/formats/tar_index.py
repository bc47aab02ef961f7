"""What is known of an archive that is written in its place: its members, and places that can be used again.

Saving never overwrites the live document or index, so each needs a second place, where the last but one was.
Such places are members of the archive with names in ``.trash/``. The index remembers them in a member of its
own, which upstream keeps and ignores. What it says is believed only where the headers in the archive agree.
"""

from __future__ import annotations

import os
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from lindi_explorer.formats.positions import read_at
from lindi_explorer.formats.tar_file import read_index
from lindi_explorer.formats.tar_layout import (
    BLOCK,
    DOCUMENT,
    ENTRY,
    ENTRY_SIZE,
    INDEX,
    TRASH,
    Member,
    json_text,
    padded,
)
from lindi_explorer.remote import RangeReader

_OURS = "lindi_explorer"
"""The member of the index that remembers the places."""

_MOST_SPARE = 8


@dataclass(frozen=True)
class TarIndex:
    """The saved state of an archive.

    Attributes
    ----------
    rows : list of dict
        The members but for entry, index and document, as the index has them.
    document, index : Member or None
        Where these are; None where their place must not be used again.
    spare : list of Member
        Places that hold nothing any more.
    members : dict
        What else the index holds.
    end : int
        Where the next header belongs.
    """

    rows: list[dict[str, Any]]
    document: Member | None
    index: Member | None
    spare: list[Member]
    members: dict[str, Any]
    end: int

    def text(self, index: Member, document: Member, spare: list[Member], rows: list[dict[str, Any]]) -> bytes:
        """The index of the next state."""
        special = [Member(ENTRY, 0, ENTRY_SIZE).row, index.row, document.row]
        ours = {"spare": [[member.at, member.size] for member in spare]}
        return json_text({**self.members, "files": [*special, *rows], _OURS: ours})

    def spare_after(self, used: list[Member]) -> list[Member]:
        """The places that can be used again after a save which used some of them: the largest."""
        left = [member for member in self.spare if member not in used]
        left += [member for member in (self.document, self.index) if member is not None]
        return sorted(left, key=lambda member: member.size)[-_MOST_SPARE:]


def read_state(descriptor: int, address: str) -> TarIndex:
    """Learn the state of an archive.

    Parameters
    ----------
    descriptor : int
        Of the archive, open.
    address : str
        Its absolute path.

    Returns
    -------
    TarIndex

    Raises
    ------
    FormatError
        If it is no LINDI archive, or damaged.
    """
    with RangeReader(address) as reader:
        found = read_index(reader, address, reader.size_and_head(address))
    files = found.pop("files")
    ours = found.pop(_OURS, None)
    live = _Extents(files)
    special = {row["n"]: row for row in files if row["n"] in (ENTRY, INDEX, DOCUMENT)}

    def place(name: str) -> Member | None:
        row = special.get(name)
        return None if row is None else _trusted(descriptor, Member(name, row["d"] - BLOCK, row["s"]), live)

    spare: list[Member] = []
    for at, size in _pairs(ours):
        member = _trusted(descriptor, Member("", at, size), live)
        if member is not None and all(one.end <= at or member.end <= one.at for one in spare):
            spare.append(member)
    known = max([live.end, Member(ENTRY, 0, ENTRY_SIZE).end, *(member.end for member in spare)])
    return TarIndex(
        rows=[row for row in files if row["n"] not in (ENTRY, INDEX, DOCUMENT)],
        document=place(DOCUMENT),
        index=place(INDEX),
        spare=spare[:_MOST_SPARE],
        members=found,
        end=_end(descriptor, known),
    )


def header_at(descriptor: int, at: int) -> Member | None:
    """The member whose header is at a position; None where there is no header."""
    try:
        info = tarfile.TarInfo.frombuf(read_at(descriptor, BLOCK, at), "utf-8", "surrogateescape")
    except tarfile.HeaderError:
        return None
    return Member(info.name, at, info.size)


class _Extents:
    """The bytes that members take, with their headers."""

    def __init__(self, files: list[dict[str, Any]]) -> None:
        self._at = np.array([row["d"] for row in files], dtype=np.int64) - BLOCK
        sizes = np.array([row["s"] for row in files], dtype=np.int64)
        self._end = self._at + BLOCK + -(-sizes // BLOCK) * BLOCK

    @property
    def end(self) -> int:
        return int(self._end.max(initial=0))

    def shared(self, member: Member) -> int:
        """How many members take some of the same bytes; a member itself is one of them."""
        return int(((self._at < member.end) & (self._end > member.at)).sum())


def _trusted(descriptor: int, claimed: Member, live: _Extents) -> Member | None:
    """A place that can be used again, if it is what somebody says and nothing else lies there."""
    found = header_at(descriptor, claimed.at)
    if found is None or found.size != claimed.size or claimed.end > os.fstat(descriptor).st_size:
        return None
    allowed = {claimed.name} if claimed.name else {INDEX, DOCUMENT}
    trash = not claimed.name and found.name.startswith(TRASH)
    if not trash and found.name not in allowed:
        return None
    return found if live.shared(claimed) == bool(claimed.name) else None


def _pairs(ours: Any) -> Iterator[tuple[int, int]]:
    spare = ours.get("spare") if isinstance(ours, dict) else None
    for pair in spare if isinstance(spare, list) else ():
        match pair:
            case [int(at), int(size)] if at >= 0 == at % BLOCK and size >= 0:
                yield at, size


def _end(descriptor: int, known: int) -> int:
    """Where the next header belongs: behind all that is known, and what another program put behind that.

    What a process left there that was killed is not kept. It is in no index, so nothing refers to it.
    """
    end = at = padded(known)
    while (member := header_at(descriptor, at)) is not None:
        at = member.end
        if member.name not in (INDEX, DOCUMENT) and not member.name.startswith((TRASH, "blobs/")):
            end = at
    return end
