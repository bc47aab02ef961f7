"""Finding and opening what a virtual dataset is put together from."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import h5py
from h5py._objects import phil

from lindi_explorer.errors import FormatError, MissingFileError, NodeNotFoundError
from lindi_explorer.h5.virtual.mapping import OWN
from lindi_explorer.h5.virtual.places import Places
from lindi_explorer.remote import is_remote

if TYPE_CHECKING:
    from lindi_explorer.h5.arrays.data import ArrayData
    from lindi_explorer.h5.file import LindiH5pyFile
    from lindi_explorer.h5.view import View

_MOST_OPEN = 32
"""Files that are kept open, the latest used: a virtual dataset may have thousands of sources."""


class _Open:
    """One open file, how many read from it at this moment, and whether it is to be closed after them."""

    def __init__(self, file: LindiH5pyFile, state: Any) -> None:
        self.file = file
        self.state = state
        self.users = 0
        self.is_out = False


class Sources:
    """The files that the virtual datasets of one file take their data from.

    Parameters
    ----------
    view : View
        Of the file with the virtual datasets.
    """

    def __init__(self, view: View) -> None:
        self._view = view
        self.places = Places(view)
        self._open: OrderedDict[str, _Open] = OrderedDict()
        self._absent: set[str] = set()
        self._reads = 0
        # h5py's own: callbacks of h5py, which have it, may read; and no child is forked while others do.
        self._lock = phil

    @contextmanager
    def held(self) -> Iterator[None]:
        """A context in which sources stay open; HDF5 files of this machine are closed when it ends.

        HDF5 lets nobody in this process open them for writing before. All others stay open for the next read.
        """
        with self._lock:
            self._reads += 1
        try:
            yield
        finally:
            with self._lock:
                self._reads -= 1
                if not self._reads:
                    self._take_out({name for name, one in self._open.items() if _is_local_hdf5(one.file)})

    @contextmanager
    def dataset(self, file: str, name: str, base: str, prefix: str = "") -> Iterator[ArrayData | None]:
        """The data of a source, which stays open as long as it is read.

        Parameters
        ----------
        file, name : str
            Of the source, as HDF5 names them.
        base : str
            The address that file names were relative to when the virtual dataset was made.
        prefix : str, optional
            A folder where the file is looked for first.

        Yields
        ------
        ArrayData or None
            None where there is no such file, or no such dataset in it.

        Raises
        ------
        FormatError
            If the file is neither HDF5 nor LINDI, or the object is no dataset.
        AccessDeniedError, TransferError
            If the file may not be read, or cannot be.
        """
        with self._file(file, base, prefix) as opened:
            yield None if opened is None else _data(opened, name)

    def address(self, file: str, base: str, prefix: str = "") -> str | None:
        """Where a file is, None where there is none; see `dataset`."""
        with self._file(file, base, prefix) as opened:
            return None if opened is None else str(opened.source.address)

    @contextmanager
    def _file(self, name: str, base: str, prefix: str) -> Iterator[LindiH5pyFile | None]:
        found = self._view.file if name == OWN else None
        entry = None
        if found is None:
            for address in self.places.addresses(name, base, prefix):
                if self.places.is_own(address):
                    found = self._view.file
                    break
                entry = self._opened(address)
                if entry is not None:
                    found = entry.file
                    break
        try:
            yield found
        finally:
            if entry is not None:
                self._done(entry)

    def _opened(self, address: str) -> _Open | None:
        """What is open at an address, with one user more, opened now where it is not."""
        from lindi_explorer.h5.opening.open import open_linked  # it imports this

        state = _state(address)
        with self._lock:
            entry = self._used(address, state)
            if entry is not None or address in self._absent:
                return entry
        try:
            # Without the lock: it may take as long as a server likes, and others go on reading.
            file = open_linked(self._view.reader, address)
        except MissingFileError:
            if is_remote(address):
                # To ask again would be a request each time.
                self._absent.add(address)
            return None
        with self._lock:
            entry = self._used(address, state)
            if entry is not None:
                file.close()  # another thread was there first
                return entry
            self._take_out([address])
            too_many = max(0, len(self._open) + 1 - _MOST_OPEN)
            self._take_out([name for name, one in self._open.items() if not one.users][:too_many])
            entry = self._open[address] = _Open(file, state)
            entry.users = 1
        return entry

    def _used(self, address: str, state: Any) -> _Open | None:
        entry = self._open.get(address)
        if entry is None or entry.state != state:
            return None
        self._open.move_to_end(address)
        entry.users += 1
        return entry

    def _done(self, entry: _Open) -> None:
        with self._lock:
            entry.users -= 1
            if entry.is_out and not entry.users:
                entry.file.close()

    def _take_out(self, addresses: Iterable[str]) -> None:
        """Close files; those that somebody reads from, as soon as nobody does."""
        for address in addresses:
            entry = self._open.pop(address, None)
            if entry is None:
                continue
            entry.is_out = True
            if not entry.users:
                entry.file.close()

    def close(self) -> None:
        """Close the files."""
        with self._lock:
            for entry in self._open.values():
                entry.file.close()
            self._open.clear()


def _is_local_hdf5(file: LindiH5pyFile) -> bool:
    return file.source.kind == "local" and file.source.format == "HDF5"


def _state(address: str) -> Any:
    """What tells whether a local file was written since: HDF5, too, reads what is there now."""
    if is_remote(address):
        return None
    try:
        status = Path(address).stat()
    except (OSError, ValueError):
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns


def _data(file: LindiH5pyFile, name: str) -> ArrayData | None:
    try:
        found = file[f"/{name.lstrip('/')}"]
    except NodeNotFoundError:
        return None
    if not isinstance(found, h5py.Dataset):
        raise FormatError(
            f"{found.name} of {file.source.name}, a source of a virtual dataset, is no dataset",
            hint="The other file has been changed.",
        )
    data: ArrayData = found.id.view.data(found.id.path)
    return data
