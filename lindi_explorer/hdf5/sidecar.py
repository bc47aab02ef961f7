"""What h5py says of a dataset, in a document's words: the side-car, and the fill value of ``.zarray``."""

from __future__ import annotations

import base64
from typing import Any

import h5py
import numpy as np

from lindi_explorer.hdf5.facts import Facts
from lindi_explorer.hdf5.inline import zarr_dtype
from lindi_explorer.hdf5.names import ObjectNames
from lindi_explorer.hdf5.padding import without_padding
from lindi_explorer.hdf5.types import type_of
from lindi_explorer.hdf5.values import Json, encode, encode_float
from lindi_explorer.references.model import Node


def describe(facts: Facts, node: Node, names: ObjectNames) -> dict[str, Any]:
    """The side-car: what h5py would say of the dataset and plain LINDI does not.

    Parameters
    ----------
    facts : Facts
    node : Node
        What plain LINDI says of it.
    names : ObjectNames

    Returns
    -------
    dict
        Members of the side-car.
    """
    array = node.array or {}
    out: dict[str, Any] = {}
    spec = type_of(facts.dtype)
    if spec != array["dtype"]:
        out["type"] = spec
    fill = _exact_fill(facts, array, names)
    if fill is not None:
        out["fill"] = fill
    if facts.maxshape != facts.shape:
        out["maxshape"] = list(facts.maxshape or ())
    if not facts.shape:
        return out
    chunks = None if facts.chunks is None else list(facts.chunks)
    if chunks != array["chunks"]:
        out["chunks"] = chunks
    if facts.filters and (facts.codecs is None or facts.codecs != array["filters"]):
        out["filters"] = [[item.id, item.name, list(item.parameters)] for item in facts.filters]
    return out


def _exact_fill(facts: Facts, array: dict[str, Any], names: ObjectNames) -> Json:
    """The fill value for the side-car, None where ``.zarray`` says it or it is the default."""
    value = facts.fill_value()
    if value is None:
        return None
    if isinstance(value, (h5py.Reference, h5py.RegionReference)):
        return names.encode(value)
    exact = np.array(value, dtype=facts.dtype)
    if exact.shape != () or (exact.dtype.hasobject and h5py.check_string_dtype(exact.dtype) is None):
        return None
    fill = encode(exact, lambda _reference: None)
    # Negative zero equals zero, and is another number.
    return None if repr(fill) == repr(array["fill_value"]) else fill


def zarr_fill(facts: Facts) -> Json:
    """The HDF5 fill value as ``.zarray`` has it, by the rules of Zarr v2.

    Parameters
    ----------
    facts : Facts
        Of data that Zarr has a type for.

    Returns
    -------
    Json
    """
    # Where HDF5 is told never to write fill values, what was never written is zero.
    value = None if facts.never_filled else facts.fill_value()
    return as_zarr_fill(value, facts.dtype)


def as_zarr_fill(value: Any, dtype: np.dtype[Any]) -> Json:
    """A fill value as ``.zarray`` has it, by the rules of Zarr v2.

    Parameters
    ----------
    value : object
        None for the default.
    dtype : numpy.dtype
        That Zarr has a type for.

    Returns
    -------
    Json
    """
    zarr = zarr_dtype(dtype)
    assert zarr is not None
    if zarr.kind == "b":
        return bool(value)
    if zarr.kind in "iu":
        return int(value or 0)
    if zarr.kind == "f":
        return encode_float(0.0 if value is None else float(value))
    exact = np.zeros((), dtype) if value is None else np.array(value, dtype=dtype)
    raw = without_padding(exact).tobytes()
    if not raw.strip(b"\0"):
        return "" if zarr.kind == "S" else None
    if zarr.kind == "c":
        return encode(exact, lambda _reference: None)
    return base64.b64encode(raw).decode("ascii")
