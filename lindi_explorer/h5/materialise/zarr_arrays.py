"""Nodes as a Zarr folder that stands alone has them: data that other files hold is encoded anew."""

from __future__ import annotations

import base64
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import h5py
import numpy as np

from lindi_explorer.byterange import redact_url
from lindi_explorer.h5.arrays.data import ArrayData
from lindi_explorer.h5.dataset import LindiH5pyDataset
from lindi_explorer.h5.materialise.linked import read_slab, slab_edges, slabs
from lindi_explorer.h5.materialise.stored import Index, is_raw
from lindi_explorer.h5.reference import encode_reference
from lindi_explorer.h5.view import View
from lindi_explorer.h5.virtual.mapping import VIRTUAL
from lindi_explorer.hdf5.inline import annotated, inline_metadata, inline_node, zarr_dtype
from lindi_explorer.hdf5.types import array_parts, type_of
from lindi_explorer.hdf5.values import encode
from lindi_explorer.references.annotations import EXTERNAL_ARRAY_LINK
from lindi_explorer.references.model import Node

_CHUNK = 16 << 20
"""Bytes of a chunk of data that had none."""


def padded(node: Node, data: bytes) -> bytes:
    """A chunk as every reader of Zarr takes it: a raw one may be short in a document (format section 7.5)."""
    array: dict[str, Any] = node.array or {}
    dtype = np.dtype(array["dtype"])
    if not data or not is_raw({**array, "order": "C"}) or dtype.kind not in "iuf":
        return data
    return data.ljust(dtype.itemsize * math.prod(array["chunks"]), b"\0")


def without_secrets(node: Node) -> Node:
    """The node; the address of the file that a link into another one stands in says no secret."""
    link = node.sidecar.get("link")
    external = link.get("external") if isinstance(link, dict) else None
    if link is None or not isinstance(external, dict) or not isinstance(external.get("base"), str):
        return node
    link = {**link, "external": {**external, "base": redact_url(external["base"])}}
    return Node(node.attributes, node.array, node.chunks, {**node.sidecar, "link": link})


@dataclass(frozen=True, slots=True)
class LinkedArray:
    """A dataset that only HDF5 reads, or a virtual one, as a Zarr array with the default compressor.

    Attributes
    ----------
    node : Node
        Without chunks.
    edges : tuple of int
        Of its chunks.
    """

    node: Node
    edges: tuple[int, ...]
    _view: View
    _data: ArrayData

    @classmethod
    def of(cls, view: View, path: str) -> LinkedArray:
        """Describe the array of a dataset that is virtual, or has an external array link.

        Parameters
        ----------
        view : View
        path : str

        Returns
        -------
        LinkedArray
        """
        data = view.data(path)
        dtype, node = data.dtype, data.node
        shape = data.shape or (1,)
        empty = 0 in shape
        edges = tuple(max(size, 1) for size in shape) if empty else slab_edges(view, data, _CHUNK) or (1,)
        zarr = zarr_dtype(dtype)
        array = {**inline_metadata(shape, zarr), "chunks": list(edges)}
        if (node.array or {})["dtype"] == array["dtype"] and dtype.kind in "iufb":
            array["fill_value"] = (node.array or {})["fill_value"]
        elif zarr is not None and (fill := _raw_fill(data)) is not None:
            array["fill_value"] = fill
        attributes = {name: value for name, value in node.attributes.items() if name != EXTERNAL_ARRAY_LINK}
        left_out = {"chunks", VIRTUAL, "filters"} if VIRTUAL in node.sidecar else {"chunks"}
        sidecar = {name: value for name, value in node.sidecar.items() if name not in left_out}
        if data.shape:
            chunks = LindiH5pyDataset(view, path, path).chunks
            if chunks is None or list(chunks) != array["chunks"]:
                sidecar["chunks"] = None if chunks is None else list(chunks)
        if (spec := type_of(dtype)) != array["dtype"]:
            sidecar["type"] = spec
        attributes = annotated(attributes, data.shape or (), dtype)
        return cls(Node(attributes, array, sidecar=sidecar), edges, view, data)

    @property
    def size(self) -> int:
        """Bytes of the decoded data."""
        return self._data.dtype.itemsize * math.prod(self._data.shape or ())

    def chunks(
        self, skip: Callable[[Index, int], bool] = lambda _index, _size: False
    ) -> Iterator[tuple[Index, bytes, int]]:
        """Read and encode the chunks that hold something.

        Parameters
        ----------
        skip : callable, optional
            Index, and size when decoded -> whether to leave a chunk out.

        Yields
        ------
        tuple
            Index, bytes, and size when decoded.
        """
        if self._data.shape is not None and 0 in self._data.shape:
            return
        dtype = self._data.dtype
        axes = len(array_parts(dtype)[1])
        for index, box in slabs(self._view, self._data, self.edges if self._data.shape else ()):
            size = dtype.itemsize * math.prod(part.stop - part.start for part in box)
            if skip(index or (0,), size):
                continue
            value = read_slab(self._view, self._data, box)
            if not box:
                value = value.reshape(1, *value.shape)
            missing = [(0, edge - size) for edge, size in zip(self.edges, value.shape, strict=False)]
            # What lies outside of the array is never read.
            whole = np.pad(value, missing + [(0, 0)] * axes, mode="edge").astype(value.dtype, copy=False)
            made = inline_node(whole, {}, encode_reference, dtype)
            (chunk,) = made.chunks.values()
            assert isinstance(chunk, bytes)
            yield index or (0,), chunk, size


def _raw_fill(data: ArrayData) -> Any:
    """The fill value of a type that Zarr has as raw bytes, None where it is zero."""
    dtype, value = data.dtype, data.fillvalue
    if value is None or dtype.subdtype is not None:
        return None
    exact = np.array(value, dtype=dtype)
    raw = exact.tobytes()
    if not any(raw):
        return None
    if dtype.kind == "c" and h5py.check_opaque_dtype(dtype) is not True:
        return encode(exact, lambda _reference: None)
    return base64.b64encode(raw).decode("ascii")
