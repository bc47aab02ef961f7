"""Finding and opening what a virtual dataset is put together from."""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import h5py

from lindi_explorer.byterange import redact_url
from lindi_explorer.errors import FormatError, MissingFileError, NodeNotFoundError
from lindi_explorer.h5.elsewhere import ENDINGS, looked_for
from lindi_explorer.h5.virtual.mapping import OWN
from lindi_explorer.remote import is_remote

if TYPE_CHECKING:
    from lindi_explorer.h5.data import ArrayData
    from lindi_explorer.h5.file import LindiH5pyFile
    from lindi_explorer.h5.view import View

_MOST_OPEN = 32
"""Files that are kept open, the latest used: a virtual dataset may have thousands of sources."""


class _Open:
    """One open file, and how many read from it at this moment."""

    def __init__(self, file: LindiH5pyFile, state: Any) -> None:
        self.file = file
        self.state = state
        self.users = 0


class Sources:
    """The files that the virtual datasets of one file take their data from.

    Parameters
    ----------
    view : View
        Of the file with the virtual datasets.
    """

    def __init__(self, view: View) -> None:
        self._view = view
        self._open: OrderedDict[str, _Open] = OrderedDict()
        self._absent: set[str] = set()
        self._reads = 0
        self._lock = threading.RLock()

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
                    self._close({name for name, one in self._open.items() if _is_local_hdf5(one.file)})

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

    def is_own(self, name: str) -> bool:
        """Whether a name of a file leads to the file with the virtual datasets itself."""
        for address in self._addresses(name, "", ""):
            if self._is_own(address):
                return True
            if not is_remote(address) and os.path.lexists(address):
                break
        return False

    @contextmanager
    def _file(self, name: str, base: str, prefix: str) -> Iterator[LindiH5pyFile | None]:
        found = self._view.file if name == OWN else None
        entry = None
        if found is None:
            with self._lock:
                for address in self._addresses(name, base, prefix):
                    if self._is_own(address):
                        found = self._view.file
                        break
                    entry = self._opened(address)
                    if entry is not None:
                        entry.users += 1
                        found = entry.file
                        break
        try:
            yield found
        finally:
            if entry is not None:
                with self._lock:
                    entry.users -= 1

    def _addresses(self, name: str, base: str, prefix: str) -> list[str]:
        own = self._view.file.link_base
        places = [looked_for(name, place) for place in dict.fromkeys((own, base)) if place or not own]
        if name.startswith("/") and is_remote(own):
            # A file of the machine where the document was made is not taken for one that is missing.
            places.append([name])
        if prefix and not is_remote(name):
            places.insert(0, [f"{prefix}/{name}"])
        named = dict.fromkeys(address for place in places for address in place)
        # An HDF5 file that is not there may have been written as LINDI, as the one with the dataset was.
        return [*named, *(address + ending for address in named for ending in ENDINGS)]

    def _is_own(self, address: str) -> bool:
        own = self._view.file
        if own.source.kind != "local" or is_remote(address):
            return bool(own.source.kind == "remote" and redact_url(address) == own.source.address)
        if os.path.abspath(address) == own.source.address:  # noqa: PTH100 - as below
            return True
        try:
            return os.path.samefile(address, own.source.address)  # noqa: PTH121 - addresses are text
        except (OSError, ValueError):
            return False

    def _opened(self, address: str) -> _Open | None:
        from lindi_explorer.h5.open import open_linked  # it imports this

        state = _state(address)
        entry = self._open.get(address)
        if entry is not None and entry.state == state:
            self._open.move_to_end(address)
            return entry
        if address in self._absent:
            return None
        try:
            entry = _Open(open_linked(self._view.reader, address), state)
        except MissingFileError:
            if is_remote(address):
                # To ask again would be a request each time.
                self._absent.add(address)
            return None
        self._close({address})
        too_many = max(0, len(self._open) + 1 - _MOST_OPEN)
        self._close([name for name, one in self._open.items() if not one.users][:too_many])
        self._open[address] = entry
        return entry

    def _close(self, addresses: Iterable[str]) -> None:
        for address in addresses:
            entry = self._open.get(address)
            if entry is not None:
                del self._open[address]
                entry.file.close()

    def close(self) -> None:
        """Close the files."""
        with self._lock:
            self._close(list(self._open))


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
