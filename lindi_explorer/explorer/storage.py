"""Where the chunks of a dataset live."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lindi_explorer.byterange import ByteRange
from lindi_explorer.errors import UnsupportedError
from lindi_explorer.explorer.nodes import filters_of, inner, outer, resolve, size_bytes, stored_bytes, type_at
from lindi_explorer.explorer.protocol import ChunkRow, GetStorage, Place, Storage
from lindi_explorer.explorer.secrets import shown_address
from lindi_explorer.explorer.wire import to_wire
from lindi_explorer.references.annotations import EXTERNAL_ARRAY_LINK
from lindi_explorer.references.chunks import ChunkTable, Reference, chunk_grid
from lindi_explorer.remote import is_remote
from lindi_explorer.remote.address import local_path

if TYPE_CHECKING:
    from lindi_explorer.explorer.state import State, Work
    from lindi_explorer.h5 import LindiH5pyFile
    from lindi_explorer.references.model import Node

_LARGEST_PAGE = 2000


def storage(state: State, request: GetStorage, _work: Work) -> Storage:
    """The chunk grid of a dataset, how many chunks live where, and a page of the chunks in C order."""
    path = resolve(state.file, inner(request.path))
    node = state.journal.node(path)
    if node.array is None:
        raise UnsupportedError(f"{outer(path)} has no chunks", hint="Only datasets have chunks.")
    chunks = _Chunks(node, state.file)
    start = max(request.offset, 0)
    stop = min(start + min(max(request.limit, 1), _LARGEST_PAGE), chunks.total)
    return Storage(
        path=outer(path),
        chunk_shape=list(node.array["chunks"]),
        grid=list(chunks.grid),
        filters=filters_of(node),
        stored_bytes=stored_bytes(node),
        size_bytes=size_bytes(node, type_at(state.file, path, node)),
        places=list(chunks.places().items()),
        offset=start,
        total=chunks.total,
        chunks=[chunks.row(number) for number in range(start, stop)],
    )


@dataclass(frozen=True, slots=True)
class _Stored:
    """The chunks that are stored, sorted by their number in C order."""

    numbers: np.ndarray[Any, Any]
    rows: np.ndarray[Any, Any]


class _Chunks:
    """The chunks of one dataset by their number in C order."""

    def __init__(self, node: Node, file: LindiH5pyFile) -> None:
        array = node.array or {}
        self.grid = chunk_grid(array["shape"], array["chunks"])
        self.total = math.prod(self.grid)
        self._source = file.source
        area = file.saving.area
        self._area = None if area is None else Path(area.directory)
        link = node.attributes.get(EXTERNAL_ARRAY_LINK)
        self._link = link if isinstance(link, dict) and not len(node.chunks) else None
        if "virtual" in node.sidecar:
            names = dict.fromkeys(str(source["file"]) for source in node.sidecar["virtual"]["sources"])
            self._link = {"url": ", ".join(names)}
        table = node.chunks
        if not isinstance(table, ChunkTable):
            ranges = {index: item for index, item in table.items() if isinstance(item, ByteRange)}
            inline = {index: item for index, item in table.items() if isinstance(item, bytes)}
            table = ChunkTable.build(self.grid, ranges, inline)
        self._table = table
        # Asked of the table: what goes into the document may not have been encoded yet.
        self._inline = {
            self._number(index): table.within(index, [at + 1 for at in index])[1]
            for index in table.inline
            if self._fits(index)
        }
        self._stored = self._sorted()

    def _fits(self, index: tuple[int, ...]) -> bool:
        return all(0 <= at < size for at, size in zip(index, self.grid, strict=True))

    def _number(self, index: tuple[int, ...]) -> int:
        number = 0
        for at, size in zip(index, self.grid, strict=True):
            number = number * size + at
        return number

    def _sorted(self) -> _Stored:
        index = self._table.index
        # Python's integers where the grid is larger than 64 bits can count.
        numbers = np.zeros(len(index), dtype=np.int64 if self.total < 1 << 62 else object)
        inside = np.ones(len(index), dtype=bool)
        for axis, size in enumerate(self.grid):
            numbers = numbers * size + index[:, axis]
            inside &= (index[:, axis] >= 0) & (index[:, axis] < size)
        rows = np.flatnonzero(inside)
        order = np.argsort(numbers[rows], kind="stable")
        return _Stored(numbers[rows][order], rows[order])

    def places(self) -> dict[Place, int]:
        """How many chunks live where; places without chunks are left out."""
        if self._link is not None:
            return {"external": self.total} if self.total else {}
        counts: dict[Place, int] = {}
        of_url = np.bincount(self._table.url[self._stored.rows], minlength=len(self._table.urls))
        for url, count in zip(self._table.urls, of_url.tolist(), strict=True):
            if count:
                place = self._place(url)
                counts[place] = counts.get(place, 0) + count
        if self._inline:
            counts["inline"] = len(self._inline)
        missing = self.total - sum(counts.values())
        return {**counts, "missing": missing} if missing > 0 else counts

    def row(self, number: int) -> ChunkRow:
        """Where one chunk lives."""
        index = []
        rest = number
        for size in reversed(self.grid):
            rest, at = divmod(rest, size)
            index.append(at)
        index.reverse()
        if self._link is not None:
            return _row(index, "external", str(self._link.get("url", "")))
        if number in self._inline:
            return _row(index, "inline", "", None, self._inline[number])
        reference = self._find(number)
        if not isinstance(reference, ByteRange):
            return _row(index, "missing", "")
        return _row(index, self._place(reference.url), reference.url, reference.offset, reference.length)

    def _find(self, number: int) -> Reference | None:
        place = int(np.searchsorted(self._stored.numbers, number))
        if place == len(self._stored.numbers) or self._stored.numbers[place] != number:
            return None
        return self._table.byte_range(int(self._stored.rows[place]))

    def _place(self, url: str) -> Place:
        if is_remote(url) or url == self._source.address:
            return "source"
        path = local_path(url)
        is_staged = path is not None and self._area is not None and Path(path).is_relative_to(self._area)
        return "staged" if is_staged else "local"


def _row(
    index: list[int], place: Place, url: str, offset: int | None = None, length: int | None = None
) -> ChunkRow:
    return ChunkRow(index=index, place=place, url=to_wire(shown_address(url)), offset=offset, length=length)
