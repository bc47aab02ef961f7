"""Version 2 B-trees of chunks (section III.A.2, record types 10 and 11)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from lindi_explorer.hdf5.direct.source import OddError, Source, checked
from lindi_explorer.remote.hdf5_shapes import count_widths

_HEAD = struct.Struct("<4sBBIHHBBQHQ")
_CHECKSUM = 4
_NODE = 6
_DEEPEST = 16
_CHUNKS, _FILTERED_CHUNKS = 10, 11


@dataclass(frozen=True, slots=True)
class Records:
    """The records of a tree.

    Attributes
    ----------
    width : int
        Bytes of a record.
    data : bytes
    """

    width: int
    data: bytes


def tree2_records(source: Source, address: int, most: int) -> Records:
    """All records of a tree of chunks, in its order.

    Parameters
    ----------
    source : Source
    address : int
        Of its header.
    most : int
        Places in the grid of chunks.

    Returns
    -------
    Records
    """
    data = checked(source.read(address, _HEAD.size + _CHECKSUM))
    signature, version, kind, node, width, depth, _, _, root, count, total = _HEAD.unpack_from(data)
    if signature != b"BTHD" or version or kind not in (_CHUNKS, _FILTERED_CHUNKS) or not width:
        raise OddError
    if depth > _DEEPEST or total > most or total * width > source.end:
        raise OddError
    if not total:
        return Records(width, b"")
    tree = _Tree(source, kind, width, *count_widths(node, width, depth), set())
    records = b"".join(tree.records(root, count, depth))
    if len(records) != total * width:
        raise OddError
    return Records(width, records)


@dataclass(frozen=True, slots=True)
class _Tree:
    source: Source
    kind: int
    width: int
    count_width: int
    total_widths: list[int]
    seen: set[int]

    def records(self, address: int, count: int, height: int) -> Iterator[bytes]:
        """The records in and below a node, in order."""
        if address in self.seen:
            raise OddError
        self.seen.add(address)
        pointer = 8 + self.count_width + self.total_widths[height - 1] if height else 0
        end = _NODE + count * self.width
        length = end + (count + 1) * pointer + _CHECKSUM
        data = checked(self.source.read(address, length))
        if data[:6] != (b"BTIN" if height else b"BTLF") + bytes((0, self.kind)):
            raise OddError
        if not height:
            yield data[_NODE:end]
            return
        for number in range(count + 1):
            at = end + number * pointer
            child = int.from_bytes(data[at : at + 8], "little")
            inside = int.from_bytes(data[at + 8 : at + 8 + self.count_width], "little")
            yield from self.records(child, inside, height - 1)
            if number < count:
                yield data[_NODE + number * self.width : _NODE + (number + 1) * self.width]
