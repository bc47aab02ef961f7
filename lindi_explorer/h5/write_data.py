"""New data for an array that is kept in the document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import h5py
import numpy as np

from lindi_explorer.errors import UnsupportedError
from lindi_explorer.h5.reference import encode_reference
from lindi_explorer.hdf5.inline import inline_node
from lindi_explorer.references.annotations import COMPOUND
from lindi_explorer.references.model import Node
from lindi_explorer.staging.edits import DataRecord, data_record

if TYPE_CHECKING:
    from lindi_explorer.h5.data import ArrayData


def new_data(data: ArrayData, args: Any, value: Any) -> DataRecord:
    """The record of a dataset after ``dataset[args] = value``.

    Parameters
    ----------
    data : ArrayData
        Decoded as a whole.
    args : object
        A selection.
    value : object
        Anything NumPy assigns; strings as ``str`` or ``bytes``.

    Returns
    -------
    DataRecord

    Raises
    ------
    UnsupportedError
        If plain LINDI cannot hold such data.
    """
    array = data.whole().copy()
    string = h5py.check_string_dtype(data.dtype)
    array[() if args is Ellipsis and array.shape == () else args] = (
        _bytes(value) if string is not None else value
    )
    node = inline_node(array, {}, encode_reference, data.dtype)
    if node.attributes.get(COMPOUND) != data.node.attributes.get(COMPOUND):
        raise UnsupportedError(
            f"data of the type {data.dtype} cannot be changed here", hint="Change it in the source file."
        )
    sidecar = {name: entry for name, entry in data.node.sidecar.items() if name != "attributes"}
    if "type" not in sidecar and np.dtype((data.node.array or {})["dtype"]).kind in "OU":
        # Text that grows gets another Zarr dtype; the HDF5 type stays what it was.
        from lindi_explorer.hdf5.types import type_of

        sidecar["type"] = type_of(data.dtype)
    return data_record(Node(array=node.array, chunks=node.chunks, sidecar=sidecar))


def _bytes(value: Any) -> Any:
    """Text as the bytes that arrays of HDF5 strings hold."""
    if isinstance(value, str):
        return value.encode("utf-8")
    if not isinstance(value, (bytes, list, tuple, np.ndarray)):
        raise TypeError(f"{value!r} is no string, and the dataset holds strings")
    if isinstance(value, (list, tuple, np.ndarray)) and not isinstance(value, (bytes, np.bytes_)):
        items = np.asarray(value)
        if items.dtype.kind not in "SUO":
            raise TypeError(f"{value!r} are no strings, and the dataset holds strings")
        if items.dtype.kind in "UO":
            out = np.empty(items.shape, dtype=object)
            out.reshape(-1)[:] = [_bytes(item) for item in items.reshape(-1).tolist()]
            return out
    return value
