"""Which part of which chunk a selection takes, and where it comes to lie."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from lindi_explorer.byterange import ByteRange
from lindi_explorer.h5.arrays.dtypes import stored_dtype
from lindi_explorer.h5.arrays.selection import AxisIndex, Plan, product_index
from lindi_explorer.references.chunks import Reference

Index = tuple[int, ...]

WORTH_CUTTING = 1 << 20
"""Raw chunks of so many bytes are read in part; a shorter one that is read twice may come from the cache."""


@dataclass(frozen=True, slots=True)
class Piece:
    """What a selection takes of one chunk.

    Attributes
    ----------
    chunk : tuple of int
        Number of the chunk along each axis.
    reference : Reference
        The bytes of the chunk, or of those of its rows that are needed.
    shape : tuple of int
        Of what the bytes hold.
    inside : object
        What NumPy takes as an index into that.
    target : object
        What NumPy takes as an index into the result.
    """

    chunk: Index
    reference: Reference
    shape: Index
    inside: Any
    target: Any


@dataclass(frozen=True, slots=True)
class _Part:
    """What a selection takes of the chunks with one number along one axis."""

    number: int
    inside: AxisIndex
    target: slice


def result_shape(read: Plan) -> Index:
    """Lengths of the axes of what is read: of the product, or the number of points."""
    if read.points is not None:
        return (len(read.points),)
    return tuple(
        len(range(axis.start, axis.stop, axis.step or 1)) if isinstance(axis, slice) else len(axis)
        for axis in read.axes or ()
    )


def pieces_of(
    array: dict[str, Any], chunks: Mapping[Index, Reference], read: Plan
) -> tuple[list[Piece], bool]:
    """Divide a selection among the chunks.

    Parameters
    ----------
    array : dict
        Content of ``.zarray``; at least one axis.
    chunks : mapping
        The chunks, as far as the selection touches them.
    read : Plan
        Not empty.

    Returns
    -------
    tuple of list of Piece, and bool
        The pieces, and whether they are all of the selection; without, some chunks were never written.
    """
    edges = tuple(array["chunks"])
    raw = array["compressor"] is None and not array["filters"] and array["order"] == "C"
    row = math.prod(edges[1:]) * stored_dtype(array).itemsize
    is_cut = raw and row * edges[0] >= WORTH_CUTTING
    found = []
    complete = True
    for chunk, inside, target in _by_points(edges, read) if read.axes is None else _by_axes(edges, read.axes):
        reference = chunks.get(chunk)
        if reference is None:
            complete = False
            continue
        held, shape, index = reference, edges, inside
        if is_cut and isinstance(reference, ByteRange) and reference.length <= row * edges[0]:
            held, shape, index = _only_rows(reference, edges, inside, row)
        found.append(Piece(chunk, held, shape, index if read.axes is None else product_index(index), target))
    return found, complete


def _only_rows(
    reference: ByteRange, edges: Index, inside: tuple[AxisIndex, ...], row: int
) -> tuple[ByteRange, Index, tuple[AxisIndex, ...]]:
    """The bytes of the rows that are needed of a raw chunk, which may be very large."""
    first = inside[0]
    low = first.start if isinstance(first, slice) else int(first.min())
    high = first.stop if isinstance(first, slice) else int(first.max()) + 1
    start, stop = low * row, min(high * row, reference.length)
    if start >= stop or (low == 0 and high == edges[0]):
        return reference, edges, inside
    moved = slice(0, high - low, first.step) if isinstance(first, slice) else first - low
    some = ByteRange(reference.url, reference.offset + start, stop - start)
    return some, (high - low, *edges[1:]), (moved, *inside[1:])


def _by_axes(
    edges: Index, axes: tuple[AxisIndex, ...]
) -> Iterator[tuple[Index, tuple[AxisIndex, ...], tuple[slice, ...]]]:
    # The first axis may have very many chunks.
    others = [list(_parts(axis, edge)) for axis, edge in zip(axes[1:], edges[1:], strict=True)]
    for parts in (
        (first, *rest) for first in _parts(axes[0], edges[0]) for rest in itertools.product(*others)
    ):
        yield (
            tuple(part.number for part in parts),
            tuple(part.inside for part in parts),
            tuple(part.target for part in parts),
        )


def _parts(axis: AxisIndex, edge: int) -> Iterator[_Part]:
    return _parts_of_slice(axis, edge) if isinstance(axis, slice) else _parts_of_indices(axis, edge)


def _parts_of_slice(axis: slice, edge: int) -> Iterator[_Part]:
    step, at, done = axis.step or 1, axis.start, 0
    while at < axis.stop:
        number, start = divmod(at, edge)
        count = len(range(at, min((number + 1) * edge, axis.stop), step))
        yield _Part(number, slice(start, start + (count - 1) * step + 1, step), slice(done, done + count))
        done += count
        at += count * step


def _parts_of_indices(axis: np.ndarray[Any, Any], edge: int) -> Iterator[_Part]:
    numbers = axis // edge
    bounds = [0, *(np.flatnonzero(np.diff(numbers)) + 1).tolist(), len(axis)]
    for low, high in itertools.pairwise(bounds):
        number = int(numbers[low])
        yield _Part(number, axis[low:high] - number * edge, slice(low, high))


def _by_points(
    edges: Index, read: Plan
) -> Iterator[tuple[Index, tuple[AxisIndex, ...], np.ndarray[Any, Any]]]:
    assert read.points is not None
    numbers, group = np.unique(read.points // np.array(edges), axis=0, return_inverse=True)
    order = np.argsort(group.reshape(-1), kind="stable")
    bounds = np.searchsorted(group.reshape(-1)[order], np.arange(len(numbers) + 1))
    for number, low, high in zip(numbers, bounds[:-1], bounds[1:], strict=True):
        where = order[low:high]
        inside = read.points[where] - number * np.array(edges)
        yield tuple(number.tolist()), tuple(inside.T), where
