"""Links of plain groups: symbol tables (sections III.A.1, III.B-D) and link messages (section IV.A.2.g)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from lindi_explorer.hdf5.direct.header import LINK, LINK_INFO, SYMBOL_TABLE, Header
from lindi_explorer.hdf5.direct.source import UNDEFINED, OddError, Source

_LARGEST_HEAP = 16 << 20
_MOST_LEVELS = 12
_TABLE = struct.Struct("<QQ")
_HEAP = struct.Struct("<4sB3xQQQ")
_NODE = struct.Struct("<4sBBHQQ")
_SYMBOLS = struct.Struct("<4sBxH")
_SYMBOL = struct.Struct("<QQI4xI12x")
_NOTHING_CACHED, _GROUP_CACHED, _SOFT = range(3)
_LEAF, _INTERNAL = 4, 16
"""Half of the most symbols and children of a node, where the superblock says nothing else."""


class Link(NamedTuple):
    """One link: a hard one has an address as its target, a soft one a path, others None."""

    name: bytes
    target: int | bytes | None


def links_of(source: Source, header: Header) -> list[Link]:
    """The links of a group, in the order of their names.

    Parameters
    ----------
    source : Source
    header : Header

    Returns
    -------
    list of Link

    Raises
    ------
    OddError
        If the group is not plain, or lists its links in the order in which they were made.
    """
    table = header.only(SYMBOL_TABLE)
    if table is not None:
        found = [*_old(source, *_TABLE.unpack_from(table))]
    else:
        _check_compact(header.only(LINK_INFO))
        found = [_message(body) for _order, body in header.messages.get(LINK, ())]
        found.sort(key=lambda link: link.name)
    names = [link.name for link in found]
    # HDF5 looks a name up where it would be if they are in order.
    if any(first >= second for first, second in pairwise(names)):
        raise OddError
    return found


def _check_compact(info: bytes | None) -> None:
    """Refuse groups whose links are in a heap of their own, or in another order (section IV.A.2.c)."""
    if info is None or info[0] != 0 or info[1] & 1:
        raise OddError
    at = 10 if info[1] & 1 else 2
    if int.from_bytes(info[at : at + 8], "little") != UNDEFINED:
        raise OddError


def _message(body: bytes) -> Link:
    version, flags = body[0], body[1]
    at = 2
    kind = 0
    if flags & 0x08:
        kind = body[at]
        at += 1
    at += (8 if flags & 0x04 else 0) + (1 if flags & 0x10 else 0)
    width = 1 << (flags & 0x03)
    length = int.from_bytes(body[at : at + width], "little")
    at += width
    name, at = body[at : at + length], at + length
    if version != 1 or flags & ~0x1F or not length or len(name) != length or b"\0" in name:
        raise OddError
    if kind == 0:
        (address,) = struct.unpack_from("<Q", body, at)
        return Link(name, address)
    (length,) = struct.unpack_from("<H", body, at)
    value = body[at + 2 : at + 2 + length]
    if len(value) != length or not length or (kind == 1 and b"\0" in value):
        raise OddError
    return Link(name, value if kind == 1 else None)


def _old(source: Source, tree: int, heap: int) -> Iterator[Link]:
    signature, version, size, _free, address = _HEAP.unpack(source.read(heap, _HEAP.size))
    if signature != b"HEAP" or version or size > _LARGEST_HEAP:
        raise OddError
    names = source.read(address, size)
    latest = b""
    for node in _symbol_nodes(source, tree, None, set()):
        for link in _symbols(source, node, names):
            if link.name <= latest:  # out of order: damage, which might go on for ever
                raise OddError
            latest = link.name
            yield link


def _symbol_nodes(source: Source, address: int, level: int | None, seen: set[int]) -> Iterator[int]:
    if address in seen:
        raise OddError
    seen.add(address)
    data = source.some(address, _NODE.size + 8 + 2 * _INTERNAL * 16)
    signature, kind, height, count, _left, _right = _NODE.unpack_from(data)
    expected = height if level is None else level
    if signature != b"TREE" or kind or height != expected or height > _MOST_LEVELS:
        raise OddError
    if len(data) < _NODE.size + 8 + 16 * count:
        data = source.read(address, _NODE.size + 8 + 16 * count)
    # Keys and children take turns, a key first.
    for at in range(_NODE.size + 8, _NODE.size + 8 + 16 * count, 16):
        (child,) = struct.unpack_from("<Q", data, at)
        if height:
            yield from _symbol_nodes(source, child, height - 1, seen)
        elif child in seen:
            raise OddError
        else:
            seen.add(child)
            yield child


def _symbols(source: Source, address: int, names: bytes) -> Iterator[Link]:
    data = source.some(address, _SYMBOLS.size + 2 * _LEAF * _SYMBOL.size)
    signature, version, count = _SYMBOLS.unpack_from(data)
    if signature != b"SNOD" or version != 1:
        raise OddError
    length = _SYMBOLS.size + count * _SYMBOL.size
    if len(data) < length:
        data = source.read(address, length)
    for at in range(_SYMBOLS.size, length, _SYMBOL.size):
        name, target, cached, soft = _SYMBOL.unpack_from(data, at)
        if cached in (_NOTHING_CACHED, _GROUP_CACHED):
            yield Link(_name(names, name), target)
        elif cached == _SOFT:
            yield Link(_name(names, name), _name(names, soft))
        else:
            raise OddError


def _name(names: bytes, at: int) -> bytes:
    end = names.find(b"\0", at)
    if end <= at:  # not ended, outside, or empty
        raise OddError
    return names[at:end]
