"""A file, as `h5py.File`: the public reading and writing API."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Mapping
from typing import Any, Self

import h5py
from h5py._hl.files import libver_dict_r
from h5py._objects import phil

from lindi_explorer.errors import UnsupportedError
from lindi_explorer.h5.copies.copied_out import CopiedOut
from lindi_explorer.h5.copies.taken_out import TakenOut
from lindi_explorer.h5.group import LindiH5pyGroup
from lindi_explorer.h5.opening.opened_from import OpenedFrom
from lindi_explorer.h5.opening.source_info import SourceInfo
from lindi_explorer.h5.saving.saving import Saving
from lindi_explorer.h5.view import View
from lindi_explorer.hdf5.over_http import look_ahead, read_ahead
from lindi_explorer.references import codec
from lindi_explorer.references.model import References
from lindi_explorer.remote import CancelToken, RangeReader, Walked
from lindi_explorer.staging.journal import EditJournal
from lindi_explorer.staging.moved import Snapshot


class LindiH5pyFile(OpenedFrom, TakenOut, CopiedOut, LindiH5pyGroup, h5py.File):
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
    def saving(self) -> Saving:
        """Where new chunks are kept, and where the file is saved."""
        return self._saving

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
    def libver(self) -> tuple[str, str]:
        """From the earliest version of HDF5 to the latest: nothing in a LINDI file depends on it."""
        _, latest = h5py.h5p.create(h5py.h5p.FILE_ACCESS).get_libver_bounds()
        return "earliest", str(libver_dict_r[latest])

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
        return self.outlined(Snapshot(self._view.journal), addresses)

    def outlined(self, references: References, addresses: Mapping[str, str] | None) -> codec.Outline:
        """What is written of a hierarchy that comes from this one; see `outline`."""
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

    # ------------------------------------------------------------ saving in its place

    def flush(self) -> None:
        """Save what has changed, where the file was opened for writing from a local file or a dict."""
        self._view.require_open()
        if not self._saving.has_place or self._mode == "r":
            return
        with self._view.editing:
            journal = self._view.journal
            if journal.overlay is not self._saved:
                base = self._saving.save(journal, self._saved, self.outlined)
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
