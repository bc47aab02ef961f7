"""The chunks of an edited file that nobody else could refer to: which they are, and where they go.

All of it follows from the hierarchy alone: the same edits make the same blobs, byte for byte, whether a file
is still open or was opened again. By that an upload that goes on finds what it has sent.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from lindi_explorer.archive.preflight import Mode
from lindi_explorer.errors import LindiError
from lindi_explorer.formats.blobs import FULL, BlobFiles
from lindi_explorer.references.chunks import ChunkTable
from lindi_explorer.references.model import References
from lindi_explorer.remote import CancelToken, RangeReader
from lindi_explorer.staging.live import loaded_tables
from lindi_explorer.staging.moved import MovedChunks, MovingTable, with_ranges
from lindi_explorer.staging.reading import Wanted, contents

SHORT = 4 << 10
"""Bytes: shorter chunks stay in the document, as long as there are not too many of them."""

FEW = 5_000_000
"""Bytes of new chunks that a document takes."""

Index = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class NewArray:
    """New chunks of one array.

    Attributes
    ----------
    path : str
    table : ChunkTable
        All of its chunks.
    rows : numpy.ndarray
        Those that are in files of the user's, in the order of their indices.
    inline : tuple
        Indices of those that are in the document and too long for it.
    """

    path: str
    table: ChunkTable
    rows: npt.NDArray[np.int64]
    inline: tuple[Index, ...]


@dataclass(frozen=True, slots=True)
class NewChunks:
    """New chunks of a hierarchy.

    Attributes
    ----------
    references : References
        The hierarchy; nothing changes it.
    arrays : tuple of NewArray
        By their paths.
    """

    references: References
    arrays: tuple[NewArray, ...]

    @classmethod
    def find(cls, references: References, is_own: Callable[[str], bool]) -> NewChunks:
        """Look at all arrays.

        Parameters
        ----------
        references : References
        is_own : callable
            Address of a file -> whether its chunks cannot be referred to.

        Returns
        -------
        NewChunks
        """
        found = []
        for path, table in loaded_tables(references):
            own = np.array([is_own(url) for url in table.urls], dtype=bool)
            rows = np.flatnonzero(own[table.url]) if own.any() else np.empty(0, np.int64)
            if rows.size and table.index.shape[1]:
                rows = rows[np.lexsort(table.index[rows].T[::-1])]
            # Values in JSON belong into the document, however many there are.
            is_json = (references.node(path).array or {})["dtype"] == "|O"
            long = [index for index, data in table.inline.items() if len(data) > SHORT and not is_json]
            if rows.size or long:
                found.append(NewArray(path, table, rows, tuple(sorted(long))))
        return cls(references, tuple(sorted(found, key=lambda one: one.path)))

    @property
    def size(self) -> int:
        """Bytes of all of them."""
        return sum(length for array in self.arrays for length in _lengths(array))

    def blobs(self, mode: Mode) -> list[int]:
        """The bytes of each blob file that they make."""
        if mode != "json":
            return []
        sizes: list[int] = []
        left = FEW
        for array in self.arrays:
            for row, length in enumerate(_lengths(array)):
                is_range = row < len(array.rows)
                if is_range and length < SHORT and length <= left:
                    left -= length
                elif sizes and sizes[-1] < FULL:
                    sizes[-1] += length
                else:
                    sizes.append(length)
        return sizes

    def digest(self, reader: RangeReader, cancel: CancelToken | None) -> bytes:
        """What tells them from others, wherever they are: SHA-256 over all their bytes.

        Parameters
        ----------
        reader : RangeReader
        cancel : CancelToken or None
            Stops it.

        Returns
        -------
        bytes

        Raises
        ------
        LindiError
            One of the family, if a chunk cannot be read.
        """
        digest = hashlib.sha256()
        for array in self.arrays:
            digest.update(array.path.encode("utf-8", "surrogateescape"))
            with closing(contents(_wanted(array), reader, cancel, alone=False)) as coming:
                for _, content in coming:
                    assert not isinstance(content, LindiError)
                    for part in [content] if isinstance(content, bytes) else content:
                        digest.update(part)
            for index in array.inline:
                digest.update(array.table.inline[index])
        return digest.digest()

    def put_away(
        self,
        folder: Path,
        mode: Mode,
        reader: RangeReader,
        cancel: CancelToken | None,
        told: Callable[[int], None],
    ) -> tuple[References, list[Path]]:
        """Copy them into blob files, or into the document.

        Parameters
        ----------
        folder : Path
            For the blob files; they take the place of what is there.
        mode : str
            ``json`` or ``inline``.
        reader : RangeReader
        cancel : CancelToken or None
            Stops it.
        told : callable
            Told how many bytes were copied, again and again.

        Returns
        -------
        references : References
            The hierarchy with the new places.
        files : list of Path
            The blob files.

        Raises
        ------
        LindiError
            One of the family, if a chunk cannot be read.
        OSError
            If they cannot be written.
        """
        shutil.rmtree(folder, ignore_errors=True)
        files = BlobFiles(folder, FULL)
        left = FEW if mode == "json" else self.size
        most = SHORT if mode == "json" else left + 1
        tables = {}
        try:
            for array in self.arrays:
                moving = MovingTable(array.table)
                with closing(contents(_wanted(array), reader, cancel, alone=False)) as coming:
                    for item, content in coming:
                        assert not isinstance(content, LindiError)
                        length = item.byte_range.length
                        if length < most and length <= left:
                            left -= length
                            data = content if isinstance(content, bytes) else b"".join(content)
                            moving.move(item.row, data)
                        else:
                            moving.move(item.row, files.put(content))
                        told(length)
                table = moving.moved()
                if mode == "json" and array.inline:
                    ranges = {index: files.put(array.table.inline[index]) for index in array.inline}
                    table = with_ranges(table, ranges)
                tables[array.path] = table
        finally:
            files.close()
        return MovedChunks(self.references, tables), files.written


def _lengths(array: NewArray) -> Iterator[int]:
    yield from array.table.length[array.rows].tolist()
    for index in array.inline:
        yield len(array.table.inline[index])


def _wanted(array: NewArray) -> Iterator[Wanted]:
    for row in array.rows.tolist():
        yield Wanted(array.path, row, array.table.byte_range(row))
