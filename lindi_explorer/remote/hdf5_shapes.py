"""What follows from the header of one of HDF5's indexes: formulas of its format, without any reading.

Reading ahead (`remote.walk`) and reading without HDF5 (`hdf5.direct`) both need them.
"""

from __future__ import annotations

from dataclasses import dataclass

_NODE_FRAME = 10
"""Signature, version, type and checksum of a node."""


def count_widths(node: int, record: int, depth: int, offset_width: int = 8) -> tuple[int, list[int]]:
    """How wide the counts are that a version 2 B-tree keeps beside the address of a child.

    They follow from the most records that nodes can hold.

    Parameters
    ----------
    node, record : int
        Bytes of a node, and of a record.
    depth : int
        Of the tree; 0 if its root is a leaf.
    offset_width : int, optional
        Bytes of an address.

    Returns
    -------
    int
        Bytes of the number of records in a child.
    list of int
        Bytes of the number of records in and below a child, by its height above the leaves.
    """
    room = node - _NODE_FRAME
    most = room // record
    count_width = _bytes_for(most)
    total, total_widths = most, [0]
    for height in range(1, depth + 1):
        pointer = offset_width + count_width + total_widths[height - 1]
        most = max(0, (room - pointer) // (record + pointer))
        total = (most + 1) * total + most
        total_widths.append(_bytes_for(total))
    return count_width, total_widths


def _bytes_for(number: int) -> int:
    return -(-number.bit_length() // 8)


def page_count(entries: int, page: int) -> int:
    """Pages of an array's data block; 0 if it is not longer than one, and not cut."""
    return -(-entries // page) if entries > page else 0


@dataclass(frozen=True, slots=True)
class ExtensibleShape:
    """The shape of an extensible array.

    Attributes
    ----------
    bits : int
        Of the number of an entry.
    inline : int
        Entries in the index block.
    least : int
        Entries of the smallest data block; not 0.
    pointers : int
        The fewest data blocks of a super block that stands apart; not 0.
    """

    bits: int
    inline: int
    least: int
    pointers: int

    @property
    def block_offset(self) -> int:
        """Bytes that say where a block begins in the array."""
        return -(-self.bits // 8)

    @property
    def direct(self) -> int:
        """Data blocks that the index block points to by itself."""
        return 2 * (self.pointers - 1)

    @property
    def first_super(self) -> int:
        """The first super block that stands apart."""
        return 2 * (self.pointers.bit_length() - 1)

    @property
    def supers(self) -> int:
        """Super blocks that stand apart."""
        return max(0, 1 + self.bits - (self.least.bit_length() - 1) - self.first_super)

    def blocks_in(self, super_block: int) -> tuple[int, int]:
        """Data blocks of a super block, and the entries of each."""
        return 1 << (super_block // 2), self.least << ((super_block + 1) // 2)
