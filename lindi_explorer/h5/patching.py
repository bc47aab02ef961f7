"""Patches of open files: made of the edits of one, or of what differs between two; applied to another."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import msgspec
import numpy as np

from lindi_explorer.byterange import ByteRange
from lindi_explorer.errors import ConflictError, LindiError
from lindi_explorer.h5.file import LindiH5pyFile
from lindi_explorer.h5.open import open_any
from lindi_explorer.h5.reference import encode_reference
from lindi_explorer.h5.same_content import SameContent
from lindi_explorer.h5.saving import Saving
from lindi_explorer.h5.view import View
from lindi_explorer.hdf5.attributes import StoredAttribute, encode_attribute
from lindi_explorer.hdf5.types import type_of
from lindi_explorer.references.annotations import EXTERNAL_ARRAY_LINK
from lindi_explorer.references.chunks import chunk_grid
from lindi_explorer.references.model import Node, References
from lindi_explorer.references.secrets import without_secret
from lindi_explorer.references.written import plain_table
from lindi_explorer.remote import is_remote
from lindi_explorer.staging.differences import Difference, differences, journal_differences
from lindi_explorer.staging.patch import ChangeAttribute, Patch, PatchSource, RemoveNode, now
from lindi_explorer.staging.patch_addresses import SOURCE, Addresses, addresses_in
from lindi_explorer.staging.patch_applying import PatchApplier
from lindi_explorer.staging.patch_making import PatchMaker

_SHOWN = 100
"""Elements of a dataset that a patch shows to people."""


def patch_of(file: LindiH5pyFile, saving: Saving, note: str | None = None) -> Patch:
    """The edits of a file as a patch; see `LindiH5pyFile.patch`."""
    journal = file.journal
    own = [saving.area.directory] if saving.area is not None else []
    if saving.container is not None:
        own.append(saving.container.address)

    def stays(url: str) -> bool:
        return not any(url == place or url.startswith(os.path.join(place, "")) for place in own)  # noqa: PTH118

    with _view(file).editing:
        return _patch(file, file, journal.base, list(journal_differences(journal)), stays, note)


def diff(
    old: LindiH5pyFile | str | os.PathLike[str] | dict[str, Any],
    new: LindiH5pyFile | str | os.PathLike[str] | dict[str, Any],
    note: str | None = None,
) -> Patch:
    """What makes one file of another, as a patch.

    Parameters
    ----------
    old, new : LindiH5pyFile, str, path or dict
        HDF5 or LINDI, local or remote. Chunks that lie in different places are read and compared.
    note : str, optional
        Goes into the patch.

    Returns
    -------
    Patch
        Without changes where the files hold the same.

    Raises
    ------
    UnsupportedError
        If the new data is more than 64 MiB, or lies where nobody else can follow.
    MissingFileError, AccessDeniedError, TransferError, FormatError
        If a file cannot be read.

    Examples
    --------
    >>> import lindi_explorer as lindi
    >>> old = {"refs": {".zgroup": {"zarr_format": 2}}}
    >>> new = {"refs": {".zgroup": {"zarr_format": 2}, "g/.zgroup": {"zarr_format": 2}}}
    >>> [(change.path, change.what) for change in lindi.diff(old, new).changes]
    [('/g', 'a group')]
    """
    one, other = open_any(old), open_any(new)
    try:
        return patch_between(one, other, file_differences(one, other), note)
    finally:
        for source, file in ((old, one), (new, other)):
            if file is not source:
                file.close()


def file_differences(old: LindiH5pyFile, new: LindiH5pyFile) -> list[Difference]:
    """What differs between two open files.

    Parameters
    ----------
    old, new : LindiH5pyFile

    Returns
    -------
    list of Difference
    """
    return list(differences(old.journal, new.journal, SameContent(_view(old), _view(new))))


def patch_between(
    old: LindiH5pyFile, new: LindiH5pyFile, found: list[Difference], note: str | None = None
) -> Patch:
    """The patch of what `file_differences` has found."""
    known: set[str] = set()

    def stays(url: str) -> bool:
        if is_remote(url):
            return True
        if not known:
            known.update({"", *_addresses_of(old.journal)})
        return url in known

    return _patch(old, new, old.journal, found, stays, note)


def _addresses_of(references: References) -> set[str]:
    found: set[str] = set()
    for path in references.walk():
        node = references.node(path)
        if node.array is not None and EXTERNAL_ARRAY_LINK not in node.attributes:
            found.update(plain_table(node.chunks, chunk_grid(node.array["shape"], node.array["chunks"])).urls)
    return found


def _patch(
    old: LindiH5pyFile,
    new: LindiH5pyFile,
    before: References,
    found: Sequence[Difference],
    stays: Callable[[str], bool],
    note: str | None,
) -> Patch:
    addresses = Addresses(old.reader.source or "")

    def read(ranges: Sequence[ByteRange]) -> list[bytes]:
        return new.reader.read_many(ranges)

    maker = PatchMaker(
        addresses,
        read=read,
        stays=stays,
        show=lambda node, is_new: shown(new if is_new else old, node),
        digest=lambda path: addresses.digest(before, path),
    )
    return Patch(
        tool=_tool(),
        created=now(),
        note=note or "",
        source=_source(old),
        changes=maker.changes(found),
    )


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
    >>> lindi.apply(patch, {"refs": {".zgroup": {"zarr_format": 2}}})["rate"][()]
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
    view = _view(file)
    view.require_writable("the patch cannot be applied")
    if not patch:
        return
    own = file.reader.source or ""
    addresses = Addresses(own, _names(patch.source.address) | _names(_shown_address(file)))
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
    size = _source(file).size
    if size not in (None, patch.source.size) and any(SOURCE in addresses_in(keys) for keys in refs):
        raise ConflictError(
            f"the patch was made for a file of {patch.source.size:,} bytes, {file.source.name} has {size:,}",
            hint="Nothing was applied. Apply it to the file it was made for.",
        )


def _names(address: str) -> set[str]:
    """How documents refer to a file: by its URL, and beside a copy of it."""
    return {address, f"./{address.partition('?')[0].rpartition('/')[2]}"} if address else set()


def _shown_address(file: LindiH5pyFile) -> str:
    own = file.reader.source or ""
    return without_secret(own) if is_remote(own) else file.source.name


def _source(file: LindiH5pyFile) -> PatchSource:
    size, etag = None, ""
    if file.source.kind != "memory" and file.source.format != "LINDI folder":
        try:
            head = file.reader.known(file.reader.source or "")
        except LindiError:
            head = None  # what is in the file is known, if not what it is like now
        if head is not None:
            size, etag = head.size, head.etag
    return PatchSource(_shown_address(file), file.source.format, size, etag)


def _tool() -> str:
    try:
        return f"lindi_explorer {version('lindi_explorer')}"
    except PackageNotFoundError:
        return "lindi_explorer"


def _view(file: LindiH5pyFile) -> View:
    return file._view  # noqa: SLF001 - the same family


def shown(file: LindiH5pyFile, node: Node) -> Any:
    """The data of a dataset for people, `msgspec.UNSET` where it is much; see `data_of`."""
    stored = data_of(file, node)
    return msgspec.UNSET if stored is None else stored.value


def data_of(file: LindiH5pyFile, node: Node) -> StoredAttribute | None:
    """The data of a dataset, where it is little and in the document.

    Parameters
    ----------
    file : LindiH5pyFile
        Whose node it is.
    node : Node

    Returns
    -------
    StoredAttribute or None
    """
    array = node.array
    if array is None or np.prod(array["shape"], dtype=float) > _SHOWN or node.sidecar.get("null"):
        return None
    if len(node.chunks) != 1 or not all(isinstance(chunk, bytes) for chunk in node.chunks.values()):
        return None
    try:
        data = _view(file).data_of("", node)
        value = np.empty(data.shape or (), dtype=data.dtype)
        value[...] = data.read((), None)
        stored = encode_attribute(value, encode_reference)
        return dataclasses.replace(stored, type=type_of(data.dtype), shape=data.shape)
    except (LindiError, ValueError, TypeError):
        return None
