"""The data of one array: which way a selection is read, and how the result becomes what h5py gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import h5py
import numpy as np

from lindi_explorer.errors import FormatError, UnsupportedError
from lindi_explorer.h5.arrays.array_chunks import ArrayChunks
from lindi_explorer.h5.arrays.array_node import ArrayNode
from lindi_explorer.h5.arrays.chunked import read_chunks
from lindi_explorer.h5.arrays.decode import decoded
from lindi_explorer.h5.arrays.dtypes import stored_dtype
from lindi_explorer.h5.arrays.pieces import result_shape
from lindi_explorer.h5.arrays.selection import Plan, index_of, plan, plan_region, plan_space, starting_at
from lindi_explorer.h5.arrays.typed import as_dtype, marked, typed
from lindi_explorer.h5.arrays.writing import pending_whole
from lindi_explorer.hdf5.types import array_parts
from lindi_explorer.references.annotations import SCALAR
from lindi_explorer.references.chunks import ChunkTable, LazyInline
from lindi_explorer.references.written import WrittenChunks

if TYPE_CHECKING:
    from lindi_explorer.h5.view import View
    from lindi_explorer.references.model import Node


class ArrayData(ArrayNode):
    """The data behind one node of one view; see `ArrayNode`."""

    def __init__(self, view: View, path: str, node: Node) -> None:
        super().__init__(view, path, node)
        self._whole: np.ndarray[Any, Any] | None = None
        self._chunks = ArrayChunks(node)

    def read(self, args: tuple[Any, ...], dtype: np.dtype[Any] | None) -> Any:
        """Read a selection.

        Parameters
        ----------
        args : tuple
            What stands between the brackets, without field names.
        dtype : numpy.dtype or None
            Convert to this; a compound dtype with fewer fields picks fields.

        Returns
        -------
        object
            As h5py: an array, or a scalar where every axis has one index.
        """
        shape = self.shape
        if shape is None:
            return self._read_null(args)
        if self.link is not None:
            self.require_readable()
            return self._view.external.read(self.link, args, dtype)
        if shape == ():
            self.require_readable()
            return self._read_scalar(args, dtype)
        if len(args) == 1 and isinstance(args[0], h5py.RegionReference):
            read = plan_region(shape, self._view.region(args[0], self._path))
        else:
            read = plan(shape, args)
        if not read.empty:
            self.require_readable()
        inner = array_parts(self.dtype)[1]
        out = as_dtype(self.take(read), dtype).reshape(read.shape + inner)
        return out[()] if out.shape == () else out

    def read_space(self, space: Any, dtype: np.dtype[Any] | None = None) -> np.ndarray[Any, Any]:
        """Read the selection of an HDF5 dataspace, flat, in the order of the file.

        Parameters
        ----------
        space : h5py.h5s.SpaceID
        dtype : numpy.dtype, optional
            Convert to this.

        Returns
        -------
        numpy.ndarray
        """
        self.require_readable()
        count = space.get_select_npoints()
        if self.shape == ():
            read = self.whole().reshape(1, *array_parts(self.dtype)[1])[:count]
        elif self.link is not None and count:
            read = self._taken_elsewhere(space)
        else:
            read = self.take(plan_space(space, (count,)))
        return as_dtype(read, dtype).reshape(count, *array_parts(self.dtype)[1])

    def _taken_elsewhere(self, space: Any) -> np.ndarray[Any, Any]:
        """The box around the selection is read, and the selection taken from it."""
        low, high = space.get_select_bounds()
        box = np.asarray(self.read(tuple(slice(a, b + 1) for a, b in zip(low, high, strict=True)), None))
        read = plan_space(space, ())
        if read.points is not None:
            return np.asarray(box[tuple((read.points - np.array(low)).T)])
        return np.asarray(box[index_of(starting_at(read, (0,) * len(low)))])

    def require_readable(self) -> None:
        """Raise `UnsupportedError` where the document says that the data cannot be read."""
        problem = self.node.sidecar.get("problem")
        if problem:
            raise UnsupportedError(str(problem), hint="Everything else in this file can be read.")

    def _read_null(self, args: tuple[Any, ...]) -> h5py.Empty:
        if args == () or (len(args) == 1 and args[0] is Ellipsis):
            return h5py.Empty(self.dtype)
        raise ValueError("Empty datasets cannot be sliced")

    def _read_scalar(self, args: tuple[Any, ...], dtype: np.dtype[Any] | None) -> Any:
        whole = as_dtype(self.whole(), dtype)
        if args == ():
            return whole[()]
        if len(args) == 1 and args[0] is Ellipsis:
            return whole.copy()
        if len(args) == 1 and isinstance(args[0], h5py.RegionReference):
            region = self._view.region(args[0], self._path)
            return h5py.Empty(whole.dtype) if region == "none" else whole.copy()
        raise ValueError("Illegal slicing argument for scalar dataspace")

    def take(self, read: Plan) -> np.ndarray[Any, Any]:
        """Read what is planned.

        Parameters
        ----------
        read : Plan

        Returns
        -------
        numpy.ndarray
            Of the product's lengths, or of the number of points; the axes of an array type behind.
        """
        if read.empty:
            return np.zeros(read.shape, dtype=self.dtype)
        if self.is_whole:
            return np.array(self.whole()[index_of(read)])
        array = self.node.array or {}
        # First of all, as it may be larger than memory.
        out = np.zeros(result_shape(read), dtype=stored_dtype(array))
        read_chunks(out, self._path, array, self._chunks.of(read), read, self._view.reader)
        return marked(out, self.dtype)

    # ------------------------------------------------------------ data that is decoded as a whole

    @property
    def is_whole(self) -> bool:
        """Whether the data is decoded as a whole: kept in the document, or made of JSON values or text."""
        node = self.node
        if np.dtype((node.array or {})["dtype"]).kind in "OU" or SCALAR in node.attributes:
            return True
        return (
            isinstance(node.chunks, ChunkTable)
            and not isinstance(node.chunks, WrittenChunks)
            and node.chunks.loaded
            and len(node.chunks.inline) == 1
            and len(node.chunks) == 1
            and ((node.array or {})["chunks"] == (node.array or {})["shape"])
        )

    def whole(self) -> np.ndarray[Any, Any]:
        """All the data with the dtype h5py gives; shape ``()`` for a scalar."""
        if self._whole is None:
            state = pending_whole(self.node)
            if state is not None and self.node.array and self.node.array["dtype"] == "|O":
                self._whole = state.copy()
                return self._whole
            chunks = self.node.chunks
            inline = None if isinstance(chunks, WrittenChunks) else getattr(chunks, "inline", None)
            if isinstance(inline, LazyInline) and inline.array is not None:
                self._whole = inline.array()
                return self._whole
            raw = decoded(self.node, self._view.reader.read_now)
            shape = self.shape
            assert shape is not None
            try:
                self._whole = typed(raw.reshape(shape), self.dtype)
            except (TypeError, ValueError, OverflowError) as error:
                raise FormatError(
                    f"the data of /{self._path} is not {self.dtype!r}, as the side-car says: {error}",
                    hint="The file is damaged, or has been changed.",
                ) from error
        return self._whole
