"""The values of small datasets, in the form that attributes have."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from lindi_explorer.h5.reference import encode_reference
from lindi_explorer.hdf5.attributes import StoredAttribute, encode_attribute
from lindi_explorer.hdf5.types import type_of
from lindi_explorer.references.annotations import REFERENCE

if TYPE_CHECKING:
    from lindi_explorer.h5 import LindiH5pyDataset


def stored_data(dataset: LindiH5pyDataset) -> StoredAttribute:
    """All the data of a dataset as an attribute would keep it.

    Parameters
    ----------
    dataset : LindiH5pyDataset
        Of one value, or a few: all of it is read.

    Returns
    -------
    StoredAttribute
    """
    spec = type_of(dataset.dtype)
    if dataset.shape is None:
        return StoredAttribute(value=None, plain=False, type=spec, shape=None, exact=False)
    array = np.empty(dataset.shape, dtype=dataset.dtype)
    if dataset.size:
        array[...] = dataset[...]
    # An array type is unfolded by NumPy; its type says what one element is.
    return dataclasses.replace(encode_attribute(array, encode_reference), type=spec, shape=dataset.shape)


def target_of(stored: StoredAttribute) -> str:
    """The path a scalar object reference leads to, empty for everything else."""
    is_object = isinstance(stored.type, dict) and stored.type.get("reference") == "object"
    if not is_object or stored.shape != () or not isinstance(stored.value, dict):
        return ""
    path = stored.value[REFERENCE].get("path")
    return path if isinstance(path, str) else ""
