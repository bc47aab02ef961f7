"""Data that only HDF5 reads: its chunks as they are where it has chunks, otherwise slab by slab."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from lindi_explorer.byterange import redact_url
from lindi_explorer.errors import LindiError, UnsupportedError
from lindi_explorer.h5.arrays.data import ArrayData
from lindi_explorer.h5.materialise.chunked import OpenDataset
from lindi_explorer.h5.materialise.fetch import Piece
from lindi_explorer.h5.materialise.made import Made
from lindi_explorer.h5.materialise.pointers import Pointers
from lindi_explorer.h5.materialise.stored import Box, Index, box_edges, chunk_box, stored_chunks
from lindi_explorer.h5.materialise.tally import Tally
from lindi_explorer.h5.view import View
from lindi_explorer.h5.virtual.data import VirtualData
from lindi_explorer.hdf5.facts import Hdf5Facts
from lindi_explorer.hdf5.layout import ChunkIndex
from lindi_explorer.hdf5.over_http import RemoteHdf5, faults_told
from lindi_explorer.references.chunks import ChunkTable, chunk_grid
from lindi_explorer.remote import is_remote

SLAB = 16 << 20
"""Bytes; an element of variable length takes more than what is counted for it."""

_MASK = 4
"""Bytes in front of a chunk that skipped filters, with the mask that says which."""


def linked_table(view: View, link: Any) -> ChunkTable | None:
    """The chunks of a linked dataset, None where it has none.

    Parameters
    ----------
    view : View
    link : dict

    Returns
    -------
    ChunkTable or None
        Chunks that skipped filters are bytes, after their filter mask.

    Raises
    ------
    UnsupportedError
        If HDF5 cannot read the chunk index.
    """
    dataset = view.external.dataset(link)
    if dataset.chunks is None:
        return None
    file = view.external.file(link["url"])
    ahead = file.read_dataset_ahead if isinstance(file, RemoteHdf5) else None
    facts = Hdf5Facts.of(dataset.id, dataset.id.get_create_plist())
    index = ChunkIndex(facts, link["url"], _with_mask, math.prod(dataset.chunks), ahead)
    try:
        with faults_told(file):
            return index.load()
    except LindiError:
        raise
    except (OSError, RuntimeError, ValueError) as error:
        raise UnsupportedError(f"HDF5 cannot read the chunk index: {error}") from error


def tell_absent(view: View, data: ArrayData, path: str, tally: Tally) -> None:
    """Find out whether the files behind a virtual dataset are there: HDF5 reads fill values where not.

    Parameters
    ----------
    view : View
    data : ArrayData
        Virtual, or with an external array link.
    path : str
        Of the dataset.
    tally : Tally
        Told which files are missing.

    Raises
    ------
    UnsupportedError
        If the dataset is remote: HDF5 looks for those files on this machine only.
    """
    if isinstance(data, VirtualData):
        _tell(path, [name for name, address in data.files().items() if address is None], tally)
        return
    plist = view.external.dataset(data.link).id.get_create_plist()
    if plist.get_layout() != h5py.h5d.VIRTUAL:
        return
    names = {plist.get_virtual_filename(number) for number in range(plist.get_virtual_count())} - {"."}
    if names and is_remote(data.link["url"]):
        raise UnsupportedError(
            f"it is put together from {_shown(sorted(names))}, which HDF5 does not look for on the web",
            hint="Download all of them into one folder.",
        )
    folder = Path(data.link["url"]).parent
    # A name with a percent sign stands for many.
    missing = [name for name in sorted(names) if "%" not in name and not (folder / name).exists()]
    _tell(path, missing, tally)


def _tell(path: str, missing: list[str], tally: Tally) -> None:
    if missing:
        tally.lose(path, f"what it takes from {_shown(missing)} is fill value: there is no such file")


def _shown(names: list[str]) -> str:
    return ", ".join(map(redact_url, names))


def _with_mask(data: bytes, mask: int) -> bytes:
    return mask.to_bytes(_MASK, "little") + data


class LinkedChunks:
    """The chunks of a linked dataset, as HDF5 has stored them: no filter has to be known.

    Parameters
    ----------
    made : Made
    opened : OpenDataset
    table : ChunkTable
        From `linked_table`.
    edges : tuple of int
    """

    def __init__(self, made: Made, opened: OpenDataset, table: ChunkTable, edges: tuple[int, ...]) -> None:
        self.made = made
        self._opened = opened
        self._table = table
        self._edges = edges
        self.size = table.stored_bytes
        self.addresses = set(table.urls)

    def pieces(self) -> Iterator[Piece]:
        """What has to be fetched."""
        for index, content in stored_chunks(self._table):
            yield Piece(self, (index, index in self._table.inline), content, self.made.view.reader)

    def write(self, place: tuple[Index, bool], data: bytes) -> None:
        """Put a chunk into the copy, with its filter mask."""
        index, masked = place
        mask = int.from_bytes(data[:_MASK], "little") if masked else 0
        start = tuple(at * edge for at, edge in zip(index, self._edges, strict=True))
        self._opened.at(self.made.name).write_direct_chunk(start, data[_MASK:] if masked else data, mask)


class LinkedSlabs:
    """The data of a linked dataset, read by HDF5: virtual, in other files, or of a type like no other.

    Parameters
    ----------
    made : Made
    opened : OpenDataset
    pointers : Pointers
    """

    def __init__(self, made: Made, opened: OpenDataset, pointers: Pointers) -> None:
        self.made = made
        self._opened = opened
        self._pointers = pointers
        self._data: ArrayData = made.view.data(made.path)
        self.addresses = addresses_behind(self._data)
        self.size = self._data.dtype.itemsize * math.prod(self._data.shape or ())

    def copy(self, tally: Tally) -> None:
        """Read and write slab after slab."""
        view, dtype, shape = self.made.view, self._data.dtype, self._data.shape or ()
        tell_absent(view, self._data, self.made.path, tally)
        target = self._opened.at(self.made.name)
        kind = h5py.h5t.py_create(dtype)
        for _, box in slabs(view, self._data, slab_edges(view, self._data)):
            value = read_slab(view, self._data, box)
            value = self._pointers.translated(value, dtype, self.made)
            count = tuple(part.stop - part.start for part in box)
            space = memory = h5py.h5s.ALL
            if shape:
                space = target.get_space()
                space.select_hyperslab(tuple(part.start for part in box), count)
                memory = h5py.h5s.create_simple(count)
            target.write(memory, space, np.ascontiguousarray(value), kind)
            tally.add(size=dtype.itemsize * math.prod(count))


def addresses_behind(data: ArrayData) -> set[str]:
    """The files that are read for data that is elsewhere.

    Parameters
    ----------
    data : ArrayData
        Virtual, or with an external array link.

    Returns
    -------
    set of str
    """
    if isinstance(data, VirtualData):
        return {address for address in data.files().values() if address is not None}
    return {str(data.link["url"])}


def slab_edges(view: View, data: ArrayData, most: int = SLAB) -> tuple[int, ...]:
    """Edges of the slabs a linked dataset is read in: those of its chunks, where it has some.

    Parameters
    ----------
    view : View
    data : ArrayData
        Virtual, or with an external array link; not empty.
    most : int
        Bytes of a slab, where there are no chunks.

    Returns
    -------
    tuple of int
    """
    shape = data.shape or ()
    chunks = None if isinstance(data, VirtualData) else view.external.dataset(data.link).chunks
    if chunks is not None:
        return tuple(chunks)
    return box_edges(shape, (1,) * len(shape), max(1, most // max(1, data.dtype.itemsize)))


def slabs(view: View, data: ArrayData, edges: tuple[int, ...]) -> Iterator[tuple[Index, Box]]:
    """The slabs of a linked dataset that hold something.

    Parameters
    ----------
    view : View
    data : ArrayData
    edges : tuple of int
        From `slab_edges`.

    Yields
    ------
    tuple
        Index and elements of a slab; those of a scalar are ``()``.
    """
    shape = data.shape or ()
    if isinstance(data, VirtualData):
        for index in itertools.product(*map(range, chunk_grid(shape, edges))):
            yield index, chunk_box(index, edges, shape)
        return
    table = linked_table(view, data.link)
    if table is not None:
        for index in sorted(table):
            yield index, chunk_box(index, edges, shape)
        return
    dataset = view.external.dataset(data.link).id
    plist = dataset.get_create_plist()
    elsewhere = plist.get_layout() == h5py.h5d.VIRTUAL or plist.get_external_count() > 0
    if elsewhere or dataset.get_storage_size():
        for index in itertools.product(*map(range, chunk_grid(shape, edges))):
            yield index, chunk_box(index, edges, shape)


def read_slab(view: View, data: ArrayData, box: Box) -> np.ndarray[Any, Any]:
    """Read a slab; the axes of an array type come last, references are ours."""
    if isinstance(data, VirtualData):
        return np.asarray(data.read(box, None))
    return np.asarray(view.external.read(data.link, box or (...,), None))
