"""Writing HDF5: a file that stands alone, or single objects in an open one."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import h5py

from lindi_explorer.errors import ConflictError
from lindi_explorer.formats.atomic import replacing
from lindi_explorer.h5.materialise.attributes import copy_attributes
from lindi_explorer.h5.materialise.made import Options
from lindi_explorer.h5.materialise.pointers import Pointers
from lindi_explorer.h5.materialise.structure import Structure
from lindi_explorer.h5.materialise.tally import Copied, CopyReport, Tally
from lindi_explorer.h5.materialise.ways import DataCopy
from lindi_explorer.remote import CancelToken, cancelling, is_remote

if TYPE_CHECKING:
    from lindi_explorer.h5.file import LindiH5pyFile

_LIBVER = ("v108", "latest")
"""What HDF5 1.8 reads wherever that can say it; older forms have no room for large attributes."""


def write_hdf5(
    file: LindiH5pyFile,
    path: str | os.PathLike[str],
    *,
    progress: Callable[[Copied], None] | None = None,
    cancel: CancelToken | None = None,
    libver: Any = _LIBVER,
) -> CopyReport:
    """Write a file as HDF5; see `LindiH5pyFile.to_hdf5`, which says the rest.

    Parameters
    ----------
    file, path, progress, cancel
        As there.
    libver : str or tuple of str, optional
        As for `h5py.File`.

    Returns
    -------
    CopyReport
    """
    target = Path(path)
    tally = Tally(progress, cancel)

    def check(addresses: set[str]) -> None:
        for address in addresses:
            if not is_remote(address) and target.exists() and Path(address).exists():
                _refuse_same(target, Path(address))

    check({file.filename} if file.source.kind == "local" else set())
    with cancelling(tally.cancel), replacing(target) as temporary:
        file.read_ahead(cancel=tally.cancel)
        root = file.journal.node("").sidecar
        ordered = bool(root.get("order") or root.get("attribute_order"))
        with h5py.File(temporary, "w", libver=libver, track_order=ordered) as out:
            structure = Structure(out.id, Options(), tally)
            structure.adopt(*file.place, b"/")
            tally.add(objects=1)
            structure.finish()
            tally.objects_total = tally.objects
            _fill(out, structure, Options(), structure.copy_of, tally, check)
        return tally.report()


def _refuse_same(target: Path, source: Path) -> None:
    if target.samefile(source):
        raise ConflictError(
            f"{target} holds data that is to be copied, and is never changed", hint="Choose another name."
        )


def copy_to_hdf5(
    source: Any,
    dest: h5py.Group,
    name: str | bytes,
    *,
    shallow: bool = False,
    expand_soft: bool = False,
    expand_external: bool = False,
    expand_refs: bool = False,
    without_attrs: bool = False,
    progress: Callable[[Copied], None] | None = None,
    cancel: CancelToken | None = None,
) -> CopyReport:
    """Copy an object into an open HDF5 file, by value, as `h5py.Group.copy` does between two files.

    References are null in the copy, also those to objects that are copied along, unless ``expand_refs`` has
    what they lead to copied: inside the copy, or else to ``/~obj_pointed_by_...``. (HDF5 itself leaves
    references inside of compounds and sequences as they are, where they lead anywhere.)

    Parameters
    ----------
    source : LindiH5pyGroup, LindiH5pyDataset or LindiH5pyDatatype
    dest : h5py.Group
        Of a file that is open for writing.
    name : str or bytes
        Path of the copy, from there; groups on the way are created.
    shallow : bool
        Of a group, its members only; the groups among them are empty.
    expand_soft, expand_external : bool
        Copy what links lead to; those that lead nowhere stay links.
    expand_refs : bool
        Copy what references lead to.
    without_attrs : bool
        Leave out the attributes, of all objects.
    progress : callable, optional
        Told now and then how far it has come.
    cancel : CancelToken, optional
        Stops it.

    Returns
    -------
    CopyReport
        With everything that could not be copied; see `LindiH5pyFile.to_hdf5`.

    Raises
    ------
    ConflictError
        If there is something of this name.
    UnsupportedError
        If there is data, and none of it could be copied.
    AccessDeniedError, TransferError, RangeNotSupportedError, StaleFileError, CancelledByUserError, OSError
        As for `LindiH5pyFile.to_hdf5`. What was copied until then is removed.
    """
    options = Options(shallow, expand_soft, expand_external, expand_refs, without_attrs)
    tally = Tally(progress, cancel)
    raw = name if isinstance(name, bytes) else name.encode("utf-8", "surrogateescape")
    above = h5py.h5i.get_name(dest.id).rstrip(b"/") + b"/"
    full = raw if raw.startswith(b"/") else above + raw
    if full.rstrip(b"/") == b"" or full in dest.file:
        raise ConflictError(
            f"there is an object at {full.decode('utf-8', 'replace')}", hint="Choose another name."
        )
    view, path = source.place
    out = dest.file
    structure = Structure(out.id, options, tally)
    try:
        with cancelling(tally.cancel):
            structure.begin(view, path, full)
            tally.add(objects=1)
            find = structure.copy_of if expand_refs else None
            _fill(out, structure, options, find, tally, lambda _addresses: None)
            return tally.report()
    except BaseException:
        for begun in structure.begun:
            if begun in out:
                del out[begun]
        raise


def _fill(
    out: h5py.File,
    structure: Structure,
    options: Options,
    find: Callable[..., bytes | None] | None,
    tally: Tally,
    check: Callable[[set[str]], None],
) -> None:
    """Attributes, then data: references need what they lead to, and may have more copied."""
    pointers = Pointers(out.id, find, tally)
    data = DataCopy(out.id, pointers, tally, check)
    while structure.made:
        datasets = []
        while structure.made:
            made = structure.made.popleft()
            if not options.without_attrs:
                copy_attributes(h5py.h5o.open(out.id, made.name), made, pointers, tally)
            if made.is_dataset:
                datasets.append(made)
            tally.add()
        data.copy(datasets)
