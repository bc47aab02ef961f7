"""Patches of open files: made of the edits of one, or of what differs between two."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any

from lindi_explorer.byterange import ByteRange
from lindi_explorer.h5.file import LindiH5pyFile
from lindi_explorer.h5.opening.open import open_any
from lindi_explorer.h5.patches.patch_source import source_of, tool
from lindi_explorer.h5.patches.same_content import SameContent
from lindi_explorer.h5.patches.shown_data import shown
from lindi_explorer.h5.saving.saving import Saving
from lindi_explorer.references.annotations import EXTERNAL_ARRAY_LINK
from lindi_explorer.references.chunks import chunk_grid
from lindi_explorer.references.model import References
from lindi_explorer.references.written import plain_table
from lindi_explorer.remote import is_remote
from lindi_explorer.staging.differences import Difference, differences, journal_differences
from lindi_explorer.staging.patch import Patch, now
from lindi_explorer.staging.patch_addresses import Addresses
from lindi_explorer.staging.patch_making import PatchMaker


def patch_of(file: LindiH5pyFile, saving: Saving, note: str | None = None) -> Patch:
    """The edits of a file as a patch; see `LindiH5pyFile.patch`."""
    journal = file.journal
    own = [saving.area.directory] if saving.area is not None else []
    if saving.container is not None:
        own.append(saving.container.address)

    def stays(url: str) -> bool:
        return not any(url == place or url.startswith(os.path.join(place, "")) for place in own)  # noqa: PTH118

    with file.id.view.editing:
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
    return list(differences(old.journal, new.journal, SameContent(old.id.view, new.id.view)))


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
        tool=tool(),
        created=now(),
        note=note or "",
        source=source_of(old),
        changes=maker.changes(found),
    )
