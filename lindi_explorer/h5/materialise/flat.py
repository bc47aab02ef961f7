"""Contiguous data: rows of raw bytes, cut into pieces of a size that is fetched many at a time."""

from __future__ import annotations

import math
from collections.abc import Iterator

from lindi_explorer.byterange import ByteRange
from lindi_explorer.errors import FormatError
from lindi_explorer.h5.materialise.chunked import StoredChunks, write_raw
from lindi_explorer.h5.materialise.fetch import Piece
from lindi_explorer.h5.materialise.stored import Box, boxes, stored_chunks

_PIECE = 4 << 20
"""Bytes: large enough for a full request, small enough for many at once."""


class FlatRows(StoredChunks):
    """The data of one dataset whose Zarr chunks are runs of rows, without codecs."""

    def pieces(self) -> Iterator[Piece]:
        """What has to be fetched: boxes of elements that stand one after the other."""
        itemsize = self._dtype.itemsize
        row = itemsize * math.prod(self._shape[1:])
        for index, content in stored_chunks(self.data.node.chunks):
            first = index[0] * self._edges[0]
            rows = min(self._edges[0], self._shape[0] - first)
            if rows <= 0 or any(index[1:]):
                continue
            length = content.length if isinstance(content, ByteRange) else len(content)
            if length < rows * row and self._dtype.kind not in "iuf":
                raise FormatError(
                    f"a chunk has {length} bytes in place of {rows * row}", hint="The file is damaged."
                )
            for box in _in_order((rows, *self._shape[1:]), max(1, _PIECE // itemsize)):
                start, size = _range(box, self._shape[1:])
                start, size = start * itemsize, size * itemsize
                part = _part(content, start, min(size, max(0, length - start)))
                moved = (slice(box[0].start + first, box[0].stop + first), *box[1:])
                yield Piece(self, (moved, size), part, self.made.view.reader)

    def write(self, place: tuple[Box, int], data: bytes) -> None:  # type: ignore[override]
        """Put a piece into the copy; what a short chunk lacks is zero."""
        box, size = place
        write_raw(self._opened.at(self.made.name), box, data.ljust(size, b"\0"))


def _in_order(shape: tuple[int, ...], most: int) -> Iterator[Box]:
    return boxes(shape, (1,) * len(shape), most)


def _range(box: Box, below: tuple[int, ...]) -> tuple[int, int]:
    """First element and number of elements of a box that is a run of elements."""
    start = 0
    for part, size in zip(box, (1, *below), strict=True):
        start = start * size + part.start
    return start, math.prod(part.stop - part.start for part in box)


def _part(content: bytes | ByteRange, start: int, size: int) -> bytes | ByteRange:
    if isinstance(content, ByteRange):
        return ByteRange(content.url, content.offset + start, size) if size else b""
    return content[start : start + size]
