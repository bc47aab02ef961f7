"""HDF5 files that are read over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import h5py

from lindi_explorer.hdf5.names import address_of

if TYPE_CHECKING:
    from collections.abc import Callable

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
