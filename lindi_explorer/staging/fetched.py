"""Chunks that were fetched so far, in a folder that outlives the process: who is stopped goes on from there.

The folder has blob files and ``record``, to which one line of JSON is appended for some chunks at a time:
where they came from, where they are now, and their checksums. What a killed process has left half written is
not in the record, or does not have its checksum, and is fetched again.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

import msgspec
import numpy as np
import numpy.typing as npt

from lindi_explorer.byterange import ByteRange
from lindi_explorer.formats.blobs import BlobFiles
from lindi_explorer.remote import CancelToken
from lindi_explorer.staging.checksums import Summed, whole_rows

Numbers = npt.NDArray[np.int64]

_ROWS, _BYTES = 256, 4 << 20
"""Chunks, or bytes, after which a line is written: a killed process has fetched no more than that in vain."""

_FIELDS = 4


class _Head(msgspec.Struct, frozen=True, tag="head"):
    version: Literal[1] = 1


class _Source(msgspec.Struct, frozen=True, tag="source"):
    """The next source: an address without secrets, and what tells this version of it from others."""

    name: str
    version: tuple[int | None, str, str]


class _Chunks(msgspec.Struct, frozen=True, tag="chunks"):
    """Chunks of one source in one blob file: key and length there, offset in the blob file, checksum."""

    source: int
    file: str
    rows: list[tuple[int, int, int, int]]


_LINES = msgspec.json.Decoder(_Head | _Source | _Chunks)

Version = tuple[int | None, str, str]
"""Size, and two texts that change when the content does."""


class Stored:
    """The chunks of one source that are in the folder, sorted by their keys.

    Parameters
    ----------
    version : tuple
    """

    def __init__(self, version: Version) -> None:
        self.version = version
        self.key: Numbers = np.empty(0, np.int64)
        self.length: Numbers = self.key
        self.file: Numbers = self.key
        self.offset: Numbers = self.key
        self.checksum: Numbers = self.key

    def take(self, rows: Numbers) -> None:
        """Have other rows: key, length, offset, checksum and number of the file."""
        # Of several with one key the last, which was fetched because the others were damaged.
        _, last = np.unique(rows[::-1, 0], return_index=True)
        kept = rows[len(rows) - 1 - last]
        self.key, self.length, self.offset, self.checksum, self.file = kept.T.copy()

    def find(self, key: Numbers) -> Numbers:
        """The rows that have some keys; -1 where there is none."""
        if not len(self.key):
            return np.full(len(key), -1, dtype=np.int64)
        at = np.minimum(np.searchsorted(self.key, key), len(self.key) - 1)
        found: Numbers = np.where(self.key[at] == key, at, -1)
        return found


class FetchedChunks:
    """The folder of one download.

    Parameters
    ----------
    folder : Path
        Made where it is not there. What is there already is read and compared with its checksums.
    cancel : CancelToken or None
        Stops the reading.
    """

    def __init__(self, folder: Path, cancel: CancelToken | None) -> None:
        self._folder = folder
        self._blobs = BlobFiles(folder / "blobs")
        self._inside = os.path.join(self._blobs.folder, "")  # noqa: PTH118 - text is compared
        self._numbers: dict[str, int] = {}
        self._stored: list[Stored] = []
        self.files: list[str] = []
        """Absolute paths of the blob files that hold what was fetched before."""
        folder.mkdir(mode=0o700, exist_ok=True)
        self._load(cancel)
        self._record = (folder / "record").open("ab", buffering=0)
        if not self._record.tell():
            self._write(_Head())
        self._rows: list[tuple[int, int, int, int]] = []
        self._place = (-1, "")
        self._size = 0

    # ------------------------------------------------------------ what is there

    def stored(self, name: str) -> Stored | None:
        """What was fetched of a source before this was opened, None where that is nothing."""
        number = self._numbers.get(name)
        return None if number is None else self._stored[number]

    def forget(self, name: str) -> None:
        """What was fetched of a source is of no use any more: it is another one now."""
        self._numbers.pop(name, None)

    def holds(self, url: str) -> bool:
        """Whether an address is that of a file in the folder."""
        return url.startswith(self._inside)

    @property
    def written(self) -> list[str]:
        """Absolute paths of all blob files."""
        return [*self.files, *map(str, self._blobs.written)]

    # ------------------------------------------------------------ putting more there

    def begin(self, name: str, version: Version) -> None:
        """Name a source whose chunks come now; does nothing where it is known."""
        if name not in self._numbers:
            self._numbers[name] = len(self._stored)
            self._stored.append(Stored(version))
            self._write(_Source(name, version))

    def put(self, name: str, key: int, parts: Iterable[bytes]) -> ByteRange:
        """Keep a chunk.

        Parameters
        ----------
        name : str
            Of a source that was begun.
        key : int
            Tells the chunk from others of the source.
        parts : iterable of bytes

        Returns
        -------
        ByteRange
            Where it is, with an absolute path.
        """
        summed = Summed(parts)
        found = self._blobs.put(summed)
        place = (self._numbers[name], found.url.removeprefix(self._inside))
        if place != self._place:
            self.flush()
            self._place = place
        self._rows.append((key, found.length, found.offset, summed.checksum))
        self._size += found.length
        if len(self._rows) >= _ROWS or self._size >= _BYTES:
            self.flush()
        return found

    def flush(self) -> None:
        """Put into the record what is not there yet."""
        if self._rows:
            self._write(_Chunks(*self._place, self._rows))
            self._rows, self._size = [], 0

    def close(self) -> None:
        """Have everything on disk, and let go of the files."""
        if not self._record.closed:
            self.flush()
            self._blobs.close()
            os.fsync(self._record.fileno())
            self._record.close()

    def _write(self, line: _Head | _Source | _Chunks) -> None:
        self._record.write(msgspec.json.encode(line) + b"\n")

    # ------------------------------------------------------------ reading the record

    def _load(self, cancel: CancelToken | None) -> None:
        path = self._folder / "record"
        if not path.exists():
            return
        rows: list[list[Numbers]] = []
        files: dict[str, int] = {}
        end = 0
        with path.open("rb") as file:
            for text in file:
                line = _parsed(text, first=end == 0, sources=len(self._stored))
                if line is None:
                    break
                end += len(text)
                if isinstance(line, _Source):
                    self._numbers[line.name] = len(self._stored)
                    self._stored.append(Stored(line.version))
                    rows.append([])
                elif isinstance(line, _Chunks):
                    number = files.setdefault(line.file, len(files))
                    found = np.array(line.rows, dtype=np.int64).reshape(-1, _FIELDS)
                    rows[line.source].append(np.insert(found, _FIELDS, number, axis=1))
        # The next line must not stand behind half of one.
        os.truncate(path, end)
        self.files = [str(self._blobs.folder / name) for name in files]
        for stored, parts in zip(self._stored, rows, strict=True):
            if parts:
                stored.take(self._whole(np.concatenate(parts), cancel))

    def _whole(self, rows: Numbers, cancel: CancelToken | None) -> Numbers:
        """The rows whose bytes are there and what they were."""
        whole = np.zeros(len(rows), dtype=bool)
        for number, path in enumerate(self.files):
            inside = np.flatnonzero(rows[:, _FIELDS] == number)
            part = rows[inside]
            whole[inside] = whole_rows(Path(path), part[:, 2], part[:, 1], part[:, 3], cancel)
        return rows[whole]


def _parsed(text: bytes, *, first: bool, sources: int) -> Any:
    """A line of the record; None from the first on that is not whole, or makes no sense."""
    try:
        line = _LINES.decode(text) if text.endswith(b"\n") else None
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    if isinstance(line, _Head) is not first:
        return None
    if isinstance(line, _Chunks):
        plain = line.file not in ("", ".", "..") and Path(line.file).name == line.file
        number_fits = 0 <= line.source < sources
        within = all(0 <= number < 1 << 62 for row in line.rows for number in row)
        return line if plain and number_fits and within else None
    return line
