"""Small hierarchies whose arrays of bytes have chunks in a staging area."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from lindi_explorer.byterange import ByteRange
from lindi_explorer.references.chunks import ChunkTable
from lindi_explorer.references.model import Node
from lindi_explorer.references.reference_set import ReferenceSet
from lindi_explorer.remote import RangeReader


def array(chunks, edge=2000):
    """The node of an array with some chunks: index -> reference."""
    return Node(
        array={
            "chunks": [edge],
            "compressor": None,
            "dtype": "|u1",
            "fill_value": 0,
            "filters": None,
            "order": "C",
            "shape": [edge * (max(chunks, default=0) + 1)],
            "zarr_format": 2,
        },
        chunks=ChunkTable.build(
            (max(chunks, default=0) + 1,),
            {(index,): item for index, item in chunks.items() if isinstance(item, ByteRange)},
            {(index,): item for index, item in chunks.items() if isinstance(item, bytes)},
        ),
    )


def hierarchy(arrays, attributes=None, extra=None):
    """References of arrays: path -> index -> reference."""
    nodes = {path: array(chunks) for path, chunks in arrays.items()}
    return ReferenceSet({"": Node(attributes or {}), **nodes}, extra)


def chunk(number, length=2000):
    """Bytes that differ from those of other numbers."""
    return np.random.default_rng(number).integers(0, 256, length, dtype=np.uint8).tobytes()


def contents(references):
    """Key -> bytes of all chunks, read where the references lead."""
    found = {}
    with RangeReader(None) as reader:
        for path in references.walk():
            for index, reference in references.node(path).chunks.items():
                data = reference if isinstance(reference, bytes) else reader.read_now(reference)
                found[path, index] = data
    return found


def ranges(references):
    """All byte ranges."""
    return [item for item in references.values() if isinstance(item, ByteRange)]


def files(references):
    """The files that are referred to, in order."""
    return list(dict.fromkeys(Path(item.url) for item in ranges(references)))


def dead_bytes(references):
    """Bytes of the files that are referred to, to which nothing refers."""
    dead = 0
    for path in files(references):
        used = np.zeros(path.stat().st_size, dtype=bool)
        for item in ranges(references):
            if item.url == str(path):
                used[item.offset : item.end] = True
        dead += int((~used).sum())
    return dead
