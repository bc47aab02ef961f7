"""Copying chunks from where they are into a staging area."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from lindi_explorer.byterange import ByteRange
from lindi_explorer.references.chunks import ChunkTable, Reference
from lindi_explorer.references.model import References
from lindi_explorer.remote import RangeReader
from lindi_explorer.remote.address import local_path
from lindi_explorer.staging.area import StagingArea
from lindi_explorer.staging.live import Numbers, inside, loaded_tables

_AT_ONCE = 8 << 20
"""Bytes that are in memory at once; longer chunks go over piece by piece."""

_MOST = 256
"""Ranges that are read at once."""


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

    def wanted(url: str) -> bool:
        return download_remote if local_path(url) is None else real(url) is None

    tables = {}
    for path, table in loaded_tables(references):
        chosen = np.array([wanted(url) for url in table.urls], dtype=bool)
        rows = np.flatnonzero(chosen[table.url]) if len(table.url) else np.empty(0, np.int64)
        if len(rows):
            tables[path] = _copied(table, rows, area, reader)
    return tables


def _copied(table: ChunkTable, rows: Numbers, area: StagingArea, reader: RangeReader) -> ChunkTable:
    ranges: dict[tuple[int, ...], ByteRange] = {}
    inline = dict(table.inline)
    for row, reference in _put(table, rows, area, reader):
        index = tuple(table.index[row].tolist())
        if isinstance(reference, bytes):
            inline[index] = reference
        else:
            ranges[index] = reference
    stay = np.ones(len(table.url), dtype=bool)
    stay[rows] = False
    new = ChunkTable.build(table.grid, ranges)
    return ChunkTable(
        table.grid,
        table.urls + new.urls,
        np.concatenate([table.index[stay], new.index]),
        np.concatenate([table.url[stay], new.url + np.int32(len(table.urls))]),
        np.concatenate([table.offset[stay], new.offset]),
        np.concatenate([table.length[stay], new.length]),
        inline,
    )


def _put(
    table: ChunkTable, rows: Numbers, area: StagingArea, reader: RangeReader
) -> Iterator[tuple[int, Reference]]:
    for batch in _batches(table, rows):
        ranges = [table.byte_range(row) for row in batch]
        if ranges[0].length > _AT_ONCE:
            yield batch[0], area.append(_pieces(ranges[0], reader))
        else:
            for row, data in zip(batch, reader.read_many(ranges), strict=True):
                yield row, area.put(data)


def _batches(table: ChunkTable, rows: Numbers) -> Iterator[list[int]]:
    """Rows that are read together."""
    batch: list[int] = []
    size = 0
    for row, length in zip(rows.tolist(), table.length[rows].tolist(), strict=True):
        if batch and (size + length > _AT_ONCE or len(batch) == _MOST):
            yield batch
            batch, size = [], 0
        batch.append(row)
        size += length
    if batch:
        yield batch


def _pieces(byte_range: ByteRange, reader: RangeReader) -> Iterator[bytes]:
    for start in range(byte_range.offset, byte_range.end, _AT_ONCE):
        length = min(_AT_ONCE, byte_range.end - start)
        yield reader.read_many([ByteRange(byte_range.url, start, length)])[0]
