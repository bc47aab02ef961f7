"""The patch that is stored beside an uploaded file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from lindi_explorer.archive.describing import ENCODINGS, is_ours, plain_metadata
from lindi_explorer.archive.etag import digest_of
from lindi_explorer.archive.frozen import Frozen
from lindi_explorer.archive.guard import require_public
from lindi_explorer.archive.instances import Instance
from lindi_explorer.archive.paths import free_path, patch_path
from lindi_explorer.archive.sending import Sender
from lindi_explorer.archive.writer import Writer
from lindi_explorer.errors import FormatError, LindiError
from lindi_explorer.remote import is_remote
from lindi_explorer.staging.patch import Patch
from lindi_explorer.staging.patch_addresses import addresses_in, is_portable
from lindi_explorer.staging.patch_changes import AddNode, ChangeData, ChangeNode


def guarded(frozen: Frozen, target: Instance) -> Frozen:
    """Leave out a patch that must not be published; an upload goes on without.

    Parameters
    ----------
    frozen : Frozen
    target : Instance
        Where the file goes.

    Returns
    -------
    Frozen
    """
    if frozen.patch is None:
        return frozen
    addresses = [frozen.patch.source.address, *_addresses_of(frozen.patch)]
    try:
        require_public(dict.fromkeys(addresses), target)
    except LindiError as error:
        return frozen.without_patch(error.message)
    return frozen


def _addresses_of(patch: Patch) -> Iterator[str]:
    """What is in a patch of addresses, what was there before too, but those that are seen from its source."""
    for change in patch.changes:
        for refs in _keys_of(change):
            for address in addresses_in(refs):
                if is_remote(address) or not is_portable(address):
                    yield address


def _keys_of(change: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(change, AddNode):
        yield change.keys
    elif isinstance(change, (ChangeData, ChangeNode)):
        yield change.old.keys
        yield change.new.keys


@dataclass(frozen=True, slots=True)
class PatchBeside:
    """A patch, and the file that it makes.

    Attributes
    ----------
    patch : Patch
    path : str
        Of the file in the dandiset.
    schema_version : str
    """

    patch: Patch
    path: str
    schema_version: str

    def send(self, sender: Sender, told: Callable[[int, int], None]) -> None:
        """Store it, in the place of one that was stored by this program.

        Parameters
        ----------
        sender : Sender
        told : callable
            Told how many bytes of it are done with, and how many there are.

        Raises
        ------
        LindiError
            As for `Sender.put`.
        OSError
            If it cannot be written on this machine.
        """
        file = sender.record.folder / "patch.json"
        _save(self.patch, file)
        digest = digest_of(file)
        told(0, digest.size)
        path = patch_path(self.path)
        if _is_of_others(sender.writer, path):
            path = free_path(path, lambda other: _is_of_others(sender.writer, other))
        there = sender.writer.asset_at(path)
        sender.put(
            file,
            digest,
            plain_metadata(path, ENCODINGS["json"], self.schema_version),
            lambda come: told(come, digest.size),
            replaces=None if there is None else there.asset_id,
        )


def _is_of_others(writer: Writer, path: str) -> bool:
    there = writer.asset_at(path)
    return there is not None and not is_ours(writer.metadata(there.asset_id))


def _save(patch: Patch, file: Path) -> None:
    """Write a patch, unless it is there and tells of another time only: it may have been sent."""
    if file.exists():
        try:
            before = Patch.load(file)
        except FormatError:
            before = None
        if before is not None and msgspec.structs.replace(before, created=patch.created) == patch:
            return
    patch.save(file)
