"""An edited file at one moment: its content, and what it refers to."""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lindi_explorer.archive.new_chunks import FEW, NewChunks
from lindi_explorer.archive.preflight import Mode
from lindi_explorer.errors import TransferError, UnsupportedError
from lindi_explorer.formats.json_file import write_json
from lindi_explorer.h5 import LindiH5pyFile
from lindi_explorer.h5.copies.origins import noted_origins
from lindi_explorer.h5.copies.written_out import brought_along, write_container
from lindi_explorer.h5.patches.patch_source import tool
from lindi_explorer.references.model import References
from lindi_explorer.references.outline import Outline
from lindi_explorer.references.secrets import scrubbed, without_secret
from lindi_explorer.remote.cancel import current_token
from lindi_explorer.staging.live import loaded_tables
from lindi_explorer.staging.moved import Snapshot
from lindi_explorer.staging.patch import Patch
from lindi_explorer.staging.published import addresses_in

_BASE64 = 4 / 3

_OWN_MEMBERS = {"templates", "version"}
"""What a document has beside its references that follows from these alone."""


@dataclass(frozen=True, slots=True)
class Frozen:
    """A file as it is when an upload is prepared; whoever edits it afterwards does not change this.

    Attributes
    ----------
    file : LindiH5pyFile
    references : References
    new : NewChunks
    addresses : list of str
        Of everything that it refers to, but its own new chunks.
    origins : list of str
        Where data that is inside was downloaded from, as the file says.
    text_size : int
        Bytes of its document, about.
    patch : Patch or None
        What was edited since it was opened from where others can open it, too.
    patch_size : int
        Bytes of its text.
    no_patch : str
        Why there is none; empty if there was nothing to say.
    """

    file: LindiH5pyFile
    references: References
    new: NewChunks
    addresses: list[str]
    origins: list[str]
    text_size: int
    patch: Patch | None
    patch_size: int
    no_patch: str

    @classmethod
    def of(cls, file: LindiH5pyFile) -> Frozen:
        """Take a snapshot of an open file.

        Parameters
        ----------
        file : LindiH5pyFile

        Returns
        -------
        Frozen

        Raises
        ------
        LindiError
            One of the family, if it cannot be read.
        """
        file.read_ahead(cancel=current_token())
        view = file.id.view
        with view.editing:
            references: References = Snapshot(file.journal)
            patch, no_patch = _patch(file)
            is_own = brought_along(file, view.saving.area)
            new = NewChunks.find(references, is_own)
            outline = file.outlined(references, None)
        found = [address for address in addresses_in(outline) if not is_own(address)]
        size = sum(map(len, outline.text()))
        patch_size = 0 if patch is None else len(patch.text())
        origins = noted_origins(outline)
        return cls(file, references, new, found, origins, size, patch, patch_size, no_patch)

    def resolved(self, mode: Mode) -> Mode:
        """How it is uploaded; never ``auto``."""
        if mode != "auto":
            return mode
        return "inline" if self.new.size <= FEW else "json"

    def size(self, mode: Mode) -> int:
        """Bytes to send, about."""
        if mode == "nwb":
            chunks = sum(
                int(table.length.sum()) + sum(map(len, table.inline.values()))
                for _, table in loaded_tables(self.references)
            )
            return chunks + self.patch_size
        staged = sum(int(array.table.length[array.rows].sum()) for array in self.new.arrays)
        moved = int((self.new.size - staged) * _BASE64)
        blobs = sum(self.new.blobs(mode))
        share = {"inline": int(staged * _BASE64), "tar": staged, "json": blobs - moved}
        return self.text_size + share[mode] + self.patch_size

    def opened(self) -> LindiH5pyFile:
        """The file as it was, to read for as long as the file itself is open."""
        return _Still(self.references, self.file)

    def without_patch(self, why: str) -> Frozen:
        """The same, and nothing is stored beside it."""
        return dataclasses.replace(self, patch=None, patch_size=0, no_patch=why)

    # ------------------------------------------------------------ writing

    def write_document(
        self, path: Path, references: References, places: Mapping[str, str], blobs: list[dict[str, Any]]
    ) -> list[str]:
        """Write a document for others.

        Parameters
        ----------
        path : Path
        references : References
            With the new chunks where they are now.
        places : mapping
            Path of a blob file -> where it is in the archive.
        blobs : list of dict
            What is known of these.

        Returns
        -------
        list of str
            The addresses in it.
        """
        outline = self._outlined(references, places)
        _note_blobs(outline, blobs)
        write_json(path, outline)
        return addresses_in(outline)

    def write_archive(self, path: Path) -> None:
        """Write a ``.lindi.tar`` with the new chunks inside: the same one for the same edits."""
        seed = self.new.digest(self.file.reader, current_token())
        number = itertools.count()
        is_own = brought_along(self.file, self.file.saving.area)
        write_container(
            str(path),
            self.references,
            lambda _path, url: is_own(url),
            self.file.reader,
            lambda references, places: self._outlined(references, places or {}),
            cancel=current_token(),
            verify=True,
            letters=lambda: hashlib.sha256(b"%s %d" % (seed, next(number))).hexdigest()[:16],
        )

    def write_hdf5(self, path: Path, told: Callable[[int, int], None]) -> None:
        """Write an HDF5 file that stands alone."""
        with self.opened() as file:
            report = file.to_hdf5(
                path,
                progress=lambda copied: told(copied.bytes, copied.bytes_total or 0),
                cancel=current_token(),
            )
        if report.losses:
            first = report.losses[0]
            raise TransferError(
                f"{len(report.losses):,} objects cannot be copied, {first.path} among them: {first.why}",
                hint="Repair or remove them, or upload a LINDI file, which leaves the data where it is.",
            )

    def _outlined(self, references: References, places: Mapping[str, str]) -> Outline:
        """The document, without what is secret in addresses, as all exports are."""
        addresses = {address: without_secret(address) for address in self.addresses} | dict(places)
        read = {where: addresses.get(says, says) for where, says in self.file.addresses.items()}
        outline = self.file.outlined(references, addresses | read)
        for name in outline.members.keys() - _OWN_MEMBERS:
            outline.members[name] = scrubbed(outline.members[name])
        return outline


class _Still(LindiH5pyFile):
    """What a file was at one moment, over the reader of that file, which goes on with it."""

    def __init__(self, references: References, file: LindiH5pyFile) -> None:
        super().__init__(references, file.reader, file.source, writable=False)
        self._release.detach()


def _patch(file: LindiH5pyFile) -> tuple[Patch | None, str]:
    if file.source.kind != "remote":
        return None, ""
    try:
        patch = file.patch()
    except UnsupportedError as error:
        return None, error.message
    return (patch, "") if patch else (None, "")


def _note_blobs(outline: Outline, blobs: list[dict[str, Any]]) -> None:
    """Note in a document what is known of the blobs it refers to, so that links can be led elsewhere."""
    known = outline.members.get("generationMetadata")
    before = known if isinstance(known, dict) else {} if known is None else {"earlier": known}
    there = set(addresses_in(outline))
    listed = before.get("blobs")
    earlier = [
        blob
        for blob in (listed if isinstance(listed, list) else [])
        if isinstance(blob, dict) and blob.get("url") in there
    ]
    new = {blob["url"] for blob in blobs}
    kept = [blob for blob in earlier if blob["url"] not in new]
    outline.members["generationMetadata"] = {**before, "generatedBy": tool(), "blobs": [*kept, *blobs]}
