"""Datatype messages (section IV.A.2.d): whether one is whole.

HDF5's decoder is given a pointer and no length. What an object header holds, HDF5 decodes within its bounds;
what is given to the decoder alone has to be looked over before.
"""

from __future__ import annotations

from lindi_explorer.hdf5.direct.source import OddError

_HEAD = 8
_VERSIONS = (1, 2, 3, 4, 5)
_TIGHT = 3
"""From this version on, nothing is padded; later ones differ in references, and know complex numbers."""
_DEEPEST = 16
_LARGEST_NUMBER = 16

_FIXED, _FLOAT, _TIME, _STRING, _BITFIELD, _OPAQUE, _COMPOUND, _REFERENCE, _ENUM, _VLEN, _ARRAY = range(11)
_PROPERTIES = {_FIXED: 4, _FLOAT: 12, _TIME: 2, _STRING: 0, _BITFIELD: 4, _REFERENCE: 0}
"""Bytes behind the head, of those kinds where they are always so many."""
_NUMBERS = {_FIXED, _FLOAT, _BITFIELD}


def check_whole(message: bytes) -> None:
    """Go through a datatype message.

    Parameters
    ----------
    message : bytes
        May be longer than what it says.

    Raises
    ------
    OddError
        If it is cut off, or says what cannot be.
    """
    _end(message, 0, 0)


def _size(message: bytes, at: int) -> int:
    return int.from_bytes(message[at + 4 : at + 8], "little")


def _end(message: bytes, head: int, depth: int) -> int:
    """Where the type whose head is at a place ends."""
    if head + _HEAD > len(message) or depth > _DEEPEST:
        raise OddError
    family, size = message[head] & 0x0F, _size(message, head)
    if _version(message, head) not in _VERSIONS or not size:
        raise OddError
    if family in _PROPERTIES:
        if family in _NUMBERS and size > _LARGEST_NUMBER:
            raise OddError
        end = head + _HEAD + _PROPERTIES[family]
    elif family in _WITH_PARTS:
        end = _WITH_PARTS[family](message, head, depth)
    else:
        raise OddError
    if end > len(message):
        raise OddError
    return end


def _version(message: bytes, head: int) -> int:
    return message[head] >> 4


def _count(message: bytes, head: int) -> int:
    return int.from_bytes(message[head + 1 : head + 3], "little")


def _after_name(message: bytes, at: int, version: int) -> int:
    end = message.find(b"\0", at)
    if end < 0:
        raise OddError
    length = end + 1 - at
    return at + (length if version >= _TIGHT else -(-length // 8) * 8)


def _opaque(message: bytes, head: int, _depth: int) -> int:
    return head + _HEAD + -(-message[head + 1] // 8) * 8


def _sequence(message: bytes, head: int, depth: int) -> int:
    return _end(message, head + _HEAD, depth + 1)


def _enum(message: bytes, head: int, depth: int) -> int:
    base = head + _HEAD
    at = _end(message, base, depth + 1)
    if message[base] & 0x0F != _FIXED:
        raise OddError
    for _ in range(_count(message, head)):
        at = _after_name(message, at, _version(message, head))
    return at + _count(message, head) * _size(message, base)


def _compound(message: bytes, head: int, depth: int) -> int:
    version, size, at = _version(message, head), _size(message, head), head + _HEAD
    width = (size.bit_length() + 7) // 8 if version >= _TIGHT else 4
    if not _count(message, head):
        raise OddError
    for _ in range(_count(message, head)):
        at = _after_name(message, at, version)
        offset = int.from_bytes(message[at : at + width], "little")
        at += width
        if version == 1:
            if at >= len(message) or message[at]:
                raise OddError  # an array, as it was said before there were array types
            at += 28
        end = _end(message, at, depth + 1)
        if offset + _size(message, at) > size:
            raise OddError
        at = end
    return at


def _array(message: bytes, head: int, depth: int) -> int:
    at, version = head + _HEAD, _version(message, head)
    if version == 1 or at >= len(message):
        raise OddError
    axes = message[at]
    return _end(message, at + (1 + 4 * axes if version >= _TIGHT else 4 + 8 * axes), depth + 1)


_WITH_PARTS = {_OPAQUE: _opaque, _COMPOUND: _compound, _ENUM: _enum, _VLEN: _sequence, _ARRAY: _array}
