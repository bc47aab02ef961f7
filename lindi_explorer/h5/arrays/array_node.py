"""What is known of one array before its data is read: shape, chunks, limits, type, fill value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import h5py
import numpy as np

from lindi_explorer.h5.arrays.decode import decoded
from lindi_explorer.h5.arrays.dtypes import declared_dtype, element_dtype, settled_compound
from lindi_explorer.h5.reference import make_reference
from lindi_explorer.hdf5.types import array_parts
from lindi_explorer.hdf5.values import decode
from lindi_explorer.references.annotations import COMPOUND, EXTERNAL_ARRAY_LINK, SCALAR

if TYPE_CHECKING:
    from lindi_explorer.h5.view import View
    from lindi_explorer.references.model import Node


class ArrayNode:
    """One array of one view.

    Parameters
    ----------
    view : View
    path : str
    node : Node
        Of an array; a changed node gets a new object.
    """

    def __init__(self, view: View, path: str, node: Node) -> None:
        self._view = view
        self._path = path
        self.node = node
        self._dtype: np.dtype[Any] | None = None

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
