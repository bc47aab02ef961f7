"""HDF5 files that are read over HTTP."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import h5py

from lindi_explorer.hdf5.names import address_of
from lindi_explorer.references.keys import split

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lindi_explorer.remote import CancelToken, RemoteFile, Walked


_LEVELS = 2
"""Below a group: its members, and theirs, which say how many there are and what they are."""

_PATIENCE = 8
"""Waits of HDF5 for metadata, one after the other, after which the whole hierarchy is fetched at once."""

_WALK = 3
"""Waits that looking ahead from one group counts for."""

_MOST_BYTES = 64 << 20
"""Of a hierarchy that is fetched because somebody looks around in it."""


class RemoteHdf5(h5py.File):  # type: ignore[misc]
    """An HDF5 file that is read over HTTP.

    Attributes
    ----------
    remote : RemoteFile
        Reads the bytes.
    """

    def __init__(self, remote: RemoteFile) -> None:
        super().__init__(remote, "r")
        self.remote = remote

    def read_dataset_ahead(self, dataset: Any) -> None:
        """Fetch the metadata of one dataset, with its chunk index.

        Parameters
        ----------
        dataset : h5py.h5d.DatasetID
        """
        self.remote.read_ahead(at=address_of(dataset))


class Browsing:
    """Reads ahead for somebody who looks at one object after the other.

    The list of a group brings its members along, and the names of theirs. Whoever goes to other places, too,
    makes HDF5 wait a few times for each; after a handful of waits the whole hierarchy is fetched, once.
    Reading data counts for nothing here: a slice starts no walk.

    Parameters
    ----------
    file : RemoteHdf5
    """

    def __init__(self, file: RemoteHdf5) -> None:
        self._file = file
        self._waits = 0
        self._listed: set[str] = set()
        self._depth = 0

    @contextmanager
    def looking(self, path: str, *, listing: bool = False) -> Iterator[None]:
        """Surround what asks HDF5 about an object; never enter this while h5py is on the stack.

        Parameters
        ----------
        path : str
            Of the object.
        listing : bool, optional
            Whether its members are to be listed.

        Raises
        ------
        LindiError
            If the file cannot be read.
        """
        if self._depth == 0:
            self._go_ahead(path, listing=listing)
        remote, before = self._file.remote, self._file.remote.waits
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1
            if self._depth == 0:
                self._waits += remote.waits - before

    def _go_ahead(self, path: str, *, listing: bool) -> None:
        if self._waits >= _PATIENCE:
            self._waits = -(1 << 62)  # once is enough: what it leaves out is beyond the limits
            self._file.remote.read_ahead(chunks=False, most_bytes=_MOST_BYTES)
        elif listing and self._waits >= 0 and self._listed.isdisjoint({path, split(path)[0]}):
            self._listed.add(path)
            self._waits += _WALK
            _look(self._file, path, levels=1, names=True)


def look_ahead(file: h5py.File | None, path: str) -> None:
    """Fetch what listing a group and looking at its members takes; a local file needs nothing.

    Parameters
    ----------
    file : h5py.File or None
    path : str
        Of a group, without leading slash. Where there is none, nothing is fetched.

    Raises
    ------
    LindiError
        If the file cannot be read.
    """
    if isinstance(file, RemoteHdf5):
        _look(file, path, levels=_LEVELS)


def _look(file: RemoteHdf5, path: str, *, levels: int, names: bool = False) -> None:
    at = None
    if path:
        try:
            at = address_of(h5py.h5o.open(file.id, b"/" + path.encode("utf-8", "surrogateescape")))
        except (KeyError, RuntimeError, ValueError):
            return  # made by an edit, or damaged: whoever lists it will say so
    file.remote.read_ahead(chunks=False, levels=levels, names=names, at=at)


def read_ahead(
    file: h5py.File | None,
    *,
    progress: Callable[[Walked], None] | None = None,
    cancel: CancelToken | None = None,
) -> None:
    """Fetch all that indexing a file reads, many requests at a time; a local file needs nothing.

    Parameters
    ----------
    file : h5py.File or None
    progress : callable, optional
        Told now and then how far it has come, in another thread.
    cancel : CancelToken, optional
        Stops it.

    Raises
    ------
    LindiError
        If the file cannot be read.
    """
    if isinstance(file, RemoteHdf5):
        file.remote.read_ahead(progress=progress, cancel=cancel)
