"""How long a virtual dataset is along an axis without end, and the blocks that have a source each."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING

from lindi_explorer.byterange import redact_url
from lindi_explorer.errors import UnsupportedError
from lindi_explorer.h5.virtual.circles import count_source
from lindi_explorer.h5.virtual.mapping import Mapping, block
from lindi_explorer.h5.virtual.product import Product

if TYPE_CHECKING:
    from lindi_explorer.h5.virtual.data import VirtualData

_MOST_BLOCKS = 10_000
"""Numbered sources of one mapping."""


def extent(data: VirtualData, shape: tuple[int, ...]) -> tuple[int, ...]:
    """The shape of a virtual dataset now, as HDF5 has it: to the last element that there is.

    Parameters
    ----------
    data : VirtualData
    shape : tuple of int
        When it was made.

    Returns
    -------
    tuple of int
    """
    least, found = [0] * len(shape), [-1] * len(shape)
    for mapping in data.mappings:
        along = mapping.to.unlimited
        if isinstance(mapping.to, Product) or mapping.to.count:
            for axis, (_, stop) in enumerate(mapping.to.box):
                if axis != along:
                    least[axis] = max(least[axis], stop)
        if along is not None:
            found[along] = max(found[along], _reach(data, mapping, along))
    return tuple(
        size if reach < 0 else max(reach, low) for size, reach, low in zip(shape, found, least, strict=True)
    )


def _reach(data: VirtualData, mapping: Mapping, along: int) -> int:
    """Behind the last element along the axis without end."""
    if mapping.is_numbered:
        number = _count(data, mapping)
        return _stop(block(mapping, number - 1), along) if number else 0
    count_source()
    with data.source(mapping) as source:
        # Asked once: of a virtual dataset it is found out each time.
        shape = None if source is None else source.shape
        if shape is None:
            return 0
        to, _ = mapping.source(shape)
    return to.box[along][1] if to.count else 0


def _stop(mapping: Mapping, along: int) -> int:
    return mapping.to.box[along][1]


def _count(data: VirtualData, mapping: Mapping) -> int:
    """How many numbered sources there are, without a gap."""
    for number in itertools.count():
        if number > _MOST_BLOCKS:
            raise UnsupportedError(
                f"there are more than {_MOST_BLOCKS:,} files or datasets {redact_url(mapping.file)}, "
                f"{mapping.dataset}",
                hint="Open them themselves.",
            )
        count_source()
        with data.source(block(mapping, number)) as source:
            if source is None:
                return number
    raise AssertionError


def blocks_of(data: VirtualData, mapping: Mapping, low: list[int], high: list[int]) -> Iterator[Mapping]:
    """The blocks of a mapping with numbered sources that a box touches.

    Parameters
    ----------
    data : VirtualData
    mapping : Mapping
    low, high : list of int
        First indices, and behind the last.

    Yields
    ------
    Mapping
        With one source.
    """
    along = mapping.to.unlimited
    assert along is not None
    for number in range(_count(data, mapping)):
        one = block(mapping, number)
        start, stop = one.to.box[along]
        if start < high[along] and low[along] < stop:
            yield one
