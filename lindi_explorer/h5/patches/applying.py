"""Applying a patch to an open file."""

from __future__ import annotations

import os
from typing import Any

from lindi_explorer.errors import ConflictError
from lindi_explorer.h5.file import LindiH5pyFile
from lindi_explorer.h5.opening.open import open_any
from lindi_explorer.h5.patches.patch_source import shown_address, source_of
from lindi_explorer.h5.patches.shown_data import shown
from lindi_explorer.staging.patch import Patch
from lindi_explorer.staging.patch_addresses import SOURCE, Addresses, addresses_in
from lindi_explorer.staging.patch_applying import PatchApplier
from lindi_explorer.staging.patch_changes import ChangeAttribute, RemoveNode


def apply(
    patch: Patch | str | os.PathLike[str],
    target: LindiH5pyFile | str | os.PathLike[str] | dict[str, Any],
    *,
    strict: bool = True,
) -> LindiH5pyFile:
    """Apply a patch: all of it, as one step that undo takes back, or nothing.

    Parameters
    ----------
    patch : Patch, str or path
    target : LindiH5pyFile, str, path or dict
        An open file, in mode ``r+``; anything else is opened for it, and is not changed itself.
    strict : bool
        Whether every old value must be what the patch expects. Without that new values are put in place
        whatever was there, and what is to be removed may be gone already.

    Returns
    -------
    LindiH5pyFile
        The file with the changes; write it with `LindiH5pyFile.write_lindi_file`.

    Raises
    ------
    ConflictError
        If an old value differs; the message names path, attribute, expected and found.
    FormatError
        If the patch is damaged.
    ReadOnlyError
        If the file is open for reading.

    Examples
    --------
    >>> import lindi_explorer as lindi
    >>> with lindi.LindiH5pyFile.from_reference_file_system(None) as file:
    ...     file["rate"] = 30000.0
    ...     patch = file.patch()
    >>> float(lindi.apply(patch, {"refs": {".zgroup": {"zarr_format": 2}}})["rate"][()])
    30000.0
    """
    if not isinstance(patch, Patch):
        patch = Patch.load(patch)
    file = open_any(target)
    try:
        _apply(patch, file, strict=strict)
    except BaseException:
        if file is not target:
            file.close()
        raise
    return file


def _apply(patch: Patch, file: LindiH5pyFile, *, strict: bool) -> None:
    view = file.id.view
    view.require_writable("the patch cannot be applied")
    if not patch:
        return
    own = file.reader.source or ""
    addresses = Addresses(own, _names(patch.source.address) | _names(shown_address(file)))
    if own and (patch.source.format == "LINDI JSON" or file.source.format != "LINDI JSON"):
        addresses.neutral(own)
    if strict:
        _require_same_size(patch, file)
    words = f"Apply patch: {patch.note}" if patch.note else "Apply patch"
    with view.editing:
        applier = PatchApplier(view.journal.overlay, addresses, lambda node: shown(file, node), strict=strict)
        edits = applier.edits(patch)
        view.journal.apply(words, edits)
        for change in patch.changes:
            if isinstance(change, RemoveNode):
                view.removed(change.path[1:])


def _require_same_size(patch: Patch, file: LindiH5pyFile) -> None:
    """Byte ranges of another HDF5 file would be other data, though all metadata may be the same."""
    if patch.source.size is None or (patch.source.format, file.source.format) != ("HDF5", "HDF5"):
        return
    refs = (
        keys
        for change in patch.changes
        if not isinstance(change, (ChangeAttribute, RemoveNode))
        for keys in ([change.keys] if hasattr(change, "keys") else [change.old.keys, change.new.keys])
    )
    size = source_of(file).size
    if size not in (None, patch.source.size) and any(SOURCE in addresses_in(keys) for keys in refs):
        raise ConflictError(
            f"the patch was made for a file of {patch.source.size:,} bytes, {file.source.name} has {size:,}",
            hint="Nothing was applied. Apply it to the file it was made for.",
        )


def _names(address: str) -> set[str]:
    """How documents refer to a file: by its URL, and beside a copy of it."""
    return {address, f"./{address.partition('?')[0].rpartition('/')[2]}"} if address else set()
