"""Looking around in a remote file: what is fetched before HDF5 asks for it."""

from __future__ import annotations

import threading
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

from lindi_explorer.errors import AccessDeniedError, TransferError
from lindi_explorer.hdf5.over_http import look_ahead
from lindi_explorer.references.keys import split

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from lindi_explorer.hdf5.over_http import RemoteHdf5

_PATIENCE = 8
"""Waits of HDF5 for metadata, one after the other, after which the whole hierarchy is fetched at once."""

_WALK = 3
"""Waits that looking ahead from one group counts for."""

_NEVER = -(1 << 62)
"""So many waits that nothing is read ahead any more."""

_MOST_BYTES = 64 << 20
"""Of a hierarchy that is fetched because somebody looks around in it."""

_NOTHING = nullcontext()


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
        self._inside = threading.local()

    def looking(self, path: str, *, listing: bool = False) -> AbstractContextManager[None]:
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
        if self._file.remote.is_walked or getattr(self._inside, "now", False):
            return _NOTHING
        return self._looking(path, listing=listing)

    @contextmanager
    def _looking(self, path: str, *, listing: bool) -> Iterator[None]:
        self._go_ahead(path, listing=listing)
        remote, before = self._file.remote, self._file.remote.waits
        self._inside.now = True
        try:
            yield
        finally:
            self._inside.now = False
            self._waits += remote.waits - before

    def _go_ahead(self, path: str, *, listing: bool) -> None:
        try:
            if self._waits >= _PATIENCE:
                self._waits = _NEVER  # once is enough: what it leaves out is beyond the limits
                self._file.remote.read_ahead(chunks=False, most_bytes=_MOST_BYTES)
            elif listing and self._waits >= 0 and self._listed.isdisjoint({path, split(path)[0]}):
                self._listed.add(path)
                self._waits += _WALK
                look_ahead(self._file, path)
        except (TransferError, AccessDeniedError):
            # Nobody has asked for this yet: HDF5 may do with less, and is told if it does not.
            self._waits = _NEVER
