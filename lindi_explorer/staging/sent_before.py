"""What uploads to one dandiset have left that came to no end; see `lindi_explorer.staging.sent`."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator

import filelock

from lindi_explorer.staging.sent import Sent, SentRecord, lock_of, record_in, uploads_folder


def left_behind(own: SentRecord) -> Iterator[Sent]:
    """Files that uploads to a dandiset have begun and that are not done with, but those of uploads under way.

    Parameters
    ----------
    own : SentRecord
        Of the upload that asks; what is in it is among them.

    Yields
    ------
    Sent
    """
    yield from own.files.values()
    for other in _others(own):
        yield from other.files.values()


def forget_needed(own: SentRecord, needed: Iterable[str]) -> None:
    """Take files out of the records of other uploads to a dandiset: a file that was published needs them.

    Parameters
    ----------
    own : SentRecord
        Of the upload that published it.
    needed : iterable of str
        Their SHA-256.
    """
    needed = list(needed)
    for other in _others(own):
        with contextlib.suppress(OSError):
            other.forget(needed)


def _others(own: SentRecord) -> Iterator[SentRecord]:
    """The records of other uploads to the same dandiset that nobody is at; each is locked meanwhile."""
    for folder in sorted(uploads_folder().glob("*")):
        found = None if folder == own.folder else record_in(folder)
        if found is None or (found.archive, found.dandiset) != (own.archive, own.dandiset):
            continue
        with contextlib.suppress(filelock.Timeout, OSError), lock_of(folder):
            yield SentRecord(folder, found.archive, found.dandiset, found.path)
