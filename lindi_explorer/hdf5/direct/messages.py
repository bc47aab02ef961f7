"""Messages of object headers that are read here: dataspaces, attributes, layouts."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import NamedTuple

import h5py

from lindi_explorer.hdf5.direct.source import UNDEFINED, OddError

_MOST_AXES = 32
_OLD_SPACE, _NEW_SPACE = 1, 2
_NULL = 2
_UNLIMITED = UNDEFINED

_ATTRIBUTE = struct.Struct("<BBHHH")
_PADDED, _TIGHT, _WITH_CHARSET = 1, 2, 3


class Space(NamedTuple):
    """A dataspace.

    Attributes
    ----------
    shape : tuple of int or None
        None for a null dataspace.
    maxshape : tuple of (int or None) or None
    """

    shape: tuple[int, ...] | None
    maxshape: tuple[int | None, ...] | None


def dataspace(body: bytes) -> Space:
    """Read a dataspace message (section IV.A.2.b).

    Parameters
    ----------
    body : bytes

    Returns
    -------
    Space
    """
    version, axes, flags = body[0], body[1], body[2]
    if axes > _MOST_AXES or flags & ~1:
        raise OddError
    if version == _OLD_SPACE:
        at = 8
    elif version == _NEW_SPACE:
        at = 4
        if body[3] == _NULL:
            return Space(None, None)
        if body[3] != bool(axes):
            raise OddError
    else:
        raise OddError
    if not axes:
        return Space((), ())
    shape = struct.unpack_from(f"<{axes}Q", body, at)
    if not flags:
        return Space(shape, shape)
    limits = struct.unpack_from(f"<{axes}Q", body, at + 8 * axes)
    return Space(shape, tuple(None if limit == _UNLIMITED else limit for limit in limits))


class Attribute(NamedTuple):
    """One attribute; ``space`` is its dataspace message, ``kind`` its datatype message."""

    name: str
    kind: bytes
    space: bytes
    data: bytes


def attribute(body: bytes) -> Attribute:
    """Read an attribute message (section IV.A.2.m).

    Parameters
    ----------
    body : bytes

    Returns
    -------
    Attribute
    """
    version, flags, name, kind, space = _ATTRIBUTE.unpack_from(body)
    at = 8
    if version == _WITH_CHARSET:
        at = 9
    elif version not in (_PADDED, _TIGHT):
        raise OddError
    if flags and version != _PADDED:  # type or dataspace are shared
        raise OddError
    step = 8 if version == _PADDED else 1
    kind_at = at + -(-name // step) * step
    space_at = kind_at + -(-kind // step) * step
    data_at = space_at + -(-space // step) * step
    text = body[at : at + name]
    # The name ends with its only NUL.
    if data_at > len(body) or text.find(b"\0") != name - 1:
        raise OddError
    return Attribute(
        text[:-1].decode("utf-8", "surrogateescape"),
        body[kind_at : kind_at + kind],
        body[space_at : space_at + space],
        body[data_at:],
    )


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the data of a dataset is (section IV.A.2.i).

    Attributes
    ----------
    kind : int
        ``h5py.h5d.COMPACT``, ``CONTIGUOUS`` or ``CHUNKED``.
    address : int or None
        Of contiguous data or of the chunk index; None where nothing is allocated.
    size : int
        Bytes of compact or contiguous data.
    chunks : tuple of int or None
    data : bytes
        Compact data.
    index : bytes
        How the chunk index of a newer file is made: the message from the type of the index on, without the
        address. Empty for a version 1 B-tree.
    flags : int
        Of a newer chunked layout.
    itemsize : int
        Bytes of an element of chunked data.
    """

    kind: int
    address: int | None
    size: int = 0
    chunks: tuple[int, ...] | None = None
    data: bytes = b""
    index: bytes = b""
    flags: int = 0
    itemsize: int = 0

    @property
    def edges_filtered(self) -> bool:
        """Whether chunks that reach beyond the data go through the filters as all others do."""
        return not self.flags & _EDGES_AS_THEY_ARE


_EDGES_AS_THEY_ARE = 1
_COMPACT, _CONTIGUOUS, _CHUNKED = range(3)
_USUAL = 3
_NEWER = (4, 5)


def layout(body: bytes, itemsize: int) -> Layout:
    """Read a layout message.

    Parameters
    ----------
    body : bytes
    itemsize : int
        Bytes of an element in the file, which the layout repeats.

    Returns
    -------
    Layout
    """
    version, kind = body[0], body[1]
    if version != _USUAL and version not in _NEWER:
        raise OddError
    if kind == _COMPACT:
        size = int.from_bytes(body[2:4], "little")
        if 4 + size > len(body):
            raise OddError
        return Layout(h5py.h5d.COMPACT, None, size, data=body[4 : 4 + size])
    if kind == _CONTIGUOUS:
        address, size = struct.unpack_from("<QQ", body, 2)
        return Layout(h5py.h5d.CONTIGUOUS, _address(address), size)
    if kind != _CHUNKED:
        raise OddError
    if version == _USUAL:
        axes = body[2] - 1
        (address,) = struct.unpack_from("<Q", body, 3)
        *chunks, size = struct.unpack_from(f"<{axes + 1}I", body, 11)
        index, flags = b"", 0
    else:
        flags, axes, width = body[2], body[3] - 1, body[4]
        end = 5 + (axes + 1) * width
        *chunks, size = (int.from_bytes(body[at : at + width], "little") for at in range(5, end, width))
        index = body[end:]
        address = UNDEFINED
    if axes < 1 or size != itemsize or 0 in chunks or (version in _NEWER and not index):
        raise OddError
    return Layout(
        h5py.h5d.CHUNKED,
        _address(address),
        chunks=tuple(chunks),
        index=index,
        flags=flags,
        itemsize=itemsize,
    )


def _address(address: int) -> int | None:
    return None if address == UNDEFINED else address
