"""Object headers (sections IV.A.1.a, IV.A.1.b): the messages that make up a group, dataset or type."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from lindi_explorer.hdf5.direct.source import OddError, Source, checked

DATASPACE, LINK_INFO, DATATYPE, OLD_FILL, FILL, EXTERNAL, LAYOUT = 0x01, 0x02, 0x03, 0x04, 0x05, 0x07, 0x08
LINK, FILTERS, ATTRIBUTE, SYMBOL_TABLE, ATTRIBUTE_INFO = 0x06, 0x0B, 0x0C, 0x11, 0x15
_CONTINUATION, _LINK_COUNT = 0x10, 0x16
CACHE_IMAGE = 0x18
_LAST = 0x16
"""Of the messages that objects have; superblocks have two more."""
_SHARED, _UNKNOWN_FAILS = 0x02, 0x80

_GUESS = 512
"""What HDF5 itself reads of a header before it knows its length, and so what is fetched ahead of it."""

_ORDER_TRACKED = 0x01

_MOST_BLOCKS = 64
_MOST_BYTES = 1 << 20

_V1 = struct.Struct("<BxHII")
_V1_MESSAGE = struct.Struct("<HHB3x")
_V2_MESSAGE = struct.Struct("<BHB")
_V2_ORDERED = struct.Struct("<BHBH")
_RANGE = struct.Struct("<QQ")


Messages = dict[int, list[tuple[int, bytes]]]


@dataclass(slots=True)
class Header:
    """What the header of one object says.

    Attributes
    ----------
    messages : dict
        Kind -> for each message its order of creation (0 where it is not kept) and its body.
    links : int
        Hard links that lead to the object.
    tracked : bool
        Whether the order in which attributes were made is kept.
    """

    messages: Messages
    links: int
    tracked: bool

    def only(self, kind: int) -> bytes | None:
        """The body of the only message of a kind; None where there is none."""
        found = self.messages.get(kind)
        if found is None:
            return None
        if len(found) > 1:
            raise OddError
        return found[0][1]


def read_header(source: Source, address: int, last: int = _LAST) -> Header:
    """Read the header of the object at an address.

    Parameters
    ----------
    source : Source
    address : int
    last : int
        The last kind of message that is known.

    Returns
    -------
    Header

    Raises
    ------
    OddError
        If it is not plain.
    """
    data = source.some(address, _GUESS)
    try:
        new = data[:4] == b"OHDR"
        return _new(source, address, data, last) if new else _old(source, address, data)
    except (struct.error, IndexError):
        raise OddError from None


def is_plain_group(header: Header) -> bool:
    """Whether an object is a group that does not list its links in the order in which they were made.

    Parameters
    ----------
    header : Header

    Returns
    -------
    bool
    """
    info = header.only(LINK_INFO)
    if info is None:
        return header.only(SYMBOL_TABLE) is not None
    return info[0] == 0 and not info[1] & _ORDER_TRACKED


def _old(source: Source, address: int, data: bytes) -> Header:
    version, count, links, length = _V1.unpack_from(data)
    if version != 1 or length > _MOST_BYTES:
        raise OddError
    if 16 + length > len(data):
        data = source.read(address, 16 + length)
    messages: Messages = {}
    blocks = [(data, 16, 16 + length)]
    # Continuations are appended while the list is gone through.
    for block, at, end in blocks:
        while at + 8 <= end:
            kind, size, flags = _V1_MESSAGE.unpack_from(block, at)
            at += 8 + size  # noqa: PLW2901 - the place in this block
            if at > end:
                raise OddError
            _check(kind, flags)
            body = block[at - size : at]
            if kind == _CONTINUATION:
                start, size = _RANGE.unpack_from(body)
                blocks.append((_continued(source, start, size, blocks), 0, size))
            messages.setdefault(kind, []).append((0, body))
            count -= 1
    # The count of links stands in the prefix: HDF5 refuses a header that has both.
    if count or _LINK_COUNT in messages:
        raise OddError
    return Header(messages, links, tracked=False)


def _new(source: Source, address: int, data: bytes, last: int) -> Header:
    if data[4] != 2:
        raise OddError
    flags = data[5]
    start = 6 + (16 if flags & 0x20 else 0) + (4 if flags & 0x10 else 0)
    width = 1 << (flags & 0x03)
    length = int.from_bytes(data[start : start + width], "little")
    start += width
    if length > _MOST_BYTES:
        raise OddError
    end = start + length
    if end + 4 > len(data):
        data = source.read(address, end + 4)
    ordered = bool(flags & 0x04)
    messages: Messages = {}
    blocks = [(checked(data[: end + 4]), start, end)]
    links = 1
    for block, at, stop in blocks:
        for kind, order, body in _packed(block, at, stop, last, ordered=ordered):
            if kind == _CONTINUATION:
                where, size = _RANGE.unpack_from(body)
                more = checked(_continued(source, where, size, blocks))
                if more[:4] != b"OCHK":
                    raise OddError
                blocks.append((more, 4, size - 4))
            elif kind == _LINK_COUNT:
                links = int.from_bytes(body[1:5], "little")
            messages.setdefault(kind, []).append((order, body))
    return Header(messages, links, tracked=ordered)


def _packed(data: bytes, at: int, end: int, last: int, *, ordered: bool) -> Iterator[tuple[int, int, bytes]]:
    head = 6 if ordered else 4
    # What is shorter than a message is a gap.
    while at + head <= end:
        if ordered:
            kind, size, flags, order = _V2_ORDERED.unpack_from(data, at)
        else:
            kind, size, flags = _V2_MESSAGE.unpack_from(data, at)
            order = 0
        at += head + size
        if at > end:
            raise OddError
        _check(kind, flags, last)
        yield kind, order, data[at - size : at]


def _check(kind: int, flags: int, last: int = _LAST) -> None:
    if kind > last or flags & (_SHARED | _UNKNOWN_FAILS):
        raise OddError


def _continued(source: Source, address: int, length: int, blocks: list[tuple[bytes, int, int]]) -> bytes:
    # Many blocks may be the same bytes of a file that somebody made for that.
    if length + sum(len(block) for block, _at, _end in blocks) > _MOST_BYTES or len(blocks) >= _MOST_BLOCKS:
        raise OddError
    return source.read(address, length)
