"""New virtual datasets: h5py itself says, in a file in memory, what a layout means; here is the node."""

from __future__ import annotations

import copy
import re
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import h5py

from lindi_explorer.errors import UnsupportedError
from lindi_explorer.h5.arrays.scratch import scratch
from lindi_explorer.h5.datatype import LindiH5pyDatatype
from lindi_explorer.h5.virtual.mapping import GUARD, OWN, VIRTUAL, escaped
from lindi_explorer.hdf5.facts import Hdf5Facts
from lindi_explorer.hdf5.inline import annotated, inline_metadata, zarr_dtype
from lindi_explorer.hdf5.names import ObjectNames
from lindi_explorer.hdf5.sidecar import describe, zarr_fill
from lindi_explorer.hdf5.virtual_layout import sources_of_layout
from lindi_explorer.references.annotations import EXTERNAL_ARRAY_LINK
from lindi_explorer.references.model import Node

if TYPE_CHECKING:
    from lindi_explorer.h5.view import View

_IN_MEMORY = re.compile(r"memory-\d+\.lindi\.json")
"""Names of files that are in memory only."""


def virtual_node(view: View, layout: Any, fillvalue: Any, name: str) -> Node:
    """Make the node of a new virtual dataset.

    Parameters
    ----------
    view : View
    layout : h5py.VirtualLayout
    fillvalue : object
        Of what no source gives; None for the default.
    name : str
        For messages.

    Returns
    -------
    Node

    Raises
    ------
    TypeError, ValueError
        As h5py raises them.
    UnsupportedError
        For a scalar, and for sources in files in memory, which nobody else could open.
    """
    if not isinstance(layout, h5py.VirtualLayout):
        raise TypeError(f"{name} cannot be made of {type(layout).__name__}: it takes an h5py.VirtualLayout")
    if isinstance(layout.dtype, LindiH5pyDatatype):
        layout = copy.copy(layout)
        layout.dtype = layout.dtype.dtype
    shape = tuple(map(int, layout.shape))
    if not shape:
        raise UnsupportedError(f"{name} has no axis: a scalar cannot be virtual", hint="Copy the value.")
    with scratch() as file:
        group = SimpleNamespace(file=SimpleNamespace(filename=view.file.filename), id=file.id)
        identifier = layout.make_dataset(group, None, fillvalue)
        plist = identifier.get_create_plist()
        facts = Hdf5Facts(
            opened=identifier,
            plist=plist,
            dtype=identifier.dtype,
            shape=shape,
            maxshape=shape if layout.maxshape is None else _limits(layout.maxshape),
            layout=h5py.h5d.VIRTUAL,
            chunks=None,
            external=False,
            edges_filtered=True,
            filters=[],
        )
        zarr = zarr_dtype(facts.dtype)
        array = {**inline_metadata(shape, zarr), "compressor": None, "filters": [dict(GUARD)]}
        if zarr is not None:
            array["fill_value"] = zarr_fill(facts)
        node = Node(annotated({}, shape, facts.dtype), array)
        sidecar = {**describe(facts, node, ObjectNames(file)), "filters": []}
    made = Node(node.attributes, array, {}, {**sidecar, VIRTUAL: _virtual(view, plist, name)})
    return _with_shape(made, view.data_of("", made).shape or ())


def _limits(maxshape: Any) -> tuple[int | None, ...]:
    return tuple(None if most in (None, h5py.h5s.UNLIMITED) else int(most) for most in maxshape)


def _virtual(view: View, plist: Any, name: str) -> dict[str, Any]:
    sources = sources_of_layout(plist)
    for source in sources:
        if _IN_MEMORY.fullmatch(source["file"]):
            raise UnsupportedError(
                f"{name} cannot take data from {source['file']}, which is in memory only",
                hint="Write that file first, and name it by its path.",
            )
        source["file"] = view.sources.places.lasting(source["file"])
    base = view.file.link_base
    elsewhere = base and any(source["file"] != OWN for source in sources)
    return {"base": base, "sources": sources} if elsewhere else {"sources": sources}


def _with_shape(node: Node, shape: tuple[int, ...]) -> Node:
    """The node with the shape that its sources give it now."""
    array: dict[str, Any] = node.array or {}
    new = {**array, "shape": list(shape), "chunks": [max(size, 1) for size in shape]}
    return Node(node.attributes, new, node.chunks, node.sidecar)


def seen_from_elsewhere(view: View, node: Node) -> Node:
    """The node of a virtual dataset as another file has it: what lies in its own file lies in that one still.

    Parameters
    ----------
    view : View
        Of its own file.
    node : Node

    Returns
    -------
    Node

    Raises
    ------
    UnsupportedError
        If that file is in memory only.
    """
    own, virtual = view.file.link_base, node.sidecar[VIRTUAL]
    if EXTERNAL_ARRAY_LINK in node.attributes:
        return node  # its own file is the one that the link leads to
    if not own and any(source["file"] == OWN for source in virtual["sources"]):
        raise UnsupportedError(
            "a virtual dataset cannot be copied from a file that is in memory only, where its data lies",
            hint="Write that file first, or copy the data.",
        )
    sources = [
        {**source, "file": escaped(own)} if source["file"] == OWN else source for source in virtual["sources"]
    ]
    made = {"base": own, **virtual, "sources": sources}
    return Node(node.attributes, node.array, node.chunks, {**node.sidecar, VIRTUAL: made})
