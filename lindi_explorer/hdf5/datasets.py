"""One HDF5 dataset -> one node, in one of three ways (format sections 5-8).

mapped
    The chunks stay in the file, as byte ranges: data of fixed size whose filters Zarr codecs undo.
inlined
    The data goes into the document: scalars, strings, compounds, references, short arrays.
linked
    An external array link: HDF5 itself is the reader, for what no Zarr codec decodes.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import h5py
import numpy as np

from lindi_explorer.errors import LindiError, UnsupportedError
from lindi_explorer.hdf5.direct.edges import edges_filtered
from lindi_explorer.hdf5.direct.objects import Objects
from lindi_explorer.hdf5.facts import Facts, Hdf5Facts, read_all
from lindi_explorer.hdf5.filters import recoder
from lindi_explorer.hdf5.inline import annotated, inline_node, lazy_inline_node, zarr_dtype
from lindi_explorer.hdf5.layout import ChunkIndex, split_rows, split_table
from lindi_explorer.hdf5.names import ObjectNames
from lindi_explorer.hdf5.sidecar import describe, zarr_fill
from lindi_explorer.hdf5.types import type_of
from lindi_explorer.hdf5.values import Json
from lindi_explorer.hdf5.virtual_layout import sources_of_layout
from lindi_explorer.references.annotations import EXTERNAL_ARRAY_LINK, SCALAR
from lindi_explorer.references.chunks import LazyChunkTable
from lindi_explorer.references.model import Node

_FEW = 1000
"""Numeric arrays of fewer elements are kept in the document, as upstream does."""

_LARGE = 1 << 20
"""Booleans, fixed strings and raw types of more bytes than this are mapped: upstream reads both ways."""

_HUGE = 1 << 28
"""Data of more bytes than this never goes into the document."""

_UNREADABLE = (MemoryError, OSError, RuntimeError, TypeError, ValueError, KeyError, LindiError)
"""What HDF5 and h5py raise for objects they cannot read."""


_TIME = "its type is H5T_TIME, which HDF5 does not convert and NumPy does not have"


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
    ahead : callable, optional
        Fetches the metadata of one dataset of a remote file.
    objects : Objects, optional
        Reads what h5py does not tell.
    """

    def __init__(
        self,
        names: ObjectNames,
        url: str,
        *,
        most_chunks: int | None,
        largest_piece: int | None,
        ahead: Callable[[Any], None] | None = None,
        objects: Objects | None = None,
    ) -> None:
        self._objects = objects
        self._ahead = ahead
        self._names = names
        self._url = url
        self._most_chunks = most_chunks
        self._largest_piece = largest_piece

    def map_direct(
        self, facts: Facts, path: str, attributes: dict[str, Json], sidecar: dict[str, Any]
    ) -> Node:
        """Make the node of a plain dataset.

        Parameters
        ----------
        facts : Facts
            With a shape.
        path, attributes, sidecar
            As for `map`.

        Returns
        -------
        Node

        Raises
        ------
        Exception
            If anything is wrong with it.
        """
        return self._described(facts, path, attributes, sidecar)

    def map(
        self, dataset: Any, plist: Any, path: str, attributes: dict[str, Json], sidecar: dict[str, Any]
    ) -> Node:
        """Make the node of a dataset; no array data is read.

        Parameters
        ----------
        dataset : h5py.h5d.DatasetID
        plist : h5py.h5p.PropDCID
            Its creation properties.
        path : str
            Without leading slash.
        attributes : dict
            Content of ``.zattrs``.
        sidecar : dict
            Side-car of the attributes.

        Returns
        -------
        Node
            Never raises for one odd dataset: such a node says in its side-car what is wrong.
        """
        facts = None
        try:
            facts = Hdf5Facts.of(dataset, plist, edges_filtered=edges_filtered(self._objects, dataset))
            if facts.shape is None:
                own = {"type": type_of(facts.dtype), "null": True}
                return Node(attributes, _metadata((0,), (1,), "|u1", 0), sidecar={**sidecar, **own})
            return self._described(facts, path, attributes, sidecar)
        except _UNREADABLE as error:
            why = _TIME if dataset.get_type().get_class() == h5py.h5t.TIME else str(error)
            known = {} if facts is None else {"type": type_of(facts.dtype)}
            return _problem(
                dataset, attributes, {**sidecar, **known, "problem": f"HDF5 cannot read this dataset: {why}"}
            )

    def _described(
        self, facts: Facts, path: str, attributes: dict[str, Json], sidecar: dict[str, Any]
    ) -> Node:
        node = self._map(facts, path, attributes)
        more = {**describe(facts, node, self._names), **self._virtual(facts)}
        return Node(node.attributes, node.array, node.chunks, {**sidecar, **more})

    def _virtual(self, facts: Facts) -> dict[str, Any]:
        """What a virtual dataset is put together from."""
        if facts.layout != h5py.h5d.VIRTUAL:
            return {}
        sources = sources_of_layout(facts.id.get_create_plist())
        return {"virtual": {"base": self._url, "sources": sources} if self._url else {"sources": sources}}

    def _map(self, facts: Facts, path: str, attributes: dict[str, Json]) -> Node:
        node = self._mapped(facts, attributes) if _is_mappable(facts) else None
        if node is None and _is_inlinable(facts):
            node = self._inlined(facts, path, attributes)
        return self._linked(facts, path, attributes) if node is None else node

    # ------------------------------------------------------------ mapped

    def _mapped(self, facts: Facts, attributes: dict[str, Json]) -> Node | None:
        """None where the chunks cannot be said as byte ranges that Zarr codecs decode."""
        if facts.layout == h5py.h5d.CHUNKED and facts.codecs is not None:
            return self._chunked(facts, facts.codecs, attributes)
        if facts.layout == h5py.h5d.CONTIGUOUS and not facts.external:
            return self._contiguous(facts, attributes)
        return None

    def _chunked(
        self, facts: Facts, codecs: list[dict[str, Any]], attributes: dict[str, Json]
    ) -> Node | None:
        assert facts.shape is not None
        assert facts.chunks is not None
        largest = math.prod(facts.chunks) * facts.dtype.itemsize
        index = ChunkIndex(facts, self._url, recoder(codecs), largest, self._ahead)
        if self._most_chunks is not None and math.prod(index.grid) > self._most_chunks:
            return None
        if not codecs and facts.chunks == facts.shape and facts.size:
            # One raw chunk is the same as contiguous data, and as unhandy when it is large.
            info = facts.id.get_chunk_info_by_coord((0,) * len(facts.shape))
            if info.byte_offset is not None:
                return self._pieces(facts, info.byte_offset, attributes)
        metadata = _metadata(facts.shape, facts.chunks, _zarr_name(facts), zarr_fill(facts), codecs)
        return Node(attributes, metadata, LazyChunkTable(index.grid, index.find, index.load, index.lookups))

    def _contiguous(self, facts: Facts, attributes: dict[str, Json]) -> Node:
        assert facts.shape is not None
        start = facts.offset
        if start is not None and facts.size:
            return self._pieces(facts, start, attributes)
        edges = facts.shape if facts.size else (1,) * len(facts.shape)
        return Node(attributes, _metadata(facts.shape, edges, _zarr_name(facts), zarr_fill(facts)))

    def _pieces(self, facts: Facts, start: int, attributes: dict[str, Json]) -> Node:
        assert facts.shape is not None
        # A short last piece is padded by readers, which upstream does for plain numbers only.
        largest = self._largest_piece if facts.dtype.kind in "iuf" else None
        rows = split_rows(facts.shape, facts.dtype.itemsize, largest) or facts.shape[0]
        table = split_table(self._url, start, facts.shape, facts.dtype.itemsize, rows)
        edges = (rows, *facts.shape[1:])
        return Node(attributes, _metadata(facts.shape, edges, _zarr_name(facts), zarr_fill(facts)), table)

    # ------------------------------------------------------------ inlined

    def _inlined(self, facts: Facts, path: str, attributes: dict[str, Json]) -> Node:
        shape, dtype = facts.shape, facts.dtype
        assert shape is not None
        if shape == ():
            return inline_node(facts.read(), attributes, self._names.encode, dtype)
        again = facts.later()

        def read() -> np.ndarray[Any, Any]:
            try:
                return read_all(self._names.open_dataset(path), shape, dtype) if again is None else again()
            except LindiError:
                raise  # a fault of the network
            except _UNREADABLE as error:
                raise UnsupportedError(
                    f"HDF5 cannot read this dataset: {error}",
                    hint="Everything else in this file can be read.",
                ) from error

        stored = facts.nbytes if facts.layout == h5py.h5d.CHUNKED else facts.stored
        return lazy_inline_node(read, shape, dtype, stored, attributes, self._names.encode)

    # ------------------------------------------------------------ linked

    def _linked(self, facts: Facts, path: str, attributes: dict[str, Json]) -> Node:
        """An external array link (format section 8.5)."""
        link = {"link_type": "hdf5_dataset", "name": path, "url": self._url}
        shape = facts.shape or (1,)
        plain = facts.dtype.kind in "iufb" and facts.dtype.itemsize <= 8
        kind = facts.dtype.str if plain else "|u1"
        edges = facts.chunks or tuple(max(size, 1) for size in shape)
        metadata = _metadata(shape, edges, kind, zarr_fill(facts) if plain else 0)
        scalar = {SCALAR: True} if facts.shape == () else {}
        return Node({**attributes, **scalar, EXTERNAL_ARRAY_LINK: link}, metadata)


# ---------------------------------------------------------------- which way


def _is_mappable(facts: Facts) -> bool:
    """Whether chunks may stay in the file: their bytes are what a Zarr type says, and there are many."""
    if not facts.shape or zarr_dtype(facts.dtype) is None:
        return False
    if not facts.exact:
        return False
    if facts.dtype.subdtype is not None and facts.has_fill:
        return False  # h5py does not tell the fill value of array types
    if not facts.decodable:
        return True  # a codec may know a filter that HDF5 here does not have
    return not 0 < facts.size < _FEW if facts.dtype.kind in "iufc" else facts.nbytes > _LARGE


def _is_inlinable(facts: Facts) -> bool:
    """Short arrays, and everything that is no plain number; not what other files or missing filters hold."""
    if facts.layout == h5py.h5d.VIRTUAL or facts.external or facts.nbytes > _HUGE or not facts.decodable:
        return False
    return facts.dtype.kind not in "iufc" or facts.size < _FEW or facts.layout == h5py.h5d.COMPACT


def _problem(dataset: Any, attributes: dict[str, Json], sidecar: dict[str, Any]) -> Node:
    """A dataset that HDF5 or NumPy cannot read keeps its place, its shape and its attributes."""
    space = dataset.get_space()
    null = space.get_simple_extent_type() == h5py.h5s.NULL
    shape = (0,) if null else space.shape
    edges = tuple(max(size, 1) for size in shape or (1,))
    metadata = _metadata(shape or (1,), edges, "|u1", 0)
    attributes = annotated(attributes, shape, np.dtype("u1"))
    return Node(attributes, metadata, sidecar={**sidecar, **({"null": True} if null else {})})


def _zarr_name(facts: Facts) -> str:
    dtype = zarr_dtype(facts.dtype)
    assert dtype is not None
    return dtype.str


def _metadata(
    shape: tuple[int, ...],
    chunks: tuple[int, ...],
    dtype: str,
    fill: Json,
    codecs: list[dict[str, Any]] | None = None,
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
