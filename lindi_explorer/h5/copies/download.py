"""Bringing data into an archive or folder of this machine: all of it or what was chosen; the rest stays."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lindi_explorer.formats.atomic import sync_folder
from lindi_explorer.formats.container import require_place
from lindi_explorer.formats.lock import WriteLock
from lindi_explorer.h5.chosen import Choice, chosen_arrays
from lindi_explorer.h5.copies.downloaded import Counts, Downloaded
from lindi_explorer.h5.copies.fetching import Fetching
from lindi_explorer.h5.copies.origins import note_origins, origins_of
from lindi_explorer.h5.copies.written_out import (
    CONTAINERS,
    Outlined,
    brought_along,
    require_elsewhere,
    require_ending,
    write_container,
)
from lindi_explorer.h5.materialise.tally import Loss
from lindi_explorer.references.model import References
from lindi_explorer.references.outline import Outline
from lindi_explorer.references.secrets import without_secret
from lindi_explorer.remote import CancelToken, cancelling, current_token
from lindi_explorer.staging.fetched import FetchedChunks
from lindi_explorer.staging.moved import Snapshot
from lindi_explorer.staging.published import addresses_in

if TYPE_CHECKING:
    from lindi_explorer.h5.file import LindiH5pyFile
    from lindi_explorer.staging.area import StagingArea

_KEPT = ("record", "blobs")
"""What of an earlier run in the work folder is of use."""


@dataclass(frozen=True, slots=True)
class DownloadReport:
    """What came of a download.

    Attributes
    ----------
    path : str
        Of the archive or folder.
    objects, chunks, bytes : int
        Datasets whose chunks are in it, the chunks, and their stored bytes.
    resumed : int
        Bytes of these that an earlier run had fetched.
    changed : tuple of str
        Addresses whose content had changed since then, so that they were fetched anew.
    losses : tuple of Loss
        Datasets whose data could not be read: they stay what they were.
    """

    path: str
    objects: int
    chunks: int
    bytes: int
    resumed: int
    changed: tuple[str, ...]
    losses: tuple[Loss, ...]


def download(
    file: LindiH5pyFile,
    path: str | os.PathLike[str],
    area: StagingArea | None,
    outlined: Outlined,
    *,
    select: Choice,
    progress: Callable[[Downloaded], None] | None,
    cancel: CancelToken | None,
    verify: bool,
) -> DownloadReport:
    """Download the data of a file; see `LindiH5pyFile.download`."""
    require_ending(os.fspath(path), CONTAINERS)
    address = require_place(os.fspath(path))
    require_elsewhere(file, address)
    cancel = cancel or current_token()
    lock = WriteLock(address)
    try:
        with cancelling(cancel):
            # All at once, as every table of chunks is looked at.
            file.read_ahead(cancel=cancel)
            references = Snapshot(file.journal)
            counts = Counts(progress, cancel)
            fetching = Fetching(file, references, brought_along(file, area), counts, cancel)
            fetching.plan(chosen_arrays(file, references, select))
            published = _published(file, outlined, origins_of(file, references))
            _run(fetching, file, Path(address).resolve(), published, verify=verify)
            counts.tell()
    finally:
        lock.release()
    return DownloadReport(
        address,
        counts.objects,
        counts.chunks,
        counts.bytes,
        counts.resumed,
        tuple(counts.changed),
        tuple(fetching.losses),
    )


def _run(fetching: Fetching, file: LindiH5pyFile, target: Path, outlined: Outlined, *, verify: bool) -> None:
    work = target.with_name(f".{target.name}.download")
    _tidy(work)
    fetched = FetchedChunks(work, fetching.cancel)
    try:
        file.reader.trust_folder(str(work / "blobs"))
        references = fetching.run(fetched)
        fetched.close()
        made = work / target.name
        write_container(
            str(made),
            references,
            fetching.is_inside,
            file.reader,
            outlined,
            told=fetching.tell_written,
            lost=fetching.lose,
            cancel=fetching.cancel,
            verify=verify,
        )
        # Somebody may have made a folder of this name in the meantime.
        require_place(str(target))
        if target.exists():
            made.chmod(target.stat().st_mode & 0o777)
        made.replace(target)
        sync_folder(target.parent)
    finally:
        fetched.close()
        for path in fetched.written:
            file.reader.forget(path)
    shutil.rmtree(work, ignore_errors=True)


def _tidy(work: Path) -> None:
    """Remove what a process that was killed was making of the chunks."""
    if (work / "record").exists():
        for child in work.iterdir():
            if child.name not in _KEPT:
                shutil.rmtree(child) if child.is_dir() and not child.is_symlink() else child.unlink()


def _published(file: LindiH5pyFile, outlined: Outlined, origins: list[str]) -> Outlined:
    """Make documents in which no address holds a secret: they stay where the secret does not belong."""

    def make(references: References, addresses: Mapping[str, str] | None) -> Outline:
        outline = outlined(references, addresses)
        clean = {url: without_secret(url) for url in addresses_in(outline)}
        if any(url != shown for url, shown in clean.items()):
            outline = outlined(
                references, clean | {url: without_secret(said) for url, said in file.addresses.items()}
            )
        note_origins(outline, origins)
        return outline

    return make
