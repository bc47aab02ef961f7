"""Putting the live bytes of a staging area into few large files, without what is not in use any more."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from lindi_explorer.errors import FormatError, MissingFileError
from lindi_explorer.formats.atomic import write_atomically
from lindi_explorer.formats.blobs import FULL
from lindi_explorer.references.chunks import ChunkTable
from lindi_explorer.references.model import References
from lindi_explorer.staging.area import StagingArea
from lindi_explorer.staging.live import LiveBytes, Numbers, StagedArray
from lindi_explorer.staging.moved import MovedChunks

SMALL = 64 << 20
"""Blob files with fewer bytes are put together with others."""

_PIECE = 8 << 20


def consolidate(
    references: References, area: StagingArea, *, small: int = SMALL, full: int = FULL
) -> MovedChunks:
    """Have the staged chunks of a hierarchy in blob files that hold nothing else.

    Overwritten and deleted chunks are left out, single files are put together. Files that are there already
    stay as they are: other references may lead to them, those that undo brings back for example.

    Parameters
    ----------
    references : References
    area : StagingArea
    small, full : int, optional
        Bytes: files with fewer than ``small`` are put together, to files with about ``full``.

    Returns
    -------
    MovedChunks
        With the same bytes behind every key.

    Raises
    ------
    FormatError
        If it refers to bytes that are not there.
    OSError
        If the area cannot be read or written.
    """
    live = LiveBytes.find(references, area)
    area.seal()
    files = _moving(live, area, small)
    moving = files[live.file_of(live.starts)]
    # Where each stretch is afterwards: the number of a file, and the offset in it.
    targets = list(live.files)
    target = live.file_of(live.starts)
    offset = live.starts - live.bases[target]
    for group in _groups(np.flatnonzero(moving), live, full):
        lengths = live.stops[group] - live.starts[group]
        target[group], offset[group] = len(targets), np.cumsum(lengths) - lengths
        targets.append(_write(live, group, area))
    paths = tuple(map(str, targets))
    tables = {
        array.path: _moved(array, live, paths, target, offset)
        for array in live.arrays
        if np.any(files[array.file])
    }
    return MovedChunks(references, tables)


def whole_file(path: Path, area: StagingArea) -> Path:
    """The same file under a name that no other has.

    Parameters
    ----------
    path : Path
        Without links.
    area : StagingArea

    Returns
    -------
    Path
        The path itself, or that of a copy.

    Raises
    ------
    MissingFileError
        If there is no such file.
    """
    if not path.is_file():
        raise MissingFileError(
            f"the file refers to {path}, which is not in the staging area any more",
            hint="Restore it, or write the data again.",
        )
    if path.parent == area.blob_folder:
        return path
    size = np.array([path.stat().st_size], dtype=np.int64)
    zero = np.zeros(1, dtype=np.int64)
    return _write(LiveBytes([path], size, zero, zero, size, []), zero, area)


def _moving(live: LiveBytes, area: StagingArea, small: int) -> npt.NDArray[np.bool_]:
    """Which files are not uploaded as they are."""
    folder = area.blob_folder
    blobs = np.array([path.parent == folder for path in live.files], dtype=bool)
    whole = blobs & (live.used() == live.sizes)
    moving: npt.NDArray[np.bool_] = ~whole | (live.sizes < small)
    # One alone has nothing to be put together with.
    return ~whole if np.count_nonzero(moving) == 1 else moving


def _groups(stretches: Numbers, live: LiveBytes, full: int) -> Iterator[Numbers]:
    """Stretches that make up one blob file each."""
    reach = np.cumsum(live.stops[stretches] - live.starts[stretches])
    first = done = 0
    while first < len(stretches):
        last = int(np.searchsorted(reach, done + full)) + 1
        yield stretches[first:last]
        first, done = last, int(reach[min(last, len(reach)) - 1])


def _write(live: LiveBytes, group: Numbers, area: StagingArea) -> Path:
    """Write a blob file, unless it is there already.

    Its name says what it is made of, so that doing the same again finds it.
    """
    numbers = live.file_of(live.starts[group])
    starts = live.starts[group] - live.bases[numbers]
    stops = live.stops[group] - live.bases[numbers]
    digest = hashlib.sha256()
    for number in np.unique(numbers).tolist():
        path = live.files[number]
        digest.update(repr((number, str(path), live.sizes[number], path.stat().st_mtime_ns)).encode())
    for column in (numbers, starts, stops):
        digest.update(column.astype("<i8").tobytes())
    target = area.blob_folder / digest.hexdigest()[:32]
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        plan = zip(numbers.tolist(), starts.tolist(), stops.tolist(), strict=True)
        write_atomically(target, _content(live.files, plan))
    return target


def _content(files: list[Path], plan: Iterator[tuple[int, int, int]]) -> Iterator[bytes]:
    """The bytes of stretches, in pieces."""
    for number, stretches in itertools.groupby(plan, key=lambda stretch: stretch[0]):
        with files[number].open("rb", buffering=0) as file:
            for _, start, stop in stretches:
                file.seek(start)
                missing = stop - start
                while missing:
                    data = file.read(min(_PIECE, missing))
                    if not data:
                        raise FormatError(f"{files[number]} has become shorter", hint="Write the data again.")
                    missing -= len(data)
                    yield data


def _moved(
    array: StagedArray, live: LiveBytes, paths: tuple[str, ...], target: Numbers, offset: Numbers
) -> ChunkTable:
    """The table of an array whose chunks have moved."""
    table, rows = array.table, array.rows
    position = live.bases[array.file] + table.offset[rows]
    stretch = np.searchsorted(live.starts, position, side="right") - 1
    url, start = table.url.astype(np.int64), table.offset.copy()
    url[rows] = len(table.urls) + target[stretch]
    start[rows] = offset[stretch] + position - live.starts[stretch]
    used, numbers = np.unique(url, return_inverse=True)
    urls = table.urls + paths
    return ChunkTable(
        table.grid,
        tuple(urls[number] for number in used.tolist()),
        table.index,
        numbers.astype(np.int32).reshape(-1),
        start,
        table.length,
        table.inline,
    )
