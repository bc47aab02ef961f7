"""Reading what `journal_lines` has written."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from lindi_explorer.errors import FormatError
from lindi_explorer.references.codec import chunk_value
from lindi_explorer.staging.edits import from_plain
from lindi_explorer.staging.journal import Step
from lindi_explorer.staging.journal_chunks import read_chunk, require_chunk
from lindi_explorer.staging.journal_lines import VERSION, Header, Line, chunks_path, refs_of


@dataclass(frozen=True, slots=True)
class JournalDocument:
    """What a journal on disk holds.

    Attributes
    ----------
    source : str
        The address of the file, without secrets.
    saved_at : datetime
        When the last step was saved.
    steps : tuple of Step
        The steps in force, the oldest first.
    """

    source: str
    saved_at: datetime
    steps: tuple[Step, ...]


def read_journal(path: Path) -> JournalDocument:
    """Read a journal.

    Parameters
    ----------
    path : Path

    Returns
    -------
    JournalDocument

    Raises
    ------
    FormatError
        If it is damaged or of a newer version.
    OSError
        If it cannot be read.
    """
    chunks = chunks_path(path)
    # Two steps often hold the same chunk, one as what was there and one as what is.
    known: dict[tuple[int, int], Any] = {}

    def value(offset: int, length: int) -> Any:
        if (offset, length) not in known:
            known[offset, length] = chunk_value(read_chunk(chunks, offset, length))
        return known[offset, length]

    return _read(path, value)


def read_outline(path: Path) -> JournalDocument:
    """Read a journal without the data of long chunks, which only have to be there; see `read_journal`."""
    chunks = chunks_path(path)

    def value(offset: int, length: int) -> Any:
        require_chunk(chunks, offset, length)
        return ""

    return _read(path, value)


def _read(path: Path, value: Callable[[int, int], Any]) -> JournalDocument:
    # What stands behind the last line end was not finished, and nobody was told that it is saved.
    head, *lines = path.read_bytes().split(b"\n")[:-1] or [b""]
    with _explained(path):
        header = msgspec.convert(json.loads(head), Header)
    if header.version > VERSION:
        raise FormatError(
            f"the journal {path.name} was written by a newer version",
            hint="Update lindi_explorer to read it.",
        )
    with _explained(path):
        found = [_line(line, value) for line in lines]
    at = found[-1].saved_at if found else datetime.fromtimestamp(path.stat().st_mtime, UTC)
    return JournalDocument(header.source, at, tuple(line.step for line in found))


_DAMAGED = (msgspec.ValidationError, ValueError, KeyError, TypeError, AttributeError, RecursionError)
"""What decoding raises where something else stands than was written."""


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except _DAMAGED as error:
        raise FormatError(
            f"the journal {path.name} cannot be read: {error}", hint="It is left as it is."
        ) from error


def _line(text: bytes, value: Callable[[int, int], Any]) -> Line:
    document = json.loads(text)
    for refs in refs_of(document["step"]):
        for key, place in refs.items():
            if isinstance(place, list) and len(place) == 2 and all(type(part) is int for part in place):
                refs[key] = value(*place)
    return from_plain(document, Line)
