"""Small data as a patch shows it to people."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from lindi_explorer.errors import LindiError
from lindi_explorer.h5.reference import encode_reference
from lindi_explorer.hdf5.attributes import StoredAttribute, encode_attribute
from lindi_explorer.hdf5.types import type_of

if TYPE_CHECKING:
    from lindi_explorer.h5.file import LindiH5pyFile
    from lindi_explorer.references.model import Node

_SHOWN = 100
"""Elements of a dataset that a patch shows."""


def shown(file: LindiH5pyFile, node: Node) -> Any:
    """The data of a dataset for people, `msgspec.UNSET` where it is much; see `data_of`."""
    stored = data_of(file, node)
    return msgspec.UNSET if stored is None else stored.value


def data_of(file: LindiH5pyFile, node: Node) -> StoredAttribute | None:
    """The data of a dataset, where it is little and in the document.

    Parameters
    ----------
    file : LindiH5pyFile
        Whose node it is.
    node : Node

    Returns
    -------
    StoredAttribute or None
    """
    array = node.array
    if array is None or np.prod(array["shape"], dtype=float) > _SHOWN or node.sidecar.get("null"):
        return None
    if len(node.chunks) != 1 or not all(isinstance(chunk, bytes) for chunk in node.chunks.values()):
        return None
    try:
        data = file.id.view.data_of("", node)
        value = np.empty(data.shape or (), dtype=data.dtype)
        value[...] = data.read((), None)
        stored = encode_attribute(value, encode_reference)
        return dataclasses.replace(stored, type=type_of(data.dtype), shape=data.shape)
    except (LindiError, ValueError, TypeError):
        return None
