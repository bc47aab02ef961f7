"""Selections that a document has as single blocks."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from lindi_explorer.errors import FormatError, UnsupportedError
from lindi_explorer.h5.virtual.indices import Listed, Numbers
from lindi_explorer.h5.virtual.points import Points, Room
from lindi_explorer.h5.virtual.product import MOST_ELEMENTS, Product
from lindi_explorer.references.checks import DAMAGED, LARGEST


class _Ranges(NamedTuple):
    """The different ranges of blocks along one axis, and which of them each block has."""

    starts: Numbers
    ends: Numbers
    which: Numbers


def of_blocks(blocks: list[Any], axes: int, room: Room) -> Product | Points:
    """What a list of blocks selects, as a product where it is one.

    Parameters
    ----------
    blocks : list
        First and last element of each.
    axes : int
        How many there are.
    room : Room

    Returns
    -------
    Product or Points

    Raises
    ------
    FormatError
        If they are no blocks of a dataset of so many axes.
    UnsupportedError
        If there is no room for the elements.
    """
    if not axes or any(len(corner) != axes for block in blocks for corner in block):
        raise FormatError(f"blocks of another number of axes than {axes}", hint=DAMAGED)
    low, high = np.array(blocks, np.int64).transpose(1, 0, 2)
    if (low > high).any():
        raise FormatError("a block ends before it begins", hint=DAMAGED)
    if (high == LARGEST).any():
        raise FormatError("a block goes beyond what any dataset has", hint=DAMAGED)
    ranges = [_ranges(low[:, axis], high[:, axis]) for axis in range(axes)]
    if _is_product(ranges, len(blocks)):
        return Product(tuple(Listed(one.starts, one.ends - one.starts + 1) for one in ranges))
    return _written_out(low, high, room)


def _ranges(low: Numbers, high: Numbers) -> _Ranges:
    order = np.lexsort((high, low))
    starts, ends = low[order], high[order]
    first = np.ones(len(order), bool)
    first[1:] = (starts[1:] != starts[:-1]) | (ends[1:] != ends[:-1])
    which = np.empty(len(order), np.int64)
    which[order] = np.cumsum(first) - 1
    return _Ranges(starts[first], ends[first], which)


def _is_product(ranges: list[_Ranges], blocks: int) -> bool:
    """Whether the ranges are apart, and each combination of them is a block."""
    lengths = tuple(len(one.starts) for one in ranges)
    if math.prod(lengths) > blocks or any(np.any(one.ends[:-1] >= one.starts[1:]) for one in ranges):
        return False
    which = np.ravel_multi_index(tuple(one.which for one in ranges), lengths)
    return len(np.unique(which)) == math.prod(lengths)


def _written_out(low: Numbers, high: Numbers, room: Room) -> Points:
    lengths = high - low + 1
    # In Python's numbers, which have no largest.
    counts = [math.prod(block) for block in lengths.tolist()]
    total = sum(counts)
    room.take(total)
    sizes = np.array(counts, np.int64)
    first = low.min(axis=0)
    shape = tuple((high.max(axis=0) - first + 1).tolist())
    if math.prod(shape) > MOST_ELEMENTS:
        raise UnsupportedError("a selection in a box of more than 2**62 elements is too large", hint=DAMAGED)
    before = np.cumsum(sizes) - sizes
    rest = np.arange(total) - np.repeat(before, sizes)
    numbers, step = np.zeros(len(rest), np.int64), 1
    for axis in reversed(range(len(shape))):
        rest, position = np.divmod(rest, np.repeat(lengths[:, axis], sizes))
        numbers += (position + np.repeat(low[:, axis] - first[axis], sizes)) * step
        step *= shape[axis]
    return Points(tuple(first.tolist()), shape, np.unique(numbers))
