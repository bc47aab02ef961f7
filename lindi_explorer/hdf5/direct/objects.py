"""The plain objects of one file: their headers, types and texts."""

from __future__ import annotations

import math
import struct
from collections import OrderedDict
from collections.abc import Callable
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np

from lindi_explorer.hdf5.direct.header import ATTRIBUTE, ATTRIBUTE_INFO, CACHE_IMAGE, Header, read_header
from lindi_explorer.hdf5.direct.heap import GlobalHeap
from lindi_explorer.hdf5.direct.kinds import Kind, Kinds
from lindi_explorer.hdf5.direct.messages import Attribute, attribute, dataspace
from lindi_explorer.hdf5.direct.source import UNDEFINED, OddError, source_of

if TYPE_CHECKING:
    from lindi_explorer.hdf5.direct.source import Source

_SIGNATURE = b"\x89HDF\r\n\x1a\n"
_WIDTHS = b"\x08\x08"
_KEPT_HEADERS = 4096
_LARGEST_KEPT = 8 << 10
_MESSAGE_COST = 128
"""Bytes of memory: of a header that is kept (others are read again), and of a message beside its body."""


class Objects:
    """What is read of a file's objects without HDF5.

    Parameters
    ----------
    source : Source
    chunk_k : int
        Half of the most entries in a node of a version 1 chunk index.

    Attributes
    ----------
    target : callable
        Finds the object at an address, or raises `OddError`; who knows the names of objects sets it.
    """

    def __init__(self, source: Source, chunk_k: int) -> None:
        self.source = source
        self.chunk_k = chunk_k
        self.kinds = Kinds()
        self.heap = GlobalHeap(source)
        self._headers: OrderedDict[int, Header] = OrderedDict()
        self._latest: tuple[int, Header] | None = None
        self.target: Callable[[int], Any] = self.header

    def header(self, address: int) -> Header:
        """The header of the object at an address; see `read_header`. The latest and short ones are kept."""
        header, latest = self._headers.get(address), self._latest
        if header is not None:
            return header
        if latest is None or latest[0] != address:
            self._latest = latest = address, read_header(self.source, address)
            if _cost(latest[1]) <= _LARGEST_KEPT:
                # The search for names looks at them all before the index does.
                self._headers[address] = latest[1]
                if len(self._headers) > _KEPT_HEADERS:
                    self._headers.popitem(last=False)
        return latest[1]

    def attributes(self, header: Header) -> list[Attribute]:
        """The attributes of an object, in HDF5's order.

        Parameters
        ----------
        header : Header

        Returns
        -------
        list of Attribute
        """
        info = header.only(ATTRIBUTE_INFO)
        if info is not None and _is_dense(info):
            raise OddError
        found = [(order, attribute(body)) for order, body in header.messages.get(ATTRIBUTE, ())]
        if header.tracked:
            return [one for _order, one in sorted(found, key=lambda pair: pair[0])]
        listed = sorted((one for _order, one in found), key=_bytewise)
        if any(first.name == second.name for first, second in pairwise(listed)):
            raise OddError
        return listed

    def text(self, header: Header, name: str) -> str | None:
        """The text of an attribute.

        Parameters
        ----------
        header : Header
        name : str

        Returns
        -------
        str or None
            None where there is no such attribute.
        """
        for found in self.attributes(header):
            if found.name == name:
                kind = self.kinds.kind(found.kind)
                if not kind.text or dataspace(found.space).shape != ():
                    raise OddError
                return self.one_text(found.data).decode("utf-8", "surrogateescape")
        return None

    def one_text(self, data: bytes, at: int = 0) -> bytes:
        """One text of variable length; HDF5 ends it at its first NUL."""
        return self.heap.element(data, at).partition(b"\0")[0]

    def values(self, kind: Kind, shape: tuple[int, ...], data: bytes) -> np.ndarray[Any, Any]:
        """An array of a dataset's or attribute's bytes.

        Parameters
        ----------
        kind : Kind
        shape : tuple of int
        data : bytes
            May be longer.

        Returns
        -------
        numpy.ndarray
            As h5py reads it: variable-length texts as bytes, the axes of an array type last. References are
            the addresses they hold.
        """
        count = math.prod(shape)
        if count * kind.size > len(data):
            raise OddError
        if kind.exact and not kind.opaque:
            items = count * math.prod(kind.axes)
            return np.frombuffer(data, kind.base, items).reshape(shape + kind.axes).copy()
        out = np.zeros(count, dtype=kind.dtype)
        if kind.text:
            out[:] = [self.one_text(data, at) for at in range(0, count * kind.size, kind.size)]
        elif kind.reference:
            out[:] = self._addresses(np.frombuffer(data, "<u8", count))
        elif kind.rows is not None:
            rows = np.frombuffer(data, kind.rows, count)
            addresses = kind.addresses
            for name in kind.rows.names or ():
                out[name] = self._addresses(rows[name]) if name in addresses else rows[name]
        else:
            raise OddError
        return out.reshape(shape)

    def _addresses(self, addresses: np.ndarray[Any, Any]) -> list[int]:
        """Addresses of objects, each of which has a name and can be told of."""
        found: list[int] = addresses.tolist()
        for address in set(found):
            if address:
                self.target(address)
        return found


def _cost(header: Header) -> int:
    """Bytes of memory that a header takes."""
    return sum(len(body) + _MESSAGE_COST for found in header.messages.values() for _order, body in found)


def _bytewise(found: Attribute) -> bytes:
    """HDF5 orders names by their bytes."""
    return found.name.encode("utf-8", "surrogateescape")


def _is_dense(body: bytes) -> bool:
    """Whether attributes are in a heap of their own (section IV.A.2.v): its address follows the flags."""
    at = 4 if body[1] & 1 else 2
    return body[0] != 0 or int.from_bytes(body[at : at + 8], "little") != UNDEFINED


def objects_of(file: h5py.File) -> Objects | None:
    """What can be read of a file without HDF5.

    Parameters
    ----------
    file : h5py.File

    Returns
    -------
    Objects or None
        None where bytes and addresses are not those of a plain file (section II).
    """
    source = source_of(file)
    if source is None:
        return None
    try:
        head = source.some(0, 64)
    except OddError:
        return None
    if head[:8] != _SIGNATURE:
        return None
    version = head[8]
    if version in _OLD_SUPERBLOCKS:
        sizes, base, chunk_k = head[13:15], head[24:32], 32
        if version == 1:
            base, chunk_k = head[28:36], int.from_bytes(head[24:26], "little")
    elif version in _NEW_SUPERBLOCKS and not head[11] and _is_plain_extension(source, head[20:28]):
        sizes, base, chunk_k = head[9:11], head[12:20], 32
    else:
        return None
    return Objects(source, chunk_k) if sizes == _WIDTHS and not any(base) else None


def _is_plain_extension(source: Source, address: bytes) -> bool:
    """Whether what extends a superblock leaves every object where its address says (section II.C).

    Flags in the superblock itself tell of somebody who is writing; the state of a cache, which may be kept
    in the file, is newer than what stands at the addresses.
    """
    place = int.from_bytes(address, "little")
    if place == UNDEFINED:
        return True
    try:
        return CACHE_IMAGE not in read_header(source, place, last=CACHE_IMAGE).messages
    except (OddError, struct.error, IndexError):
        return False


_OLD_SUPERBLOCKS, _NEW_SUPERBLOCKS = (0, 1), (2, 3)
