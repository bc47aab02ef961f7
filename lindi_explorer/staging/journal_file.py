"""A journal on disk: what a person has typed survives a killed kernel.

One folder holds the journals, one or more slots for each source (two explorers may show one file at once). A
live explorer holds the lock of its slot; an unlocked slot with edits was left behind and is offered again.
Every save replaces the file at once (temporary file, fsync, rename).
"""

from __future__ import annotations

import hashlib
import itertools
import json
import os
from datetime import UTC, datetime
from pathlib import Path

import filelock
import msgspec

from lindi_explorer.errors import FormatError
from lindi_explorer.formats.atomic import write_atomically
from lindi_explorer.staging.edits import from_plain, plain
from lindi_explorer.staging.journal import Step

_VERSION = 1


class JournalDocument(msgspec.Struct, frozen=True):
    """What a journal file holds.

    Attributes
    ----------
    version : int
    source : str
        The address of the file, without secrets.
    saved_at : datetime
    steps : tuple of Step
        The steps in force, the oldest first.
    """

    version: int
    source: str
    saved_at: datetime
    steps: tuple[Step, ...]


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
        self.path: Path | None = None
        self.left_behind: Path | None = None
        """The newest unlocked slot of this source that holds steps."""
        self._claim()

    def _claim(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        name = hashlib.sha256(self.source.encode("utf-8", "surrogateescape")).hexdigest()[:20]
        left = {path: _left_behind(path) for path in self.folder.glob(f"{name}*.json")}
        times = {path: document.saved_at for path, document in left.items() if document is not None}
        self.left_behind = max(times, key=times.__getitem__, default=None)
        for number in itertools.count(1):
            path = self.folder / (f"{name}.json" if number == 1 else f"{name}.{number}.json")
            # What is written there, whatever it is, is not ours to overwrite.
            lock = None if path.exists() else _try_lock(path)
            if lock is not None:
                self._lock, self.path = lock, path
                return

    def save(self, steps: tuple[Step, ...]) -> None:
        """Write the steps; when this returns they are on disk.

        Parameters
        ----------
        steps : tuple of Step
            None of them removes the file.
        """
        assert self.path is not None
        if not steps:
            self.path.unlink(missing_ok=True)
            return
        document = plain(JournalDocument(_VERSION, self.source, datetime.now(UTC), steps))
        # Python's writer, as names in HDF5 files may hold bytes that are not UTF-8: it escapes them.
        write_atomically(self.path, json.dumps(document, indent=1).encode("ascii"))

    def pending(self) -> JournalDocument | None:
        """The journal that was left behind, None where there is none."""
        return None if self.left_behind is None else read_journal(self.left_behind)

    def discard_pending(self) -> None:
        """Delete the journal that was left behind."""
        if self.left_behind is not None:
            self.left_behind.unlink(missing_ok=True)
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


def read_journal(path: Path) -> JournalDocument:
    """Read a journal file.

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
    """
    try:
        document = from_plain(json.loads(path.read_bytes()), JournalDocument)
    except (msgspec.ValidationError, ValueError, RecursionError) as error:
        raise FormatError(
            f"the journal {path.name} cannot be read: {error}", hint="It is left as it is."
        ) from error
    if document.version > _VERSION:
        raise FormatError(
            f"the journal {path.name} was written by a newer version",
            hint="Update lindi_explorer to read it.",
        )
    return document


def _left_behind(path: Path) -> JournalDocument | None:
    """The journal in a slot that no live explorer writes to, None where there is none with steps."""
    lock = _try_lock(path)
    if lock is None:
        return None
    try:
        document = read_journal(path)
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
