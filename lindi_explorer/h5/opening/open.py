"""Opening: the one place that looks at a source, decides what it is, and puts the parts together."""

from __future__ import annotations

import copy
import dataclasses
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py

from lindi_explorer.byterange import redact_url
from lindi_explorer.errors import ExistingFileError, ReadOnlyError
from lindi_explorer.formats.container import Container, create, open_container
from lindi_explorer.formats.in_place import EMPTY
from lindi_explorer.formats.lock import WriteLock
from lindi_explorer.formats.open import is_directory, read_document
from lindi_explorer.formats.sniff import refuse, sniff
from lindi_explorer.h5.arrays.external import open_hdf5
from lindi_explorer.h5.file import LindiH5pyFile
from lindi_explorer.h5.opening.source_info import SourceInfo
from lindi_explorer.h5.opening.sources import place_of
from lindi_explorer.h5.saving.saving import Saving
from lindi_explorer.hdf5.references import Hdf5References, LindiH5ZarrStoreOpts
from lindi_explorer.references import codec
from lindi_explorer.references.model import References
from lindi_explorer.remote import Head, LocalCache, Place, RangeReader, is_remote
from lindi_explorer.staging.area import StagingArea


def open_any(source: Any, *, local_cache: LocalCache | None = None) -> LindiH5pyFile:
    """Open a source, whatever it is, for looking and editing; the source itself is never changed.

    Parameters
    ----------
    source : str, path, tuple, dict, h5py.File or LindiH5pyFile
        A tuple is (dandiset, path). A file that is open stays the caller's; a LindiH5pyFile is used as it is.
    local_cache : LocalCache, optional
        Keeps parts of remote files: of this one, or of those it refers to.

    Returns
    -------
    LindiH5pyFile

    Raises
    ------
    MissingFileError, AccessDeniedError, TransferError, RangeNotSupportedError, FormatError
        If it cannot be read, or is neither HDF5 nor LINDI.
    TypeError
        For any other kind of source.
    """
    if isinstance(source, LindiH5pyFile):
        return source
    if isinstance(source, h5py.File):
        return _open_hdf5_object(source)
    if isinstance(source, dict):
        return _in_memory(source, "r+", local_cache, write_back=False)
    if not isinstance(source, (str, os.PathLike, tuple)):
        raise TypeError(
            f"{type(source).__name__} cannot be opened: give a path, a URL, a dict or an open file"
        )
    place = place_of(source)
    address = place.address
    reader = RangeReader(address, local_cache=local_cache)

    def build() -> LindiH5pyFile:
        if is_directory(address):
            return _lindi(reader, address, "r+", None)
        head = reader.size_and_head(address)
        kind = sniff(head.head)
        if kind in ("json", "tar"):
            return _lindi(reader, address, "r+", head)
        if kind != "hdf5":
            raise refuse(kind, address, "an HDF5 or LINDI file", head.head)
        return _hdf5(reader, address, "r+", None, address, head)

    return _or_close(reader, place, build)


def open_linked(reader: RangeReader, address: str) -> LindiH5pyFile:
    """Open the file a link leads to, as far as the document with the link may reach it.

    A file from the network reaches what it would if it were opened itself, and no more.

    Parameters
    ----------
    reader : RangeReader
        Of the document with the link.
    address : str
        Path or URL.

    Returns
    -------
    LindiH5pyFile
        Open for reading.
    """
    linked = reader.linked(address)
    try:
        if is_directory(address):
            return _lindi(linked, address, "r", None)
        head = linked.size_and_head(address)
        if sniff(head.head) in ("json", "tar"):
            return _lindi(linked, address, "r", head)
        return _hdf5(linked, address, "r", None, address, head)
    except BaseException:
        linked.close()
        raise


def hdf5_file(
    url_or_path: str | os.PathLike[str] | tuple[str, str],
    *,
    mode: str,
    staging_area: StagingArea | None,
    local_cache: LocalCache | None,
    opts: LindiH5ZarrStoreOpts | None,
    url: str | None,
) -> LindiH5pyFile:
    """Open an HDF5 file; see `LindiH5pyFile.from_hdf5_file`."""
    if checked_mode(mode) not in ("r", "r+"):
        raise ReadOnlyError(
            f'an HDF5 file cannot be opened with mode="{mode}"', hint='Open it with mode="r" or "r+".'
        )
    place = place_of(url_or_path, "hdf5")
    address = place.address
    if not is_remote(address) and local_cache is not None:
        raise ValueError("local_cache cannot be used with a local file")
    reader = RangeReader(address, local_cache=local_cache)
    return _or_close(
        reader, place, lambda: _hdf5(reader, address, mode, opts, url or address, area=staging_area)
    )


def lindi_file(
    url_or_path: str | os.PathLike[str] | tuple[str, str],
    *,
    mode: str,
    staging_area: StagingArea | None,
    local_cache: LocalCache | None,
) -> LindiH5pyFile:
    """Open or make a LINDI file; see `LindiH5pyFile.from_lindi_file`."""
    checked_mode(mode)
    place = place_of(url_or_path, "lindi")
    address = place.address
    reader = RangeReader(address, local_cache=local_cache)

    def build() -> LindiH5pyFile:
        if is_remote(address):
            if mode not in ("r", "r+"):
                raise ReadOnlyError(
                    f'{redact_url(address)} cannot be opened with mode="{mode}": it is not on this machine',
                    hint='Open it with mode="r+" and write the result with write_lindi_file.',
                )
            return _lindi(reader, address, mode, None, area=staging_area)
        if mode == "r":
            return _lindi(reader, address, mode, None, area=staging_area)
        if mode in ("w", "w-", "x") or (mode == "a" and not os.path.exists(address)):  # noqa: PTH110 - any address
            container = create(address, exist_ok=mode == "w")
            return _contained(reader, codec.decode(EMPTY), container, staging_area)
        return _in_place(reader, address, staging_area)

    return _or_close(reader, place, build)


def rfs_dict(
    rfs: dict[str, Any] | None,
    *,
    mode: str,
    staging_area: StagingArea | None,
    local_cache: LocalCache | None,
) -> LindiH5pyFile:
    """Open a reference file system in memory; see `LindiH5pyFile.from_reference_file_system`."""
    checked_mode(mode)
    if rfs is None:
        rfs, mode = copy.deepcopy(EMPTY), "r+" if mode == "r" else mode
    elif mode == "w":
        rfs.clear()
    elif mode in ("w-", "x") and rfs:
        raise ExistingFileError("the reference file system is not empty", hint='Use mode="w" to empty it.')
    if not rfs and mode != "r":
        rfs.update(copy.deepcopy(EMPTY))
    return _in_memory(rfs, mode, local_cache, write_back=True, area=staging_area)


# ---------------------------------------------------------------- putting the parts together


def _hdf5(
    reader: RangeReader,
    address: str,
    mode: str,
    opts: LindiH5ZarrStoreOpts | None,
    url: str,
    head: Head | None = None,
    *,
    area: StagingArea | None = None,
) -> LindiH5pyFile:
    file = open_hdf5(reader, address, head)
    try:
        references = Hdf5References(file, address, opts)
    except BaseException:
        file.close()
        raise
    return LindiH5pyFile(
        references,
        reader,
        SourceInfo.of(address, "HDF5"),
        writable=mode != "r",
        saving=Saving(area=area),
        owned=file,
        address=None if url == address else (address, url),
    )


def _open_hdf5_object(file: h5py.File) -> LindiH5pyFile:
    address = os.path.abspath(file.filename)  # noqa: PTH100 - resolve() would follow symbolic links
    if not Path(address).is_file():
        # In memory, or over a Python object: it can be browsed, but nobody could follow its references.
        return LindiH5pyFile(
            Hdf5References(file, None), RangeReader(None), SourceInfo.in_memory("HDF5"), writable=True
        )
    return LindiH5pyFile(
        Hdf5References(file, address), RangeReader(address), SourceInfo.of(address, "HDF5"), writable=True
    )


def _lindi(
    reader: RangeReader,
    address: str,
    mode: str,
    head: Head | None,
    *,
    area: StagingArea | None = None,
) -> LindiH5pyFile:
    """Open a LINDI file that is not written in its place."""
    opened = read_document(reader, address, head)
    return LindiH5pyFile(
        codec.decode(opened.document, opened.locate),
        reader,
        SourceInfo.of(address, opened.format),
        writable=mode != "r",
        saving=Saving(area=area),
    )


def _in_place(reader: RangeReader, address: str, area: StagingArea | None) -> LindiH5pyFile:
    """Open a LINDI file of this machine that is written in its place."""
    # First of all the lock: nobody may save another document between reading this one and writing it.
    lock = WriteLock(address)
    try:
        opened = read_document(reader, address)
        decoded = codec.decode(opened.document, opened.locate)
    except BaseException:
        lock.release()
        raise
    return _contained(reader, decoded, open_container(address, opened, lock), area)


def _contained(
    reader: RangeReader, references: References, container: Container, area: StagingArea | None
) -> LindiH5pyFile:
    if area is not None and container.format != "LINDI JSON":
        container.close()
        raise ValueError(f"{container.address} keeps new chunks in itself: it goes without a staging area")
    return LindiH5pyFile(
        references,
        reader,
        SourceInfo.of(container.address, container.format),
        writable=True,
        saving=Saving(container=container, area=area),
    )


def _in_memory(
    rfs: dict[str, Any],
    mode: str,
    local_cache: LocalCache | None,
    *,
    write_back: bool,
    area: StagingArea | None = None,
) -> LindiH5pyFile:
    return LindiH5pyFile(
        codec.decode(rfs),
        RangeReader(None, local_cache=local_cache),
        SourceInfo.in_memory("LINDI JSON"),
        writable=mode != "r",
        saving=Saving(rfs=rfs if write_back else None, area=area),
    )


def checked_mode(mode: str) -> str:
    """One of h5py's modes; raises ValueError for anything else."""
    if mode not in ("r", "r+", "w", "w-", "x", "a"):
        raise ValueError(f'mode="{mode}" is not a mode: use "r", "r+", "w", "w-", "x" or "a"')
    return mode


def _or_close(reader: RangeReader, place: Place, work: Callable[[], LindiH5pyFile]) -> LindiH5pyFile:
    try:
        file = work()
    except BaseException:
        reader.close()
        raise
    if place.name:
        file.source = dataclasses.replace(file.source, name=place.name, note=place.note)
    return file
