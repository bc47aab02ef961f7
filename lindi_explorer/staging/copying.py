"""Copying chunks from where they are to where they shall be: a staging area, a container, a download."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing

import numpy as np

from lindi_explorer.byterange import ByteRange
from lindi_explorer.errors import LindiError
from lindi_explorer.references.chunks import ChunkTable, Reference
from lindi_explorer.references.model import References
from lindi_explorer.remote import CancelToken, RangeReader
from lindi_explorer.remote.address import local_path
from lindi_explorer.staging.area import StagingArea
from lindi_explorer.staging.live import Numbers, inside, loaded_tables
from lindi_explorer.staging.reading import Content, Wanted, contents

Put = Callable[[ByteRange, Content], Reference]
"""Keeps the bytes of a range, all at once or piece after piece, and says where they are from now on."""

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

    def put(_source: ByteRange, content: Content) -> Reference:
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
    moving: dict[str, _Moving] = {}

    def ranges() -> Iterator[Wanted]:
        for path, table in tables:
            rows = _chosen(table, path, wanted)
            if len(rows):
                moving[path] = _Moving(table)
                for row in rows.tolist():
                    yield Wanted(path, row, table.byte_range(row))

    with closing(contents(ranges(), reader, cancel, alone=lost is not None)) as coming:
        for item, content in coming:
            if not isinstance(content, LindiError):
                moving[item.path].move(item.row, put(item.byte_range, content))
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


class _Moving:
    """A table some of whose rows get other places."""

    def __init__(self, table: ChunkTable) -> None:
        self._table = table
        self._urls = {url: number for number, url in enumerate(table.urls)}
        self._url = table.url.astype(np.int32)
        self._offset = table.offset.copy()
        self._inline = dict(table.inline)
        self._stay = np.ones(len(table.url), dtype=bool)
        self.has_moved = False

    def move(self, row: int, reference: Reference) -> None:
        """Note where a chunk is from now on."""
        self.has_moved = True
        if isinstance(reference, bytes):
            self._inline[tuple(self._table.index[row].tolist())] = reference
            self._stay[row] = False
        else:
            self._url[row] = self._urls.setdefault(reference.url, len(self._urls))
            self._offset[row] = reference.offset

    def moved(self) -> ChunkTable:
        """The table with the new places, and no address that it does not need any more."""
        table, stay = self._table, self._stay
        used, url = np.unique(self._url[stay], return_inverse=True)
        urls = list(self._urls)
        return ChunkTable(
            table.grid,
            tuple(urls[number] for number in used.tolist()),
            table.index[stay],
            url.astype(np.int32),
            self._offset[stay],
            table.length[stay],
            self._inline,
        )
