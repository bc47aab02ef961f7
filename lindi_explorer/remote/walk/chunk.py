"""Chunks whose data is read while a file is indexed: few numbers, strings, compounds."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from lindi_explorer.remote.walk.cursor import Cursor, OddError
from lindi_explorer.remote.walk.values import behind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lindi_explorer.remote.walk.datatype import Kind
    from lindi_explorer.remote.walk.survey import Survey
    from lindi_explorer.remote.walk.want import Want

_DEFLATE, _SHUFFLE, _CHECKSUM = 1, 2, 3
# A chunk that holds pointers is only unpacked up to this size.
_MOST_UNPACKED = 16 << 20


@dataclass(frozen=True, slots=True)
class ChunkData:
    """How to read the chunks of one dataset.

    Attributes
    ----------
    kind : Kind
        Of its elements.
    pipeline : bytes
        Its filter message; empty where there are no filters.
    """

    kind: Kind
    pipeline: bytes

    def want(self, survey: Survey, address: int, size: int, skipped: int = 0) -> Iterator[Want]:
        """Want a chunk of so many stored bytes; the bits of ``skipped`` name filters it went without."""
        parse = partial(self._unpacked, survey, skipped) if self.kind.pointers else None
        yield from survey.visit(address, size, parse)

    def entries(self, survey: Survey, raw_size: int, width: int, data: bytes) -> Iterator[Want]:
        """Want the chunks in a piece of an array index (VII.C, VII.D): address, and size where filtered."""
        for at in range(0, len(data) - width + 1, width):
            yield from self._entry(survey, raw_size, width, data[at : at + width])

    def records(self, survey: Survey, raw_size: int, axes: int, records: Sequence[bytes]) -> Iterator[Want]:
        """Want the chunks in records of a B-tree index (III.A.2, types 10 and 11)."""
        for record in records:
            width = len(record) - 8 * axes
            yield from self._entry(survey, raw_size, width, record[:width])

    def _entry(self, survey: Survey, raw_size: int, width: int, entry: bytes) -> Iterator[Want]:
        cursor = survey.cursor(entry)
        address, skipped = cursor.address(), 0
        if width > survey.offset_width:
            raw_size, skipped = cursor.number(width - survey.offset_width - 4), cursor.number(4)
        yield from self.want(survey, address, raw_size, skipped)

    def _unpacked(self, survey: Survey, skipped: int, data: bytes) -> Iterator[Want]:
        for place, (step, parameters) in reversed([*enumerate(filters(self.pipeline))]):
            if not skipped >> place & 1:
                data = _undo(step, parameters, data)
        yield from behind(survey, self.kind, data)


def _undo(step: int, parameters: tuple[int, ...], data: bytes) -> bytes:
    if step == _CHECKSUM:
        return data[:-4]
    if step == _DEFLATE:
        unpacker = zlib.decompressobj()
        try:
            return unpacker.decompress(data, _MOST_UNPACKED)
        except zlib.error:
            raise OddError from None
    if step == _SHUFFLE and parameters and parameters[0]:
        width = parameters[0]
        whole = len(data) // width
        planes = np.frombuffer(data, "u1", whole * width).reshape(width, whole)
        return planes.T.tobytes() + data[whole * width :]
    raise OddError


def filters(message: bytes) -> list[tuple[int, tuple[int, ...]]]:
    """Number and parameters of each filter in a filter pipeline message (IV.A.2.l)."""
    if not message:
        return []
    cursor = Cursor(message)
    version, count = cursor.number(1), cursor.number(1)
    cursor.skip(6 if version == 1 else 0)
    found = []
    for _ in range(count):
        number = cursor.number(2)
        name = cursor.number(2) if version == 1 or number >= 256 else 0
        cursor.skip(2)
        parameters = cursor.number(2)
        cursor.skip(-(-name // 8) * 8 if version == 1 else name)
        found.append((number, tuple(cursor.number(4) for _ in range(parameters))))
        cursor.skip(4 if version == 1 and parameters % 2 else 0)
    return found
