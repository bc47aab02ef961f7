"""The journal on disk of one explorer, and the one an earlier explorer left behind."""

from __future__ import annotations

import operator
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from lindi_explorer.errors import LindiError, NodeNotFoundError
from lindi_explorer.explorer.edits import Outcome, touched_by
from lindi_explorer.explorer.own_chunks import own_chunks
from lindi_explorer.explorer.protocol import PendingJournal
from lindi_explorer.explorer.words import count_words
from lindi_explorer.staging.journal import EditJournal, Step
from lindi_explorer.staging.journal_file import JournalDocument, JournalFile
from lindi_explorer.staging.journal_lines import is_writing

if TYPE_CHECKING:
    from lindi_explorer.h5 import LindiH5pyFile

_opening = threading.Lock()


_REST = 9
"""After each save there are so many times its length without one while code writes data in a loop: saving
takes a tenth of its time at most."""

_LEAST_REST = 0.25
"""Seconds: whoever writes row after row has the chunk that the rows are in written a few times, not often."""

_MOST_REST = 5.0
"""Seconds: more than that is never lost."""


class DurableJournal:
    """Saves the steps of a journal whenever they change.

    Made by `of`: explorers that show the same open file share one. What exists in this process only has no
    journal on disk: nothing could be resumed.

    Parameters
    ----------
    file : LindiH5pyFile
    folder : Path, optional
        Where journals are kept.
    """

    def __init__(self, file: LindiH5pyFile, folder: Path | None) -> None:
        self._journal = file.journal
        self._fetch = own_chunks(file)
        self._users = 0
        self._saved: tuple[Step, ...] = ()
        # Encoding a chunk takes h5py's lock, which whoever edits may hold already: it always comes first.
        self._encoding = file.id.view.room.lock
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None
        self._free_at = 0.0
        self._file: JournalFile | None = None
        self._problem = ""
        self._held = False
        if file.source.kind != "memory":
            try:
                self._file = JournalFile(file.source.address, folder)
            except OSError as error:
                self._problem = error.strerror or type(error).__name__

    @classmethod
    def of(cls, file: LindiH5pyFile, folder: Path | None) -> DurableJournal:
        """The durable journal of an open file; each `of` needs its `close`.

        Parameters
        ----------
        file : LindiH5pyFile
        folder : Path, optional
            Counts for the first explorer of the file.

        Returns
        -------
        DurableJournal
        """
        with _opening:
            journal = _open.get(id(file.journal))
            if journal is None:
                journal = _open[id(file.journal)] = cls(file, folder)
            journal._users += 1
            return journal

    def save(self) -> None:
        """Put the present steps on disk.

        Raises
        ------
        LindiError
            If they cannot be written; the edit stays.
        """
        if self._held:
            return
        if self._file is None:
            if self._problem:
                raise self._unsaved(self._problem)
            return
        try:
            with self._encoding, self._lock:
                # Read under the lock: whoever saves last saves the latest.
                steps = self._journal.steps
                # Compared by identity: what they say could be long.
                if len(steps) != len(self._saved) or not all(map(operator.is_, steps, self._saved)):
                    start = time.monotonic()
                    self._file.save(steps, self._fetch)
                    self._saved = steps
                    end = time.monotonic()
                    self._free_at = end + min(max(_LEAST_REST, _REST * (end - start)), _MOST_REST)
        except OSError as error:
            raise self._unsaved(error.strerror or type(error).__name__) from error

    def save_soon(self, failed: Callable[[LindiError], None]) -> None:
        """The same, but what code writes to a dataset in a loop is saved now and then, and after the last.

        Parameters
        ----------
        failed : callable
            Told, in another thread, where that could not be saved.

        Raises
        ------
        LindiError
            As `save`.
        """
        step = self._journal.next_undo
        rest = self._free_at - time.monotonic()
        if step is None or self._file is None or self._held or rest <= 0 or not is_writing(step):
            self.save()
            return
        with self._lock:
            if self._timer is None:
                self._timer = threading.Timer(rest, self._save_late, [failed])
                self._timer.start()

    def _save_late(self, failed: Callable[[LindiError], None]) -> None:
        with self._lock:
            self._timer = None
        try:
            self.save()
        except LindiError as error:
            failed(error)

    def _unsaved(self, reason: str) -> LindiError:
        return LindiError(
            f"the change is made, but the journal could not be written to disk: {reason}",
            hint="Export soon: a change that is not in the journal is lost when the kernel ends.",
        )

    def forget(self) -> None:
        """Remove the file: what it holds is safe elsewhere."""
        if self._file is not None:
            with self._encoding, self._lock:
                self._file.save(())
                self._saved = self._journal.steps

    def close(self) -> None:
        """Give the slot back, with the last explorer; what was not exported is offered next time."""
        with _opening:
            self._users -= 1
            if self._users:
                return
            _open.pop(id(self._journal), None)
        if self._file is None:
            return
        try:
            with self._lock:
                timer, self._timer = self._timer, None
            if timer is not None:
                timer.cancel()
                self.save()
        finally:
            self._file.close()

    # ------------------------------------------------------------ left behind

    def pending(self) -> PendingJournal | None:
        """What an earlier explorer left behind, None where there is nothing."""
        try:
            document = self._file.pending_outline() if self._file is not None else None
        except (OSError, LindiError):
            # Another explorer has taken it, or it is damaged: there is nothing to offer.
            return None
        if document is None:
            return None
        saved = document.saved_at.astimezone().isoformat(" ", "seconds")
        return PendingJournal(changes=len(document.steps), saved_at=f"{saved[:-6]} {saved[-6:]}")

    def _pending(self) -> JournalDocument | None:
        try:
            return self._file.pending() if self._file is not None else None
        except (OSError, LindiError):
            # Another explorer has taken it, or it is damaged: there is nothing to offer.
            return None

    def resume(self) -> Outcome:
        """Apply the steps that were left behind, all or none; they are saved once, at the end.

        Raises
        ------
        ConflictError
            If the file no longer holds what a step expects; the journal stays.
        NodeNotFoundError
            If there is nothing to resume, or an object is gone.
        """
        document = self._pending()
        if document is None or self._file is None:
            raise NodeNotFoundError(
                "there is no journal to resume", hint="It has been resumed or discarded in another explorer."
            )
        rehearsal = EditJournal(self._journal)
        for step in document.steps:
            rehearsal.apply(step.words, step.edits)
        # It holds all data once more.
        del rehearsal
        self._held = True
        try:
            for step in document.steps:
                self._journal.apply(step.words, step.edits)
        finally:
            self._held = False
        self.save()
        self._file.discard_pending()
        return Outcome(f"Resumed {count_words(len(document.steps), 'change')}", _touched(document.steps))

    def discard(self) -> Outcome:
        """Delete what was left behind."""
        document = self._pending()
        if document is None or self._file is None:
            return Outcome("There is no journal to discard", [])
        self._file.discard_pending()
        return Outcome(f"Discarded {count_words(len(document.steps), 'change')} of an earlier explorer", [])


# By the identity of the journal, which lives as long as the value. A dropped explorer takes its own along.
_open: WeakValueDictionary[int, DurableJournal] = WeakValueDictionary()


def _touched(steps: tuple[Step, ...]) -> list[str]:
    return list(dict.fromkeys(path for step in steps for path in touched_by(step)))
