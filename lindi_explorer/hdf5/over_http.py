"""HDF5 files that are read over HTTP."""

from __future__ import annotations

import threading
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import h5py

from lindi_explorer.hdf5.identity import address_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from lindi_explorer.remote import CancelToken, RemoteFile, Walked


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


_NOTHING = nullcontext()


def faults_told(file: h5py.File | None) -> AbstractContextManager[None]:
    """Let a block raise the fault of the network that HDF5 met in it, whatever HDF5 made of it.

    A chunk index or an attribute that could not be fetched is no damage of the file: without this, it would
    be taken for some, and stay so for the session and in the document.

    Parameters
    ----------
    file : h5py.File or None
        A local one has no such faults.

    Returns
    -------
    context manager
    """
    return _Telling(file.remote) if isinstance(file, RemoteHdf5) else _NOTHING


class _Telling:
    """What `faults_told` gives for a remote file: entered for each object, so no generator."""

    __slots__ = ("_before", "_noted", "_outermost", "_remote", "_thread")

    def __init__(self, remote: RemoteFile) -> None:
        self._remote = remote
        self._thread = threading.get_ident()

    def __enter__(self) -> None:
        noted = self._remote.noted
        self._outermost = self._thread not in noted
        self._noted = noted.setdefault(self._thread, [])
        self._before = len(self._noted)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, *_: object) -> None:
        try:
            if len(self._noted) > self._before and (error is None or isinstance(error, Exception)):
                raise self._noted[-1] from None
        finally:
            if self._outermost:
                self._remote.noted.pop(self._thread, None)
                self._noted.clear()  # the errors hold frames, which hold this list


def look_ahead(file: h5py.File | None, path: str) -> None:
    """Fetch the members of a group, and the names of theirs; a local file needs nothing.

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
    if not isinstance(file, RemoteHdf5):
        return
    at = None
    if path:
        try:
            at = address_of(h5py.h5o.open(file.id, b"/" + path.encode("utf-8", "surrogateescape")))
        except (KeyError, RuntimeError, ValueError):
            return  # made by an edit, or damaged: whoever lists it will say so
    file.remote.read_ahead(chunks=False, levels=1, names=True, at=at)


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
