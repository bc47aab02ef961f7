"""A file, as `h5py.File`: the public reading and writing API."""

from __future__ import annotations

import itertools
import os
import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Self

import h5py
from h5py._objects import phil

from lindi_explorer.byterange import redact_url
from lindi_explorer.errors import UnsupportedError
from lindi_explorer.h5.group import LindiH5pyGroup
from lindi_explorer.h5.saving import Saving
from lindi_explorer.h5.view import View
from lindi_explorer.h5.written_out import write_out
from lindi_explorer.hdf5.over_http import look_ahead, read_ahead
from lindi_explorer.hdf5.references import LindiH5ZarrStoreOpts
from lindi_explorer.references import codec
from lindi_explorer.references.chunks import ChunkTable
from lindi_explorer.references.model import Node, References
from lindi_explorer.remote import CancelToken, LocalCache, RangeReader, Walked, is_remote
from lindi_explorer.staging.area import StagingArea
from lindi_explorer.staging.edits import NodeEdit
from lindi_explorer.staging.journal import EditJournal
from lindi_explorer.staging.moved import Snapshot
from lindi_explorer.staging.node_record import NodeRecord
from lindi_explorer.staging.patch import Patch
from lindi_explorer.staging.store import LindiStagingStore
from lindi_explorer.staging.transfer import OnUpload, Uploaded
from lindi_explorer.staging.upload import upload

if TYPE_CHECKING:
    from lindi_explorer.h5.chosen import Choice
    from lindi_explorer.h5.download import DownloadReport
    from lindi_explorer.h5.downloaded import Downloaded
    from lindi_explorer.h5.materialise.tally import Copied, CopyReport

_memory_names = itertools.count(1)


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """Where a file came from.

    Attributes
    ----------
    name : str
        File name to show.
    address : str
        Path or URL without secrets; names the file among others.
    kind : str
        ``local``, ``remote`` or ``memory``.
    format : str
        ``HDF5``, ``LINDI JSON``, ``LINDI tar``, ``LINDI folder`` or ``Zarr``.
    """

    name: str
    address: str
    kind: Literal["local", "remote", "memory"]
    format: str

    @classmethod
    def of(cls, address: str, format_: str) -> SourceInfo:
        """The source at a path or URL."""
        if is_remote(address):
            shown = redact_url(address)
            return cls(shown.rstrip("/").rpartition("/")[2] or shown, shown, "remote", format_)
        return cls(os.path.basename(address), address, "local", format_)  # noqa: PTH119 - any path, even of another system

    @classmethod
    def in_memory(cls, format_: str) -> SourceInfo:
        """A source that exists in this process only."""
        name = f"memory-{next(_memory_names)}"
        return cls(name, f"{name}.lindi.json", "memory", format_)


class LindiH5pyFile(LindiH5pyGroup, h5py.File):
    """A LINDI, HDF5 or reference file system as an h5py-like file.

    Made by `from_lindi_file`, `from_hdf5_file`, `from_reference_file_system`; the constructor is private.
    pynwb takes it wherever it takes an ``h5py.File``.
    """

    def __init__(
        self,
        references: References,
        reader: RangeReader,
        source: SourceInfo,
        *,
        writable: bool,
        saving: Saving | None = None,
        owned: h5py.File | None = None,
        address: tuple[str, str] | None = None,
    ) -> None:
        saving = saving or Saving()
        if saving.area is not None:
            reader.trust_folder(saving.area.directory)
        view = View(EditJournal(references, phil), reader, writable=writable, saving=saving)
        view.file = self
        self._bind(view, "", "")
        self._mode = "r+" if writable else "r"
        self._source_references = references
        self._saving = saving
        # Where the HDF5 file is read, and the address that its references carry when they are written.
        self._addresses = {} if address is None else dict([address])
        self._saved = view.journal.overlay
        self.source = source
        self._owned = owned
        # An h5py.File over a Python object that is open when the interpreter exits crashes it.
        self._release = weakref.finalize(self, _release, reader, owned, saving)

    # ------------------------------------------------------------ opening

    @staticmethod
    def from_hdf5_file(
        url_or_path: str | os.PathLike[str],
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
        url_or_path : str or path
            A path, or an http(s) URL.
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
        from lindi_explorer.h5 import open as opening

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
        url_or_path: str | os.PathLike[str],
        *,
        mode: str = "r",
        staging_area: StagingArea | None = None,
        local_cache: LocalCache | None = None,
    ) -> LindiH5pyFile:
        """Open or make a LINDI file, local or remote.

        Parameters
        ----------
        url_or_path : str or path
            Of a ``.lindi.json``, ``.lindi.tar`` or ``.lindi.d``; a new one is what its name says.
        mode : str
            h5py's: ``r``; ``r+``; ``w`` (new, replaces what is there); ``w-`` or ``x`` (new, fails if it
            exists); ``a`` (``r+``, or new). A local file is saved by `flush` and `close`, at once or not at
            all. A remote one is opened ``r`` or ``r+`` and never changed: its edits are written with
            `write_lindi_file` or `upload`.
        staging_area : StagingArea, optional
            Takes the chunks that are written. Without one they go into the archive or folder, or stay in the
            JSON document.
        local_cache : LocalCache, optional

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
        from lindi_explorer.h5 import open as opening

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
        from lindi_explorer.h5 import open as opening

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
            As for `from_lindi_file`. `flush` and `close` write edits into the store; until then new chunks stay
            in memory. What was there before is nowhere any more then: what is saved cannot be undone.
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
        from lindi_explorer.h5 import open_zarr

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
        from lindi_explorer.h5 import open_zarr

        return open_zarr.zarr_group(zarr_group, mode=mode, store=_zarr_store, local_cache=local_cache)

    # ------------------------------------------------------------ what it is

    @property
    def journal(self) -> EditJournal:
        """The edits made through this file."""
        return self._view.journal

    @property
    def reader(self) -> RangeReader:
        """Reads the byte ranges; ``reader.stats`` counts requests and bytes."""
        return self._view.reader

    @property
    def file(self) -> LindiH5pyFile:
        """The file itself."""
        return self

    @property
    def filename(self) -> str:
        """Path, or URL without secrets; distinct for every source.

        pynwb decides by it whether two objects belong to the same file.
        """
        return self.source.address

    @property
    def addresses(self) -> Mapping[str, str]:
        """Path or URL where a file was read -> what documents say instead."""
        return self._addresses

    @property
    def link_base(self) -> str:
        """The address that names of other files are seen from, in links of this one."""
        return self.source.address if self.source.kind != "memory" else ""

    @property
    def mode(self) -> str:
        """``r`` or ``r+``."""
        return self._mode

    @property
    def driver(self) -> str:
        """There is no HDF5 driver.

        Raises
        ------
        UnsupportedError
            Always.
        """
        raise UnsupportedError("a LINDI file has no HDF5 driver")

    @property
    def libver(self) -> Any:
        """There are no HDF5 library bounds; raises `UnsupportedError`."""
        raise UnsupportedError("a LINDI file has no HDF5 library version bounds")

    @property
    def userblock_size(self) -> int:
        """There is no user block; raises `UnsupportedError`."""
        raise UnsupportedError("a LINDI file has no user block")

    @property
    def meta_block_size(self) -> int:
        """There are no metadata blocks; raises `UnsupportedError`."""
        raise UnsupportedError("a LINDI file has no metadata blocks")

    @property
    def swmr_mode(self) -> bool:
        """False: a LINDI file does not change while it is read."""
        return False

    @swmr_mode.setter
    def swmr_mode(self, value: bool) -> None:
        raise UnsupportedError(f"swmr_mode cannot be set to {value}: a LINDI file has no such mode")

    # ------------------------------------------------------------ writing out

    def to_reference_file_system(self) -> dict[str, Any]:
        """The file, with its edits, as a reference file system.

        Returns
        -------
        dict
            Plain JSON types; shares nothing with the file.
        """
        return self.outline().document()

    def outline(self, addresses: Mapping[str, str] | None = None) -> codec.Outline:
        """What is written of the file, with its edits.

        Parameters
        ----------
        addresses : mapping, optional
            Path or URL where a file was read -> what the document shall say.

        Returns
        -------
        Outline
        """
        return self._outlined(Snapshot(self._view.journal), addresses)

    def _outlined(self, references: References, addresses: Mapping[str, str] | None) -> codec.Outline:
        self.read_ahead()
        # First, as it makes all nodes: which addresses there are is known only then.
        extra = self._source_references.extra
        return codec.outline(references, extra, {**self._addresses, **(addresses or {})})

    def read_ahead(
        self, *, progress: Callable[[Walked], None] | None = None, cancel: CancelToken | None = None
    ) -> None:
        """Fetch all metadata of a remote HDF5 file, many requests at a time, for writing a LINDI file.

        Files of other kinds need nothing, and neither does one that was read ahead before.

        Parameters
        ----------
        progress : callable, optional
            Told now and then how far it has come (`lindi_explorer.remote.Walked`), in another thread.
        cancel : CancelToken, optional
            Stops it.

        Raises
        ------
        AccessDeniedError, TransferError, StaleFileError
            If the file cannot be read.
        """
        self._view.require_open()
        read_ahead(self._owned, progress=progress, cancel=cancel)

    def look_ahead(self, path: str = "") -> None:
        """Fetch what listing a group and its members takes, many requests at a time.

        Files other than remote HDF5 files need nothing.

        Parameters
        ----------
        path : str
            Of a group, without leading slash; the root by default.
        """
        self._view.require_open()
        look_ahead(self._owned, path)

    def write_lindi_file(self, filename: str | os.PathLike[str], *, generation_metadata: Any = None) -> None:
        """Write the file, with its edits, as a LINDI file elsewhere.

        An archive or folder gets the chunks that lie in this file itself, in its staging area or in memory.
        All others stay where they are, and are referred to, as are all in a JSON file.

        Parameters
        ----------
        filename : str or path
            Ends with ``.lindi.json``, ``.lindi.tar`` or ``.lindi.d``. A file that exists is replaced at once,
            or not at all; a folder never is.
        generation_metadata : Json, optional
            Provenance, kept under ``generationMetadata``.

        Raises
        ------
        FormatError
            For another ending; and for a JSON file where this one is an archive or folder of this machine:
            its chunks would have no place.
        ConflictError, FileInUseError
            If an archive is to take the place of this file, or of one that is open for writing elsewhere.
        ExistingFileError
            If there is a folder.
        MissingFileError
            If there is no folder to put it in.
        LindiError
            Another one of the family, if chunks that are brought along cannot be read.
        OSError
            If it cannot be written.
        """
        write_out(self, filename, self._saving.area, self._outlined, generation_metadata)

    def download(
        self,
        path: str | os.PathLike[str],
        *,
        select: Choice = None,
        progress: Callable[[Downloaded], None] | None = None,
        cancel: CancelToken | None = None,
        verify: bool = True,
    ) -> DownloadReport:
        """Write the file, with its edits, as an archive or folder with the data inside.

        What has been fetched is in a folder beside the target, ``.<name>.download``: a download that was
        stopped, however that was, goes on from there when it is called again. Delete it to give that up.

        Parameters
        ----------
        path : str or path
            Ends with ``.lindi.tar`` or ``.lindi.d``. A file that exists is replaced at once, or not at all; a
            folder never is.
        select : str, iterable of str or callable, optional
            Paths of datasets and groups whose data is wanted; or a dataset -> whether its data is. All other
            data stays where it is, and is referred to. By default all data is wanted.
        progress : callable, optional
            Told now and then how far it has come (`lindi_explorer.h5.downloaded.Downloaded`).
        cancel : CancelToken, optional
            Stops it.
        verify : bool, optional
            Read back what was written, and compare its checksums.

        Returns
        -------
        DownloadReport
            With what could not be read: that stays where it is.

        Raises
        ------
        NodeNotFoundError
            If there is nothing at a path of ``select``.
        FormatError
            For another ending.
        ConflictError, ExistingFileError, FileInUseError, MissingFileError
            If it cannot be put at the path.
        AccessDeniedError, TransferError, RangeNotSupportedError, StaleFileError
            If data cannot be fetched, or is not what was written when it is read back.
        CancelledByUserError
            If it was stopped.
        OSError
            If it cannot be written.
        """
        from lindi_explorer.h5.download import download

        options: Any = {"select": select, "progress": progress, "cancel": cancel, "verify": verify}
        return download(self, path, self._saving.area, self._outlined, **options)

    def patch(self, note: str | None = None) -> Patch:
        """What the edits have come to, written down for others: `Patch.save` it, and `lindi_explorer.apply` it.

        Parameters
        ----------
        note : str, optional
            Goes into the patch.

        Returns
        -------
        Patch
            From the file as it was opened to the file as it is now; new chunks are in it.

        Raises
        ------
        UnsupportedError
            If the data is more than 64 MiB, or lies where nobody else can follow.
        """
        from lindi_explorer.h5.patching import patch_of

        self._view.require_open()
        return patch_of(self, self._saving, note)

    def upload(
        self,
        *,
        on_upload_blob: OnUpload,
        on_upload_main: OnUpload,
        verify: bool = True,
        progress: Callable[[Uploaded], None] | None = None,
    ) -> str:
        """Upload the file with its edits: first the new chunks in the staging area, then the document.

        Parameters
        ----------
        on_upload_blob : callable
            Given the path of a file with new chunks, uploads it and returns its URL. No two files have the
            same name.
        on_upload_main : callable
            Given the path of the document, ``rfs.lindi.json``, once all else is uploaded.
        verify : bool, optional
            Read back what was uploaded.
        progress : callable, optional
            Told after every file.

        Returns
        -------
        str
            What ``on_upload_main`` returned.

        Raises
        ------
        AccessDeniedError
            If there are references to files of this machine outside of the staging area; nothing was
            uploaded.
        TransferError
            If what was uploaded is not what was to be uploaded.
        ValueError, TypeError
            If ``on_upload_blob`` returns anything but an address.
        """
        with self._view.editing:
            self.read_ahead()
            return upload(
                self._view.journal,
                self._saving.area,
                on_upload_blob=on_upload_blob,
                on_upload_main=on_upload_main,
                extra=self._source_references.extra,
                addresses=self._addresses,
                verify=verify,
                progress=progress,
            )

    @property
    def staging_store(self) -> LindiStagingStore | None:
        """The staged chunks of the file; None without a staging area."""
        if self._saving.area is None:
            return None
        return LindiStagingStore(base_store=self, staging_area=self._saving.area)

    def move_chunks(self, words: str, tables: Mapping[str, ChunkTable]) -> None:
        """Have arrays refer to other places for the same bytes, as one step that undo takes back.

        Parameters
        ----------
        words : str
            For the journal.
        tables : mapping
            Path of an array -> its chunks from now on.
        """
        self._view.require_writable("chunks cannot be moved")
        with self._view.editing:
            edits = []
            for path, table in tables.items():
                node = self._view.node(path)
                new = Node(node.attributes, node.array, table, node.sidecar)
                edits.append(NodeEdit(path, NodeRecord(node), NodeRecord(new)))
            self._view.journal.apply(words, edits)

    def to_hdf5(
        self,
        path: str | os.PathLike[str],
        *,
        progress: Callable[[Copied], None] | None = None,
        cancel: CancelToken | None = None,
    ) -> CopyReport:
        """Write the file, with its edits and all of its data, as an HDF5 file that stands alone.

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
            With everything that could not be copied; see `lindi_explorer.h5.to_hdf5.write_hdf5`.
        """
        from lindi_explorer.h5.to_hdf5 import write_hdf5

        return write_hdf5(self, path, progress=progress, cancel=cancel)

    def to_zarr(
        self,
        path: str | os.PathLike[str],
        *,
        overwrite: bool = False,
        progress: Callable[[Copied], None] | None = None,
        cancel: CancelToken | None = None,
    ) -> CopyReport:
        """Write the file, with its edits and all of its data, as a Zarr v2 folder that stands alone.

        Parameters
        ----------
        path : str or path
        overwrite : bool
            Whether a Zarr folder that is there is replaced.
        progress : callable, optional
            Told now and then how far it has come.
        cancel : CancelToken, optional
            Stops it.

        Returns
        -------
        CopyReport
            With everything that could not be copied; see `lindi_explorer.h5.to_zarr.write_zarr`.
        """
        from lindi_explorer.h5.to_zarr import write_zarr

        return write_zarr(self, path, overwrite=overwrite, progress=progress, cancel=cancel)

    def flush(self) -> None:
        """Save what has changed, where the file was opened for writing from a local file or a dict."""
        self._view.require_open()
        if not self._saving.has_place or self._mode == "r":
            return
        with self._view.editing:
            journal = self._view.journal
            if journal.overlay is not self._saved:
                base = self._saving.save(journal, self._saved, self._outlined)
                if base is not None:
                    self._view.begin_anew(base)
                self._saved = journal.overlay

    def close(self) -> None:
        """Save (see `flush`) and let go of files and connections; closing again does nothing."""
        with self._view.journal.editing():
            # What another thread writes is saved, or the thread is told that the file is closed.
            if self._view.closed:
                return
            self.flush()
            self._view.close()
        self._release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __eq__(self, other: object) -> bool:
        return LindiH5pyGroup.__eq__(self, other)

    def __hash__(self) -> int:
        return id(self)

    def __repr__(self) -> str:
        if self._view.closed:
            return "<Closed HDF5 file>"
        return f'<HDF5 file "{self.source.name}" (mode {self._mode})>'


def _release(reader: RangeReader, owned: h5py.File | None, saving: Saving) -> None:
    if owned is not None:
        owned.close()
    saving.close()
    reader.close()
