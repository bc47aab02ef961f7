"""Version 1 B-trees of chunks (section III.A.1, node type 1)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from lindi_explorer.hdf5.direct.source import OddError, Source

_HEAD = 24
_CHILD = 8
_MOST_LEVELS = 12


def tree_rows(source: Source, address: int, axes: int, half: int, most: int) -> npt.NDArray[np.int64]:
    """All chunks of a tree.

    Parameters
    ----------
    source : Source
    address : int
        Of its root.
    axes : int
        Of the dataset.
    half : int
        Half of the most entries that a node has.
    most : int
        Places in the grid of chunks.

    Returns
    -------
    numpy.ndarray
        Shape (axes + 3, n): first element, byte offset, length and filter mask of each chunk, in the tree's
        order.
    """
    # The size of an element counts as one more axis, whose place is always 0.
    entry = np.dtype(
        [("size", "<u4"), ("mask", "<u4"), ("at", "<u8", (axes,)), ("end", "<u8"), ("address", "<u8")]
    )
    key = entry.itemsize - _CHILD
    length = _HEAD + 2 * half * entry.itemsize + key
    seen: set[int] = set()
    level, nodes = _node_level(source, address), [address]
    while True:
        seen.update(nodes)
        found = np.frombuffer(
            b"".join([_entries(source, node, level, length, entry) for node in nodes]), entry
        )
        if not level and len(found) <= most:
            return _columns(found, axes)
        nodes = found["address"].tolist()
        if len(nodes) > most or not seen.isdisjoint(nodes) or len(set(nodes)) != len(nodes):
            raise OddError
        level -= 1


def _node_level(source: Source, address: int) -> int:
    level = source.read(address, _HEAD)[5]
    if level > _MOST_LEVELS:
        raise OddError
    return level


def _entries(source: Source, address: int, level: int, length: int, entry: np.dtype[np.void]) -> bytes:
    data = source.some(address, length)
    count = int.from_bytes(data[6:8], "little")
    end = _HEAD + count * entry.itemsize
    if data[:6] != b"TREE\1" + bytes((level,)) or end > len(data):
        raise OddError
    return data[_HEAD:end]


def _columns(found: npt.NDArray[np.void], axes: int) -> npt.NDArray[np.int64]:
    out = np.empty((axes + 3, len(found)), dtype=np.int64)
    out[:axes] = found["at"].T
    out[axes], out[axes + 1], out[axes + 2] = found["address"], found["size"], found["mask"]
    if found["end"].any() or (out[axes] < 0).any():
        raise OddError
    return out
