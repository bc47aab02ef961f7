"""Copies of a file that stand alone."""

from __future__ import annotations

import os
from abc import abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING

from lindi_explorer.remote import CancelToken

if TYPE_CHECKING:
    from lindi_explorer.h5.file import LindiH5pyFile
    from lindi_explorer.h5.materialise.tally import Copied, CopyReport


class CopiedOut:
    """The part of `LindiH5pyFile` that makes copies in other formats."""

    @property
    @abstractmethod
    def file(self) -> LindiH5pyFile:
        """The file itself."""

    def to_hdf5(
        self,
        path: str | os.PathLike[str],
        *,
        progress: Callable[[Copied], None] | None = None,
        cancel: CancelToken | None = None,
    ) -> CopyReport:
        """Write the file, with its edits and all of its data, as an HDF5 file that stands alone.

        Everything h5py says of it is what it says of the source: types, filters, chunks, attributes, links,
        references, which lead to the copies. Chunks that HDF5 can take as they are are not decoded.

        Data that cannot be read (of a filter that is not installed, in a file that is gone, damaged) costs
        itself alone: the dataset is in its place, without its data or with the part that could be read, an
        attribute ``lindi_explorer_problem`` says why, and the report lists it. A fault of the network ends
        the copy.

        Parameters
        ----------
        path : str or path
            An existing file is replaced at once, or not at all.
        progress : callable, optional
            Told now and then how far it has come.
        cancel : CancelToken, optional
            Stops it.

        Returns
        -------
        CopyReport
            With everything that could not be copied.

        Raises
        ------
        ConflictError
            If the path is that of a file the data comes from.
        UnsupportedError
            If there is data, and none of it could be copied.
        AccessDeniedError, TransferError, RangeNotSupportedError, StaleFileError
            If bytes cannot be fetched.
        CancelledByUserError
            If it was stopped. The path is then as it was, as it is after any error.
        OSError
            If it cannot be written.
        """
        from lindi_explorer.h5.copies.to_hdf5 import write_hdf5

        return write_hdf5(self.file, path, progress=progress, cancel=cancel)

    def to_zarr(
        self,
        path: str | os.PathLike[str],
        *,
        overwrite: bool = False,
        progress: Callable[[Copied], None] | None = None,
        cancel: CancelToken | None = None,
    ) -> CopyReport:
        """Write the file, with its edits and all of its data, as a Zarr v2 folder that stands alone.

        The folder holds what a LINDI document of the file says, side-cars included, and the chunks
        themselves, as they are stored. What only HDF5 reads is encoded anew, with Blosc.

        Data that cannot be read costs itself alone: its side-car says why, and the report lists it. So do
        objects with names that no folder can have. A fault of the network ends the copy.

        Parameters
        ----------
        path : str or path
            Of a folder that is not there, or is empty.
        overwrite : bool
            Whether a Zarr store that is there is replaced; anything else never is.
        progress : callable, optional
            Told now and then how far it has come.
        cancel : CancelToken, optional
            Stops it.

        Returns
        -------
        CopyReport
            With everything that could not be copied.

        Raises
        ------
        ConflictError
            If there is something at the path that is not replaced, or data comes from there.
        UnsupportedError
            If there is data, and none of it could be copied.
        AccessDeniedError, TransferError, RangeNotSupportedError, StaleFileError
            If bytes cannot be fetched.
        CancelledByUserError
            If it was stopped. The path is then as it was, as it is after any error.
        OSError
            If it cannot be written.
        """
        from lindi_explorer.h5.copies.to_zarr import write_zarr

        return write_zarr(self.file, path, overwrite=overwrite, progress=progress, cancel=cancel)
