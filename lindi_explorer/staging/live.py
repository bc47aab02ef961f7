"""Which bytes of the files in a staging area are in use: those that a hierarchy refers to."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from lindi_explorer.byterange import redact_url
from lindi_explorer.errors import FormatError, UnsupportedError
from lindi_explorer.references.chunks import ChunkTable, LazyInline, chunk_grid
from lindi_explorer.references.model import References
from lindi_explorer.references.written import plain_table
from lindi_explorer.remote.address import local_path
from lindi_explorer.staging.area import StagingArea

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class StagedArray:
    """An array with chunks in the area.

    Attributes
    ----------
    path : str
    table : ChunkTable
    rows : numpy.ndarray
        Of the table: those that are in the area, in the order of the chunks.
    file : numpy.ndarray
        For each of them, in which file.
    """

    path: str
    table: ChunkTable
    rows: Numbers
    file: Numbers


@dataclass(frozen=True, slots=True)
class LiveBytes:
    """What is in use, as stretches of the files laid one behind the other.

    The files are counted as if they were one, with a byte between two that belongs to none: so a position is
    one number, and what lies together is found without looking at single ranges.

    Attributes
    ----------
    files : list of Path
        Without links, in the order in which the hierarchy comes to them.
    sizes, bases : numpy.ndarray
        Of each file: its bytes, and the position of its first byte.
    starts, stops : numpy.ndarray
        Of each stretch: positions, sorted; no two touch.
    arrays : list of StagedArray
    """

    files: list[Path]
    sizes: Numbers
    bases: Numbers
    starts: Numbers
    stops: Numbers
    arrays: list[StagedArray]

    @classmethod
    def find(cls, references: References, area: StagingArea) -> Self:
        """Find out what a hierarchy uses.

        Parameters
        ----------
        references : References
        area : StagingArea

        Returns
        -------
        LiveBytes

        Raises
        ------
        FormatError
            If it refers to bytes that are not there.
        """
        files: dict[str, int] = {}
        arrays = list(_staged_arrays(references, files, inside(area)))
        paths = [Path(path) for path in files]
        sizes = np.array([_size(path) for path in paths], dtype=np.int64)
        bases = np.cumsum(sizes + 1) - sizes - 1
        begin, end = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
        for array in arrays:
            offset, length = array.table.offset[array.rows], array.table.length[array.rows]
            beyond = np.flatnonzero(offset + length > sizes[array.file])
            if len(beyond):
                path = redact_url(str(paths[array.file[beyond[0]]]))
                raise FormatError(
                    f"/{array.path} refers to bytes that {path} does not have",
                    hint="The file was cut off or replaced; restore it, or write the dataset again.",
                )
            begin.append(bases[array.file] + offset)
            end.append(bases[array.file] + offset + length)
        return cls(paths, sizes, bases, *_joined(np.concatenate(begin), np.concatenate(end)), arrays)

    def file_of(self, position: Numbers) -> Numbers:
        """In which file positions are."""
        return np.searchsorted(self.bases, position, side="right") - 1

    def used(self) -> Numbers:
        """Bytes of each file that are in use."""
        used = np.zeros(len(self.files), dtype=np.int64)
        np.add.at(used, self.file_of(self.starts), self.stops - self.starts)
        return used


def inside(area: StagingArea) -> Callable[[str], str | None]:
    """What tells the files of an area from others.

    Parameters
    ----------
    area : StagingArea

    Returns
    -------
    callable
        Address -> path without links where it leads to something in the area, else None.
    """
    root = os.path.join(os.path.realpath(area.directory), "")  # noqa: PTH118 - text is compared
    resolved = functools.cache(os.path.realpath)

    def real(address: str) -> str | None:
        path = local_path(address)
        if path is None:
            return None
        # Most files are plain ones in few folders: only those need a look each.
        above, name = os.path.split(path)
        plain = name not in ("", ".", "..") and not os.path.islink(path)  # noqa: PTH114 - addresses are text
        found = os.path.join(resolved(above), name) if plain else os.path.realpath(path)  # noqa: PTH118
        return found if found.startswith(root) else None

    return real


def loaded_tables(references: References) -> Iterator[tuple[str, ChunkTable]]:
    """The arrays of a hierarchy: path and chunks, without those whose chunks cannot be read.

    Parameters
    ----------
    references : References

    Returns
    -------
    iterator of (str, ChunkTable)
    """
    for path in references.walk():
        node = references.node(path)
        if node.array is None or isinstance(node.chunks, LazyInline):
            continue
        try:
            yield path, plain_table(node.chunks, chunk_grid(node.array["shape"], node.array["chunks"]))
        except UnsupportedError:
            continue  # the document will say what is wrong with it


def _staged_arrays(
    references: References, files: dict[str, int], real: Callable[[str], str | None]
) -> Iterator[StagedArray]:
    for path, table in loaded_tables(references):
        places = [real(url) for url in table.urls]
        if not any(places):
            continue
        staged = np.array([place is not None for place in places])
        rows = _chunk_order(table.index)
        rows = rows[staged[table.url[rows]]]
        numbers, first = np.unique(table.url[rows], return_index=True)
        known = np.full(len(places), -1, dtype=np.int64)
        for number in numbers[np.argsort(first)].tolist():
            known[number] = files.setdefault(str(places[number]), len(files))
        yield StagedArray(path, table, rows, known[table.url[rows]])


def _chunk_order(index: Numbers) -> Numbers:
    """Rows by the numbers of their chunks."""
    if not index.shape[1]:
        return np.arange(len(index))
    return np.lexsort(index.T[::-1])


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0  # the first reference to it will find that it has nothing


def _joined(starts: Numbers, stops: Numbers) -> tuple[Any, Any]:
    """Sort stretches and join those that overlap or touch."""
    order = np.argsort(starts, kind="stable")
    starts, reach = starts[order], np.maximum.accumulate(stops[order])
    first = np.ones(len(starts), dtype=bool)
    first[1:] = starts[1:] > reach[:-1]
    last = np.append(first[1:], True)[: len(first)]
    return starts[first], reach[last]
