"""What a selection of a virtual dataset or of a source selects, as a document says it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lindi_explorer.errors import FormatError, UnsupportedError
from lindi_explorer.h5.virtual.indices import Indices, Listed, Numbers, Regular

_DAMAGED = "The file is damaged, or was not written by a LINDI tool."

_MOST_POINTS = 1 << 24
"""Elements of a selection that is no product of its axes: they are written out."""

_MOST_ELEMENTS = 1 << 62
"""Elements of any selection."""


@dataclass(frozen=True, slots=True)
class Product:
    """A selection that is the product of one along each axis.

    Attributes
    ----------
    axes : tuple of Indices
    """

    axes: tuple[Indices, ...]

    @property
    def unlimited(self) -> int | None:
        """The axis along which it has no end."""
        return next((number for number, axis in enumerate(self.axes) if axis.length is None), None)

    @property
    def lengths(self) -> tuple[int, ...]:
        """Number of indices along each axis; none may be without end."""
        return tuple(axis.length or 0 for axis in self.axes)

    @property
    def count(self) -> int:
        """Number of elements."""
        return math.prod(self.lengths)

    @property
    def box(self) -> tuple[tuple[int, int], ...]:
        """First index, and behind the last, along each axis."""
        return tuple((axis.start, axis.stop or axis.start) for axis in self.axes)

    def replaced(self, number: int, axis: Indices) -> Product:
        """The same with other indices along one axis."""
        return Product((*self.axes[:number], axis, *self.axes[number + 1 :]))

    def find(self, points: Numbers) -> tuple[Numbers, Numbers]:
        """Which of some points are elements, and which number these have in the order of the file.

        Parameters
        ----------
        points : numpy.ndarray
            int64 of shape (n, axes).
        """
        where = np.ones(len(points), bool)
        for number, axis in enumerate(self.axes):
            where[where] = axis.find(points[where, number])[0]
        ranks = np.zeros(int(where.sum()), np.int64)
        for number, axis in enumerate(self.axes):
            ranks = ranks * (axis.length or 0) + axis.find(points[where, number])[1]
        return where, ranks

    def at(self, ranks: Numbers) -> Numbers:
        """The points of some numbers."""
        positions = np.unravel_index(ranks, self.lengths) if self.axes else ()
        out = [axis.at(position) for axis, position in zip(self.axes, positions, strict=True)]
        return np.stack(out, axis=-1).astype(np.int64)


@dataclass(frozen=True, slots=True)
class Points:
    """Any other selection.

    Attributes
    ----------
    points : numpy.ndarray
        int64 of shape (n, axes), each once, in the order of the file.
    """

    points: Numbers

    unlimited = None

    @property
    def count(self) -> int:
        """Number of elements."""
        return len(self.points)

    @property
    def box(self) -> tuple[tuple[int, int], ...]:
        """First index, and behind the last, along each axis."""
        low, high = self.points.min(axis=0), self.points.max(axis=0) + 1
        return tuple(zip(low.tolist(), high.tolist(), strict=True))

    def find(self, points: Numbers) -> tuple[Numbers, Numbers]:
        """Which of some points are elements, and which number these have; see `Product.find`."""
        box = np.array(self.box, np.int64)
        inside = np.all((points >= box[:, 0]) & (points < box[:, 1]), axis=1)
        shape = tuple((box[:, 1] - box[:, 0]).tolist())
        own = np.ravel_multi_index(tuple((self.points - box[:, 0]).T), shape)
        asked = np.ravel_multi_index(tuple((points[inside] - box[:, 0]).T), shape)
        ranks = np.minimum(np.searchsorted(own, asked), len(own) - 1)
        found = own[ranks] == asked
        inside[inside] = found
        return inside, ranks[found]

    def at(self, ranks: Numbers) -> Numbers:
        """The points of some numbers."""
        return np.asarray(self.points[ranks])


Selected = Product | Points


def selected(spec: Any, shape: Sequence[int]) -> Selected:
    """What a selection of a side-car selects.

    Parameters
    ----------
    spec : Json
        Checked when the document was read.
    shape : sequence of int
        Of the dataset, for ``"all"``.

    Returns
    -------
    Selected

    Raises
    ------
    FormatError
        If it does not fit the number of axes.
    UnsupportedError
        If it has too many elements.
    """
    if spec == "all":
        made: Selected = Product(tuple(Regular(0, 1, 1, size) for size in shape))
    elif spec == "none":
        made = Product(tuple(Regular(0, 1, 1, 0) for _ in shape))
    elif "blocks" in spec:
        made = _of_blocks(spec["blocks"], len(shape))
    else:
        made = _of_slab(spec, len(shape))
    if made.unlimited is None and made.count > _MOST_ELEMENTS:
        raise UnsupportedError(f"a selection of {made.count:,} elements is too large", hint=_DAMAGED)
    return made


def _of_slab(spec: dict[str, Any], axes: int) -> Product:
    if "start" not in spec or "count" not in spec:
        raise FormatError(f"{spec} is no selection", hint=_DAMAGED)
    ones = [1] * axes
    parts = [spec.get(name, ones) for name in ("start", "stride", "count", "block")]
    if any(len(part) != axes for part in parts):
        raise FormatError(f"{spec} is no selection of {axes} axes", hint=_DAMAGED)
    out = Product(tuple(map(_indices, *parts)))
    if sum(axis.length is None for axis in out.axes) > 1:
        raise FormatError(f"{spec} has no end along more than one axis", hint=_DAMAGED)
    return out


def _indices(start: int, stride: int, count: int | None, block: int | None) -> Regular:
    if count == 0 or block == 0:
        return Regular(start, 1, 1, 0)
    if count == 1 or block is None:
        if count != 1 and block is None:
            raise FormatError("a block without end does not come more than once", hint=_DAMAGED)
        return Regular(start, 1, 1, block)
    if stride < block:
        raise FormatError(f"blocks of {block} at a distance of {stride} overlap", hint=_DAMAGED)
    return Regular(start, stride, block, None if count is None else count * block)


def _of_blocks(blocks: list[Any], axes: int) -> Selected:
    if any(len(corner) != axes for block in blocks for corner in block):
        raise FormatError(f"blocks of another number of axes than {axes}", hint=_DAMAGED)
    low, high = np.array(blocks, np.int64).transpose(1, 0, 2)
    if (low > high).any():
        raise FormatError("a block ends before it begins", hint=_DAMAGED)
    ranges = [np.unique(np.stack([low[:, axis], high[:, axis]]), axis=1) for axis in range(axes)]
    apart = all(np.all(ends[:-1] < starts[1:]) for starts, ends in ranges)
    each_once = len(np.unique(np.concatenate([low, high], axis=1), axis=0))
    if apart and each_once == math.prod(len(starts) for starts, _ in ranges):
        return Product(tuple(Listed(starts, ends - starts + 1) for starts, ends in ranges))
    sizes = [math.prod(block) for block in (high - low + 1).tolist()]
    box = math.prod((high.max(axis=0) - low.min(axis=0) + 1).tolist())
    if sum(sizes) > _MOST_POINTS or box > _MOST_ELEMENTS:
        raise UnsupportedError(
            f"a selection of {sum(sizes):,} elements that is no product of its axes is too large",
            hint="Make the virtual dataset of several sources with simple selections.",
        )
    points = np.concatenate([_box(*block) for block in zip(low, high, strict=True)])
    return Points(np.unique(points, axis=0))


def _box(low: Numbers, high: Numbers) -> Numbers:
    ranges = [np.arange(start, stop + 1) for start, stop in zip(low, high, strict=True)]
    return np.stack(np.meshgrid(*ranges, indexing="ij"), axis=-1).reshape(-1, len(ranges))
