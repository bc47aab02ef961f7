"""Fixed and extensible arrays of chunks (sections VII.C and VII.D): the entries, in the order of the grid."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from lindi_explorer.hdf5.direct.source import UNDEFINED, OddError, Source, checked

_CHECKSUM = 4
_FRAME = 14
"""Signature, version, client and the header's address, with which every block begins."""

_FIXED = struct.Struct("<4sBBBBQQ")
_EXTENSIBLE = struct.Struct("<4sBBBBBBBB32xQ8xQ")
_MOST_ENTRIES = 1 << 27
_MOST_BITS = 62


@dataclass(frozen=True, slots=True)
class Entries:
    """The entries of an array.

    Attributes
    ----------
    width : int
        Bytes of an entry: address, and size and filter mask where there are filters.
    data : bytes
        All of them; what was never written has an undefined address.
    """

    width: int
    data: bytes


@dataclass(frozen=True, slots=True)
class _Blocks:
    """Data blocks of one array; those of more entries than a page come in pages."""

    source: Source
    width: int
    page: int

    def pages(self, count: int) -> int:
        """Pages of a block of so many entries; 0 if it is not cut."""
        return -(-count // self.page) if count > self.page else 0

    def read(
        self, signature: bytes, address: int, count: int, extra: int, written: Callable[[int], bool] | None
    ) -> bytes:
        """The entries of one block.

        Parameters
        ----------
        signature : bytes
        address, count : int
        extra : int
            Bytes behind the frame.
        written : callable or None
            Whether a page has been written; None where the block says it itself, in its extra bytes.
        """
        if address == UNDEFINED:
            return b"\xff" * (count * self.width)
        head, pages = _FRAME + extra, self.pages(count)
        if not pages:
            data = checked(self.source.read(address, head + count * self.width + _CHECKSUM))
            return _signed(data, signature)[head:-_CHECKSUM]
        start = head + _CHECKSUM
        data = self.source.read(address, start + count * self.width + pages * _CHECKSUM)
        _signed(checked(data[:start]), signature)
        is_written = _bits(data[_FRAME:head]) if written is None else written
        return b"".join(self._pages(data, start, count, is_written))

    def _pages(self, data: bytes, at: int, count: int, is_written: Callable[[int], bool]) -> Iterator[bytes]:
        for number in range(self.pages(count)):
            size = min(self.page, count - number * self.page) * self.width
            if is_written(number):
                yield checked(data[at : at + size + _CHECKSUM])[:-_CHECKSUM]
            else:
                yield b"\xff" * size
            at += size + _CHECKSUM


def _signed(data: bytes, signature: bytes) -> bytes:
    if data[:5] != signature + b"\0":
        raise OddError
    return data


def _bits(data: bytes, first: int = 0) -> Callable[[int], bool]:
    """Whether a bit is set, counted from the highest of each byte."""
    return lambda number: bool(data[(first + number) // 8] & 0x80 >> (first + number) % 8)


def fixed_array(source: Source, address: int) -> Entries:
    """The entries of a fixed array.

    Parameters
    ----------
    source : Source
    address : int
        Of its header.

    Returns
    -------
    Entries
    """
    data = _signed(checked(source.read(address, _FIXED.size + _CHECKSUM)), b"FAHD")
    _, _, _, width, page_bits, count, block = _FIXED.unpack_from(data)
    if page_bits > _MOST_BITS or count > _MOST_ENTRIES:
        raise OddError
    blocks = _Blocks(source, width, 1 << page_bits)
    return Entries(width, blocks.read(b"FADB", block, count, -(-blocks.pages(count) // 8), None))


def extensible_array(source: Source, address: int) -> Entries:
    """The entries of an extensible array, up to the last one that has been set.

    Parameters
    ----------
    source : Source
    address : int
        Of its header.

    Returns
    -------
    Entries
    """
    data = _signed(checked(source.read(address, _EXTENSIBLE.size + _CHECKSUM)), b"EAHD")
    _, _, _, width, bits, inline, least, pointers, page_bits, count, index = _EXTENSIBLE.unpack_from(data)
    if max(page_bits, bits) > _MOST_BITS or count > _MOST_ENTRIES or not least or not pointers:
        raise OddError
    shape = _Extensible(_Blocks(source, width, 1 << page_bits), -(-bits // 8), bits, inline, least, pointers)
    parts: list[bytes] = []
    length = 0
    for part in shape.parts(index):
        parts.append(part)
        length += len(part)
        if length >= count * width:
            break
    if length < count * width:
        raise OddError
    return Entries(width, b"".join(parts)[: count * width])


@dataclass(frozen=True, slots=True)
class _Extensible:
    """The shape of an extensible array; the names are those of `remote.walk.chunk_array`."""

    blocks: _Blocks
    block_offset: int
    bits: int
    inline: int
    least: int
    pointers: int

    def parts(self, address: int) -> Iterator[bytes]:
        """The entries, block by block; those of blocks that are not there are undefined."""
        if address == UNDEFINED:
            return
        first_super = 2 * (self.pointers.bit_length() - 1)
        supers = max(0, 1 + self.bits - (self.least.bit_length() - 1) - first_super)
        direct = 2 * (self.pointers - 1)
        held = self.inline * self.blocks.width
        data = checked(self.blocks.source.read(address, _FRAME + held + (direct + supers) * 8 + _CHECKSUM))
        _signed(data, b"EAIB")
        yield data[_FRAME : _FRAME + held]
        addresses = iter(struct.unpack_from(f"<{direct + supers}Q", data, _FRAME + held))
        for number in range(first_super):
            blocks, count = self._blocks_in(number)
            if self.blocks.pages(count):
                raise OddError
            for _ in range(blocks):
                yield self.blocks.read(b"EADB", next(addresses), count, self.block_offset, None)
        for number in range(first_super, first_super + supers):
            yield from self._super_block(next(addresses), number)

    def _blocks_in(self, super_block: int) -> tuple[int, int]:
        return 1 << (super_block // 2), self.least << ((super_block + 1) // 2)

    def _super_block(self, address: int, number: int) -> Iterator[bytes]:
        blocks, count = self._blocks_in(number)
        if address == UNDEFINED:
            for _ in range(blocks):
                yield b"\xff" * (count * self.blocks.width)
            return
        bitmap = -(-self.blocks.pages(count) // 8)
        head = _FRAME + self.block_offset + blocks * bitmap
        data = _signed(checked(self.blocks.source.read(address, head + blocks * 8 + _CHECKSUM)), b"EASB")
        bits = data[_FRAME + self.block_offset : head]
        for at, block in enumerate(struct.unpack_from(f"<{blocks}Q", data, head)):
            written = _bits(bits[at * bitmap : (at + 1) * bitmap])
            yield self.blocks.read(b"EADB", block, count, self.block_offset, written)
