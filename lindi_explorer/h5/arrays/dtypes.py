"""The dtype h5py would report for a node's data."""

from __future__ import annotations

from typing import Any

import h5py
import numpy as np

from lindi_explorer.errors import FormatError
from lindi_explorer.hdf5.types import STRING, dtype_of
from lindi_explorer.references.annotations import COMPOUND, REFERENCE
from lindi_explorer.references.model import Node


def declared_dtype(node: Node) -> np.dtype[Any] | None:
    """The dtype that a node's metadata tells.

    Parameters
    ----------
    node : Node
        Of an array.

    Returns
    -------
    numpy.dtype or None
        With h5py's marks. None for object arrays without a side-car: the elements must be looked at.

    Raises
    ------
    FormatError
        If the metadata is damaged.
    """
    if "type" in node.sidecar:
        return dtype_of(node.sidecar["type"])
    if COMPOUND in node.attributes:
        return _compound(node.attributes[COMPOUND])
    dtype = stored_dtype(node.array or {"dtype": None})
    if dtype.kind == "O":
        return None
    if dtype.kind == "U":
        return dtype_of(STRING)
    if dtype.kind == "S":
        return dtype_of({"string": "ascii", "length": dtype.itemsize})
    return dtype


def stored_dtype(array: dict[str, Any]) -> np.dtype[Any]:
    """The type of the elements of an array, as Zarr says it.

    Parameters
    ----------
    array : dict
        Content of ``.zarray``.

    Returns
    -------
    numpy.dtype

    Raises
    ------
    FormatError
        If it is none.
    """
    try:
        dtype: np.dtype[Any] = np.dtype(array["dtype"])
    except (TypeError, ValueError) as error:
        raise FormatError(
            f"{array['dtype']!r} is not a data type of Zarr v2", hint="The file is damaged."
        ) from error
    return dtype


def _compound(fields: Any) -> np.dtype[Any]:
    try:
        return np.dtype([(name, _field(kind)) for name, kind in fields])
    except (TypeError, ValueError) as error:
        raise FormatError(
            f"{fields!r} is not a list of compound fields", hint="The file is damaged."
        ) from error


def _field(kind: str) -> Any:
    if kind == "<REFERENCE>":
        return h5py.ref_dtype
    dtype = np.dtype(kind)
    if dtype.kind == "O":
        return h5py.string_dtype()
    return h5py.string_dtype("ascii", dtype.itemsize) if dtype.kind == "S" and dtype.itemsize else dtype


def settled_compound(dtype: np.dtype[Any], first: Any) -> np.dtype[Any]:
    """Mend upstream's mistake of calling a variable-length string field a reference (format section 5).

    Parameters
    ----------
    dtype : numpy.dtype
        As declared.
    first : Json
        The first row.

    Returns
    -------
    numpy.dtype
    """
    if not isinstance(first, list) or len(first) != len(dtype.names or ()):
        return dtype
    fields = [
        (
            name,
            h5py.string_dtype()
            if h5py.check_ref_dtype(dtype[name]) and isinstance(item, str)
            else dtype[name],
        )
        for name, item in zip(dtype.names or (), first, strict=True)
    ]
    # NumPy takes all object dtypes for equal, whatever their marks.
    mended = any(
        h5py.check_ref_dtype(dtype[name]) and not h5py.check_ref_dtype(kind) for name, kind in fields
    )
    return np.dtype(fields) if mended else dtype


def element_dtype(first: Any) -> np.dtype[Any]:
    """The dtype of an object array without a side-car, told by its first element."""
    if isinstance(first, dict) and REFERENCE in first:
        return dtype_of({"reference": "object"})
    return dtype_of(STRING)
