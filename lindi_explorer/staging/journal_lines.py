"""The text of a journal on disk: one line for each step, behind a line that says what file is edited.

Saving one more step appends a line, so that a thousand steps cost no more than what they say; undoing cuts
the last line off. A line that a killed process has not finished is not there. Steps that write to one
dataset, one after the other, and are saved together become one line: nobody needs each row of a loop.

In place of a long chunk stands ``[offset, length]``: where it is in the file of chunks (`journal_chunks`),
which is on disk before the line is.
"""

from __future__ import annotations

import json
import operator
import os
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from lindi_explorer.byterange import ByteRange
from lindi_explorer.formats.atomic import write_atomically
from lindi_explorer.references.chunks import Reference
from lindi_explorer.references.codec import chunk_value
from lindi_explorer.references.outline import is_reference
from lindi_explorer.references.table_builder import inline_bytes
from lindi_explorer.staging.edits import NodeEdit, plain
from lindi_explorer.staging.journal import Step
from lindi_explorer.staging.journal_chunks import LONG, ChunkFile

VERSION = 2

Fetch = Callable[[Reference], Reference]
"""Gives the bytes of a chunk that may be gone when the journal is read, anything else as it is."""


class Header(msgspec.Struct, frozen=True):
    """The first line.

    Attributes
    ----------
    version : int
    source : str
        The address of the file, without secrets.
    """

    version: int
    source: str


class Line(msgspec.Struct, frozen=True):
    """Any other line.

    Attributes
    ----------
    saved_at : datetime
    step : Step
    """

    saved_at: datetime
    step: Step


class _Written(NamedTuple):
    """A line on disk: the steps it stands for, and where text and chunks end behind it."""

    steps: tuple[Step, ...]
    end: int
    chunks: int


class JournalLines:
    """Keeps a file the same as the steps of a journal.

    Parameters
    ----------
    path : Path
        The file; the chunks are beside it.
    source : str
        What is edited, without secrets.
    """

    def __init__(self, path: Path, source: str) -> None:
        self.path = path
        self._source = source
        self._chunks = ChunkFile(chunks_path(path))
        self._written: list[_Written] = []

    def save(self, steps: Sequence[Step], fetch: Fetch) -> None:
        """Have the steps on disk when this returns.

        Parameters
        ----------
        steps : sequence of Step
        fetch : callable

        Raises
        ------
        OSError
            If they cannot be written; what was on disk is still there, or a part of it.
        """
        if not self._is_as_left():
            # Somebody else's, or damaged by a write that failed.
            self._written = []
            self._chunks.remove()
        kept, count = self._kept(steps)
        start = kept[-1].end if kept else 0
        self._cut(kept)
        lines, text = list(kept), []
        try:
            if not kept:
                text.append(_line(Header(VERSION, self._source)))
            for group in _groups(steps[count:]):
                text.append(self._line_of(group, fetch))
                end = start + sum(map(len, text))
                lines.append(_Written(group, end, self._chunks.end))
            self._chunks.flush()
            if kept:
                self._append(start, b"".join(text))
            else:
                write_atomically(self.path, b"".join(text))
        except BaseException:
            self._chunks.cut(kept[-1].chunks if kept else 0)
            raise
        self._written = lines

    def remove(self) -> None:
        """Delete the files."""
        self._written = []
        self.path.unlink(missing_ok=True)
        self._chunks.remove()

    def _is_as_left(self) -> bool:
        try:
            if not self._written or self.path.stat().st_size != self._written[-1].end:
                return False
            return not self._chunks.end or self._chunks.path.stat().st_size >= self._chunks.end
        except FileNotFoundError:
            return False

    def _kept(self, steps: Sequence[Step]) -> tuple[list[_Written], int]:
        """The lines that stay, and how many steps they stand for."""
        kept: list[_Written] = []
        count = 0
        for line in self._written:
            after = count + len(line.steps)
            if after > len(steps) or not all(map(operator.is_, line.steps, steps[count:after])):
                break
            kept.append(line)
            count = after
        return kept, count

    def _cut(self, kept: list[_Written]) -> None:
        """Take lines away; without any left the file is written anew."""
        if not kept or len(kept) == len(self._written):
            self._written = kept
            return
        with self.path.open("r+b") as file:
            file.truncate(kept[-1].end)
            os.fsync(file.fileno())
        self._written = kept
        self._chunks.cut(kept[-1].chunks)

    def _append(self, start: int, text: bytes) -> None:
        with self.path.open("r+b") as file:
            try:
                file.seek(start)
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            except OSError:
                file.truncate(start)
                raise

    def _line_of(self, group: tuple[Step, ...], fetch: Fetch) -> bytes:
        def kept(reference: Reference) -> Any:
            data = fetch(reference)
            is_long = isinstance(data, bytes) and len(data) >= LONG
            return self._chunks.put(data) if is_long else chunk_value(data)  # type: ignore[arg-type]

        document = plain(Line(datetime.now(UTC), _joined(group)), kept)
        for refs in refs_of(document["step"]):
            for key, value in refs.items():
                if isinstance(value, str) and len(value) >= LONG:
                    refs[key] = kept(inline_bytes(key, value))
                elif is_reference(value):
                    refs[key] = kept(ByteRange(*value))
        return _line(document)


def _groups(steps: Sequence[Step]) -> Iterator[tuple[Step, ...]]:
    """Steps, with those together that do nothing but write to the same dataset."""
    group: list[Step] = []
    for step in steps:
        if (group and _written_to(step) != _written_to(group[-1])) or (group and _written_to(step) is None):
            yield tuple(group)
            group = []
        group.append(step)
    if group:
        yield tuple(group)


def is_writing(step: Step) -> bool:
    """Whether a step does nothing but write to a dataset that was there."""
    return _written_to(step) is not None


def _written_to(step: Step) -> str | None:
    edit = step.edits[0] if len(step.edits) == 1 else None
    if not isinstance(edit, NodeEdit) or edit.old is None or edit.old.node is None or edit.new.node is None:
        return None
    return None if edit.new.node.array is None else edit.path


def _joined(group: tuple[Step, ...]) -> Step:
    if len(group) == 1:
        return group[0]
    first, last = group[0].edits[0], group[-1].edits[0]
    assert isinstance(first, NodeEdit)
    assert isinstance(last, NodeEdit)
    return Step(group[-1].words, (NodeEdit(first.path, first.old, last.new),))


def _line(value: Any) -> bytes:
    # Python's writer, as names in HDF5 files may hold bytes that are not UTF-8: it escapes them.
    return json.dumps(msgspec.to_builtins(value), separators=(",", ":")).encode("ascii") + b"\n"


def refs_of(step: Any) -> Iterator[dict[str, Any]]:
    """The keys with their values in a step as plain JSON types."""
    for edit in step["edits"]:
        for record in (edit.get("old"), edit.get("new")):
            if edit.get("kind") == "node" and isinstance(record, dict):
                yield record
            elif edit.get("kind") == "data" and isinstance(record, dict):
                yield record["refs"]


def chunks_path(path: Path) -> Path:
    """Where the chunks of a journal are."""
    return path.with_suffix(".chunks")
