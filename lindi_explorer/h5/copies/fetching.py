"""The work of a download: fetches what was chosen into a folder, as far as it is not there yet."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import numpy as np

from lindi_explorer.byterange import ByteRange, redact_url
from lindi_explorer.errors import LindiError
from lindi_explorer.h5.copies.downloaded import Counts
from lindi_explorer.h5.materialise.linked import tell_absent
from lindi_explorer.h5.materialise.stored import Index
from lindi_explorer.h5.materialise.tally import Loss, Tally
from lindi_explorer.h5.materialise.zarr_arrays import LinkedArray
from lindi_explorer.h5.virtual.data import VirtualData
from lindi_explorer.references.annotations import EXTERNAL_ARRAY_LINK
from lindi_explorer.references.chunks import ChunkTable, chunk_grid
from lindi_explorer.references.model import Node, References
from lindi_explorer.references.secrets import without_secret
from lindi_explorer.remote import CancelToken, is_remote
from lindi_explorer.remote.messages import Facts
from lindi_explorer.staging.copying import copy_ranges
from lindi_explorer.staging.fetched import FetchedChunks, Stored, Version
from lindi_explorer.staging.live import loaded_tables
from lindi_explorer.staging.moved import MovedChunks, MovingTable
from lindi_explorer.staging.reading import Content, Wanted

if TYPE_CHECKING:
    from lindi_explorer.h5.file import LindiH5pyFile


class Fetching:
    """Fetches chunks and counts them.

    Parameters
    ----------
    file : LindiH5pyFile
    references : References
        What is in the file.
    own : callable
        Address of a file -> whether its chunks come along, chosen or not: nobody else could refer to it.
    counts : Counts
    cancel : CancelToken or None
    """

    def __init__(
        self,
        file: LindiH5pyFile,
        references: References,
        own: Callable[[str], bool],
        counts: Counts,
        cancel: CancelToken | None,
    ) -> None:
        self.cancel = cancel
        self._view = file.id.view
        self._references = references
        self._own = own
        self._counts = counts
        self._tally = Tally(None, cancel)
        self._chosen: frozenset[str] = frozenset()
        self._tables: dict[str, ChunkTable] = {}
        self._linked: dict[str, LinkedArray] = {}
        self._names = functools.cache(without_secret)
        self._versions: dict[str, Version] = {}
        self._known: dict[str, Stored | None] = {}
        self._fetched: FetchedChunks | None = None

    @property
    def losses(self) -> list[Loss]:
        """What could not be read."""
        return self._tally.losses

    def plan(self, chosen: Iterable[str]) -> None:
        """Find out how much is to come.

        Parameters
        ----------
        chosen : iterable of str
            Paths of datasets.
        """
        self._chosen = frozenset(chosen)
        for path in sorted(self._chosen):
            if problem := self._references.node(path).sidecar.get("problem"):
                self._tally.lose(path, str(problem), data=True)
            elif self._is_elsewhere(path):
                with self._tally.losing(path, "its data stays where it is", data=True):
                    self._linked[path] = linked = LinkedArray.of(self._view, path)
                    self._counts.expect(path, 0, linked.size)
        for path, table in loaded_tables(self._references):
            comes = np.array([path in self._chosen or self._own(url) for url in table.urls], dtype=bool)
            rows = np.flatnonzero(comes[table.url]) if comes.any() else np.empty(0, np.int64)
            if len(rows):
                self._tables[path] = table
                self._counts.expect(path, len(rows), int(table.length[rows].sum()))

    def _is_elsewhere(self, path: str) -> bool:
        data = self._view.data(path)
        return data.link is not None or isinstance(data, VirtualData)

    def run(self, fetched: FetchedChunks) -> MovedChunks:
        """Fetch what is not there.

        Parameters
        ----------
        fetched : FetchedChunks

        Returns
        -------
        MovedChunks
            With the chunks where they are now.
        """
        self._fetched = fetched
        self._counts.begin()
        tables = self._found()
        self._counts.tell()
        tables |= copy_ranges(
            {**self._tables, **tables}.items(),
            lambda path, url: path in self._chosen and is_remote(url),
            self._put,
            self._view.reader,
            cancel=self.cancel,
            lost=self.lose,
        )
        nodes: dict[str, Node] = {}
        for path, linked in self._linked.items():
            with self._tally.losing(path, "its data stays where it is", data=True):
                tell_absent(self._view, self._view.data(path), path, self._tally)
                tables[path] = self._encoded(path, linked)
                nodes[path] = linked.node
                self._counts.finish()
        return MovedChunks(self._references, tables, nodes)

    def is_inside(self, path: str, url: str) -> bool:
        """Whether chunks of an array in some file go into the container."""
        fetched = self._fetched is not None and self._fetched.holds(url)
        return fetched or self._own(url) or (path in self._chosen and not is_remote(url))

    def tell_written(self, item: Wanted) -> None:
        """Count a chunk that goes into the container, if it did not have to be fetched before."""
        if self._fetched is not None and not self._fetched.holds(item.byte_range.url):
            self._counts.add(item.path, 1, item.byte_range.length)

    def lose(self, path: str, error: LindiError) -> None:
        """Note what is wrong with chunks of an array."""
        self._tally.lose(path, f"part of its data stays where it is: {error.message}", data=True)

    # ------------------------------------------------------------ chunks as they are stored

    def _found(self) -> dict[str, ChunkTable]:
        """The tables of which chunks were fetched by an earlier run."""
        tables = {}
        for path, table in self._tables.items():
            moving = MovingTable(table)
            for number, url in enumerate(table.urls):
                if path in self._chosen and is_remote(url):
                    self._find(path, table, np.flatnonzero(table.url == number), url, moving)
            if moving.has_moved:
                tables[path] = moving.moved()
        return tables

    def _find(self, path: str, table: ChunkTable, rows: np.ndarray, url: str, moving: MovingTable) -> None:
        stored = self._still(self._names(url), url)
        if stored is None or not len(stored.key) or self._fetched is None:
            return
        at = stored.find(table.offset[rows])
        there = (at >= 0) & (stored.length[at] == table.length[rows])
        rows, at = rows[there], at[there]
        moving.move_all(rows, self._fetched.files, stored.file[at], stored.offset[at])
        self._counts.add(path, len(rows), int(table.length[rows].sum()), resumed=True)

    def _put(self, item: Wanted, content: Content) -> ByteRange:
        url = item.byte_range.url
        parts = [content] if isinstance(content, bytes) else content
        found = self._keep(self._names(url), url, item.byte_range.offset, parts)
        self._counts.add(item.path, 1, found.length)
        return found

    def _keep(self, name: str, url: str, key: int, parts: Iterable[bytes]) -> ByteRange:
        assert self._fetched is not None
        self._fetched.begin(name, self._version(url))
        return self._fetched.put(name, key, parts)

    # ------------------------------------------------------------ data that only HDF5 reads

    def _encoded(self, path: str, linked: LinkedArray) -> ChunkTable:
        link, array = self._view.node(path).attributes.get(EXTERNAL_ARRAY_LINK), linked.node.array or {}
        if link is None:
            # Of its own virtual datasets: whether all their sources are the same still, nobody knows.
            url, name = "", uuid4().hex
        else:
            url = str(link["url"])
            # Chunks of another shape or type would be others.
            name = f"{without_secret(url)}#{link['name']}#{json.dumps(array, sort_keys=True)}"
        grid = chunk_grid(array["shape"], array["chunks"])
        stored = self._still(name, url)
        ranges: dict[Index, ByteRange] = {}

        def skip(index: Index, size: int) -> bool:
            row = -1 if stored is None else int(stored.find(np.array([_number(index, grid)]))[0])
            if stored is None or row < 0 or self._fetched is None:
                return False
            place = self._fetched.files[int(stored.file[row])]
            ranges[index] = ByteRange(place, int(stored.offset[row]), int(stored.length[row]))
            self._counts.add(path, 1, size, resumed=True)
            return True

        for index, chunk, size in linked.chunks(skip):
            ranges[index] = self._keep(name, url, _number(index, grid), [chunk])
            self._counts.add(path, 1, size)
        return ChunkTable.build(grid, ranges)

    # ------------------------------------------------------------ which version, and how far

    def _still(self, name: str, url: str) -> Stored | None:
        """What an earlier run has fetched of a source, if the source is the same still."""
        assert self._fetched is not None
        if name not in self._known:
            stored = self._fetched.stored(name)
            if stored is not None and Facts(*stored.version).differs_from(Facts(*self._version(url))):
                self._counts.changed[redact_url(url)] = None
                self._fetched.forget(name)
                stored = None
            self._known[name] = stored
        return self._known[name]

    def _version(self, url: str) -> Version:
        if url not in self._versions:
            if not url:
                self._versions[url] = (0, "", "")
            elif is_remote(url):
                facts = self._view.reader.version(url, cancel=self.cancel)
                self._versions[url] = (facts.total, facts.etag, facts.modified)
            else:
                status = Path(url).stat()
                self._versions[url] = (status.st_size, str(status.st_mtime_ns), "")
        return self._versions[url]


def _number(index: Index, grid: tuple[int, ...]) -> int:
    """The number of a chunk among all of its array."""
    number = 0
    for at, count in zip(index, grid, strict=True):
        number = number * count + at
    return number
