"""Writing to datasets that are there: selections and shapes, each one step of the journal."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lindi_explorer.h5.arrays.adopt import adopted
from lindi_explorer.h5.arrays.boxes import Box
from lindi_explorer.h5.arrays.encode import RawChunks
from lindi_explorer.h5.arrays.scratch import as_stored
from lindi_explorer.h5.arrays.selection import Plan, plan_space, starting_at
from lindi_explorer.h5.arrays.splitting import in_pieces
from lindi_explorer.h5.arrays.writing import one_chunk, with_scalar, write_raw, write_typed
from lindi_explorer.h5.raw_files import raw_files, write_into
from lindi_explorer.h5.virtual.data import require_own
from lindi_explorer.hdf5.inline import inline_metadata
from lindi_explorer.hdf5.sidecar import as_zarr_fill
from lindi_explorer.hdf5.types import array_parts
from lindi_explorer.references.annotations import EXTERNAL_ARRAY_LINK
from lindi_explorer.references.chunks import Reference, chunk_grid
from lindi_explorer.references.model import Node
from lindi_explorer.references.written import PendingChunk, WrittenChunks
from lindi_explorer.staging.edits import DataEdit, Edit, NodeEdit, data_record
from lindi_explorer.staging.node_record import NodeRecord
from lindi_explorer.staging.pending import Pending

if TYPE_CHECKING:
    from lindi_explorer.h5.arrays.data import ArrayData
    from lindi_explorer.h5.identity import Writing
    from lindi_explorer.h5.view import View


def write(view: View, path: str, writings: Sequence[Writing | Box], what: str) -> None:
    """Write what h5py would have HDF5 write.

    Parameters
    ----------
    view : View
        Whose `editing` lock is held.
    path : str
        Of a dataset with data.
    writings : sequence of Writing or Box
        Boxes only of a dataset with axes.
    what : str
        For the journal, e.g. ``data of x``.
    """
    data = view.data(path)
    data.require_readable()
    require_own(data, path)
    if not writings:
        return
    old = data.node
    if data.shape == ():
        _write_scalar(view, path, data, writings, what.replace("data", "value", 1))
        return
    node = adopted(view, path, data) if EXTERNAL_ARRAY_LINK in old.attributes and data.link else old
    data = data if node is old else view.data_of(path, node)
    plans = _planned(data, writings)
    if raw_files(node) is not None:
        write_into(view, node, path, plans)
        return
    if _is_typed(node):
        node = write_typed(view, node, data.dtype, lambda: data.whole().copy(), plans)
    else:
        node = write_raw(view, node, plans)
    view.journal.apply(f"Set {what}", [NodeEdit(path, NodeRecord(old), NodeRecord(node))])


def _is_typed(node: Node) -> bool:
    return np.dtype((node.array or {})["dtype"]).kind in "OU"


def _planned(
    data: ArrayData, writings: Sequence[Writing | Box]
) -> Iterator[tuple[Plan, np.ndarray[Any, Any]]]:
    for writing in writings:
        if isinstance(writing, Box):
            yield writing
            continue
        count = writing.space.get_select_npoints()
        plan = starting_at(plan_space(writing.space, (count,)), writing.start)
        stored = as_stored(
            writing.values, writing.kind, data.dtype, count, lambda plan=plan: data.take(plan).reshape(-1)
        )
        yield plan, stored


def _write_scalar(
    view: View, path: str, data: ArrayData, writings: Sequence[Writing | Box], what: str
) -> None:
    dtype = data.dtype
    value = data.whole()
    for writing in writings:
        assert not isinstance(writing, Box)
        held = value.reshape(1, *array_parts(dtype)[1])
        stored = as_stored(writing.values, writing.kind, dtype, 1, lambda held=held: held)
        value = stored.reshape(array_parts(dtype)[1])
    new = with_scalar(data.node, dtype, value)
    edit: Edit = NodeEdit(path, NodeRecord(data.node), NodeRecord(new))
    if EXTERNAL_ARRAY_LINK not in data.node.attributes:
        before, after = data_record(data.node), data_record(new)
        if before == after:
            return
        edit = DataEdit(path, before, after)
    view.journal.apply(f"Set {what}", [edit])


# ---------------------------------------------------------------- another shape


def resize(view: View, path: str, shape: tuple[int, ...], what: str) -> None:
    """Give a dataset another shape.

    Parameters
    ----------
    view : View
        Whose `editing` lock is held.
    path : str
    shape : tuple of int
        Within the maximal shape.
    what : str
        For the journal.
    """
    data = view.data(path)
    data.require_readable()
    require_own(data, path)
    if shape == data.shape:
        return
    old = data.node
    node = adopted(view, path, data) if data.link else old
    data = data if node is old else view.data_of(path, node)
    node = _with_fill(_with_limits(node, data), data)
    made = _resized_typed(view, node, data, shape) if _is_typed(node) else _resized_raw(view, node, shape)
    view.journal.apply(f"Set {what}", [NodeEdit(path, NodeRecord(old), NodeRecord(made))])


def _with_limits(node: Node, data: ArrayData) -> Node:
    """The side-car with what the shape alone would not say any more."""
    array: dict[str, Any] = node.array or {}
    sidecar = {"maxshape": list(data.shape or ()), "chunks": array["chunks"], **node.sidecar}
    if not _is_typed(node) and sidecar["chunks"] == array["chunks"]:
        del sidecar["chunks"]
    return Node(node.attributes, array, node.chunks, sidecar)


def _with_fill(node: Node, data: ArrayData) -> Node:
    """The fill value where new elements take it from; while all chunks are there, none comes from there."""
    array: dict[str, Any] = node.array or {}
    every = math.prod(chunk_grid(array["shape"], array["chunks"]))
    if _is_typed(node) or "fill" not in node.sidecar or len(node.chunks) != every:
        return node
    fill = as_zarr_fill(data.fillvalue, data.dtype)
    return Node(node.attributes, {**array, "fill_value": fill}, node.chunks, node.sidecar)


def _resized_typed(view: View, node: Node, data: ArrayData, shape: tuple[int, ...]) -> Node:
    if 0 in shape:
        return Node(
            node.attributes, inline_metadata(shape, None), WrittenChunks({}, (0,) * len(shape)), node.sidecar
        )
    blank = Node(node.attributes, inline_metadata(shape, None), {}, node.sidecar)
    out = view.data_of("", blank).whole().copy()
    box = tuple(slice(0, min(one, other)) for one, other in zip(shape, data.shape or (), strict=True))
    if 0 not in (data.shape or ()):
        out[box] = data.whole()[box]
    return one_chunk(view, node, data.dtype, out)[0]


def _resized_raw(view: View, node: Node, shape: tuple[int, ...]) -> Node:
    if any(now < then for now, then in zip(shape, (node.array or {})["shape"], strict=True)):
        node = in_pieces(node)
    array: dict[str, Any] = node.array or {}
    old, edges = array["shape"], array["chunks"]
    before, grid = chunk_grid(old, edges), chunk_grid(shape, edges)
    chunks = WrittenChunks.over(node.chunks, before)
    blanked: dict[tuple[int, ...], Reference | PendingChunk | None] = {}
    codec = RawChunks(array, view.reader)
    for axis, (now, then, edge) in enumerate(zip(shape, old, edges, strict=True)):
        if now >= then or not now % edge:
            continue
        # What is beyond the new end must be fill value when the dataset grows again, as in HDF5.
        ranges = [range(count) for count in grid]
        ranges[axis] = range(now // edge, now // edge + 1)
        where = (*(slice(None),) * axis, slice(now % edge, None))
        for index in itertools.product(*ranges):
            current = blanked.get(index, chunks.current(index))
            if current is None:
                continue
            if not isinstance(current, Pending):
                reference = current.data() if isinstance(current, PendingChunk) else current
                current = Pending(codec.decode(reference), codec.encode, codec.decode, view.room)
            blanked[index] = current.changed(where, codec.blank()[where])
    made = chunks.with_chunks(blanked).resized(grid)
    return Node(node.attributes, {**array, "shape": list(shape)}, made, node.sidecar)
