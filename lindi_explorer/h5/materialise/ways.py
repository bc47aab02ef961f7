"""Which way the data of a dataset goes into an HDF5 copy, and all of it on its way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import h5py
import numpy as np

from lindi_explorer.errors import LindiError
from lindi_explorer.h5.materialise.attributes import tell_problem
from lindi_explorer.h5.materialise.chunked import DecodedChunks, OpenDataset, StoredChunks, same_pipeline
from lindi_explorer.h5.materialise.fetch import Piece, fetched
from lindi_explorer.h5.materialise.flat import FlatRows
from lindi_explorer.h5.materialise.linked import LinkedChunks, LinkedSlabs, linked_table
from lindi_explorer.h5.materialise.made import Made
from lindi_explorer.h5.materialise.pointers import Pointers
from lindi_explorer.h5.materialise.stored import is_raw
from lindi_explorer.h5.materialise.tally import Tally
from lindi_explorer.h5.materialise.whole import WholeData
from lindi_explorer.h5.virtual.data import VirtualData
from lindi_explorer.hdf5.filters import filters_of

Pieces = StoredChunks | LinkedChunks
"""Ways on which data comes in pieces; pieces of many datasets are fetched together."""

AtOnce = LinkedSlabs | WholeData
"""Ways on which data is read and written at once."""

_MISSING = "some or all of its data is missing"


class DataCopy:
    """Copies the data of datasets that have been made.

    Parameters
    ----------
    file : h5py.h5f.FileID
        Of the copy.
    pointers : Pointers
    tally : Tally
    check : callable
        Told the addresses of the files that data is read from.
    """

    def __init__(
        self, file: Any, pointers: Pointers, tally: Tally, check: Callable[[set[str]], None]
    ) -> None:
        self._opened = OpenDataset(file)
        self._pointers = pointers
        self._tally = tally
        self._check = check

    def copy(self, datasets: Iterable[Made]) -> None:
        """Copy the data of datasets; what is wrong with one is told in its copy, and costs no other."""
        in_pieces: list[Pieces] = []
        at_once: list[AtOnce] = []
        for made in datasets:
            if self._tally.has_failed(made.path):
                tell_problem(self._opened.at(made.name), self._tally.why(made.path))
                continue
            with self._losing(made):
                way = self._way(made)
                if way is None:
                    continue
                self._check(way.addresses)
                self._tally.expect(way.size)
                if isinstance(way, (LinkedSlabs, WholeData)):
                    at_once.append(way)
                else:
                    in_pieces.append(way)
            self._tally.add()
        for piece, outcome in fetched(self._pieces(in_pieces), self._tally.cancel):
            with self._losing(piece.writer.made):
                if isinstance(outcome, LindiError):
                    raise outcome
                piece.writer.write(piece.place, outcome)
            self._tally.add(size=piece.size)
        for one in at_once:
            with self._losing(one.made):
                one.copy(self._tally)
        self._tally.arrays += sum(not self._tally.has_failed(way.made.path) for way in (*in_pieces, *at_once))

    def _pieces(self, ways: list[Pieces]) -> Iterator[Piece]:
        for way in ways:
            with self._losing(way.made):
                yield from way.pieces()

    def _way(self, made: Made) -> Pieces | AtOnce | None:
        data = made.view.data(made.path)
        if data.shape is None or 0 in data.shape:
            return None
        if isinstance(data, VirtualData):
            return LinkedSlabs(made, self._opened, self._pointers)
        if data.link is not None:
            return self._linked(made)
        if data.is_whole or data.shape == ():
            return WholeData(made, self._opened, self._pointers)
        array: dict[str, Any] = data.node.array or {}
        target = self._opened.at(made.name)
        plist = target.get_create_plist()
        filters = filters_of(plist)
        exact = np.dtype(array["dtype"]).itemsize == target.get_type().get_size() == data.dtype.itemsize
        edges = tuple(array["chunks"])
        if exact and array["compressor"] is None and array["order"] == "C":
            chunked = plist.get_layout() == h5py.h5d.CHUNKED
            if chunked and plist.get_chunk() == edges and same_pipeline(array["filters"] or (), filters):
                return StoredChunks(made, self._opened)
            if not filters and is_raw(array) and edges[1:] == data.shape[1:]:
                return FlatRows(made, self._opened)
        return DecodedChunks(made, self._opened)

    def _linked(self, made: Made) -> Pieces | AtOnce:
        data = made.view.data(made.path)
        source = made.view.external.dataset(data.link).id
        target = self._opened.at(made.name)
        ours, theirs = target.get_create_plist(), source.get_create_plist()
        if (
            not data.dtype.hasobject
            and theirs.get_layout() == ours.get_layout() == h5py.h5d.CHUNKED
            and ours.get_chunk() == theirs.get_chunk()
            and [item.id for item in filters_of(ours)] == [item.id for item in filters_of(theirs)]
            and source.get_type().equal(target.get_type())
        ):
            table = linked_table(made.view, data.link)
            if table is not None:
                return LinkedChunks(made, self._opened, table, ours.get_chunk())
        return LinkedSlabs(made, self._opened, self._pointers)

    @contextmanager
    def _losing(self, made: Made) -> Iterator[None]:
        """Tell in the copy what is wrong with its data, in place of raising it."""
        with self._tally.losing(made.path, _MISSING, data=True):
            yield
            return
        tell_problem(self._opened.at(made.name), self._tally.why(made.path))
