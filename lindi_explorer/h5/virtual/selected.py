"""What a selection of a virtual dataset or of a source selects, as a document says it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lindi_explorer.errors import FormatError
from lindi_explorer.h5.virtual.blocks import of_blocks
from lindi_explorer.h5.virtual.indices import Regular
from lindi_explorer.h5.virtual.points import NOTHING, Points, Room
from lindi_explorer.h5.virtual.product import Product
from lindi_explorer.references.checks import DAMAGED, short

Selected = Product | Points


def selected(spec: Any, shape: Sequence[int], room: Room) -> Selected:
    """What a selection of a side-car selects.

    Parameters
    ----------
    spec : Json
        Checked when the document was read.
    shape : sequence of int
        Of the dataset, for ``"all"``.
    room : Room
        For what has to be written out.

    Returns
    -------
    Selected

    Raises
    ------
    FormatError
        If it does not fit the number of axes, or has indices that no dataset has.
    UnsupportedError
        If it has too many elements.
    """
    if spec == "all":
        return Product(tuple(Regular(0, 1, 1, size) for size in shape))
    if spec == "none":
        # The product of no axes is one element.
        return Product(tuple(Regular(0, 1, 1, 0) for _ in shape)) if shape else Points((), (), NOTHING)
    if "blocks" in spec:
        return of_blocks(spec["blocks"], len(shape), room)
    return _of_slab(spec, len(shape))


def _of_slab(spec: dict[str, Any], axes: int) -> Product:
    if "start" not in spec or "count" not in spec:
        raise FormatError(f"{short(spec)} is no selection", hint=DAMAGED)
    ones = [1] * axes
    parts = [spec.get(name, ones) for name in ("start", "stride", "count", "block")]
    if any(len(part) != axes for part in parts):
        raise FormatError(f"{short(spec)} is no selection of {axes} axes", hint=DAMAGED)
    out = Product(tuple(map(_indices, *parts)))
    if sum(axis.length is None for axis in out.axes) > 1:
        raise FormatError(f"{short(spec)} has no end along more than one axis", hint=DAMAGED)
    return out


def _indices(start: int, stride: int, count: int | None, block: int | None) -> Regular:
    if count == 0 or block == 0:
        return Regular(start, 1, 1, 0)
    if count == 1 or block is None:
        if count != 1 and block is None:
            raise FormatError("a block without end does not come more than once", hint=DAMAGED)
        return Regular(start, 1, 1, block)
    if stride < block:
        raise FormatError(f"blocks of {block} at a distance of {stride} overlap", hint=DAMAGED)
    return Regular(start, stride, block, None if count is None else count * block)
