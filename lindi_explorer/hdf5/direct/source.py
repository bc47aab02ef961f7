"""The bytes of an open HDF5 file by their address."""

from __future__ import annotations

import os
import struct
import weakref
from typing import TYPE_CHECKING, Any, Protocol

from numcodecs.checksum32 import jenkins_lookup3

from lindi_explorer.hdf5.over_http import RemoteHdf5

if TYPE_CHECKING:
    import h5py

    from lindi_explorer.remote import RemoteFile

UNDEFINED = (1 << 64) - 1
"""The address of what has not been allocated."""


_CHECKSUM = 4
"""Bytes."""


class OddError(Exception):
    """Something is not plain: HDF5 reads it."""


NOT_PLAIN = (
    OddError,
    struct.error,
    IndexError,
    KeyError,
    MemoryError,
    OSError,
    OverflowError,
    RuntimeError,
    TypeError,
    ValueError,
)
"""What is raised where something is not plain, or where HDF5 was asked about it and could not read it."""


class Source(Protocol):
    """Where bytes come from.

    Attributes
    ----------
    end : int
        Bytes of the file.
    """

    end: int

    def read(self, address: int, length: int) -> bytes:
        """So many bytes; `OddError` where the file ends before."""

    def some(self, address: int, most: int) -> bytes:
        """So many bytes, or as many as there are; `OddError` where there are none."""


def checked(data: bytes) -> bytes:
    """The same bytes, if they end with their checksum, as all of HDF5's newer metadata does.

    Parameters
    ----------
    data : bytes

    Returns
    -------
    bytes

    Raises
    ------
    OddError
        If they do not.
    """
    if len(data) < _CHECKSUM or jenkins_lookup3(data[:-4], 0) != int.from_bytes(data[-4:], "little"):
        raise OddError
    return data


class LocalSource:
    """A file of this machine.

    Parameters
    ----------
    identifier : h5py.h5f.FileID
        Once it is closed, nothing is read any more: the file may be somebody else's.
    handle : int
        Descriptor of the file, which is closed with this object. Not HDF5's own: that one holds a lock.
    """

    def __init__(self, identifier: Any, handle: int) -> None:
        self._identifier = identifier
        self._handle = handle
        weakref.finalize(self, os.close, handle)
        self.end = os.fstat(handle).st_size

    def read(self, address: int, length: int) -> bytes:
        """See `Source.read`."""
        if address + length > self.end or not self._identifier.valid:
            raise OddError
        data = os.pread(self._handle, length, address)
        if len(data) != length:
            raise OddError
        return data

    def some(self, address: int, most: int) -> bytes:
        """See `Source.some`."""
        return self.read(address, max(min(most, self.end - address), 1))


class RemoteSource:
    """A file that is read over HTTP, through its pages.

    Parameters
    ----------
    remote : RemoteFile
    """

    def __init__(self, remote: RemoteFile) -> None:
        self._remote = remote
        self.end = remote.length

    def read(self, address: int, length: int) -> bytes:
        """See `Source.read`."""
        if address + length > self.end:
            raise OddError
        return self._remote.read_record(address, length)

    def some(self, address: int, most: int) -> bytes:
        """See `Source.some`."""
        return self.read(address, max(min(most, self.end - address), 1))


def source_of(file: h5py.File) -> Source | None:
    """The bytes of an open file.

    Parameters
    ----------
    file : h5py.File

    Returns
    -------
    Source or None
        None where they cannot be read beside HDF5: the file is being written, or lies in memory or in several
        files.
    """
    if isinstance(file, RemoteHdf5):
        return RemoteSource(file.remote)
    if file.mode != "r" or file.driver != "sec2" or not hasattr(os, "pread"):
        return None
    try:
        handle = os.open(file.filename, os.O_RDONLY)
    except OSError:
        return None
    own, theirs = os.fstat(handle), os.fstat(file.id.get_vfd_handle())
    if (own.st_dev, own.st_ino) != (theirs.st_dev, theirs.st_ino):
        os.close(handle)
        return None  # the path is another file's by now
    return LocalSource(file.id, handle)
