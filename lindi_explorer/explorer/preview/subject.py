"""What is previewed: a node with everything that decides how it can be shown."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np

from lindi_explorer.errors import NodeNotFoundError, UnsupportedError
from lindi_explorer.explorer.wire import from_wire, to_wire
from lindi_explorer.hdf5.types import TypeSpec, type_of, type_words
from lindi_explorer.nwb import meaning
from lindi_explorer.references import keys
from lindi_explorer.references.model import Node


class Subject:
    """A group or dataset, links followed; nothing of its data has been read.

    Parameters
    ----------
    file : LindiH5pyFile
    path : str
        Path as it was asked for.

    Attributes
    ----------
    path : str
        Absolute, as the file has it. A series (a typed group with ``data``) is shown as its data.

    Raises
    ------
    NodeNotFoundError
        If there is no such node, or it is a broken link.
    UnsupportedError
        If the node cannot be opened.
    """

    def __init__(self, file: Any, path: str) -> None:
        self.file = file
        self.path = "/" + keys.normalise(from_wire(path))
        self.thing = file[self.path]
        if not hasattr(self.thing, "attrs"):
            raise NodeNotFoundError(f"{self.path} cannot be previewed", hint="Select a group or a dataset.")
        data = _data_of(self.thing)
        if data is not None:
            self.path, self.thing = f"{self.path.rstrip('/')}/data", data

    def require_readable(self) -> None:
        """Raise `UnsupportedError` where the data cannot be read; the message says why."""
        problem = self.node.sidecar.get("problem")
        if problem:
            raise UnsupportedError(str(problem), hint="Everything else in this file can be read.")

    @property
    def shown_path(self) -> str:
        """The path as it is sent."""
        return to_wire(self.path)

    @cached_property
    def node(self) -> Node:
        """The node behind the thing, as the references have it."""
        return node_of(self.thing)

    @cached_property
    def is_dataset(self) -> bool:
        """Whether it is a dataset (not a group or a committed type)."""
        return meaning.is_dataset(self.thing)

    @cached_property
    def shape(self) -> tuple[int, ...] | None:
        """Shape of a dataset; None for a null dataspace and for groups."""
        shape = self.thing.shape if self.is_dataset else None
        return None if shape is None else tuple(shape)

    @cached_property
    def spec(self) -> TypeSpec:
        """Exact type of a dataset's elements."""
        return type_of(self.thing.dtype)

    @property
    def dtype_words(self) -> str:
        """The type for people."""
        return type_words(self.spec)

    @cached_property
    def number_kind(self) -> str:
        """NumPy's letter of a plain number type (``b``, ``i``, ``u``, ``f``), empty for any other type."""
        if not self.is_dataset or not isinstance(self.spec, str):
            return ""
        kind = np.dtype(self.spec).kind
        return kind if kind in "biuf" else ""

    @cached_property
    def columns(self) -> list[meaning.TableColumn]:
        """Columns of a DynamicTable; empty for everything else."""
        return [] if self.is_dataset else meaning.table_columns(self.thing)

    @cached_property
    def time(self) -> meaning.TimeAxis | None:
        """Time axis of the first dimension."""
        return meaning.time_axis(self.file, self.path)

    @cached_property
    def scaling(self) -> meaning.Scaling:
        """How the numbers are meant."""
        return meaning.scaling_of(self.file, self.path)

    @cached_property
    def picture(self) -> meaning.Picture:
        """Whether the dataset holds pictures."""
        return meaning.picture_of(self.file, self.path)


def _data_of(thing: Any) -> Any:
    """The data of a series, None for every other node."""
    if meaning.is_dataset(thing) or not meaning.type_of(thing) or meaning.table_columns(thing):
        return None
    data = meaning.child(thing, "data")
    return data if data is not None and meaning.is_dataset(data) else None


def node_of(thing: Any) -> Node:
    """The node of an h5py-like object of ours, its edits included.

    Parameters
    ----------
    thing : LindiH5pyGroup or LindiH5pyDataset

    Returns
    -------
    Node
    """
    # Not its `name`, which may be that of a link to it.
    view, path = thing.place
    node: Node = view.node(path)
    return node
