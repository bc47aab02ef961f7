"""The data of a virtual dataset: read from its sources, part by part."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from lindi_explorer.errors import FormatError, UnsupportedError
from lindi_explorer.h5.arrays.blank import blank
from lindi_explorer.h5.arrays.data import ArrayData
from lindi_explorer.h5.arrays.scratch import as_stored
from lindi_explorer.h5.arrays.selection import Plan
from lindi_explorer.h5.virtual.around import Around
from lindi_explorer.h5.virtual.circles import count_source, entered
from lindi_explorer.h5.virtual.extent import blocks_of, extent
from lindi_explorer.h5.virtual.mapping import OWN, VIRTUAL, Mapping, mappings_of
from lindi_explorer.h5.virtual.overlap import Part, parts
from lindi_explorer.h5.virtual.taking import box_of, lengths_of, taken
from lindi_explorer.hdf5.inline import has_references
from lindi_explorer.hdf5.types import array_parts
from lindi_explorer.references.annotations import EXTERNAL_ARRAY_LINK
from lindi_explorer.references.checks import short
from lindi_explorer.remote import is_remote

if TYPE_CHECKING:
    from lindi_explorer.h5.view import View
    from lindi_explorer.references.model import Node


class VirtualData(ArrayData):
    """The data of a virtual dataset.

    Parameters
    ----------
    view : View
    path : str
    node : Node
        With ``virtual`` in its side-car.
    as_type : numpy.dtype, optional
        Another type of numbers. As in HDF5, elements go from the type of the source to the one that is asked
        for, not by way of the dataset's.
    """

    def __init__(self, view: View, path: str, node: Node, as_type: np.dtype[Any] | None = None) -> None:
        super().__init__(view, path, node)
        self._mappings: list[Mapping] | None = None
        self._dtype = as_type
        self._has_other_type = as_type is not None

    @property
    def mappings(self) -> list[Mapping]:
        """The sources, as the document has them."""
        if self._mappings is None:
            self._mappings = list(mappings_of(self.node))
        return self._mappings

    @functools.cached_property
    def around(self) -> Around:
        """Where each of the sources lies."""
        return Around(self.mappings)

    @property
    def base(self) -> str:
        """The address that names of files were relative to when the dataset was made."""
        return str(self.node.sidecar[VIRTUAL].get("base", ""))

    @property
    def link(self) -> Any:
        """None: it is not HDF5 that reads it."""
        return None

    @property
    def shape(self) -> tuple[int, ...] | None:
        """Shape; along an axis without end as far as the sources go now."""
        shape = super().shape
        if shape is None or not self.around.endless:
            return shape
        with entered(self._view.file.filename, self._path), self._view.sources.held():
            return extent(self, shape)

    @property
    def is_whole(self) -> bool:
        """False: only what is asked for is read."""
        return False

    def whole(self) -> np.ndarray[Any, Any]:
        """All the data."""
        shape = self.shape or ()
        return self.take(Plan(tuple(slice(0, size) for size in shape), None, shape))

    def read(self, args: tuple[Any, ...], dtype: np.dtype[Any] | None) -> Any:
        """Read a selection; see `ArrayData.read`."""
        if dtype is None or dtype == self.dtype or not {dtype.kind, self.dtype.kind} <= set("iuf"):
            return super().read(args, dtype)
        return VirtualData(self._view, self._path, self.node, dtype).read(args, None)

    def take(self, read: Plan) -> np.ndarray[Any, Any]:
        """Read what is planned; see `ArrayData.take`."""
        base, inner = array_parts(self.dtype)
        out = blank((*lengths_of(read), *inner), base, self._unset())
        if read.empty:
            return out.reshape((*read.shape, *inner))
        with entered(self._view.file.filename, self._path), self._view.sources.held():
            for mapping in self._single(read):
                count_source()
                with self.source(mapping) as data:
                    if data is not None:
                        self._add(out, read, mapping, data)
        return out

    def _unset(self) -> Any:
        """What elements are that no source gives."""
        if not self._has_other_type:
            return self.fillvalue
        plain = ArrayData(self._view, self._path, self.node)
        return as_stored(np.array([plain.fillvalue], plain.dtype), None, self.dtype, 1, lambda: None)[0]

    def source(self, mapping: Mapping) -> Any:
        """A context with the data of the source of a mapping, None where there is none."""
        file, name = mapping.named(0)
        link = self.node.attributes.get(EXTERNAL_ARRAY_LINK)
        if file == OWN and isinstance(link, dict):
            file = str(link["url"])
        prefix = self._view.prefixes(self._path)[1]
        return self._view.sources.dataset(file, name, self.base, prefix)

    def files(self) -> dict[str, str | None]:
        """The names of the files of its sources, and where they are; None for those that are not there."""
        prefix = self._view.prefixes(self._path)[1]
        names = dict.fromkeys(
            mapping.named(0)[0]
            for mapping in self.mappings
            if mapping.file != OWN and not mapping.is_numbered
        )
        with self._view.sources.held():
            return {name: self._view.sources.address(name, self.base, prefix) for name in names}

    def _single(self, read: Plan) -> Iterator[Mapping]:
        """The mappings that may give something, each with one source."""
        low, high = box_of(read)
        for number in self.around.meeting(low, high):
            mapping = self.mappings[number]
            if mapping.is_numbered:
                yield from blocks_of(self, mapping, low, high)
            else:
                yield mapping

    def _add(self, out: np.ndarray[Any, Any], read: Plan, mapping: Mapping, data: ArrayData) -> None:
        shape = data.shape
        if shape is None:
            raise FormatError(
                f"{short(mapping.dataset)}, which /{self._path} is put together from, is empty",
                hint="It was changed.",
            )
        data.require_readable()
        if mapping.file != OWN and has_references(data.dtype):
            raise UnsupportedError(
                f"{short(mapping.dataset)}, a source of /{self._path}, holds references to objects of "
                "another file",
                hint="Open that file itself.",
            )
        to, of = mapping.source(shape)
        inner = array_parts(self.dtype)[1]
        for part in parts(read, to, of):
            self._require_inside(part, mapping, shape)
            values = taken(data, part.source)
            out[part.place] = self._converted(values, data, mapping).reshape((*part.lengths, *inner))

    def _require_inside(self, part: Part, mapping: Mapping, shape: tuple[int, ...]) -> None:
        _low, high = box_of(part.source)
        if any(end > size for end, size in zip(high, shape, strict=True)):
            raise FormatError(
                f"/{self._path} takes the element {tuple(end - 1 for end in high)} of "
                f"{short(mapping.dataset)}, which has the shape {shape}",
                hint="The source has been changed since the virtual dataset was made.",
            )

    def _converted(
        self, values: np.ndarray[Any, Any], data: ArrayData, mapping: Mapping
    ) -> np.ndarray[Any, Any]:
        dtype, inner = data.dtype, array_parts(data.dtype)[1]
        if dtype == self.dtype and not dtype.hasobject:
            return values
        flat = np.ascontiguousarray(values).reshape(-1, *inner)
        try:
            return as_stored(flat, None, self.dtype, len(flat), lambda: None)
        except (OSError, TypeError, ValueError) as error:
            raise UnsupportedError(
                f"/{self._path} of the type {self.dtype} cannot be put together from "
                f"{short(mapping.dataset)} of the type {dtype}: {error}",
                hint="Make the virtual dataset with the type of its sources.",
            ) from error


def is_linked_here(node: Node) -> bool:
    """Whether HDF5 reads a virtual dataset of its own: it looks for sources on this machine alone."""
    link = node.attributes.get(EXTERNAL_ARRAY_LINK)
    return isinstance(link, dict) and not is_remote(str(link.get("url")))


def require_own(data: ArrayData, path: str) -> None:
    """Raise `UnsupportedError` where a dataset is to be written to that has no data of its own.

    Parameters
    ----------
    data : ArrayData
    path : str
        For the message.
    """
    if isinstance(data, VirtualData):
        raise UnsupportedError(
            f"/{path} is put together from other datasets when it is read, and cannot be changed",
            hint="Write to the datasets that it is put together from: virtual_sources() lists them.",
        )
