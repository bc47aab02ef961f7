"""What has been sent to an archive, on disk: an upload that was killed goes on, and sends nothing twice.

There is a folder for every place that something is uploaded to, in the user's data folder beside the
journals, which nobody else may look into. It holds ``record.json``, ``links-<upload>.json`` for every file
that is under way, and what is to be sent. The archive gives the addresses that parts go to only once, and
takes nothing but these parts there: an upload that goes on needs them, so they are kept until the file is
complete.
"""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Literal

import filelock
import msgspec

from lindi_explorer.errors import ConflictError
from lindi_explorer.formats.atomic import write_atomically
from lindi_explorer.remote.address import SecretUrl
from lindi_explorer.staging.journal_file import journal_folder


class Sent(msgspec.Struct):
    """How far a file is.

    Attributes
    ----------
    path : str
        Of the file in the archive.
    etag : str
        What the archive knows its bytes by.
    blob_id, asset_id : str
        What the archive calls its bytes, and the file; empty before it has them.
    upload_id : str
        Of the upload that is under way.
    parts : list of int
        Those of its parts that have arrived.
    """

    path: str
    etag: str
    blob_id: str = ""
    asset_id: str = ""
    upload_id: str = ""
    parts: list[int] = []


class SentDocument(msgspec.Struct):
    """What ``record.json`` holds; files by their SHA-256."""

    version: Literal[1]
    archive: str
    dandiset: str
    path: str
    files: dict[str, Sent]


COPIES = "files"
"""Name of the folder with what is made in order to be sent, and can be made again."""

_LINK_SECONDS = 7 * 24 * 3600
_PATIENCE = 0.5
"""Seconds that a lock may be held for something else than an upload."""

_DOCUMENTS = msgspec.json.Decoder(SentDocument)


class SentRecord:
    """The record of what is uploaded to one place; made by `open_record`.

    Parameters
    ----------
    folder : Path
    archive, dandiset, path : str
        The place.
    """

    def __init__(self, folder: Path, archive: str, dandiset: str, path: str) -> None:
        self.folder = folder
        found = record_in(folder)
        same = found is not None and (found.archive, found.dandiset, found.path) == (archive, dandiset, path)
        self._document = found if same and found else SentDocument(1, archive, dandiset, path, {})

    def make_folder(self) -> None:
        """Have a folder that nobody else may look into."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    @property
    def archive(self) -> str:
        """Address of the archive."""
        return self._document.archive

    @property
    def dandiset(self) -> str:
        """Where in the archive."""
        return self._document.dandiset

    @property
    def files(self) -> Mapping[str, Sent]:
        """The SHA-256 of every file that was begun -> how far it is."""
        return self._document.files

    def begin(self, sha256: str, etag: str, path: str) -> Sent:
        """Note that a file is going to be sent, unless it was begun before."""
        known = self._document.files.get(sha256)
        if known is None or (known.etag, known.path) != (etag, path):
            known = self._document.files[sha256] = Sent(path, etag)
            self.save()
        return known

    def forget(self, files: Iterable[str]) -> None:
        """Take files out that are not this upload's any more; with the last one, all of it goes."""
        before = len(self._document.files)
        for sha256 in files:
            self._document.files.pop(sha256, None)
        if not self._document.files:
            self.remove()
        elif len(self._document.files) < before:
            self.save()

    def save(self) -> None:
        """Have the record on disk when this returns."""
        self.make_folder()
        write_atomically(self.folder / "record.json", msgspec.json.encode(self._document))

    def keep_links(self, sent: Sent, upload_id: str, links: Mapping[int, SecretUrl]) -> None:
        """Note that an upload has begun, and where its parts go."""
        self.make_folder()
        path = self._links(upload_id)
        path.touch(mode=0o600)  # writing keeps that
        write_atomically(path, msgspec.json.encode({str(number): str(url) for number, url in links.items()}))
        sent.upload_id, sent.parts = upload_id, []
        self.save()

    def links(self, sent: Sent) -> dict[int, SecretUrl]:
        """Where the parts of an upload go; empty where none is under way."""
        if not sent.upload_id:
            return {}
        try:
            found = msgspec.json.decode(self._links(sent.upload_id).read_bytes(), type=dict[str, str])
            return {int(number): SecretUrl(url) for number, url in found.items()}
        except (OSError, ValueError):
            return {}

    def drop_links(self, sent: Sent) -> None:
        """The upload is over, whatever came of it."""
        if sent.upload_id:
            upload_id, sent.upload_id, sent.parts = sent.upload_id, "", []
            self.save()
            self._links(upload_id).unlink(missing_ok=True)

    def remove(self) -> None:
        """All is done: there is nothing to go on with."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _links(self, upload_id: str) -> Path:
        name = hashlib.sha256(upload_id.encode()).hexdigest()[:20]
        return self.folder / f"links-{name}.json"


def uploads_folder() -> Path:
    """Where records are kept."""
    return journal_folder() / "uploads"


def read_record(archive: str, dandiset: str, path: str) -> Mapping[str, Sent]:
    """How far the files of an earlier upload to the same place are, without going on with it."""
    found = record_in(_folder(archive, dandiset, path))
    return {} if found is None else found.files


@contextlib.contextmanager
def open_record(archive: str, dandiset: str, path: str) -> Iterator[SentRecord]:
    """The record of a place, for one process at a time.

    Parameters
    ----------
    archive, dandiset, path : str
        The place; the first is an address.

    Yields
    ------
    SentRecord

    Raises
    ------
    ConflictError
        If something is being uploaded there already.
    OSError
        If the folder cannot be written.
    """
    folder = _folder(archive, dandiset, path)
    folder.parent.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.parent.mkdir(exist_ok=True, mode=0o700)
    lock = lock_of(folder)
    try:
        # Others that tidy up take it for a moment.
        lock.acquire(timeout=_PATIENCE, poll_interval=0.02)
    except filelock.Timeout:
        raise ConflictError(
            f"{path} of dandiset {dandiset} is being uploaded already", hint="Wait until that is done."
        ) from None
    try:
        _tidy_up(folder)
        yield SentRecord(folder, archive, dandiset, path)
    finally:
        lock.release()


def _tidy_up(own: Path) -> None:
    """Remove what uploads have left that were killed and not gone on with: copies, and links that are old."""
    for links in uploads_folder().glob("*/links-*.json"):
        with contextlib.suppress(OSError):
            if links.stat().st_mtime < time.time() - _LINK_SECONDS:
                links.unlink()
    for copies in uploads_folder().glob(f"*/{COPIES}"):
        with contextlib.suppress(filelock.Timeout, OSError), contextlib.ExitStack() as locked:
            if copies.parent != own:
                locked.enter_context(lock_of(copies.parent))
            shutil.rmtree(copies, ignore_errors=True)


def lock_of(folder: Path) -> filelock.BaseFileLock:
    """The lock of a record's folder; whoever has it may change what is in there."""
    return filelock.FileLock(folder.with_suffix(".lock"), timeout=0)


def _folder(archive: str, dandiset: str, path: str) -> Path:
    place = f"{archive}\n{dandiset}\n{path}"
    return uploads_folder() / hashlib.sha256(place.encode("utf-8", "surrogateescape")).hexdigest()[:20]


def record_in(folder: Path) -> SentDocument | None:
    """A record; None where there is none, or what is there makes no sense: then all begins anew."""
    try:
        return _DOCUMENTS.decode((folder / "record.json").read_bytes())
    except (OSError, msgspec.MsgspecError, ValueError):
        return None
