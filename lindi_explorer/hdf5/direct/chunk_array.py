"""Fixed and extensible arrays of chunks (sections VII.C and VII.D): the entries, in the order of the grid."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from lindi_explorer.hdf5.direct.source import UNDEFINED, OddError, Source, checked
from lindi_explorer.remote.hdf5_shapes import ExtensibleShape, page_count

_CHECKSUM = 4
_FRAME = 14
"""Signature, version, client and the header's address, with which every block begins."""

_FIXED = struct.Struct("<4sBBBBQQ")
_EXTENSIBLE = struct.Struct("<4sBBBBBBBB32xQ8xQ")
_MOST_BITS = 62
_UNFILTERED, _FILTERED = 8, range(13, 21)
"""Bytes of an entry: an address; with a length of one to eight bytes and a filter mask."""

Part = tuple[int, bytes]
"""The number of the first entry, and the bytes of as many as there are together."""


@dataclass(frozen=True, slots=True)
class Entries:
    """The entries of an array.

    Attributes
    ----------
    width : int
        Bytes of an entry.
    parts : list of (int, bytes)
        Those that may have been written; others have not. An undefined address stands for none, too.
    """

    width: int
    parts: list[Part]


@dataclass(frozen=True, slots=True)
class _Blocks:
    """Data blocks of one array; those of more entries than a page come in pages."""

    source: Source
    width: int
    page: int

    def pages(self, count: int) -> int:
        """Pages of a block of so many entries; 0 if it is not cut."""
        return page_count(count, self.page)

    def read(
        self,
        signature: bytes,
        address: int,
        entries: range,
        extra: int,
        written: Callable[[int], bool] | None = None,
    ) -> Iterator[Part]:
        """The entries of one block.

        Parameters
        ----------
        signature : bytes
        address : int
        entries : range
            Their numbers in the array.
        extra : int
            Bytes behind the frame.
        written : callable or None
            Whether a page has been written; None where the block says it itself, in its extra bytes.
        """
        if address == UNDEFINED:
            return
        head, count = _FRAME + extra, len(entries)
        pages = self.pages(count)
        if not pages:
            data = checked(self.source.read(address, head + count * self.width + _CHECKSUM))
            yield entries.start, _signed(data, signature)[head:-_CHECKSUM]
            return
        start = head + _CHECKSUM
        data = self.source.read(address, start + count * self.width + pages * _CHECKSUM)
        _signed(checked(data[:start]), signature)
        is_written = _bits(data[_FRAME:head]) if written is None else written
        for number in range(pages):
            part = entries[number * self.page : (number + 1) * self.page]
            end = start + len(part) * self.width + _CHECKSUM
            if is_written(number):
                yield part.start, checked(data[start:end])[:-_CHECKSUM]
            start = end


def _signed(data: bytes, signature: bytes) -> bytes:
    if data[:5] != signature + b"\0":
        raise OddError
    return data


def _bits(data: bytes, first: int = 0) -> Callable[[int], bool]:
    """Whether a bit is set, counted from the highest of each byte."""
    return lambda number: bool(data[(first + number) // 8] & 0x80 >> (first + number) % 8)


def _check(width: int, count: int, most: int, bits: int) -> None:
    """Refuse what no array of so many chunks has, before anything is read."""
    if (width != _UNFILTERED and width not in _FILTERED) or count > most or bits > _MOST_BITS:
        raise OddError


def fixed_array(source: Source, address: int, most: int) -> Entries:
    """The entries of a fixed array.

    Parameters
    ----------
    source : Source
    address : int
        Of its header.
    most : int
        Places in the grid of chunks.

    Returns
    -------
    Entries
    """
    data = _signed(checked(source.read(address, _FIXED.size + _CHECKSUM)), b"FAHD")
    _, _, _, width, page_bits, count, block = _FIXED.unpack_from(data)
    _check(width, count, most, page_bits)
    blocks = _Blocks(source, width, 1 << page_bits)
    bitmap = -(-blocks.pages(count) // 8)
    return Entries(width, [*blocks.read(b"FADB", block, range(count), bitmap)])


def extensible_array(source: Source, address: int, most: int) -> Entries:
    """The entries of an extensible array, up to the last one that has been set.

    Parameters
    ----------
    source : Source
    address : int
        Of its header.
    most : int
        Places in the grid of chunks.

    Returns
    -------
    Entries
    """
    data = _signed(checked(source.read(address, _EXTENSIBLE.size + _CHECKSUM)), b"EAHD")
    _, _, _, width, bits, inline, least, pointers, page_bits, count, index = _EXTENSIBLE.unpack_from(data)
    _check(width, count, most, max(page_bits, bits))
    if not least or not pointers:
        raise OddError
    shape = ExtensibleShape(bits, inline, least, pointers)
    array = _Extensible(_Blocks(source, width, 1 << page_bits), shape)
    parts = [(start, part[: max(0, count - start) * width]) for start, part in array.parts(index, count)]
    return Entries(width, parts)


@dataclass(frozen=True, slots=True)
class _Extensible:
    """An extensible array: its blocks, and its shape."""

    blocks: _Blocks
    shape: ExtensibleShape

    def parts(self, address: int, count: int) -> Iterator[Part]:
        """The first ``count`` entries, block by block."""
        if address == UNDEFINED:
            return
        shape, held = self.shape, self.shape.inline * self.blocks.width
        pointers = shape.direct + shape.supers
        data = checked(self.blocks.source.read(address, _FRAME + held + pointers * 8 + _CHECKSUM))
        _signed(data, b"EAIB")
        yield 0, data[_FRAME : _FRAME + held]
        addresses = iter(struct.unpack_from(f"<{pointers}Q", data, _FRAME + held))
        start = shape.inline
        for number in range(shape.first_super + shape.supers):
            if start >= count:
                return
            blocks, size = shape.blocks_in(number)
            if number >= shape.first_super:
                yield from self._super_block(next(addresses), start, blocks, size)
            elif self.blocks.pages(size):
                raise OddError
            else:
                for block in range(blocks):
                    at = start + block * size
                    yield from self._data_block(next(addresses), range(at, at + size), None)
            start += blocks * size

    def _data_block(
        self, address: int, entries: range, written: Callable[[int], bool] | None
    ) -> Iterator[Part]:
        return self.blocks.read(b"EADB", address, entries, self.shape.block_offset, written)

    def _super_block(self, address: int, start: int, blocks: int, size: int) -> Iterator[Part]:
        if address == UNDEFINED:
            return
        pages = self.blocks.pages(size)
        head = _FRAME + self.shape.block_offset + blocks * -(-pages // 8)
        data = _signed(checked(self.blocks.source.read(address, head + blocks * 8 + _CHECKSUM)), b"EASB")
        bits = data[_FRAME + self.shape.block_offset : head]
        for block, place in enumerate(struct.unpack_from(f"<{blocks}Q", data, head)):
            at = start + block * size
            # The pages of all blocks are counted in one row of bits, though there is room for whole bytes.
            yield from self._data_block(place, range(at, at + size), _bits(bits, block * pages))
