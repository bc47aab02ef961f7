"""External array links: datasets that only HDF5 itself can read (format section 8.5)."""

from __future__ import annotations

import weakref
from typing import Any

import h5py
import numpy as np
from h5py import File  # at once: who replaces h5py.File by ours must not be sent round in circles
from h5py._objects import phil

from lindi_explorer.byterange import redact_url
from lindi_explorer.errors import FormatError, LindiError, MissingFileError, UnsupportedError
from lindi_explorer.formats.sniff import refuse, sniff
from lindi_explorer.h5.arrays.own_bytes import require_own_bytes
from lindi_explorer.h5.opening.unopened import why_unopened
from lindi_explorer.h5.reference import make_reference
from lindi_explorer.hdf5.filters import filter_words, filters_of
from lindi_explorer.hdf5.names import ObjectNames
from lindi_explorer.hdf5.over_http import RemoteHdf5
from lindi_explorer.hdf5.values import decode, encode
from lindi_explorer.references.checks import short
from lindi_explorer.remote import Head, RangeReader, RemoteFile, is_remote


class ExternalFiles:
    """The HDF5 files behind a document's external array links, each opened once.

    Parameters
    ----------
    reader : RangeReader
        Decides which addresses the document may reach.
    """

    def __init__(self, reader: RangeReader) -> None:
        self._reader = reader
        self._files: dict[str, h5py.File] = {}
        self._names: dict[str, ObjectNames] = {}
        self._within: set[tuple[str, str]] = set()

    def dataset(self, link: Any) -> h5py.Dataset:
        """The dataset a link leads to.

        Parameters
        ----------
        link : dict
            ``link_type``, ``url``, ``name``.

        Returns
        -------
        h5py.Dataset

        Raises
        ------
        FormatError, UnsupportedError
            If the link is damaged or of an unknown type, or leads to no dataset.
        """
        kind = link.get("link_type") if isinstance(link, dict) else None
        if kind != "hdf5_dataset":
            raise UnsupportedError(
                f"an external array link is of the unknown type {short(kind)}", hint="Update lindi_explorer."
            )
        url, name = link.get("url"), link.get("name")
        if not isinstance(url, str) or not isinstance(name, str):
            raise FormatError("an external array link has no url or no name", hint="The file is damaged.")
        if not url:
            raise MissingFileError(
                f"the data of {name} is in an HDF5 file, and the document does not say where that is",
                hint="Open the HDF5 file with url= naming its address.",
            )
        target = self.file(url).get(name)
        if not isinstance(target, h5py.Dataset):
            raise FormatError(
                f"the linked file has no dataset {name}", hint="The linked file has been replaced."
            )
        return target

    def file(self, url: str) -> h5py.File:
        """The HDF5 file at a path or URL; it stays open."""
        with phil:
            file = self._files.get(url)
            if file is None:
                file = self._files[url] = open_hdf5(self._reader, url)
                weakref.finalize(self, file.close)
            return file

    def read(self, link: Any, args: Any, dtype: np.dtype[Any] | None) -> Any:
        """Read a selection as h5py does; references come back as ours.

        Parameters
        ----------
        link : dict
        args : object
            What stands between the brackets.
        dtype : numpy.dtype or None
            Convert to this.

        Returns
        -------
        object

        Raises
        ------
        AccessDeniedError
            If HDF5 would read files of this machine for a file from the network.
        """
        dataset = self.dataset(link)
        self._require_within(link["url"], dataset)
        try:
            value = dataset[args] if dtype is None else dataset.astype(dtype)[args]
        except LindiError:
            raise  # a fault of the network
        except OSError as error:
            why, hint = _explained(dataset.id, error)
            raise UnsupportedError(f"{dataset.name} cannot be read: {why}", hint=hint) from error
        return self._translate(dataset.file, value)

    def _require_within(self, url: str, dataset: h5py.Dataset) -> None:
        if is_remote(url) and (url, dataset.name) not in self._within:
            require_own_bytes(self.file(url), dataset)
            self._within.add((url, dataset.name))

    def _translate(self, file: h5py.File, value: Any) -> Any:
        """References of the linked file -> references of ours."""
        array = np.asarray(value)
        if isinstance(value, (h5py.Reference, h5py.RegionReference)):
            inside = ObjectNames(file).encode(value)
            return make_reference(inside and inside["_REFERENCE"], isinstance(value, h5py.RegionReference))
        if not _has_references(array.dtype):
            return value
        names = ObjectNames(file)
        out = decode(encode(array, names.encode), array.dtype, array.shape, make_reference)
        return out if isinstance(value, np.ndarray) else out[()]

    def close(self) -> None:
        """Close the files."""
        with phil:
            for file in self._files.values():
                file.close()
            self._files.clear()


def open_hdf5(reader: RangeReader, url: str, head: Head | None = None) -> h5py.File:
    """Open an HDF5 file, local or remote.

    An h5py.File over a Python object that is still open when the interpreter exits crashes it: the caller
    registers ``weakref.finalize(owner, file.close)``.

    Parameters
    ----------
    reader : RangeReader
    url : str
        Path or http(s) URL.
    head : Head, optional
        Its first bytes, where they have been read.

    Returns
    -------
    h5py.File

    Raises
    ------
    FormatError
        If it is no HDF5 file, or HDF5 cannot open it.
    FileInUseError
        If it is being written.
    UnsupportedError
        If it is one of several files that make up a whole.
    """
    # For a local path, too: the reader decides whether the document may reach it.
    head = head or reader.size_and_head(url)
    kind = sniff(head.head)
    if kind != "hdf5":
        raise refuse(kind, url, "an HDF5 file", head.head)
    try:
        if not is_remote(url):
            return File(url, "r")
        return RemoteHdf5(RemoteFile(reader, url, head=head))
    except OSError as error:
        if getattr(error, "code", None):
            raise
        raise why_unopened(redact_url(url), error) from error


def _explained(dataset: Any, error: OSError) -> tuple[str, str]:
    """Why HDF5 could not read a dataset, and what to do."""
    plist = dataset.get_create_plist()
    if plist.get_layout() == h5py.h5d.CONTIGUOUS and plist.get_external_count():
        names = [plist.get_external(number)[0] for number in range(plist.get_external_count())]
        listed = ", ".join(name.decode("utf-8", "replace") for name in names)
        return (
            f"its data lies in other files, {listed}, which HDF5 cannot open",
            "Put them beside the HDF5 file, or ask whoever made it for them.",
        )
    unknown = [item for item in filters_of(plist) if not h5py.h5z.filter_avail(item.id)]
    if unknown:
        listed = ", ".join(f"{filter_words(item)} (HDF5 filter {item.id})" for item in unknown)
        return (
            f"it was written with {listed}, which is not installed here",
            "Install hdf5plugin and import it before; it has most filters.",
        )
    return str(error), "The file may be damaged: compare it with another copy."


def _has_references(dtype: np.dtype[Any]) -> bool:
    if dtype.names is not None and dtype.fields is not None:
        return any(_has_references(dtype.fields[name][0]) for name in dtype.names)
    base = dtype.subdtype[0] if dtype.subdtype is not None else dtype
    return h5py.check_ref_dtype(base) is not None
