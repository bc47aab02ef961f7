"""Fixed and extensible arrays of chunks (format specification, VII.C and VII.D)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from lindi_explorer.remote.hdf5_shapes import ExtensibleShape, page_count
from lindi_explorer.remote.walk.cursor import OddError
from lindi_explorer.remote.walk.survey import NEIGHBOURHOOD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lindi_explorer.remote.walk.chunk import ChunkData
    from lindi_explorer.remote.walk.survey import Survey
    from lindi_explorer.remote.walk.want import Want

_CHECKSUM = 4


@dataclass(slots=True)
class _Entries:
    """How the entries of one array are laid out.

    Attributes
    ----------
    width : int
        Bytes of an entry.
    page : int
        Entries of a page: longer data blocks come in pages, each with a checksum.
    raw_size : int
        Bytes of a chunk without filters.
    chunk : ChunkData or None
        How to read the chunks; None where they are not read.
    """

    width: int
    page: int
    raw_size: int
    chunk: ChunkData | None

    def pages(self, count: int) -> int:
        """Pages of a data block of so many entries; 0 if it is not cut."""
        return page_count(count, self.page)

    def follow(self, survey: Survey, head: int, count: int, data: bytes) -> Iterator[Want]:
        """Follow the entries of a data block, which begin at ``head``."""
        if self.chunk is None or count == 0:
            return
        step = self.page if self.pages(count) else count
        for done in range(0, count, step):
            size = min(step, count - done) * self.width
            yield from self.chunk.entries(survey, self.raw_size, self.width, data[head : head + size])
            head += size + _CHECKSUM


def fixed_array(survey: Survey, address: int, raw_size: int, chunk: ChunkData | None) -> Iterator[Want]:
    """Follow a fixed array."""
    length = 8 + survey.length_width + survey.offset_width + _CHECKSUM
    yield from survey.visit(
        address, length, partial(_fixed_header, survey, raw_size, chunk), around=NEIGHBOURHOOD
    )


def _fixed_header(survey: Survey, raw_size: int, chunk: ChunkData | None, data: bytes) -> Iterator[Want]:
    cursor = survey.cursor(data)
    cursor.expect(b"FAHD")
    cursor.skip(2)
    width, page_bits, count = cursor.number(1), cursor.number(1), cursor.length()
    if width < survey.offset_width or page_bits > 62:
        raise OddError
    survey.chunks += count
    entries = _Entries(width, 1 << page_bits, raw_size, chunk)
    pages = entries.pages(count)
    bitmap = -(-pages // 8) + _CHECKSUM if pages else 0
    head = 6 + survey.offset_width + bitmap
    length = head + count * width + max(1, pages) * _CHECKSUM
    parse = partial(entries.follow, survey, head, count) if chunk else None
    yield from survey.visit(cursor.address(), length, parse)


def extensible_array(survey: Survey, address: int, raw_size: int, chunk: ChunkData | None) -> Iterator[Want]:
    """Follow an extensible array."""
    length = 12 + 6 * survey.length_width + survey.offset_width + _CHECKSUM
    yield from survey.visit(
        address, length, partial(_extensible_header, survey, raw_size, chunk), around=NEIGHBOURHOOD
    )


@dataclass(slots=True)
class _Extensible:
    """An extensible array: its entries, and its shape."""

    entries: _Entries
    shape: ExtensibleShape


def _extensible_header(survey: Survey, raw_size: int, chunk: ChunkData | None, data: bytes) -> Iterator[Want]:
    cursor = survey.cursor(data)
    cursor.expect(b"EAHD")
    cursor.skip(2)
    width, bits, inline = cursor.number(1), cursor.number(1), cursor.number(1)
    least, pointers, page_bits = cursor.number(1), cursor.number(1), cursor.number(1)
    cursor.skip(4 * survey.length_width)
    survey.chunks += min(cursor.length(), survey.size)  # up to the last one that was set
    cursor.skip(survey.length_width)
    if width < survey.offset_width or least == 0 or pointers == 0 or page_bits > 62:
        raise OddError
    shape = ExtensibleShape(bits, inline, least, pointers)
    array = _Extensible(_Entries(width, 1 << page_bits, raw_size, chunk), shape)
    length = 6 + survey.offset_width + inline * width
    length += (shape.direct + shape.supers) * survey.offset_width + _CHECKSUM
    yield from survey.visit(
        cursor.address(), length, partial(_index_block, survey, array), around=NEIGHBOURHOOD
    )


def _index_block(survey: Survey, array: _Extensible, data: bytes) -> Iterator[Want]:
    cursor = survey.cursor(data)
    cursor.expect(b"EAIB")
    cursor.skip(2 + survey.offset_width)
    shape, entries = array.shape, array.entries
    held = cursor.take(shape.inline * entries.width)
    if entries.chunk is not None:
        yield from entries.chunk.entries(survey, entries.raw_size, entries.width, held)
    for super_block in range(shape.first_super):
        blocks, count = shape.blocks_in(super_block)
        for _ in range(blocks):
            yield from _data_block(survey, array, cursor.address(), count)
    for super_block in range(shape.first_super, shape.first_super + shape.supers):
        yield from _super_block(survey, array, cursor.address(), super_block)


def _super_block(survey: Survey, array: _Extensible, address: int, number: int) -> Iterator[Want]:
    blocks, count = array.shape.blocks_in(number)
    bitmap = blocks * -(-array.entries.pages(count) // 8)
    head = 6 + survey.offset_width + array.shape.block_offset + bitmap

    def parse(data: bytes) -> Iterator[Want]:
        cursor = survey.cursor(data)
        cursor.expect(b"EASB")
        cursor.at = head
        for _ in range(blocks):
            yield from _data_block(survey, array, cursor.address(), count)

    length = head + blocks * survey.offset_width + _CHECKSUM
    yield from survey.visit(address, length, parse, around=NEIGHBOURHOOD)


def _data_block(survey: Survey, array: _Extensible, address: int, count: int) -> Iterator[Want]:
    pages = array.entries.pages(count)
    head = 6 + survey.offset_width + array.shape.block_offset + (_CHECKSUM if pages else 0)
    length = head + count * array.entries.width + max(1, pages) * _CHECKSUM
    parse = partial(array.entries.follow, survey, head, count) if array.entries.chunk else None
    yield from survey.visit(address, length, parse, late=parse is None)
