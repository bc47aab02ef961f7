"""What all answers are made from: the file, its edits, the last check, and what has been counted."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from lindi_explorer.explorer.document import Exporter
from lindi_explorer.explorer.marks import Marks, mark_of
from lindi_explorer.explorer.protocol import Progress, Status
from lindi_explorer.explorer.sizes import Sizes
from lindi_explorer.explorer.values import stored_data
from lindi_explorer.explorer.wire import to_wire
from lindi_explorer.h5 import LindiH5pyFile
from lindi_explorer.hdf5.attributes import StoredAttribute
from lindi_explorer.nwb.validate import Finding
from lindi_explorer.references.model import Node
from lindi_explorer.remote import CancelToken, RangeReader
from lindi_explorer.remote.stats import Stats
from lindi_explorer.staging.changes import changed_paths, changes_at
from lindi_explorer.staging.journal import AttributeChange, Change, DataChange, EditJournal, Step
from lindi_explorer.staging.overlay import Overlay

CheckState = Literal["unchecked", "checking", "valid", "findings"]

_TELL_EVERY = 0.2
"""Seconds between two messages about progress."""


@dataclass(slots=True)
class Work:
    """The request being answered: whether it is to stop, and how it says how far it is.

    Parameters
    ----------
    reader : RangeReader
    cancel : CancelToken, optional
    tell : callable, optional
        Takes a `Progress`.
    """

    reader: RangeReader
    cancel: CancelToken | None = None
    tell: Callable[[Progress], None] | None = None
    _told: float = field(default_factory=time.monotonic, init=False)
    _before: Stats = field(init=False)

    def __post_init__(self) -> None:
        self._before = self.reader.stats.snapshot()

    def check(self) -> None:
        """Raise `CancelledByUserError` if the request has been cancelled."""
        if self.cancel is not None:
            self.cancel.check()

    def say(self, words: str, done: int, total: int | None = None) -> None:
        """Tell how far it is; does nothing when it has been told a moment ago."""
        self.check()
        now = time.monotonic()
        if self.tell is None or now - self._told < _TELL_EVERY:
            return
        self._told = now
        stats = self.reader.stats.snapshot()
        self.tell(
            Progress(
                words=words,
                done=done,
                total=total,
                bytes=stats.bytes - self._before.bytes,
                requests=stats.requests - self._before.requests,
            )
        )


@dataclass(frozen=True, slots=True)
class Check:
    """The result of a check, and the edits it was made of."""

    steps: tuple[Step, ...]
    findings: tuple[Finding, ...]


class State:
    """One open file, as the answers see it.

    Parameters
    ----------
    file : LindiH5pyFile

    Attributes
    ----------
    seconds : float
        How long opening took.
    checking : bool
        Whether a check is running.
    """

    def __init__(self, file: LindiH5pyFile) -> None:
        self.file = file
        self.seconds = 0.0
        self.sizes = Sizes(self.journal)
        self.exporter = Exporter()
        self.checking = False
        self._check: Check | None = None
        self._ids: dict[tuple[str, str | None], int] = {}
        self._marks: tuple[Overlay, Check | None, Marks] | None = None
        self._changes: tuple[Overlay, list[Change]] | None = None
        self._known: dict[str, tuple[Node | None, list[Change]]] = {}
        self._before: LindiH5pyFile | None = None
        self._lock = threading.RLock()

    @property
    def journal(self) -> EditJournal:
        """The edits over the source."""
        return self.file.journal

    @property
    def folder(self) -> Path:
        """Where exports with a relative name go: the working folder of the kernel."""
        return Path.cwd()

    @property
    def before(self) -> LindiH5pyFile:
        """The file without the edits."""
        if self._before is None:
            # A reader of its own: what was edited is kept in the document, so nothing is fetched.
            self._before = LindiH5pyFile(
                self.journal.base, RangeReader(None), self.file.source, writable=False
            )
        return self._before

    # ------------------------------------------------------------ changes

    def changes(self) -> list[Change]:
        """What differs from the source, in the order of paths."""
        overlay = self.journal.overlay
        with self._lock:
            if self._changes is None or self._changes[0] is not overlay:
                # Most nodes are as they were at the last edit.
                known, self._known = self._known, {}
                for path in changed_paths(overlay):
                    node, last = overlay.nodes.get(path), known.get(path)
                    if last is None or node is None or last[0] is not node:
                        last = (node, list(changes_at(overlay, path)))
                    self._known[path] = last
                self._changes = (overlay, [one for _, found in self._known.values() for one in found])
            return self._changes[1]

    def changes_at(self, path: str) -> list[Change]:
        """What differs from the source at one node."""
        return self.journal.changes_at(path)

    def change_id(self, change: Change) -> int:
        """The number of a change: the same for the same place as long as the explorer lives."""
        place = (change.path, change.name if isinstance(change, AttributeChange) else None)
        with self._lock:
            return self._ids.setdefault(place, len(self._ids) + 1)

    def old_data(self, change: DataChange) -> StoredAttribute:
        """The data of a dataset before the edits."""
        return stored_data(self.before[f"/{change.path}"])

    def marks(self) -> Marks:
        """Marks of the present edits and of findings that belong to them."""
        overlay, check = self.journal.overlay, self.last_check()
        with self._lock:
            known = self._marks
            if known is None or known[0] is not overlay or known[1] is not check:
                edited = {change.path: mark_of(change) for change in self.changes()}
                known = self._marks = (overlay, check, Marks(edited, check.findings if check else ()))
        return known[2]

    # ------------------------------------------------------------ checks and status

    def last_check(self) -> Check | None:
        """The last check, None where the file has been edited since."""
        check = self._check
        return check if check is not None and check.steps == self.journal.steps else None

    def set_check(self, check: Check) -> None:
        """Keep the result of a check."""
        self._check = check

    def status(self) -> Status:
        """The state of the whole explorer."""
        journal, check, stats = self.journal, self.last_check(), self.file.reader.stats.snapshot()
        undo, redo = journal.next_undo, journal.next_redo
        severities = [finding.severity for finding in check.findings] if check else []
        errors, warnings = severities.count("error"), severities.count("warning")
        result: CheckState = "unchecked" if check is None else "findings" if severities else "valid"
        return Status(
            changes=len(self.changes()),
            undo=to_wire(undo.words) if undo else "",
            redo=to_wire(redo.words) if redo else "",
            check="checking" if self.checking else result,
            errors=errors,
            warnings=warnings,
            requests=stats.requests,
            bytes=stats.bytes,
        )
