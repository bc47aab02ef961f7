"""What a file is opened or made from: the constructors that users call."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from lindi_explorer.hdf5.references import LindiH5ZarrStoreOpts
from lindi_explorer.remote import LocalCache
from lindi_explorer.staging.area import StagingArea

if TYPE_CHECKING:
    from lindi_explorer.h5.file import LindiH5pyFile


class OpenedFrom:
    """The constructors of `LindiH5pyFile`; `lindi_explorer.h5.opening.open` does the work."""

    @staticmethod
    def from_hdf5_file(
        url_or_path: str | os.PathLike[str] | tuple[str, str],
        *,
        mode: str = "r",
        staging_area: StagingArea | None = None,
        local_cache: LocalCache | None = None,
        zarr_store_opts: LindiH5ZarrStoreOpts | None = None,
        url: str | None = None,
    ) -> LindiH5pyFile:
        """Open an HDF5 file, local or remote; it is indexed on demand.

        Parameters
        ----------
        url_or_path : str, path or tuple
            A path, an http(s) URL, or a name of DANDI's: ``dandi://...``, an asset's id, (dandiset, path).
        mode : str
            ``r``, or ``r+``: edits live in memory until they are written to a LINDI file; the HDF5 file is
            never changed.
        staging_area : StagingArea, optional
            Takes the chunks that are written; without one they stay in memory.
        local_cache : LocalCache, optional
            Keeps what is read from a URL on disk.
        zarr_store_opts : LindiH5ZarrStoreOpts, optional
        url : str, optional
            The address that references carry; default: the URL, or the absolute path of a local file.

        Returns
        -------
        LindiH5pyFile

        Raises
        ------
        MissingFileError, AccessDeniedError, TransferError, RangeNotSupportedError
            If the file cannot be read.
        FormatError
            If it is not HDF5, or damaged.
        ValueError
            For another mode, or a cache with a local file.
        """
        from lindi_explorer.h5.opening import open as opening

        return opening.hdf5_file(
            url_or_path,
            mode=mode,
            staging_area=staging_area,
            local_cache=local_cache,
            opts=zarr_store_opts,
            url=url,
        )

    @staticmethod
    def from_lindi_file(
        url_or_path: str | os.PathLike[str] | tuple[str, str],
        *,
        mode: str = "r",
        staging_area: StagingArea | None = None,
        local_cache: LocalCache | None = None,
    ) -> LindiH5pyFile:
        """Open or make a LINDI file, local or remote.

        Parameters
        ----------
        url_or_path : str, path or tuple
            Of a ``.lindi.json``, ``.lindi.tar`` or ``.lindi.d``; a new one is what its name says. A name of
            DANDI's leads to the LINDI file beside what it names, if there is one.
        mode : str
            h5py's: ``r``; ``r+``; ``w`` (new, replaces what is there); ``w-`` or ``x`` (new, fails if it
            exists); ``a`` (``r+``, or new). A local file is saved by `flush` and `close`, at once or not at
            all. A remote one is opened ``r`` or ``r+`` and never changed: its edits are written with
            `write_lindi_file` or `upload`.
        staging_area : StagingArea, optional
            Takes the chunks that are written. Without one they go into the archive or folder, or stay in the
            JSON document.
        local_cache : LocalCache, optional
            Keeps parts of remote files: of this one, and of those it refers to wherever it lies itself.

        Returns
        -------
        LindiH5pyFile

        Raises
        ------
        MissingFileError, AccessDeniedError, TransferError
            If the file cannot be read.
        ExistingFileError
            If a file that must be new exists.
        FileInUseError
            If the file is open for writing elsewhere.
        FormatError
            If it is not a LINDI file; an HDF5 file is named as such.
        ReadOnlyError
            For a remote file in a mode that makes a new one.
        ValueError
            For another mode, or a staging area for an archive or folder that is written in its place.
        """
        from lindi_explorer.h5.opening import open as opening

        return opening.lindi_file(url_or_path, mode=mode, staging_area=staging_area, local_cache=local_cache)

    @staticmethod
    def from_reference_file_system(
        rfs: dict[str, Any] | str | os.PathLike[str] | None,
        *,
        mode: str = "r",
        staging_area: StagingArea | None = None,
        local_cache: LocalCache | None = None,
    ) -> LindiH5pyFile:
        """Open a reference file system: a dict in memory, or the path or URL of one.

        Parameters
        ----------
        rfs : dict, str, path or None
            A dict is decoded now; `flush` and `close` write edits back into it. None: a new empty one.
        mode : str
            As for `from_lindi_file`; ``w`` empties a dict.
        staging_area : StagingArea, optional
            Takes the chunks that are written.
        local_cache : LocalCache, optional

        Returns
        -------
        LindiH5pyFile

        Raises
        ------
        FormatError
            If it is not LINDI.
        MissingFileError, AccessDeniedError, TransferError
            If the file cannot be read.
        """
        from lindi_explorer.h5.opening import open as opening

        if rfs is None or isinstance(rfs, dict):
            return opening.rfs_dict(rfs, mode=mode, staging_area=staging_area, local_cache=local_cache)
        if not isinstance(rfs, (str, os.PathLike)):
            raise TypeError(f"a reference file system is a dict, a path or a URL, not {type(rfs).__name__}")
        return opening.lindi_file(rfs, mode=mode, staging_area=staging_area, local_cache=local_cache)

    @staticmethod
    def from_zarr_store(
        zarr_store: Any, mode: str = "r", local_cache: LocalCache | None = None
    ) -> LindiH5pyFile:
        """Open a store of zarr-python 3 that holds a Zarr v2 hierarchy.

        Parameters
        ----------
        zarr_store : zarr.abc.store.Store
            Its root is a group. Chunks of a ``LocalStore`` are read as byte ranges of its files, those of any
            other store through the store.
        mode : str
            As for `from_lindi_file`. `flush` and `close` write edits into the store; until then new chunks
            stay in memory. What was there before is nowhere any more then: what is saved cannot be undone.
        local_cache : LocalCache, optional
            For what the hierarchy refers to elsewhere.

        Returns
        -------
        LindiH5pyFile

        Raises
        ------
        MissingFileError, FormatError
            If there is no such hierarchy, or it is damaged.
        ExistingFileError, ConflictError
            If there is something that is not replaced.
        ReadOnlyError, UnsupportedError
            If the store cannot be written.
        FileInUseError
            If it is a folder that is open for writing elsewhere.
        """
        from lindi_explorer.h5.opening import open_zarr

        return open_zarr.zarr_store(zarr_store, mode=mode, local_cache=local_cache)

    @staticmethod
    def from_zarr_group(
        zarr_group: Any, *, mode: str = "r", _zarr_store: Any = None, local_cache: LocalCache | None = None
    ) -> LindiH5pyFile:
        """Open a group of zarr-python 3; see `from_zarr_store`.

        Parameters
        ----------
        zarr_group : zarr.Group
            The root of the file.
        mode : str
        local_cache : LocalCache, optional

        Returns
        -------
        LindiH5pyFile
        """
        from lindi_explorer.h5.opening import open_zarr

        return open_zarr.zarr_group(zarr_group, mode=mode, store=_zarr_store, local_cache=local_cache)
