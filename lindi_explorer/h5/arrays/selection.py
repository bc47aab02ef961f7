"""What a selection reads.

h5py itself parses it and finds its mistakes; here it becomes indices for Zarr and NumPy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import h5py
import numpy as np
from h5py._hl import selections

from lindi_explorer.errors import FormatError, InvalidSelectionError

AxisIndex = slice | np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class Plan:
    """The elements a selection reads, in the order of the file.

    Attributes
    ----------
    axes : tuple or None
        A slice or an int64 array of indices for each axis; their product is read.
    points : numpy.ndarray or None
        int64 of shape (n, axes), for selections that are no product.
    shape : tuple of int
        Of the result.
    """

    axes: tuple[AxisIndex, ...] | None
    points: np.ndarray[Any, Any] | None
    shape: tuple[int, ...]

    @property
    def empty(self) -> bool:
        """Whether nothing is read."""
        return 0 in self.shape


def plan(shape: tuple[int, ...], args: tuple[Any, ...]) -> Plan:
    """Plan a read.

    Parameters
    ----------
    shape : tuple of int
        Of the dataset; at least one axis.
    args : tuple
        What stands between the brackets, without field names: everything h5py takes.

    Returns
    -------
    Plan

    Raises
    ------
    InvalidSelectionError, IndexError, TypeError
        As h5py raises ValueError, IndexError and TypeError.
    """
    try:
        selection = selections.select(shape, args, dataset=None)
    except ValueError as error:
        raise InvalidSelectionError(
            f"{error} (the dataset has the shape {shape})", hint="Ask for a part of the dataset."
        ) from error
    result = tuple(selection.array_shape)
    if not selection.nselect:
        return Plan(axes=tuple(slice(0, 0) for _ in shape), points=None, shape=result)
    out = plan_space(selection.id, result)
    for size, ends in zip(shape, _ends(out), strict=True):
        if ends >= size:
            raise InvalidSelectionError(
                f"index {ends} is out of range for an axis of {size} (the dataset has the shape {shape})",
                hint="Ask for a part of the dataset.",
            )
    return out


def _ends(read: Plan) -> list[int]:
    """The largest index along each axis; a list of indices is not checked by h5py."""
    if read.points is not None:
        return [int(end) for end in read.points.max(axis=0)]
    assert read.axes is not None
    return [axis.stop - 1 if isinstance(axis, slice) else int(axis.max()) for axis in read.axes]


def plan_space(space: Any, shape: tuple[int, ...]) -> Plan:
    """Plan a read of an HDF5 dataspace's selection.

    Parameters
    ----------
    space : h5py.h5s.SpaceID
    shape : tuple of int
        Of the result.

    Returns
    -------
    Plan
    """
    kind = space.get_select_type()
    if kind == h5py.h5s.SEL_NONE:
        return Plan(axes=tuple(slice(0, 0) for _ in space.shape), points=None, shape=shape)
    if kind == h5py.h5s.SEL_POINTS:
        return Plan(axes=None, points=space.get_select_elem_pointlist().astype(np.int64), shape=shape)
    if kind != h5py.h5s.SEL_HYPERSLABS:
        return Plan(axes=tuple(slice(0, size) for size in space.shape), points=None, shape=shape)
    if space.is_regular_hyperslab():
        return Plan(axes=tuple(map(_axis, *space.get_regular_hyperslab())), points=None, shape=shape)
    return _irregular(space.get_select_hyper_blocklist().astype(np.int64), shape)


def taken(array: np.ndarray[Any, Any], space: Any) -> np.ndarray[Any, Any]:
    """The elements of an array that a dataspace selects, flat, in the order of the array."""
    read = plan_space(space, (space.get_select_npoints(),))
    part = np.asarray(array[index_of(read)])
    return part.reshape(-1, *array.shape[len(space.shape) :])


def put(array: np.ndarray[Any, Any], space: Any, values: np.ndarray[Any, Any]) -> None:
    """Put flat values where a dataspace selects elements of an array."""
    read = plan_space(space, (space.get_select_npoints(),))
    index = index_of(read)
    array[index] = values.reshape(array[index].shape)


def index_of(read: Plan) -> Any:
    """What NumPy takes as an index for a plan."""
    return tuple(read.points.T) if read.points is not None else product_index(read.axes or ())


def product_index(axes: Sequence[AxisIndex]) -> Any:
    """What NumPy takes as an index for the product of some axes."""
    if all(isinstance(axis, slice) for axis in axes):
        return tuple(axes)
    return np.ix_(
        *(np.arange(axis.start, axis.stop, axis.step) if isinstance(axis, slice) else axis for axis in axes)
    )


def starting_at(read: Plan, start: tuple[int, ...]) -> Plan:
    """The same selection somewhere else.

    Parameters
    ----------
    read : Plan
        Not empty.
    start : tuple of int
        Where the box around it begins.

    Returns
    -------
    Plan
    """
    if read.axes is None:
        return read
    axes: list[AxisIndex] = []
    for axis, first in zip(read.axes, start, strict=True):
        if isinstance(axis, slice):
            axes.append(slice(first, first + axis.stop - axis.start, axis.step))
        else:
            axes.append(axis + (first - axis[0]))
    return Plan(axes=tuple(axes), points=None, shape=read.shape)


def plan_region(shape: tuple[int, ...], region: Any) -> Plan:
    """Plan a read of a region reference's selection.

    Parameters
    ----------
    shape : tuple of int
        Of the dataset.
    region : Json
        ``{"blocks": [[start, end], ...]}``, ``{"points": [...]}``, ``"all"`` or ``"none"``.

    Returns
    -------
    Plan

    Raises
    ------
    FormatError
        If it is something else, or does not fit the shape.
    """
    space = region_space(shape, region)
    # As h5py shapes it: the box where the region is one, else a flat list.
    return plan_space(space, selections.guess_shape(space) or (space.get_select_npoints(),))


def region_space(shape: tuple[int, ...], region: Any) -> Any:
    """The dataspace of a region reference's selection.

    Parameters
    ----------
    shape, region
        As for `plan_region`.

    Returns
    -------
    h5py.h5s.SpaceID

    Raises
    ------
    FormatError
        If it is something else, or does not fit the shape.
    """
    space = h5py.h5s.create_simple(shape)
    try:
        if region == "none":
            space.select_none()
        elif region != "all":
            _select(space, region)
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        raise FormatError(
            f"{region!r} is no region of a dataset of shape {shape}", hint="The file is damaged."
        ) from error
    return space


def _select(space: Any, region: dict[str, Any]) -> None:
    if "points" in region:
        space.select_elements(np.array(region["points"], dtype=np.uint64))
        return
    space.select_none()
    for low, high in region["blocks"]:
        count = tuple(stop - start + 1 for start, stop in zip(low, high, strict=True))
        space.select_hyperslab(tuple(low), count, op=h5py.h5s.SELECT_OR)


def _axis(start: int, stride: int, count: int, block: int) -> AxisIndex:
    if block == 1:
        return slice(start, start + (count - 1) * stride + 1, stride)
    if count == 1:
        return slice(start, start + block)
    return (start + np.arange(count)[:, None] * stride + np.arange(block)[None, :]).reshape(-1)


def _irregular(blocks: np.ndarray[Any, Any], shape: tuple[int, ...]) -> Plan:
    """Blocks (n, 2, axes) with both ends included: a product of index lists wherever they are one."""
    axes: list[AxisIndex] = []
    for axis in range(blocks.shape[2]):
        parts = np.unique(blocks[:, :, axis], axis=0)
        axes.append(np.unique(np.concatenate([np.arange(low, high + 1) for low, high in parts])))
    total = int(np.prod([len(index) for index in axes if isinstance(index, np.ndarray)]))
    if total == int(np.prod(blocks[:, 1] - blocks[:, 0] + 1, axis=1).sum()):
        return Plan(axes=tuple(axes), points=None, shape=shape)
    points = np.concatenate([_points(low, high) for low, high in blocks])
    # HDF5 reads in the order of the file, whatever the order of the blocks.
    return Plan(axes=None, points=points[np.lexsort(points.T[::-1])], shape=shape)


def _points(low: np.ndarray[Any, Any], high: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    ranges = [np.arange(start, stop + 1) for start, stop in zip(low, high, strict=True)]
    return np.stack(np.meshgrid(*ranges, indexing="ij"), axis=-1).reshape(-1, len(ranges))
