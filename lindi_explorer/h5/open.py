"""Opening: the one place that looks at a source, decides what it is, and puts the parts together."""

from __future__ import annotations

import copy
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import h5py

from lindi_explorer.errors import ReadOnlyError, UnsupportedError
from lindi_explorer.formats.json_file import write_json
from lindi_explorer.formats.open import Opened, is_directory, read_document
from lindi_explorer.formats.sniff import refuse, sniff
from lindi_explorer.h5.external import open_hdf5
from lindi_explorer.h5.file import LindiH5pyFile, Mode, SourceInfo
from lindi_explorer.hdf5.references import Hdf5References, LindiH5ZarrStoreOpts
from lindi_explorer.references import codec
from lindi_explorer.remote import Head, LocalCache, RangeReader, https_address, is_remote, is_s3

_T = TypeVar("_T")

_NEW = {"refs": {".zgroup": {"zarr_format": 2}}, "version": 1}


def open_any(source: Any, *, local_cache: LocalCache | None = None) -> LindiH5pyFile:
    """Open a source, whatever it is, for looking and editing; the source itself is never changed.

    Parameters
    ----------
    source : str, path, dict, h5py.File or LindiH5pyFile
        A file that is open stays the caller's; a LindiH5pyFile is used as it is.
    local_cache : LocalCache, optional
        For remote files.

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
    if not isinstance(source, (str, os.PathLike)):
        raise TypeError(
            f"{type(source).__name__} cannot be opened: give a path, a URL, a dict or an open file"
        )
    address = _address(source)
    reader = RangeReader(address, local_cache=local_cache if is_remote(address) else None)

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

    return _or_close(reader, build)


def open_linked(reader: RangeReader, address: str) -> LindiH5pyFile:
    """Open the file a link leads to, as far as the document with the link may reach it.

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
    return _hdf5(copy.copy(reader), address, "r", None, address)


def hdf5_file(
    url_or_path: str | os.PathLike[str],
    *,
    mode: str,
    local_cache: LocalCache | None,
    opts: LindiH5ZarrStoreOpts | None,
    url: str | None,
) -> LindiH5pyFile:
    """Open an HDF5 file; see `LindiH5pyFile.from_hdf5_file`."""
    checked = _mode(mode, "an HDF5 file")
    address = _address(url_or_path)
    if not is_remote(address) and local_cache is not None:
        raise ValueError("local_cache cannot be used with a local file")
    reader = RangeReader(address, local_cache=local_cache)
    return _or_close(reader, lambda: _hdf5(reader, address, checked, opts, url or address))


def lindi_file(
    url_or_path: str | os.PathLike[str], *, mode: str, local_cache: LocalCache | None
) -> LindiH5pyFile:
    """Open a LINDI document; see `LindiH5pyFile.from_lindi_file`."""
    checked = _mode(mode, "a LINDI file")
    address = _address(url_or_path)
    reader = RangeReader(address, local_cache=local_cache if is_remote(address) else None)
    return _or_close(
        reader, lambda: _lindi(reader, address, checked, None, write_back=not is_remote(address))
    )


def rfs_dict(rfs: dict[str, Any] | None, *, mode: str, local_cache: LocalCache | None) -> LindiH5pyFile:
    """Open a reference file system in memory; see `LindiH5pyFile.from_reference_file_system`."""
    return _in_memory(rfs if rfs is not None else dict(_NEW), _mode(mode, "it"), local_cache, write_back=True)


# ---------------------------------------------------------------- putting the parts together


def _hdf5(
    reader: RangeReader,
    address: str,
    mode: Mode,
    opts: LindiH5ZarrStoreOpts | None,
    url: str,
    head: Head | None = None,
) -> LindiH5pyFile:
    file = open_hdf5(reader, address, head)
    return LindiH5pyFile(
        Hdf5References(file, address, opts),
        reader,
        SourceInfo.of(address, "HDF5"),
        mode=mode,
        owned=file,
        address=None if url == address else (address, url),
    )


def _open_hdf5_object(file: h5py.File) -> LindiH5pyFile:
    address = os.path.abspath(file.filename)  # noqa: PTH100 - resolve() would follow symbolic links
    if not Path(address).is_file():
        # In memory, or over a Python object: it can be browsed, but nobody could follow its references.
        return LindiH5pyFile(
            Hdf5References(file, None), RangeReader(None), SourceInfo.in_memory("HDF5"), mode="r+"
        )
    return LindiH5pyFile(
        Hdf5References(file, address), RangeReader(address), SourceInfo.of(address, "HDF5"), mode="r+"
    )


def _lindi(
    reader: RangeReader,
    address: str,
    mode: Mode,
    head: Head | None,
    *,
    write_back: bool = False,
) -> LindiH5pyFile:
    opened = read_document(reader, address, head)
    decoded = codec.decode(opened.document, opened.locate)
    source = SourceInfo.of(address, opened.format)

    def back(file: LindiH5pyFile) -> None:
        _save(file, address, opened)

    return LindiH5pyFile(
        decoded,
        reader,
        source,
        mode=mode,
        write_back=back if write_back else None,
    )


def _save(file: LindiH5pyFile, address: str, opened: Opened) -> None:
    """Write a file with its edits in its place."""
    if opened.format != "LINDI JSON":
        if not file.journal.steps:
            return  # all edits were taken back
        raise UnsupportedError(
            f"{file.source.name} is a {opened.format} and cannot be changed in place yet",
            hint="Write it with write_lindi_file to a .lindi.json, which refers to the data in here.",
        )
    write_json(address, file.outline(opened.relative))


def _in_memory(
    rfs: dict[str, Any], mode: Mode, local_cache: LocalCache | None, *, write_back: bool
) -> LindiH5pyFile:
    decoded = codec.decode(rfs)

    def back(file: LindiH5pyFile) -> None:
        document = file.to_reference_file_system()
        rfs.clear()
        rfs.update(document)

    return LindiH5pyFile(
        decoded,
        RangeReader(None, local_cache=local_cache),
        SourceInfo.in_memory("LINDI JSON"),
        mode=mode,
        write_back=back if write_back else None,
    )


def _address(source: str | os.PathLike[str]) -> str:
    """The URL, or the absolute path (which references of a local file carry)."""
    address = os.fspath(source)
    if is_s3(address):
        return https_address(address)
    return address if is_remote(address) else os.path.abspath(address)  # noqa: PTH100 - resolve() would follow links


def _mode(mode: str, what: str) -> Mode:
    if mode == "r":
        return "r"
    if mode == "r+":
        return "r+"
    if mode in ("w", "w-", "x", "a"):
        raise ReadOnlyError(
            f'{what} cannot be opened with mode="{mode}"', hint='Open it with mode="r" or "r+".'
        )
    raise ValueError(f'mode="{mode}" is not a mode: use "r" or "r+"')


def _or_close(reader: RangeReader, work: Callable[[], _T]) -> _T:
    try:
        return work()
    except BaseException:
        reader.close()
        raise
