"""The data of one array: which way a selection is read, and how the result becomes what h5py gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import h5py
import numpy as np

from lindi_explorer.errors import FormatError, UnsupportedError
from lindi_explorer.h5.array_chunks import ArrayChunks
from lindi_explorer.h5.chunked import read_chunks
from lindi_explorer.h5.decode import decoded
from lindi_explorer.h5.dtypes import declared_dtype, element_dtype, settled_compound
from lindi_explorer.h5.reference import make_reference
from lindi_explorer.h5.selection import Plan, index_of, plan, plan_region, plan_space, starting_at
from lindi_explorer.h5.writing import pending_whole
from lindi_explorer.hdf5.types import array_parts
from lindi_explorer.hdf5.values import decode
from lindi_explorer.references.annotations import COMPOUND, EXTERNAL_ARRAY_LINK, SCALAR
from lindi_explorer.references.chunks import ChunkTable, LazyInline
from lindi_explorer.references.written import WrittenChunks

if TYPE_CHECKING:
    from lindi_explorer.h5.view import View
    from lindi_explorer.references.model import Node


class ArrayData:
    """The data behind one node of one view.

    Parameters
    ----------
    view : View
    path : str
    node : Node
        Of an array; a changed node gets a new `ArrayData`.
    """

    def __init__(self, view: View, path: str, node: Node) -> None:
        self._view = view
        self._path = path
        self.node = node
        self._dtype: np.dtype[Any] | None = None
        self._whole: np.ndarray[Any, Any] | None = None
        self._chunks = ArrayChunks(node)

    @property
    def shape(self) -> tuple[int, ...] | None:
        """Shape as HDF5 has it: None for a null dataspace, ``()`` for a scalar."""
        if self.node.sidecar.get("null"):
            return None
        return () if self.node.attributes.get(SCALAR) else tuple((self.node.array or {})["shape"])

    @property
    def chunks(self) -> tuple[int, ...] | None:
        """Chunk shape in HDF5; None for contiguous data."""
        if not self.shape:
            return None
        chunks = self.node.sidecar.get("chunks", (self.node.array or {})["chunks"])
        return None if chunks is None else tuple(chunks)

    @property
    def maxshape(self) -> tuple[int | None, ...] | None:
        """Largest shape; None along an axis without limit."""
        most = self.node.sidecar.get("maxshape")
        return self.shape if most is None else tuple(most)

    @property
    def link(self) -> Any:
        """The external array link, None where the data is here; references to chunks have priority."""
        link = self.node.attributes.get(EXTERNAL_ARRAY_LINK)
        return None if link is None or len(self.node.chunks) else link

    @property
    def dtype(self) -> np.dtype[Any]:
        """The dtype with h5py's marks."""
        if self._dtype is None:
            self._dtype = self._find_dtype()
        return self._dtype

    def _find_dtype(self) -> np.dtype[Any]:
        declared = declared_dtype(self.node)
        if "type" in self.node.sidecar and declared is not None:
            return declared
        plain = None if COMPOUND in self.node.attributes else declared
        # Numbers are what the metadata says: to look at a dataset must not fetch the file behind it.
        if self.link is not None and (plain is None or plain.kind not in "iufb"):
            linked: np.dtype[Any] = self._view.external.dataset(self.link).dtype
            return linked
        if plain is not None:
            return plain
        raw = decoded(self.node, self._view.reader.read_now)
        first = raw.reshape(-1)[0] if raw.size else None
        return element_dtype(first) if declared is None else settled_compound(declared, first)

    @property
    def fillvalue(self) -> Any:
        """What elements are that were never written."""
        dtype = self.dtype
        if "fill" in self.node.sidecar:
            return decode(self.node.sidecar["fill"], dtype, (), make_reference)[()]
        value = (self.node.array or {})["fill_value"]
        if (value is not None and dtype.kind in "iufb") or (dtype.kind == "c" and isinstance(value, list)):
            return decode(value, dtype, (), make_reference)[()]
        if h5py.check_string_dtype(dtype) is not None and dtype.kind == "O":
            return b""
        # h5py has no fill value for references and sequences.
        return None if dtype.kind == "O" else _blank_element(dtype)[()]

    # ------------------------------------------------------------ reading

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
        out = _as_dtype(self.take(read), dtype).reshape(read.shape + inner)
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
        return _as_dtype(read, dtype).reshape(count, *array_parts(self.dtype)[1])

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
        whole = _as_dtype(self.whole(), dtype)
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
        # Looking up chunks may read the HDF5 file, in this thread.
        self._chunks.require(read)
        chunks = self._chunks.node("").chunks
        found = read_chunks(self._path, self.node.array or {}, chunks, read, self._view.reader)
        return _marked(found, self.dtype)

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
                self._whole = self._typed(raw.reshape(shape))
            except (TypeError, ValueError, OverflowError) as error:
                raise FormatError(
                    f"the data of /{self._path} is not {self.dtype!r}, as the side-car says: {error}",
                    hint="The file is damaged, or has been changed.",
                ) from error
        return self._whole

    def _typed(self, raw: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        if raw.dtype.kind == "O":
            base, inner = array_parts(self.dtype)
            return decode(raw.tolist(), base, raw.shape + inner, make_reference)
        if raw.dtype.kind == "U":
            out = np.empty(raw.shape, dtype=self.dtype)
            out.reshape(-1)[:] = [str(text).encode("utf-8", "surrogateescape") for text in raw.reshape(-1)]
            return out
        return _marked(raw, self.dtype)


def _require_fit(array: np.ndarray[Any, Any], dtype: np.dtype[Any]) -> None:
    """Raise `FormatError` where a side-car calls plain bytes something of variable length."""
    if dtype.hasobject and not array.dtype.hasobject:
        raise FormatError(
            f"the side-car says {dtype!r}, and the data is {array.dtype}", hint="The file is damaged."
        )


def _marked(array: np.ndarray[Any, Any], dtype: np.dtype[Any]) -> np.ndarray[Any, Any]:
    """The array with h5py's dtype (enum names, charset, array type with its axes last); same bytes."""
    _require_fit(array, dtype)
    base, inner = array_parts(dtype)
    if inner:
        return np.frombuffer(array.tobytes(), dtype=base).reshape(array.shape + inner)
    return array.view(dtype) if array.dtype.itemsize == dtype.itemsize else array.astype(dtype)


def _blank_element(dtype: np.dtype[Any]) -> np.ndarray[Any, Any]:
    """What h5py has for elements without a fill value; of an array type it sets the first item only."""
    base, inner = array_parts(dtype)
    if not inner or base.kind != "O":
        return _blank(dtype)
    if h5py.check_string_dtype(base) is not None:
        return np.full(inner, b"", dtype=base)
    out = np.zeros(inner, dtype=base)
    out.reshape(-1)[0] = None
    return out


def _blank(dtype: np.dtype[Any]) -> np.ndarray[Any, Any]:
    """An element of zeros; h5py has None where a field is of variable length."""
    out = np.zeros((), dtype=dtype)
    for name in dtype.names or ():
        base, _ = array_parts(dtype[name])
        if base.kind == "O":
            out[name] = None
        elif base.names is not None:
            out[name] = _blank(base)
    return out


def _as_dtype(array: np.ndarray[Any, Any], dtype: np.dtype[Any] | None) -> np.ndarray[Any, Any]:
    if dtype is None or dtype is array.dtype:
        return array
    if dtype.names is not None and array.dtype.names is not None:
        out = np.empty(array.shape, dtype=dtype)
        for name in dtype.names:
            out[name] = array[name]
        return out
    if array.dtype.kind in "iuf" and dtype.kind in "iuf" and not array_parts(dtype)[1]:
        return _converted(array, dtype)
    return array.astype(dtype)


def _converted(array: np.ndarray[Any, Any], dtype: np.dtype[Any]) -> np.ndarray[Any, Any]:
    """Numbers in another type, converted by HDF5: what does not fit becomes the nearest that does."""
    widest = max(array.dtype.itemsize, dtype.itemsize)
    buffer = np.zeros(array.size * widest, dtype="u1")
    buffer[: array.nbytes] = np.frombuffer(array.tobytes(), dtype="u1")
    source, target = h5py.h5t.py_create(array.dtype), h5py.h5t.py_create(dtype)
    h5py.h5t.convert(source, target, array.size, buffer)
    return buffer[: array.size * dtype.itemsize].view(dtype).reshape(array.shape)
