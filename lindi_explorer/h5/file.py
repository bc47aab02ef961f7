"""A file, as `h5py.File`: the public reading and writing API."""

from __future__ import annotations

import itertools
import os
import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self

import h5py

from lindi_explorer.byterange import redact_url
from lindi_explorer.errors import UnsupportedError
from lindi_explorer.formats.json_file import write_json
from lindi_explorer.h5.group import LindiH5pyGroup
from lindi_explorer.h5.identity import NodeId
from lindi_explorer.h5.view import View
from lindi_explorer.hdf5.over_http import look_ahead, read_ahead
from lindi_explorer.hdf5.references import LindiH5ZarrStoreOpts
from lindi_explorer.references import codec
from lindi_explorer.references.model import References
from lindi_explorer.remote import CancelToken, LocalCache, RangeReader, Walked, is_remote
from lindi_explorer.staging.journal import EditJournal

Mode = Literal["r", "r+"]

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
        ``HDF5``, ``LINDI JSON``, ``LINDI tar`` or ``LINDI folder``.
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
        mode: Mode,
        write_back: Callable[[LindiH5pyFile], None] | None = None,
        owned: h5py.File | None = None,
        address: tuple[str, str] | None = None,
    ) -> None:
        view = View(EditJournal(references), reader, writable=mode == "r+")
        view.file = self
        self._view = view
        self._path = self._name = ""
        self._id = NodeId(view, "")
        self._mode = mode
        self._source_references = references
        self._write_back = write_back
        # Where the HDF5 file is read, and the address that its references carry when they are written.
        self._addresses = {} if address is None else dict([address])
        self._saved_steps: tuple[Any, ...] = ()
        self.source = source
        self._owned = owned
        # An h5py.File over a Python object that is open when the interpreter exits crashes it.
        self._release = weakref.finalize(self, _release, reader, owned)

    # ------------------------------------------------------------ opening

    @staticmethod
    def from_hdf5_file(
        url_or_path: str | os.PathLike[str],
        *,
        mode: str = "r",
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
            url_or_path, mode=mode, local_cache=local_cache, opts=zarr_store_opts, url=url
        )

    @staticmethod
    def from_lindi_file(
        url_or_path: str | os.PathLike[str], *, mode: str = "r", local_cache: LocalCache | None = None
    ) -> LindiH5pyFile:
        """Open a LINDI file, local or remote.

        Parameters
        ----------
        url_or_path : str or path
            Of a ``.lindi.json``, a ``.lindi.tar``, or a ``.lindi.d`` folder on this machine.
        mode : str
            ``r``, or ``r+``: a local ``.lindi.json`` is saved by `flush` and `close`; a remote one never is,
            nor is a tar or a folder, whose edits are written with `write_lindi_file`.
        local_cache : LocalCache, optional

        Returns
        -------
        LindiH5pyFile

        Raises
        ------
        MissingFileError, AccessDeniedError, TransferError
            If the file cannot be read.
        FormatError
            If it is not a LINDI file; an HDF5 file is named as such.
        """
        from lindi_explorer.h5 import open as opening

        return opening.lindi_file(url_or_path, mode=mode, local_cache=local_cache)

    @staticmethod
    def from_reference_file_system(
        rfs: dict[str, Any] | str | os.PathLike[str] | None,
        *,
        mode: str = "r",
        local_cache: LocalCache | None = None,
    ) -> LindiH5pyFile:
        """Open a reference file system: a dict in memory, or the path or URL of one.

        Parameters
        ----------
        rfs : dict, str, path or None
            A dict is decoded now; `flush` and `close` write edits back into it. None: a new empty one.
        mode : str
            ``r`` or ``r+``.
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
            return opening.rfs_dict(rfs, mode=mode, local_cache=local_cache)
        if not isinstance(rfs, (str, os.PathLike)):
            raise TypeError(f"a reference file system is a dict, a path or a URL, not {type(rfs).__name__}")
        return opening.lindi_file(rfs, mode=mode, local_cache=local_cache)

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
        self.read_ahead()
        # First, as it makes all nodes: which addresses there are is known only then.
        extra = self._source_references.extra
        return codec.outline(self._view.journal, extra, {**self._addresses, **(addresses or {})})

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
        """Write the file, with its edits, as ``.lindi.json``.

        Parameters
        ----------
        filename : str or path
            Ends with ``.lindi.json``; an existing file is replaced at once, or not at all.
        generation_metadata : Json, optional
            Provenance, kept under ``generationMetadata``.

        Raises
        ------
        ValueError
            For another ending.
        OSError
            If it cannot be written.
        """
        path = os.fspath(filename)
        if not path.endswith(".lindi.json"):
            raise ValueError(f"{path} cannot be written: the name must end with .lindi.json")
        outline = self.outline()
        if generation_metadata is not None:
            outline.members["generationMetadata"] = generation_metadata
        write_json(path, outline)
        if self.source.format in ("LINDI tar", "LINDI folder"):
            # They cannot be saved in their place: written out is saved.
            self._saved_steps = self._view.journal.steps

    def flush(self) -> None:
        """Save what has changed, where the file was opened ``r+`` from a local file or a dict.

        Raises
        ------
        UnsupportedError
            If it is a local tar or folder, and edits are not written elsewhere.
        """
        journal = self._view.journal
        if self._write_back is None or self._mode == "r" or journal.steps == self._saved_steps:
            return
        self._write_back(self)
        self._saved_steps = journal.steps

    def close(self) -> None:
        """Save (see `flush`) and let go of files and connections; closing again does nothing."""
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


def _release(reader: RangeReader, owned: h5py.File | None) -> None:
    if owned is not None:
        owned.close()
    reader.close()
