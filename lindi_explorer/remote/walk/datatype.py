"""Datatype messages (format specification, IV.A.2.d): how large elements are, and what they point to."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from lindi_explorer.remote.walk.cursor import Cursor, OddError

if TYPE_CHECKING:
    from collections.abc import Iterator

FIXED_POINT, FLOATING_POINT, TIME, STRING, BITFIELD, OPAQUE = range(6)
COMPOUND, REFERENCE, ENUM, VARIABLE, ARRAY, COMPLEX = range(6, 12)
_DEEPEST = 32
_MOST_POINTERS = 4096
_SHORT = 512
# Bytes of the properties of types that hold no other types.
_PROPERTIES = {FIXED_POINT: 4, FLOATING_POINT: 12, TIME: 2, STRING: 0, BITFIELD: 4, REFERENCE: 0}
_REGION_REFERENCE = 1


class Kind(NamedTuple):
    """What the walk wants to know of a datatype.

    Attributes
    ----------
    family : int
        Its class.
    size : int
        Bytes of an element in the file.
    pointers : tuple of int
        Where in an element the addresses of global heap collections are.
    """

    family: int
    size: int
    pointers: tuple[int, ...] = ()

    @property
    def is_number(self) -> bool:
        """Whether elements are plain numbers; NumPy also counts compounds of two floats, which are few."""
        return self.family in {FIXED_POINT, FLOATING_POINT}


def datatype(message: bytes, offset_width: int) -> Kind:
    """Read a datatype message.

    Raises
    ------
    OddError
        If it is none.
    """
    return _remembered(message, offset_width) if len(message) <= _SHORT else _read(message, offset_width)


def _read(message: bytes, offset_width: int) -> Kind:
    return _datatype(Cursor(message, 0, offset_width), _DEEPEST)


# Thousands of attributes have the same few types.
_remembered = lru_cache(maxsize=256)(_read)


def _datatype(cursor: Cursor, deepest: int) -> Kind:
    if deepest == 0:
        raise OddError
    family, version = divmod(cursor.number(1), 16)[::-1]
    bits = cursor.number(3)
    size = cursor.number(4)
    if family == COMPOUND:
        pointers = tuple(_members(cursor, version, bits & 0xFFFF, size, deepest - 1))
        return Kind(family, size, pointers)
    if family == ARRAY:
        return Kind(family, size, _array(cursor, version, deepest - 1))
    if family == VARIABLE:
        _datatype(cursor, deepest - 1)
        return Kind(family, size, (4,))  # behind the number of elements
    if family == ENUM:
        base = _datatype(cursor, deepest - 1)
        for _ in range(bits & 0xFFFF):
            _name(cursor, version)
        cursor.skip((bits & 0xFFFF) * base.size)
    elif family == OPAQUE:
        cursor.skip(-(-(bits & 0xFF) // 8) * 8)
    elif family == COMPLEX:
        _datatype(cursor, deepest - 1)
    else:
        cursor.skip(_PROPERTIES.get(family, 0))
    is_region = family == REFERENCE and bits & 0x0F == _REGION_REFERENCE
    return Kind(family, size, (0,) if is_region else ())


def _members(cursor: Cursor, version: int, count: int, size: int, deepest: int) -> Iterator[int]:
    found = 0
    for _ in range(count):
        _name(cursor, version)
        start = cursor.number(4 if version < 3 else max(1, -(-size.bit_length() // 8)))
        copies = 1
        if version == 1:  # members may be arrays of up to four axes
            axes = cursor.number(1)
            cursor.skip(11)
            edges = [cursor.number(4) for _ in range(4)]
            copies = math.prod(edges[: min(axes, 4)])
        member = _datatype(cursor, deepest)
        found += copies * len(member.pointers)
        if found > _MOST_POINTERS:
            raise OddError
        if member.pointers:
            for copy in range(copies):
                yield from (start + copy * member.size + pointer for pointer in member.pointers)


def _array(cursor: Cursor, version: int, deepest: int) -> tuple[int, ...]:
    axes = cursor.number(1)
    cursor.skip(3 if version < 3 else 0)
    copies = math.prod(cursor.number(4) for _ in range(axes))
    cursor.skip(4 * axes if version < 3 else 0)
    base = _datatype(cursor, deepest)
    if copies * len(base.pointers) > _MOST_POINTERS:
        raise OddError
    if not base.pointers:
        return ()
    return tuple(copy * base.size + pointer for copy in range(copies) for pointer in base.pointers)


def _name(cursor: Cursor, version: int) -> None:
    """Pass over a name, which ends with a NUL and, before version 3, at a multiple of eight bytes."""
    end = cursor.data.find(b"\0", cursor.at)
    if end < 0:
        raise OddError
    length = end + 1 - cursor.at
    cursor.skip(length if version >= 3 else -(-length // 8) * 8)


def elements(cursor: Cursor) -> int:
    """How many elements a dataspace message says there are (IV.A.2.b)."""
    version, axes, _flags = cursor.number(1), cursor.number(1), cursor.number(1)
    if version == 1:
        cursor.skip(5)
    elif version == 2:
        if cursor.number(1) == 2:  # the null dataspace
            return 0
    else:
        raise OddError
    return math.prod(cursor.length() for _ in range(axes))
