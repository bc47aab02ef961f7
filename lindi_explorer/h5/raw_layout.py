"""Where the data of a new dataset is whose bytes lie in files of others."""

from __future__ import annotations

import itertools
import math
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import h5py
import numpy as np

from lindi_explorer.byterange import ByteRange
from lindi_explorer.errors import UnsupportedError
from lindi_explorer.h5.raw_files import EXTERNAL
from lindi_explorer.hdf5.inline import zarr_dtype
from lindi_explorer.hdf5.layout import split_rows
from lindi_explorer.references.chunks import ChunkTable, chunk_grid
from lindi_explorer.references.model import Node

if TYPE_CHECKING:
    from lindi_explorer.hdf5.facts import Facts

_LARGEST_PIECE = 20_000_000
"""Bytes of a chunk where it lies in one piece."""

_MOST_PIECES = 100_000
"""Chunks that data is cut into where it lies in several files."""


class Segment(NamedTuple):
    """A part of the data, in one file."""

    address: str
    offset: int
    size: int


def raw_layout(facts: Facts, plist: Any, name: str, prefix: str) -> tuple[Node, dict[str, Any]]:
    """Say where the data of a new dataset is.

    Parameters
    ----------
    facts : Facts
        With at least one axis.
    plist : h5py.h5p.PropDCID
        Names the files.
    name : str
        Of the dataset, for messages.
    prefix : str
        Folder that names of files are relative to; the current one where it is empty.

    Returns
    -------
    Node
        With chunks in the files, and no fill value yet.
    dict
        For the side-car.

    Raises
    ------
    UnsupportedError
        If elements are of variable length, or are cut by the end of a file.
    """
    dtype, shape = facts.dtype, facts.shape or ()
    if dtype.hasobject:
        raise UnsupportedError(
            f"{name} cannot lie in other files: its elements are of variable length, or references",
            hint="Leave external out.",
        )
    entries = [plist.get_external(number) for number in range(plist.get_external_count())]
    zarr = zarr_dtype(dtype) or np.dtype(f"V{dtype.itemsize}")
    # A file of unknown length, as the last one may be, has what is left.
    left = math.prod(shape) * zarr.itemsize
    segments = []
    for file, offset, size in entries:
        taken = min(left, size)
        if taken:
            segments.append(Segment(os.path.abspath(Path(prefix) / os.fsdecode(file)), offset, taken))  # noqa: PTH100 - links stay
        left -= taken
    edges = _edges(shape, zarr.itemsize, _merged(segments))
    if edges is None:
        raise UnsupportedError(
            f"{name} cannot be cut where its files end: that is inside of an element, or in too many places",
            hint="Let each file end with a row.",
        )
    array = {"chunks": list(edges), "dtype": zarr.str, "shape": list(shape)}
    table = ChunkTable.build(chunk_grid(shape, edges), dict(_ranges(shape, edges, zarr.itemsize, segments)))
    files = [
        {"file": os.fsdecode(file), "offset": offset, "size": None if size == h5py.h5f.UNLIMITED else size}
        for file, offset, size in entries
    ]
    return Node(array=array, chunks=table), {EXTERNAL: files}


def _merged(segments: Iterable[Segment]) -> list[int]:
    """How many bytes lie in one piece each."""
    sizes: list[int] = []
    before: Segment | None = None
    for one in segments:
        if before is not None and (one.address, one.offset) == (before.address, before.offset + before.size):
            sizes[-1] += one.size
        else:
            sizes.append(one.size)
        before = one
    return sizes


def _edges(shape: tuple[int, ...], itemsize: int, sizes: list[int]) -> tuple[int, ...] | None:
    """The chunk shape with which no chunk lies in two pieces, None where there is none."""
    if 0 in shape:
        return tuple(max(size, 1) for size in shape)
    if len(sizes) == 1:
        return (split_rows(shape, itemsize, _LARGEST_PIECE) or shape[0], *shape[1:])
    ends = list(itertools.accumulate(sizes[:-1]))
    for axis, length in enumerate(shape):
        unit = math.prod(shape[axis + 1 :]) * itemsize
        if all(end % unit == 0 for end in ends):
            rows = math.gcd(*(end // unit for end in ends))
            edge = min(rows, length) if axis == 0 else math.gcd(rows, length)
            edges = (*(1,) * axis, edge, *shape[axis + 1 :])
            return edges if math.prod(chunk_grid(shape, edges)) <= _MOST_PIECES else None
    return None


def _ranges(
    shape: tuple[int, ...], edges: tuple[int, ...], itemsize: int, segments: list[Segment]
) -> Iterator[tuple[tuple[int, ...], ByteRange]]:
    """The chunks, which lie one behind the other, and where they are."""
    if 0 in shape:
        return
    begins = list(itertools.accumulate((one.size for one in segments), initial=0))
    at = 0
    for index in itertools.product(*map(range, chunk_grid(shape, edges))):
        length = itemsize * math.prod(
            min(edge, size - number * edge) for number, edge, size in zip(index, edges, shape, strict=True)
        )
        number = int(np.searchsorted(begins, at, side="right")) - 1
        one = segments[number]
        yield index, ByteRange(one.address, one.offset + at - begins[number], length)
        at += length
