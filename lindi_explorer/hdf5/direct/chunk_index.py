"""Chunk indexes, as columns of numbers."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from lindi_explorer.hdf5.direct.chunk_array import Entries, extensible_array, fixed_array
from lindi_explorer.hdf5.direct.chunk_tree import tree_rows
from lindi_explorer.hdf5.direct.chunk_tree2 import tree2_records
from lindi_explorer.hdf5.direct.messages import Layout
from lindi_explorer.hdf5.direct.objects import Objects
from lindi_explorer.hdf5.direct.source import UNDEFINED, OddError, Source
from lindi_explorer.hdf5.growing_axis import growing_axis, places_of
from lindi_explorer.references.chunks import chunk_grid

Rows = npt.NDArray[np.int64]

_SINGLE, _FIXED_ARRAY, _EXTENSIBLE_ARRAY, _TREE = 1, 3, 4, 5
_FILTERED_SINGLE = 2


def rows(
    objects: Objects,
    where: Layout,
    shape: tuple[int, ...],
    maxshape: tuple[int | None, ...],
) -> Rows:
    """The chunk index of a dataset.

    Parameters
    ----------
    objects : Objects
    where : Layout
        Of a chunked dataset.
    shape : tuple of int
    maxshape : tuple of (int or None)

    Returns
    -------
    numpy.ndarray
        Shape (axes + 3, n): the first element of each chunk, its byte offset, its length, its filter mask.

    Raises
    ------
    OddError
        If it is not plain.
    """
    if where.chunks is None:
        raise OddError
    if where.index:
        found = _newer(objects.source, where, where.chunks, shape, maxshape)
    elif where.address is None:
        found = np.empty((len(shape) + 3, 0), dtype=np.int64)
    else:
        found = tree_rows(
            objects.source,
            where.address,
            len(shape),
            objects.chunk_k,
            math.prod(chunk_grid(shape, where.chunks)),
        )
    edges = np.array(where.chunks, dtype=np.int64)[:, np.newaxis]
    limits = np.array(shape, dtype=np.int64)[:, np.newaxis]
    start = found[:-3]
    # HDF5 makes a chunk number of the first element, and has removed what a smaller dataset no longer needs.
    if (start % edges).any() or (start < 0).any() or (start >= limits).any() or (found[-3] < 0).any():
        raise OddError
    return found


def _newer(
    source: Source,
    where: Layout,
    chunks: tuple[int, ...],
    shape: tuple[int, ...],
    maxshape: tuple[int | None, ...],
) -> Rows:
    """The index of a layout of version 4 or later, whose message ends with its address."""
    kind, index = where.index[0], where.index[1:]
    raw = math.prod(chunks) * where.itemsize
    if kind == _SINGLE:
        return _single(index, raw, len(shape), filtered=bool(where.flags & _FILTERED_SINGLE))
    if kind == _FIXED_ARRAY and None not in maxshape:
        address = _address(index, 1)
        grid = chunk_grid([size or 0 for size in maxshape], chunks)
        entries = None if address is None else fixed_array(source, address, math.prod(grid))
        return _in_grid(entries, lambda number: np.unravel_index(number, grid), chunks, raw)
    axis = growing_axis(maxshape)
    if kind == _EXTENSIBLE_ARRAY and axis is not None:
        address = _address(index, 5)
        limits = chunk_grid([limit for limit in maxshape if limit is not None], _without(chunks, axis))
        most = chunk_grid(shape, chunks)[axis] * math.prod(limits)
        entries = None if address is None else extensible_array(source, address, most)
        return _in_grid(entries, lambda number: places_of(number, axis, limits), chunks, raw)
    if kind == _TREE:
        address = _address(index, 6)
        return _of_records(source, address, chunks, raw, math.prod(chunk_grid(shape, chunks)))
    raise OddError


def _address(index: bytes, at: int) -> int | None:
    (address,) = struct.unpack_from("<Q", index, at)
    return None if address == UNDEFINED else address


def _single(index: bytes, raw: int, axes: int, *, filtered: bool) -> Rows:
    size, mask, at = raw, 0, 0
    if filtered:
        size, mask = struct.unpack_from("<QI", index)
        at = 12
    address = _address(index, at)
    found = [] if address is None else [(*(0,) * axes, address, size, mask)]
    return np.array(found, dtype=np.int64).reshape(-1, axes + 3).T


def _without(chunks: tuple[int, ...], axis: int) -> tuple[int, ...]:
    return chunks[:axis] + chunks[axis + 1 :]


def _in_grid(
    entries: Entries | None,
    places_of: Callable[[npt.NDArray[np.int64]], Sequence[npt.NDArray[np.int64]]],
    chunks: tuple[int, ...],
    raw: int,
) -> Rows:
    """The chunks of an array with an entry for each place of the grid."""
    found = [np.empty((len(chunks) + 3, 0), dtype=np.int64)]
    for first, data in [] if entries is None else entries.parts:
        address, size, mask = _columns(data, entries.width if entries else 0, raw)
        (written,) = np.nonzero(address != np.uint64(UNDEFINED))
        places = places_of(first + written)
        starts = [at * edge for at, edge in zip(places, chunks, strict=True)]
        found.append(np.array([*starts, address[written], size[written], mask[written]], dtype=np.int64))
    return np.concatenate(found, axis=1)


def _of_records(source: Source, address: int | None, chunks: tuple[int, ...], raw: int, most: int) -> Rows:
    axes = len(chunks)
    if address is None:
        return np.empty((axes + 3, 0), dtype=np.int64)
    records = tree2_records(source, address, most)
    width = records.width - 8 * axes
    table = np.frombuffer(records.data, dtype=np.dtype([("entry", f"V{width}"), ("at", "<u8", (axes,))]))
    found = _columns(table["entry"].tobytes(), width, raw)
    out = np.empty((axes + 3, len(table)), dtype=np.int64)
    out[:axes] = table["at"].T * np.array(chunks, dtype=np.uint64)[:, np.newaxis]
    out[axes], out[axes + 1], out[axes + 2] = found
    return out


def _columns(data: bytes, width: int, raw: int) -> tuple[Any, Any, Any]:
    """Address, length and filter mask of entries: only the address where there are no filters."""
    if width == 8:
        address = np.frombuffer(data, dtype="<u8")
        return address, np.full(len(address), raw), np.zeros(len(address), dtype=np.int64)
    length = width - 12
    if not 1 <= length <= 8:
        raise OddError
    fields = np.dtype([("address", "<u8"), ("size", "u1", (length,)), ("mask", "<u4")])
    table = np.frombuffer(data, dtype=fields)
    size = np.zeros((len(table), 8), dtype=np.uint8)
    size[:, :length] = table["size"]
    return table["address"], size.view("<i8")[:, 0], table["mask"]
