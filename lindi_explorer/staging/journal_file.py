"""A journal on disk: what a person has typed, and what code has written, survives a killed kernel.

One folder holds the journals, one or more slots for each source (two explorers may show one file at once). A
live explorer holds the lock of its slot; an unlocked slot with edits was left behind and is offered again.
What is in a slot is said in `journal_lines`.
"""

from __future__ import annotations

import hashlib
import itertools
import os
from pathlib import Path

import filelock

from lindi_explorer.errors import FormatError
from lindi_explorer.staging.journal import Step
from lindi_explorer.staging.journal_lines import Fetch, JournalLines, chunks_path
from lindi_explorer.staging.journal_reading import JournalDocument, read_journal, read_outline

__all__ = ["JournalDocument", "JournalFile", "journal_folder", "read_journal"]


class JournalFile:
    """The slot that one explorer writes to.

    Parameters
    ----------
    source : str
        Names the file that is edited; without secrets.
    folder : Path, optional
        Where journals are kept; default: the user's data folder.
    """

    def __init__(self, source: str, folder: Path | None = None) -> None:
        self.source = source
        self.folder = folder or journal_folder()
        self._lock: filelock.FileLock | None = None
        self._lines: JournalLines | None = None
        self.path: Path | None = None
        self.left_behind: Path | None = None
        """The newest unlocked slot of this source that holds steps."""
        self._seen: tuple[int, JournalDocument] | None = None
        self._claim()

    def _claim(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        name = hashlib.sha256(self.source.encode("utf-8", "surrogateescape")).hexdigest()[:20]
        left = {path: _left_behind(path) for path in self.folder.glob(f"{name}*.jsonl")}
        times = {path: document.saved_at for path, document in left.items() if document is not None}
        self.left_behind = max(times, key=times.__getitem__, default=None)
        for number in itertools.count(1):
            path = self.folder / (f"{name}.jsonl" if number == 1 else f"{name}.{number}.jsonl")
            # What is written there, whatever it is, is not ours to overwrite.
            lock = None if path.exists() else _try_lock(path)
            if lock is not None:
                self._lock, self.path, self._lines = lock, path, JournalLines(path, self.source)
                # Of one who was killed before there was a line for them.
                chunks_path(path).unlink(missing_ok=True)
                return

    def save(self, steps: tuple[Step, ...], fetch: Fetch = lambda reference: reference) -> None:
        """Write the steps; when this returns they are on disk.

        Parameters
        ----------
        steps : tuple of Step
            None of them removes the file. What is the same as at the last call is not written again.
        fetch : callable, optional
            Gives the bytes of a chunk that may be gone when the journal is read, anything else as it is.

        Raises
        ------
        OSError
            If they cannot be written.
        """
        assert self._lines is not None
        if steps:
            self._lines.save(steps, fetch)
        else:
            self._lines.remove()

    def pending(self) -> JournalDocument | None:
        """The journal that was left behind, None where there is none."""
        return None if self.left_behind is None else read_journal(self.left_behind)

    def pending_outline(self) -> JournalDocument | None:
        """The same without the data of long chunks, for saying how much it is."""
        if self.left_behind is None:
            return None
        changed = self.left_behind.stat().st_mtime_ns
        if self._seen is None or self._seen[0] != changed:
            self._seen = (changed, read_outline(self.left_behind))
        return self._seen[1]

    def discard_pending(self) -> None:
        """Delete the journal that was left behind."""
        if self.left_behind is not None:
            self.left_behind.unlink(missing_ok=True)
            chunks_path(self.left_behind).unlink(missing_ok=True)
            self.left_behind = None

    def close(self) -> None:
        """Give the slot back; its file stays where it holds steps."""
        if self._lock is not None:
            self._lock.release()
            self._lock = None


def journal_folder() -> Path:
    """The user's folder for journals, ``LINDI_EXPLORER_JOURNAL_DIR`` where that is set."""
    import platformdirs

    named = os.environ.get("LINDI_EXPLORER_JOURNAL_DIR")
    return (
        Path(named)
        if named
        else Path(platformdirs.user_data_dir("lindi_explorer", appauthor=False)) / "journals"
    )


def _left_behind(path: Path) -> JournalDocument | None:
    """The journal in a slot that no live explorer writes to, None where there is none with steps."""
    lock = _try_lock(path)
    if lock is None:
        return None
    try:
        document = read_outline(path)
    except (FormatError, OSError):
        return None
    finally:
        lock.release()
    return document if document.steps else None


def _try_lock(path: Path) -> filelock.FileLock | None:
    """The lock of a slot, None where a live explorer holds it."""
    # Whoever closes the explorer may do so in another thread than the one that opened it.
    lock = filelock.FileLock(path.with_suffix(".lock"), timeout=0, thread_local=False)
    try:
        lock.acquire()
    except filelock.Timeout:
        return None
    return lock
