"""Writing selections into arrays: the node with the new data, made of the one without."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lindi_explorer.h5.arrays.encode import RawChunks, TypedChunk
from lindi_explorer.h5.arrays.selection import AxisIndex, Plan, index_of, product_index
from lindi_explorer.h5.arrays.splitting import in_pieces
from lindi_explorer.h5.reference import encode_reference
from lindi_explorer.hdf5.inline import inline_metadata, inline_node
from lindi_explorer.hdf5.types import array_parts, type_of
from lindi_explorer.references.annotations import COMPOUND
from lindi_explorer.references.chunks import Reference, chunk_grid
from lindi_explorer.references.model import Node
from lindi_explorer.references.written import PendingChunk, WrittenChunks
from lindi_explorer.staging.pending import Pending

if TYPE_CHECKING:
    from lindi_explorer.h5.view import View

Values = np.ndarray[Any, Any]
Index = tuple[int, ...]


def write_raw(view: View, node: Node, plans: Iterable[tuple[Plan, Values]]) -> Node:
    """Write into an array whose elements are of fixed size.

    Parameters
    ----------
    view : View
    node : Node
    plans : iterable of (Plan, numpy.ndarray)
        What is written, and the values in the order of the file: shape (n,), axes of an array type behind.

    Returns
    -------
    Node
        Chunks that are written as a whole are encoded and kept at once, others when they are needed.
    """
    plans = iter(plans)
    first = list(itertools.islice(plans, 1))
    if not all(_writes_whole_chunks(plan, node) for plan, _ in first):
        node = in_pieces(node)
    assert node.array is not None
    array: dict[str, Any] = node.array
    codec = RawChunks(array, view.reader)
    chunks = WrittenChunks.over(node.chunks, chunk_grid(array["shape"], array["chunks"]))
    states: dict[Index, Reference | PendingChunk | None] = {}
    for plan, values in itertools.chain(first, plans):
        flat = as_zarr(values, codec.dtype)
        for index, inner, outer, whole in chunk_parts(plan, array["shape"], array["chunks"]):
            part = flat[outer] if plan.points is not None else flat.reshape(_lengths(plan))[outer]
            if whole:
                if part.shape == codec.shape:
                    chunk = part
                else:
                    chunk = codec.blank()
                    chunk[inner] = part
                states[index] = view.room.keep(codec.outgoing(chunk))
                continue
            current = states[index] if index in states else chunks.current(index)
            if not isinstance(current, Pending):
                chunk = codec.blank() if current is None else codec.decode(_reference(current))
                current = Pending(chunk, codec.encode, codec.decode, view.room)
            states[index] = current.changed(inner, part)
    return Node(node.attributes, node.array, chunks.with_chunks(states), node.sidecar)


def _writes_whole_chunks(plan: Plan, node: Node) -> bool:
    """Whether a plan is a box that leaves no chunk in part as it was."""
    array: dict[str, Any] = node.array or {}
    return all(
        isinstance(axis, slice)
        and (axis.step or 1) == 1
        and axis.start % edge == 0
        and (axis.stop % edge == 0 or axis.stop == size)
        for axis, edge, size in zip(plan.axes or (None,), array["chunks"], array["shape"], strict=False)
    )


def _reference(current: Reference | PendingChunk) -> Reference:
    return current.data() if isinstance(current, PendingChunk) else current


def as_zarr(values: Values, dtype: np.dtype[Any]) -> Values:
    """Values of an HDF5 type as the Zarr type that has the same bytes."""
    if values.ndim == 1 and values.dtype.itemsize == dtype.itemsize:
        return np.ascontiguousarray(values).view(dtype)
    return np.frombuffer(values.tobytes(), dtype=dtype)


def write_typed(
    view: View, node: Node, dtype: np.dtype[Any], whole: Any, plans: Iterable[tuple[Plan, Values]]
) -> Node:
    """Write into an array that is kept as JSON values: all of it is one chunk.

    Parameters
    ----------
    view : View
    node : Node
        With at least one axis.
    dtype : numpy.dtype
        With h5py's marks.
    whole : callable
        Gives all the data, the caller's own.
    plans : iterable of (Plan, numpy.ndarray)
        As for `write_raw`.

    Returns
    -------
    Node
    """
    assert node.array is not None
    state = pending_whole(node)
    if state is None:
        node, state = one_chunk(view, node, dtype, whole())
    for plan, values in plans:
        where: Any = index_of(plan)
        part = values if plan.points is not None else values.reshape(_lengths(plan) + values.shape[1:])
        state = state.changed(where, part)
    index = (0,) * node.axes
    chunks = WrittenChunks.over(node.chunks, (1,) * node.axes).with_chunks({index: state})
    return Node(node.attributes, node.array, chunks, node.sidecar)


def pending_whole(node: Node) -> Pending | None:
    """The state of the only chunk of an array that is being written, None where there is none."""
    if not isinstance(node.chunks, WrittenChunks) or node.chunks.grid != (1,) * node.axes or node.chunks.base:
        return None
    found = node.chunks.current((0,) * node.axes)
    return found if isinstance(found, Pending) else None


def one_chunk(view: View, node: Node, dtype: np.dtype[Any], data: Values) -> tuple[Node, Pending]:
    """An array kept as JSON values with other data, of any shape, in one chunk that is being written.

    Parameters
    ----------
    view : View
    node : Node
        Gives attributes and side-car.
    dtype : numpy.dtype
    data : numpy.ndarray
        All of it, with the axes of an array type behind; not empty. It belongs to the chunk from now on.

    Returns
    -------
    Node
    Pending
    """
    shape = data.shape[: data.ndim - len(array_parts(dtype)[1])]
    metadata = inline_metadata(shape, None)
    codec = TypedChunk(metadata, dtype, view.reader)
    state = Pending(data, codec.encode, codec.decode, view.room)
    chunks = WrittenChunks({}, (1,) * len(shape)).with_chunks({(0,) * len(shape): state})
    return Node(node.attributes, metadata, chunks, _keeping_chunks(node, metadata)), state


def _keeping_chunks(node: Node, metadata: dict[str, Any]) -> dict[str, Any]:
    """The side-car, with the chunk shape that HDF5 has where the metadata does not say it any more."""
    old = (node.array or {}).get("chunks")
    if "chunks" in node.sidecar or old == metadata["chunks"]:
        return node.sidecar
    return {**node.sidecar, "chunks": old}


def with_scalar(node: Node, dtype: np.dtype[Any], data: Values) -> Node:
    """The node of a scalar with another value.

    Parameters
    ----------
    node : Node
    dtype : numpy.dtype
        With h5py's marks.
    data : numpy.ndarray
        Of shape ``()``; the axes of an array type behind.

    Returns
    -------
    Node
    """
    made = inline_node(data, {}, encode_reference, dtype)
    sidecar = {name: value for name, value in node.sidecar.items() if name != "problem"}
    if "type" not in sidecar and (
        COMPOUND in made.attributes or (made.array or {})["dtype"] != type_of(dtype)
    ):
        # Text that grows gets another Zarr dtype; the HDF5 type stays what it was.
        sidecar["type"] = type_of(dtype)
    return Node(node.attributes, made.array, made.chunks, sidecar)


# ---------------------------------------------------------------- which chunks, and where in them


def _lengths(plan: Plan) -> tuple[int, ...]:
    return tuple(_length(axis) for axis in plan.axes or ())


def _length(axis: AxisIndex) -> int:
    return len(range(axis.start, axis.stop, axis.step or 1)) if isinstance(axis, slice) else len(axis)


def chunk_parts(
    plan: Plan, shape: Sequence[int], edges: Sequence[int]
) -> Iterator[tuple[Index, Any, Any, bool]]:
    """Chunk index, index into the chunk, index into the values, whether the chunk is written as a whole."""
    if plan.points is not None:
        yield from _points(plan.points, edges)
        return
    axes = [
        list(_along(axis, edge, size)) for axis, edge, size in zip(plan.axes or (), edges, shape, strict=True)
    ]
    for combination in itertools.product(*axes):
        index = tuple(number for number, _, _, _ in combination)
        inner = product_index([part for _, part, _, _ in combination])
        outer = tuple(part for _, _, part, _ in combination)
        yield index, inner, outer, all(whole for _, _, _, whole in combination)


def _along(axis: AxisIndex, edge: int, size: int) -> Iterator[tuple[int, AxisIndex, slice, bool]]:
    """The same along one axis; the part of the values is a slice, as indices ascend."""
    if isinstance(axis, slice) and (axis.step or 1) == 1:
        for number in range(axis.start // edge, (axis.stop - 1) // edge + 1):
            low, high = max(axis.start, number * edge), min(axis.stop, (number + 1) * edge)
            whole = low == number * edge and high == min((number + 1) * edge, size)
            inner = slice(low - number * edge, high - number * edge)
            yield number, inner, slice(low - axis.start, high - axis.start), whole
        return
    indices = np.arange(axis.start, axis.stop, axis.step) if isinstance(axis, slice) else axis
    numbers = indices // edge
    for number in np.unique(numbers).tolist():
        first, last = np.searchsorted(numbers, number), np.searchsorted(numbers, number, side="right")
        yield number, indices[first:last] - number * edge, slice(int(first), int(last)), False


def _points(points: Values, edges: Sequence[int]) -> Iterator[tuple[Index, Any, Any, bool]]:
    numbers = points // np.array(edges)
    order = np.lexsort(numbers.T[::-1])
    starts = np.flatnonzero(np.any(np.diff(numbers[order], axis=0), axis=1)) + 1
    for group in np.split(order, starts):
        index = tuple(numbers[group[0]].tolist())
        inner = tuple((points[group] - numbers[group] * np.array(edges)).T)
        yield index, inner, group, False
