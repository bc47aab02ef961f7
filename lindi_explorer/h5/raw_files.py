"""Datasets whose bytes lie in files of others, as they are: ``external`` of `h5py.Group.create_dataset`.

Their chunks are byte ranges of these files, as those of HDF5 files are, so that all readers find them. What
is written goes into the files at once, as HDF5 does it: the journal knows nothing of it, and undo takes
nothing back.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np

from lindi_explorer.byterange import ByteRange
from lindi_explorer.errors import FormatError, UnsupportedError
from lindi_explorer.h5.arrays.selection import Plan
from lindi_explorer.h5.arrays.writing import as_zarr, chunk_parts
from lindi_explorer.h5.virtual.taking import lengths_of
from lindi_explorer.references.model import Node
from lindi_explorer.references.written import WrittenChunks
from lindi_explorer.remote import is_remote

if TYPE_CHECKING:
    from lindi_explorer.h5.view import View

EXTERNAL = "external"
"""The member of the side-car: the files as they were named."""


def raw_files(node: Node) -> list[tuple[str, int, int]] | None:
    """The files of a dataset as h5py lists them, None where its data lies in none, or not any more.

    Parameters
    ----------
    node : Node

    Returns
    -------
    list of (str, int, int), or None
    """
    entries, array = node.sidecar.get(EXTERNAL), node.array or {}
    as_they_are = not array.get("compressor") and not array.get("filters") and array.get("order") == "C"
    if entries is None or not as_they_are or isinstance(node.chunks, WrittenChunks):
        return None
    names = {Path(entry["file"]).name for entry in entries}
    urls = getattr(node.chunks, "urls", ())
    if len(getattr(node.chunks, "inline", ())) or any(
        is_remote(url) or Path(url).name not in names for url in urls
    ):
        return None
    return [
        (entry["file"], entry["offset"], h5py.h5f.UNLIMITED if entry["size"] is None else entry["size"])
        for entry in entries
    ]


def write_into(view: View, node: Node, path: str, plans: Iterable[tuple[Plan, Any]]) -> None:
    """Write into the files of a dataset.

    Parameters
    ----------
    view : View
    node : Node
        With `raw_files`.
    path : str
        Of the dataset, for messages.
    plans : iterable of (Plan, numpy.ndarray)
        As for `lindi_explorer.h5.arrays.writing.write_raw`.

    Raises
    ------
    UnsupportedError
        If the file was not opened to be written in its place, or a file lies elsewhere, and this file has not
        been told of it.
    OSError
        If it cannot be written.
    """
    addresses = set(getattr(node.chunks, "urls", ()))
    for address in addresses:
        _require_ours(view, path, address)
    # First of all, as some may look at what is there.
    parts = [part for plan, values in plans for part in _parts(node, plan, values)]
    ends = _ends(node.chunks)
    try:
        for place, shape, inner, values in parts:
            _write(place, shape, inner, values, max(place.end, ends[place.url]))
    finally:
        for address in addresses:
            view.reader.forget(address)


def _parts(node: Node, plan: Plan, values: Any) -> Iterator[tuple[ByteRange, tuple[int, ...], Any, Any]]:
    """Chunk by chunk: where it is, its shape, an index into it, and what goes there."""
    array: dict[str, Any] = node.array or {}
    flat = as_zarr(values, np.dtype(array["dtype"]))
    held = flat if plan.points is not None else flat.reshape(lengths_of(plan))
    for index, inner, outer, _whole in chunk_parts(plan, array["shape"], array["chunks"]):
        place = node.chunks[index]
        shape = tuple(
            min(edge, size - at * edge)
            for at, edge, size in zip(index, array["chunks"], array["shape"], strict=True)
        )
        if not isinstance(place, ByteRange) or place.length != math.prod(shape) * flat.itemsize:
            raise FormatError(
                f"the chunk {index} is not as long as its elements are", hint="The file is damaged."
            )
        yield place, shape, inner, held[outer]


def _ends(chunks: Any) -> dict[str, int]:
    """Where the data of a dataset ends in each of its files."""
    ends = np.zeros(len(chunks.urls), np.int64)
    np.maximum.at(ends, chunks.url, chunks.offset + chunks.length)
    return dict(zip(chunks.urls, ends.tolist(), strict=True))


def _write(place: ByteRange, shape: tuple[int, ...], inner: Any, values: Any, end: int) -> None:
    file = Path(place.url)
    if not file.exists():
        file.touch()
    with file.open("r+b") as opened:
        if opened.seek(0, os.SEEK_END) < end:
            # What was never written is zero, as in HDF5: readers of byte ranges find no end before it.
            opened.truncate(end)
        mapped = np.memmap(opened, values.dtype, "r+", place.offset, shape)
        mapped[inner] = values
        mapped.flush()
        del mapped


def _require_ours(view: View, path: str, address: str) -> None:
    if address in view.raw_files:
        return
    own = os.path.realpath(view.file.source.address)
    real = os.path.realpath(address)
    folder = os.path.dirname(own)  # noqa: PTH120 - addresses are text
    inside = real.startswith(os.path.join(folder, "")) and not f"{real}{os.sep}".startswith(f"{own}{os.sep}")  # noqa: PTH118 - as above
    if not (view.saving.has_place and view.file.source.kind == "local" and inside):
        raise UnsupportedError(
            f"/{path} lies in {address}, which is not changed: only files beside one that is open to be "
            "written in its place are, and those it was made with",
            hint="Copy the data to a new dataset.",
        )
