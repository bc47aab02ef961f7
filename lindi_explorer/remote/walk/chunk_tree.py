"""Version 1 B-trees of chunks (format specification, III.A.1, node type 1)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from lindi_explorer.remote.walk.cursor import OddError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lindi_explorer.remote.walk.chunk import ChunkData
    from lindi_explorer.remote.walk.survey import Survey
    from lindi_explorer.remote.walk.want import Want

_UNKNOWN = -1


def chunk_tree(survey: Survey, address: int, axes: int, chunk: ChunkData | None) -> Iterator[Want]:
    """Follow a tree; ``axes`` counts the size of an element as one more axis, as the layout message does."""
    yield from _visit(survey, address, 8 * axes + 8, chunk, _UNKNOWN)


def _visit(survey: Survey, address: int, key: int, chunk: ChunkData | None, level: int) -> tuple[Want, ...]:
    length = 8 + 2 * survey.offset_width + 2 * survey.chunk_k * (key + survey.offset_width) + key
    parse = partial(_node, survey, key, chunk)
    # Nothing depends on the leaves, and they are most of the tree: what leads further goes first.
    return survey.visit(address, length, parse, late=level == 0 and chunk is None)


def _node(survey: Survey, key: int, chunk: ChunkData | None, data: bytes) -> Iterator[Want]:
    if data[:5] != b"TREE\1" or len(data) < 8:
        raise OddError
    level = data[5]
    count = int.from_bytes(data[6:8], "little")
    width = survey.offset_width
    first, step = 8 + 2 * width, key + width
    if first + count * step > len(data):
        raise OddError
    if level == 0:
        survey.chunks += count
        if chunk is None:
            return
    for entry in range(first, first + count * step, step):
        child = int.from_bytes(data[entry + key : entry + step], "little")
        if level:
            yield from _visit(survey, child, key, chunk, level - 1)
        elif chunk is not None:
            size = int.from_bytes(data[entry : entry + 4], "little")
            skipped = int.from_bytes(data[entry + 4 : entry + 8], "little")
            yield from chunk.want(survey, child, size, skipped)
