"""One HDF5 dataset -> one node: the table of ways is `DatasetMapper._ways` (format sections 5-8)."""

from __future__ import annotations

from typing import Any

import h5py
import numpy as np

from lindi_explorer.errors import LindiError
from lindi_explorer.hdf5 import layout
from lindi_explorer.hdf5.filters import Filter, codecs_of, filters_of
from lindi_explorer.hdf5.inline import inline_node, read_all, zarr_dtype
from lindi_explorer.hdf5.names import ObjectNames
from lindi_explorer.hdf5.types import type_of
from lindi_explorer.hdf5.values import Json, encode, encode_float
from lindi_explorer.references.annotations import EXTERNAL_ARRAY_LINK, SCALAR
from lindi_explorer.references.chunks import ChunkTable, chunk_grid
from lindi_explorer.references.model import Node

_FEW = 1000
"""Numeric arrays of fewer elements are kept in the document, as upstream does."""

_LARGE = 1 << 20
"""Booleans and fixed strings of more bytes than this are mapped, not inlined: upstream reads both."""

_HUGE = 1 << 28
"""Data of more bytes than this never goes into the document."""

_UNREADABLE = (MemoryError, OSError, RuntimeError, TypeError, ValueError, KeyError, LindiError)
"""What HDF5 and h5py raise for objects they cannot read."""


class DatasetMapper:
    """Maps the datasets of one file.

    Parameters
    ----------
    names : ObjectNames
    url : str
        Address of the file; empty where there is none.
    most_chunks : int or None
        A dataset with more chunks becomes an external array link.
    largest_piece : int or None
        Contiguous data of more bytes is cut.
    """

    def __init__(
        self, names: ObjectNames, url: str, *, most_chunks: int | None, largest_piece: int | None
    ) -> None:
        self._names = names
        self._url = url
        self._most_chunks = most_chunks
        self._largest_piece = largest_piece

    def map(self, dataset: h5py.Dataset, attributes: dict[str, Json], sidecar: dict[str, Any]) -> Node:
        """Make the node of a dataset.

        Parameters
        ----------
        dataset : h5py.Dataset
        attributes : dict
            Content of ``.zattrs``.
        sidecar : dict
            Side-car of the attributes.

        Returns
        -------
        Node
            Never raises for one odd dataset: such a node says in its side-car what is wrong.
        """
        try:
            return self._map(dataset, attributes, sidecar)
        except _UNREADABLE as error:
            problem = f"HDF5 cannot read this dataset: {error}"
            shape = dataset.shape or (1,)
            metadata = _metadata(shape, tuple(max(size, 1) for size in shape), "|u1", 0, [])
            scalar = {SCALAR: True} if dataset.shape == () else {}
            return Node({**attributes, **scalar}, metadata, sidecar={**sidecar, "problem": problem})

    def _map(self, dataset: h5py.Dataset, attributes: dict[str, Json], sidecar: dict[str, Any]) -> Node:
        dtype, shape = dataset.dtype, dataset.shape
        spec = type_of(dtype)
        if shape is None:
            metadata = _metadata((0,), (1,), "|u1", 0, [])
            return Node(attributes, metadata, sidecar={**sidecar, "type": spec, "null": True})
        plist = dataset.id.get_create_plist()
        filters = filters_of(plist)
        node = (
            self._mapped(dataset, plist, filters, attributes) if _is_mappable(dtype, shape, dataset) else None
        )
        if node is None and _is_inlinable(dtype, dataset):
            node = self._inlined(dataset, attributes)
        if node is None:
            node = self._linked(dataset, attributes)
        return Node(
            node.attributes,
            node.array,
            node.chunks,
            {**sidecar, **_describe(dataset, node, filters, spec, self._names)},
        )

    # ------------------------------------------------------------ mapped: chunks are byte ranges of the file

    def _mapped(
        self, dataset: h5py.Dataset, plist: Any, filters: list[Filter], attributes: dict[str, Json]
    ) -> Node | None:
        """None where the chunks cannot be said as byte ranges that Zarr codecs decode."""
        kind = plist.get_layout()
        codecs = codecs_of(filters, dataset.dtype)
        fill = _fill_value(dataset)
        if kind == h5py.h5d.CHUNKED and codecs is not None:
            return self._chunked(dataset, codecs, fill, attributes)
        if layout.is_plain_contiguous(plist):
            return self._contiguous(dataset, fill, attributes)
        return None

    def _chunked(
        self, dataset: h5py.Dataset, codecs: list[dict[str, Any]], fill: Json, attributes: dict[str, Json]
    ) -> Node | None:
        grid = chunk_grid(dataset.shape, dataset.chunks)
        if self._most_chunks is not None and _product(grid) > self._most_chunks:
            return None
        stored = layout.stored_chunks(dataset.id)
        if stored.masked:
            return None
        if len(stored.offset) == 1 and not codecs and dataset.chunks == dataset.shape:
            # One raw chunk is the same as contiguous data, and as unhandy when it is large.
            return self._pieces(dataset, int(stored.offset[0]), fill, attributes)
        metadata = _metadata(dataset.shape, dataset.chunks, _zarr_name(dataset), fill, codecs)
        table = ChunkTable.of_file(grid, self._url, stored.index, stored.offset, stored.length)
        return Node(attributes, metadata, table)

    def _contiguous(self, dataset: h5py.Dataset, fill: Json, attributes: dict[str, Json]) -> Node:
        start = dataset.id.get_offset()
        if start is None or not dataset.size:
            edges = (
                tuple(max(size, 1) for size in dataset.shape) if dataset.size else (1,) * len(dataset.shape)
            )
            return Node(attributes, _metadata(dataset.shape, edges, _zarr_name(dataset), fill, []))
        return self._pieces(dataset, start, fill, attributes)

    def _pieces(self, dataset: h5py.Dataset, start: int, fill: Json, attributes: dict[str, Json]) -> Node:
        # A short last piece is padded by readers, which upstream does for plain numbers only.
        largest = self._largest_piece if dataset.dtype.kind in "iuf" else None
        rows = layout.split_rows(dataset.shape, dataset.dtype.itemsize, largest) or dataset.shape[0]
        table = layout.split_table(self._url, start, dataset.shape, dataset.dtype.itemsize, rows)
        metadata = _metadata(dataset.shape, (rows, *dataset.shape[1:]), _zarr_name(dataset), fill, [])
        return Node(attributes, metadata, table)

    # ------------------------------------------------------------ inlined: the data is in the document

    def _inlined(self, dataset: h5py.Dataset, attributes: dict[str, Json]) -> Node | None:
        try:
            data = read_all(dataset)
        except OSError:
            # A missing filter, or raw data in a missing file: HDF5 may find it where the link is read.
            return None
        return inline_node(data, attributes, self._names.encode, dataset.dtype)

    # ------------------------------------------------------------ linked: HDF5 itself is the reader

    def _linked(self, dataset: h5py.Dataset, attributes: dict[str, Json]) -> Node:
        """An external array link (format section 8.5): for what no Zarr codec decodes."""
        link = {"link_type": "hdf5_dataset", "name": dataset.name.lstrip("/"), "url": self._url}
        scalar = {SCALAR: True} if dataset.shape == () else {}
        shape = dataset.shape or (1,)
        kind = dataset.dtype.str if dataset.dtype.kind in "iufb" and dataset.dtype.itemsize <= 8 else "|u1"
        edges = dataset.chunks or tuple(max(size, 1) for size in shape)
        metadata = _metadata(shape, edges, kind, False if kind == "|b1" else 0, [])
        return Node({**attributes, **scalar, EXTERNAL_ARRAY_LINK: link}, metadata)


def _is_mappable(dtype: np.dtype[Any], shape: tuple[int, ...], dataset: h5py.Dataset) -> bool:
    """Whether chunks may stay in the file: their bytes are what a Zarr type says, and there are many."""
    if shape == () or zarr_dtype(dtype) is None:
        return False
    if dtype.kind in "iufc" and dtype.subdtype is None:
        return not 0 < dataset.size < _FEW
    return bool(dataset.nbytes > _LARGE) and (dtype.kind != "S" or _is_null_padded(dataset))


def _is_null_padded(dataset: h5py.Dataset) -> bool:
    return bool(dataset.id.get_type().get_strpad() != h5py.h5t.STR_SPACEPAD)


def _is_inlinable(dtype: np.dtype[Any], dataset: h5py.Dataset) -> bool:
    """Small numbers, and everything that is no plain number; not what only other files hold."""
    if dataset.is_virtual or dataset.external or dataset.nbytes > _HUGE:
        return False
    return dtype.kind not in "iufc" or dataset.size < _FEW or dataset.chunks is None


def _describe(
    dataset: h5py.Dataset, node: Node, filters: list[Filter], spec: Any, names: ObjectNames
) -> dict[str, Any]:
    """What h5py would say of the dataset and plain LINDI does not."""
    array = node.array or {}
    out: dict[str, Any] = {}
    if spec != array["dtype"]:
        out["type"] = spec
    fill = _exact_fill(dataset, array, names)
    if fill is not None:
        out["fill"] = fill
    if dataset.maxshape != dataset.shape:
        out["maxshape"] = list(dataset.maxshape)
    if dataset.shape == ():
        return out
    chunks = list(dataset.chunks) if dataset.chunks is not None else None
    if chunks != array["chunks"]:
        out["chunks"] = chunks
    codecs = codecs_of(filters, dataset.dtype)
    if filters and (codecs is None or codecs != array["filters"]):
        out["filters"] = [[item.id, item.name, list(item.parameters)] for item in filters]
    return out


def _exact_fill(dataset: h5py.Dataset, array: dict[str, Any], names: ObjectNames) -> Json:
    """The fill value for the side-car, None where ``.zarray`` says it or it is the default."""
    if dataset.dtype.subdtype is not None:
        return None
    try:
        value = np.array(dataset.fillvalue, dtype=dataset.dtype)
    except (RuntimeError, ValueError, OSError, TypeError):
        return None
    if isinstance(value[()], (h5py.Reference, h5py.RegionReference)):
        return names.encode(value[()])
    string = h5py.check_string_dtype(dataset.dtype) is not None
    if value.shape != () or (value.dtype.hasobject and not string):
        return None
    fill = encode(value, lambda _reference: None)
    default = "" if string else encode(np.zeros((), dtype=dataset.dtype), lambda _reference: None)
    return None if fill in (default, array["fill_value"]) else fill


def _fill_value(dataset: h5py.Dataset) -> Json:
    """The HDF5 fill value as ``.zarray`` has it."""
    try:
        value = dataset.fillvalue
    except (RuntimeError, ValueError, OSError):
        # Declared as undefined: then HDF5 promises nothing, and Zarr wants a number.
        value = 0
    if dataset.dtype.kind in "cV" or dataset.dtype.subdtype is not None:
        return None
    if dataset.dtype.kind == "S":
        return ""
    if dataset.dtype.kind == "b":
        return bool(value)
    return encode_float(float(value)) if dataset.dtype.kind == "f" else int(value)


def _zarr_name(dataset: h5py.Dataset) -> str:
    dtype = zarr_dtype(dataset.dtype)
    assert dtype is not None
    return dtype.str


def _metadata(
    shape: tuple[int, ...], chunks: tuple[int, ...], dtype: str, fill: Json, codecs: list[dict[str, Any]]
) -> dict[str, Any]:
    return {
        "chunks": list(chunks),
        "compressor": None,
        "dtype": dtype,
        "fill_value": fill,
        "filters": codecs or None,
        "order": "C",
        "shape": list(shape),
        "zarr_format": 2,
    }


def _product(numbers: tuple[int, ...]) -> int:
    out = 1
    for number in numbers:
        out *= number
    return out
