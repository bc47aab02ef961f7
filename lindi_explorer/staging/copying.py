"""Copying chunks from where they are to where they shall be: a staging area, a container, a download."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing

import numpy as np

from lindi_explorer.errors import LindiError
from lindi_explorer.references.chunks import ChunkTable, Reference
from lindi_explorer.references.model import References
from lindi_explorer.remote import CancelToken, RangeReader
from lindi_explorer.remote.address import local_path
from lindi_explorer.staging.area import StagingArea
from lindi_explorer.staging.live import Numbers, inside, loaded_tables
from lindi_explorer.staging.moved import MovingTable
from lindi_explorer.staging.reading import Content, Wanted, contents

Put = Callable[[Wanted, Content], Reference]
"""Keeps the bytes of a chunk, all at once or piece after piece, and says where they are from now on."""

Lost = Callable[[str, LindiError], None]
"""Told that chunks of the array at a path are not there, or are not what they should be."""


def copy_chunks(
    references: References, area: StagingArea, reader: RangeReader, *, download_remote: bool
) -> dict[str, ChunkTable]:
    """Put chunks that are not in a staging area there.

    Links to whole arrays of HDF5 files stay links.

    Parameters
    ----------
    references : References
    area : StagingArea
    reader : RangeReader
    download_remote : bool
        Those of remote files too, not only those of files on this machine.

    Returns
    -------
    dict
        Path of an array -> its table from now on, for those of which chunks were copied.

    Raises
    ------
    LindiError
        One of the family, if chunks cannot be read.
    OSError
        If the area cannot be written.
    """
    real = inside(area)

    def wanted(_path: str, url: str) -> bool:
        return download_remote if local_path(url) is None else real(url) is None

    def put(_item: Wanted, content: Content) -> Reference:
        return area.put(content) if isinstance(content, bytes) else area.append(content)

    return copy_ranges(loaded_tables(references), wanted, put, reader)


def copy_ranges(
    tables: Iterable[tuple[str, ChunkTable]],
    wanted: Callable[[str, str], bool],
    put: Put,
    reader: RangeReader,
    *,
    cancel: CancelToken | None = None,
    lost: Lost | None = None,
) -> dict[str, ChunkTable]:
    """Copy byte ranges, many at a time, in the order in which they lie in their files.

    Parameters
    ----------
    tables : iterable of (str, ChunkTable)
        Path and chunks of arrays; asked for as far as the copy has come.
    wanted : callable
        Path of an array, address of a file -> whether its chunks in that file are copied.
    put : callable
        Takes the bytes, in the calling thread.
    reader : RangeReader
    cancel : CancelToken, optional
        Stops the reads.
    lost : callable, optional
        Told what is wrong with chunks of an array, which then stay where they are; without, that is raised.

    Returns
    -------
    dict
        Path of an array -> its table from now on, for those of which chunks were copied.

    Raises
    ------
    LindiError
        One of the family, if chunks cannot be read.
    """
    moving: dict[str, MovingTable] = {}

    def ranges() -> Iterator[Wanted]:
        for path, table in tables:
            rows = _chosen(table, path, wanted)
            if len(rows):
                moving[path] = MovingTable(table)
                for row in rows.tolist():
                    yield Wanted(path, row, table.byte_range(row))

    with closing(contents(ranges(), reader, cancel, alone=lost is not None)) as coming:
        for item, content in coming:
            if not isinstance(content, LindiError):
                moving[item.path].move(item.row, put(item, content))
            elif lost is not None:
                lost(item.path, content)
    return {path: one.moved() for path, one in moving.items() if one.has_moved}


def _chosen(table: ChunkTable, path: str, wanted: Callable[[str, str], bool]) -> Numbers:
    """Rows that are copied, by their places in the files."""
    chosen = np.array([wanted(path, url) for url in table.urls], dtype=bool)
    if not chosen.any():
        return np.empty(0, np.int64)
    order: Numbers = np.lexsort((table.offset, table.url))
    rows: Numbers = order[chosen[table.url[order]]]
    return rows
