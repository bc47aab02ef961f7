"""Plain datasets."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt
from h5py._objects import phil

from lindi_explorer.errors import LindiError
from lindi_explorer.hdf5.direct import chunk_index
from lindi_explorer.hdf5.direct.header import (
    DATASPACE,
    DATATYPE,
    EXTERNAL,
    FILL,
    FILTERS,
    LAYOUT,
    OLD_FILL,
    Header,
)
from lindi_explorer.hdf5.direct.kinds import Kind
from lindi_explorer.hdf5.direct.messages import Layout, dataspace, layout
from lindi_explorer.hdf5.direct.objects import Objects
from lindi_explorer.hdf5.direct.source import NOT_PLAIN, OddError
from lindi_explorer.hdf5.facts import Array, Facts, Hdf5Facts, read_all
from lindi_explorer.hdf5.filters import Filter

_SMALL = 1 << 20
"""Data of more bytes is read by HDF5: it brings them faster."""

Open = Callable[[], Any]
"""Opens a dataset by its path, with HDF5."""


@dataclass(frozen=True, slots=True)
class _Fill:
    has_fill: bool
    never: bool
    value: Any


class Datasets:
    """The plain datasets of one file.

    Parameters
    ----------
    objects : Objects
    """

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._filters: dict[bytes, list[Filter]] = {}
        self._fills: dict[tuple[bytes | None, bytes | None, bytes], _Fill] = {}

    def facts(self, header: Header, open_dataset: Open) -> DirectFacts:
        """What the header of a dataset says.

        Parameters
        ----------
        header : Header
        open_dataset : callable
            Opens the dataset, for what only HDF5 knows.

        Returns
        -------
        DirectFacts

        Raises
        ------
        OddError
            If it is not plain.
        """
        space_message, type_message = header.only(DATASPACE), header.only(DATATYPE)
        layout_message = header.only(LAYOUT)
        if (
            space_message is None
            or type_message is None
            or layout_message is None
            or header.only(EXTERNAL) is not None
        ):
            raise OddError
        space, kind = dataspace(space_message), self._objects.kinds.kind(type_message)
        where = layout(layout_message, kind.size)
        if space.shape is None or (where.chunks is not None and len(where.chunks) != len(space.shape)):
            raise OddError
        if where.address is not None and where.kind == h5py.h5d.CONTIGUOUS:
            nbytes = math.prod(space.shape) * kind.size
            if where.address + max(where.size, nbytes) > self._objects.source.end:
                raise OddError
        pipeline = header.only(FILTERS)
        opened = _Opened(open_dataset)
        return DirectFacts(
            dtype=kind.dtype,
            shape=space.shape,
            maxshape=space.maxshape,
            layout=where.kind,
            chunks=where.chunks,
            external=False,
            edges_filtered=where.edges_filtered,
            filters=[] if pipeline is None else self._filters_of(pipeline, opened),
            kind=kind,
            where=where,
            objects=self._objects,
            opened=opened,
            fill=self._fill(header.only(FILL), header.only(OLD_FILL), type_message, opened),
        )

    def _filters_of(self, pipeline: bytes, opened: _Opened) -> list[Filter]:
        found = self._filters.get(pipeline)
        if found is None:
            found = self._filters[pipeline] = opened.facts().filters
        return found

    def _fill(self, new: bytes | None, old: bytes | None, kind: bytes, opened: _Opened) -> _Fill:
        found = self._fills.get((new, old, kind))
        if found is None:
            asked = opened.facts()
            found = _Fill(asked.has_fill, asked.never_filled, asked.fill_value())
            self._fills[new, old, kind] = found
        return found


class _Opened:
    """A dataset that HDF5 opens when somebody needs it.

    Attributes
    ----------
    again : callable
        Opens it and keeps nothing, see `Facts.later`.
    """

    def __init__(self, open_dataset: Open) -> None:
        self.again = open_dataset
        self._id: Any = None

    @property
    def id(self) -> Any:
        if self._id is None:
            self._id = self.again()
        return self._id

    def facts(self) -> Hdf5Facts:
        opened = self.again()
        return Hdf5Facts.of(opened, opened.get_create_plist())


@dataclass(frozen=True, kw_only=True)
class DirectFacts(Facts):
    """A dataset that is plain."""

    kind: Kind
    where: Layout
    objects: Objects
    opened: _Opened
    fill: _Fill

    @property
    def id(self) -> Any:
        """See `Facts.id`."""
        return self.opened.id

    @property
    def exact(self) -> bool:
        """See `Facts.exact`."""
        return self.kind.exact

    @property
    def has_fill(self) -> bool:
        """See `Facts.has_fill`."""
        return self.fill.has_fill

    @property
    def never_filled(self) -> bool:
        """See `Facts.never_filled`."""
        return self.fill.never

    def fill_value(self) -> Any:
        """See `Facts.fill_value`."""
        return self.fill.value

    @property
    def offset(self) -> int | None:
        """See `Facts.offset`."""
        return self.where.address

    @property
    def stored(self) -> int:
        """See `Facts.stored`."""
        unallocated = self.layout == h5py.h5d.CONTIGUOUS and self.where.address is None
        return 0 if unallocated else self.where.size

    def read(self) -> Array:
        """See `Facts.read`."""
        # The heap is shared by all that is read of a file, as HDF5 itself is.
        with phil:
            try:
                return self.objects.values(self.kind, self.shape or (), self._bytes())
            except LindiError:
                raise  # a fault of the network
            except NOT_PLAIN:
                opened = self.opened.again() if self.dtype.hasobject else self.id
                return read_all(opened, self.shape or (), self.dtype)

    def later(self) -> Callable[[], Array] | None:
        """See `Facts.later`."""
        return self.read

    def chunk_rows(self) -> npt.NDArray[np.int64] | None:
        """See `Facts.chunk_rows`."""
        assert self.shape is not None
        with phil:
            try:
                return chunk_index.rows(self.objects, self.where, self.shape, self.maxshape or ())
            except LindiError:
                raise  # a fault of the network
            except NOT_PLAIN:
                return None

    def _bytes(self) -> bytes:
        needed = self.size * self.kind.size
        if needed > _SMALL or self.where.size < needed:
            raise OddError
        if self.where.address is None:
            return self.where.data
        return self.objects.source.read(self.where.address, needed)
