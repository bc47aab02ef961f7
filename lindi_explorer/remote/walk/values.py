"""Values of variable length: the global heap (format specification, III.E) behind the elements."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from lindi_explorer.remote.walk.cursor import OddError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lindi_explorer.remote.walk.datatype import Kind
    from lindi_explorer.remote.walk.survey import Survey
    from lindi_explorer.remote.walk.want import Want

# HDF5 reads so much of a collection, which is also its least size, and then what is missing.
COLLECTION_GUESS = 4096
_FEW_BYTES = 512


def behind(survey: Survey, kind: Kind, data: bytes) -> list[Want]:
    """Follow what the elements in ``data`` point to."""
    if not kind.pointers or not 0 < kind.size <= len(data):
        return []
    return [
        want for address in _addresses(survey, kind, data) if address for want in collection(survey, address)
    ]


def collection(survey: Survey, address: int) -> tuple[Want, ...]:
    """Follow a global heap collection."""
    return survey.visit(address, COLLECTION_GUESS, partial(_collection, survey, address))


def _collection(survey: Survey, address: int, data: bytes) -> Iterator[Want]:
    cursor = survey.cursor(data)
    cursor.expect(b"GCOL")
    cursor.skip(4)
    length = cursor.length()
    if length > len(data):
        yield from survey.want(address, length)


def _addresses(survey: Survey, kind: Kind, data: bytes) -> list[int]:
    count, width = len(data) // kind.size, survey.offset_width
    if kind.pointers[-1] + width > kind.size:
        raise OddError
    if len(data) <= _FEW_BYTES:
        starts = (row * kind.size + pointer for row in range(count) for pointer in kind.pointers)
        return list(dict.fromkeys(int.from_bytes(data[start : start + width], "little") for start in starts))
    rows = np.frombuffer(data, "u1", count * kind.size).reshape(count, kind.size)
    found: set[int] = set()
    for pointer in kind.pointers:
        column = np.ascontiguousarray(rows[:, pointer : pointer + width]).view(f"<u{width}")
        found.update(column[:, 0].tolist())
    return sorted(found)
