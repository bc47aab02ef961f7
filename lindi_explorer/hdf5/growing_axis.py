"""Chunk indexes of datasets that grow along another axis than the first.

Files of HDF5 1.10 on keep such an index as an array whose entries are numbered with the growing axis in
front. HDF5 reads and writes data accordingly. But when it lists the chunks, or is asked where one of them
lies, it counts as if the axes were in their own order, and gives chunks the places of others (HDF5 2.0 still
does). Older indexes say themselves where each chunk belongs.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from lindi_explorer.references.chunks import chunk_grid

Rows = npt.NDArray[np.int64]

_MOST = 1 << 62
"""More places than any grid has of which HDF5 keeps an array."""


def growing_axis(maxshape: Sequence[int | None]) -> int | None:
    """The only axis along which a dataset may grow for ever.

    Parameters
    ----------
    maxshape : sequence of (int or None)

    Returns
    -------
    int or None
        None where there are several or none: then the index is of another kind.
    """
    growing = [axis for axis, limit in enumerate(maxshape) if limit is None]
    return growing[0] if len(growing) == 1 else None


def is_misplaced(maxshape: Sequence[int | None]) -> bool:
    """Whether HDF5 may give chunks of such a dataset the places of others.

    Parameters
    ----------
    maxshape : sequence of (int or None)

    Returns
    -------
    bool
    """
    return bool(growing_axis(maxshape))


def places_of(
    entries: npt.NDArray[np.int64], axis: int, limits: Sequence[int]
) -> tuple[npt.NDArray[np.int64], ...]:
    """The places in the grid that entries of such an array stand for.

    Parameters
    ----------
    entries : numpy.ndarray
        Their numbers.
    axis : int
        That grows.
    limits : sequence of int
        Chunks along each of the other axes at most.

    Returns
    -------
    tuple of numpy.ndarray
        One for each axis.
    """
    ahead, rest = np.divmod(entries, math.prod(limits))
    others = list(np.unravel_index(rest, tuple(limits))) if limits else []
    return (*others[:axis], ahead, *others[axis:])


def in_place(
    rows: Rows,
    chunks: tuple[int, ...],
    maxshape: Sequence[int | None],
    is_written: Callable[[tuple[int, ...]], bool],
) -> Rows:
    """Put the chunks that HDF5 has listed where they belong.

    Parameters
    ----------
    rows : numpy.ndarray
        Begins with the first element of each chunk along each axis.
    chunks : tuple of int
        Elements of a chunk along each axis.
    maxshape : sequence of (int or None)
        Of a dataset that `is_misplaced`.
    is_written : callable
        Whether there is a chunk whose first element is there; HDF5 answers that rightly.

    Returns
    -------
    numpy.ndarray
        The same rows where the index is one that says itself where its chunks belong.
    """
    axis, axes = growing_axis(maxshape), len(chunks)
    assert axis is not None
    limits = chunk_grid([limit or 0 for limit in maxshape], chunks)
    others, behind = (*limits[:axis], *limits[axis + 1 :]), limits[axis + 1 :]
    edges = np.array(chunks, dtype=np.int64)[:, np.newaxis]
    listed = rows[:axes] // edges
    inside = all((listed[at] < limits[at]).all() for at in range(axis + 1, axes))
    if not rows.shape[1] or listed[:axis].any() or not inside or not 0 < math.prod(others) < _MOST:
        return rows

    def numbered(places: Sequence[npt.NDArray[np.int64]]) -> npt.NDArray[np.int64]:
        last = np.ravel_multi_index(tuple(places[axis + 1 :]), behind) if behind else 0
        return np.asarray(places[axis] * math.prod(behind) + last)

    numbers = numbered([*listed])
    right = places_of(numbers, axis, others)
    # A place where nothing is listed tells the two kinds of index apart.
    telling = np.any(right[:axis], axis=0) | ~np.isin(numbered(right), numbers)
    if not telling.any():
        return rows
    start = np.stack(right) * edges
    if not is_written(tuple(start[:, telling.argmax()].tolist())):
        return rows
    return np.concatenate([start, rows[axes:]])
