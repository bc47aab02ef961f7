"""Saving edits in the Zarr store that a file was opened from."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from zarr.core.buffer import default_buffer_prototype

from lindi_explorer.byterange import ByteRange
from lindi_explorer.errors import LindiError, UnsupportedError
from lindi_explorer.formats.blobs import BlobFiles
from lindi_explorer.formats.in_place import INLINE
from lindi_explorer.formats.lock import WriteLock
from lindi_explorer.h5.materialise.fetch import Piece, fetched
from lindi_explorer.h5.materialise.zarr_arrays import padded
from lindi_explorer.h5.saving.zarr_source import ZarrSource
from lindi_explorer.references import keys
from lindi_explorer.references.chunks import Reference
from lindi_explorer.references.model import Node, References, metadata_text
from lindi_explorer.references.reference_set import ReferenceSet
from lindi_explorer.references.written import WrittenChunks
from lindi_explorer.remote import RangeReader

_AT_ONCE, _BYTES_AT_ONCE = 64, 32 << 20
"""Of the keys that are set at the same time."""

_SUMMARY = ".zmetadata"
"""The metadata of a whole store; one that was written before says what is not so any more."""


class ZarrSaving:
    """Writes the edits of a file into its store.

    A Zarr store has no transaction: a save that ends too soon leaves a part of what it wrote. Nothing is
    taken away before everything new is there, and of a folder each file is the old or the new one.

    Parameters
    ----------
    source : ZarrSource
        Open for writing.
    reader : RangeReader
        Reads the chunks.
    base : References
        The hierarchy as it is in the store.
    lock : WriteLock, optional
        Of the folder; released by `close`.
    """

    def __init__(
        self, source: ZarrSource, reader: RangeReader, base: References, lock: WriteLock | None
    ) -> None:
        self._source = source
        self._reader = reader
        self._base: References = base
        self._lock = lock

    def save(self, references: References) -> ReferenceSet:
        """Write what is not in the store yet, and take away what is no more.

        Parameters
        ----------
        references : References
            The edited hierarchy.

        Returns
        -------
        ReferenceSet
            What is in the store now. What was there before is nowhere any more.

        Raises
        ------
        UnsupportedError
            If there is an object with a name that no key can have; nothing is written.
        LindiError
            If a chunk that lies elsewhere cannot be read; nothing is written.
        OSError
            If the store cannot be written.
        """
        changes = _Changes(self._base, references)
        with (
            tempfile.TemporaryDirectory(prefix="lindi-explorer-") as folder,
            contextlib.closing(BlobFiles(Path(folder))) as aside,
        ):
            chunks = dict(self._set_aside(changes.pieces(self._reader), aside))
            if changes.replaced:
                self._take_away(changes.replaced, [])
            self._set(itertools.chain(chunks.items(), changes.metadata.items()))
        if self._source.folder is not None and hasattr(os, "sync"):
            os.sync()
        self._take_away(changes.vanished, changes.gone)
        for name in itertools.chain(chunks, changes.gone) if self._source.folder is not None else ():
            self._reader.forget(self._source.file(name))
        self._base = found = self._source.references()
        return found

    def _set_aside(self, pieces: Iterable[Piece], aside: BlobFiles) -> Iterator[tuple[str, Reference]]:
        """The chunks that are to be written, none of them where writing may change something."""
        for piece, outcome in fetched(pieces, None):
            if isinstance(outcome, LindiError):
                raise outcome
            node, name = piece.place
            data = padded(node, outcome)
            yield name, data if data is piece.content or len(data) < INLINE else aside.put(data)

    def _set(self, items: Iterable[tuple[str, Reference]]) -> None:
        batch: dict[str, bytes] = {}
        size = 0
        with RangeReader() as own:
            for name, reference in items:
                batch[name] = own.read_now(reference) if isinstance(reference, ByteRange) else reference
                size += len(batch[name])
                if len(batch) >= _AT_ONCE or size >= _BYTES_AT_ONCE:
                    self._set_all(batch)
                    batch, size = {}, 0
        self._set_all(batch)

    def _set_all(self, batch: Mapping[str, bytes]) -> None:
        source, make = self._source, default_buffer_prototype().buffer.from_bytes

        async def all_of_them() -> None:
            await asyncio.gather(
                *(source.store.set(source.key(name), make(data)) for name, data in batch.items())
            )

        source.wait(all_of_them)

    def _take_away(self, paths: Iterable[str], names: Iterable[str]) -> None:
        source = self._source

        async def all_of_them() -> None:
            for path in paths:
                await source.store.delete_dir(source.key(path))
            for key in [*map(source.key, names), _SUMMARY, source.key(_SUMMARY)]:
                await source.store.delete(key)

        source.wait(all_of_them)

    def close(self) -> None:
        """Let go of the store."""
        if self._lock is not None:
            self._lock.release()


class _Changes:
    """What to write into a store, and what to take away.

    Attributes
    ----------
    metadata : dict
        Key -> document.
    replaced : list of str
        Paths at which there was a group and is an array now, or the other way round.
    vanished : list of str
        Paths at which there is nothing any more; the topmost.
    gone : list of str
        Single keys at other paths.
    """

    def __init__(self, old: References, new: References) -> None:
        self._old, self._new = old, new
        self.metadata: dict[str, bytes] = {}
        self.replaced: list[str] = []
        self.gone: list[str] = []
        self._chunks: list[tuple[str, Node, list[tuple[int, ...]]]] = []
        for path in new.walk():
            node, before = new.node(path), old.node(path) if old.has(path) else None
            if node is not before:
                _check_name(path)
                self._compare(path, before, node)
        self.vanished = [
            path
            for path in old.walk()
            if not new.has(path) and new.has(keys.split(path)[0]) and not self._is_replaced(path)
        ]

    def _is_replaced(self, path: str) -> bool:
        return any(above in self.replaced for above in keys.parents(path))

    def _compare(self, path: str, before: Node | None, node: Node) -> None:
        if before is not None and (before.array is None) != (node.array is None):
            self.replaced.append(path)
            before = None
        if self._is_replaced(path):
            before = None
        old = {} if before is None else dict(_documents(path, before))
        new = dict(_documents(path, node))
        self.metadata |= {key: data for key, data in new.items() if old.get(key) != data}
        self.gone += [key for key in old if key not in new]
        same_names = before is not None and before.separator == node.separator
        written = list(_written(before if same_names else None, node))
        if written:
            self._chunks.append((path, node, written))
        for index in () if before is None else before.chunks:
            if before is not None and (not same_names or index not in node.chunks):
                self.gone.append(keys.join(path, keys.chunk_name(index, before.separator)))

    def pieces(self, reader: RangeReader) -> Iterator[Piece]:
        """The chunks that are not in the store yet, or not at their keys."""
        for path, node, written in self._chunks:
            for index in written:
                name = keys.join(path, keys.chunk_name(index, node.separator))
                yield Piece(None, (node, name), node.chunks[index], reader)


def _documents(path: str, node: Node) -> Iterator[tuple[str, bytes]]:
    alone = ReferenceSet({"": node})
    for key in alone.metadata_keys(""):
        yield keys.join(path, key), metadata_text(alone.metadata(key) or {})


def _written(before: Node | None, node: Node) -> Iterator[tuple[int, ...]]:
    """The chunks of an array that are not those of another state of it."""
    chunks = node.chunks
    if before is not None and chunks is before.chunks:
        return
    if before is not None and isinstance(chunks, WrittenChunks) and chunks.base is before.chunks:
        yield from (index for index, found in chunks.written.items() if found is not None)
        return
    yield from chunks


def _check_name(path: str) -> None:
    name = keys.split(path)[1]
    if path and (name in ("", ".", "..", _SUMMARY, *keys.METADATA) or "\0" in name):
        raise UnsupportedError(
            f"{name!r} cannot be the name of an object in a Zarr store", hint="Give it another name."
        )
