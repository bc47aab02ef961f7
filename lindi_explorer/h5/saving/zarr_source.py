"""A Zarr v2 hierarchy in a store of zarr-python, as references.

The chunks of a folder are byte ranges of its files; those of any other store are read through it.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from zarr.abc.store import Store
from zarr.core.buffer import default_buffer_prototype
from zarr.core.sync import sync
from zarr.storage import LocalStore, MemoryStore, ZipStore

from lindi_explorer.byterange import redact_url
from lindi_explorer.errors import FormatError, MissingFileError
from lindi_explorer.h5.collecting import uncollected
from lindi_explorer.h5.saving.store_chunks import StoreChunks
from lindi_explorer.references import keys
from lindi_explorer.references.annotations import SCALAR
from lindi_explorer.references.checks import DAMAGED, ZARR_3
from lindi_explorer.references.chunks import ChunkTable
from lindi_explorer.references.codec import decode
from lindi_explorer.references.model import Node
from lindi_explorer.references.reference_set import ReferenceSet
from lindi_explorer.remote.apart import run_apart

_T = TypeVar("_T")

_AT_ONCE = 64
"""Keys that are asked for at the same time."""

ROOTS = (".zgroup", ".zarray", "zarr.json")
"""Keys of which every Zarr hierarchy has one at its root."""


class ZarrSource:
    """A hierarchy in a store.

    Parameters
    ----------
    store : zarr.abc.store.Store
    path : str
        Of the group in the store that is the root here.
    """

    def __init__(self, store: Store, path: str = "") -> None:
        self.store = store
        self.path = path
        self.folder: str | None = None
        """Absolute path of the folder; None where the store is something else."""
        if isinstance(store, LocalStore):
            root = os.path.abspath(store.root)  # noqa: PTH100 - resolve() would follow links
            self.folder = os.path.join(root, path) if path else root  # noqa: PTH118 - addresses are text

    @property
    def address(self) -> str | None:
        """What decides which addresses the hierarchy may refer to; None for what this process made itself."""
        if self.folder is not None:
            return self.folder
        if isinstance(self.store, (MemoryStore, ZipStore)):
            return None
        name = str(self.store)
        return name if "://" in name else f"store://{name}"

    @property
    def shown(self) -> str:
        """The store for messages."""
        return redact_url(self.folder or str(self.store))

    # ------------------------------------------------------------ the store

    def wait(self, main: Callable[[], Coroutine[Any, Any, _T]]) -> _T:
        """Wait for what a store does."""
        if isinstance(self.store, (LocalStore, MemoryStore, ZipStore)):
            return run_apart(main)
        # Connections may belong to zarr's own event loop.
        with uncollected():
            return sync(main())

    def key(self, name: str) -> str:
        """The key in the store of a key of the hierarchy."""
        return keys.join(self.path, name) if name else self.path

    def names(self, *, missing_ok: bool = False) -> list[str]:
        """All keys of the hierarchy; none where the store itself is missing, and may be."""
        before = f"{self.path}/" if self.path else ""

        async def listed() -> list[str]:
            if self.folder is None:  # to open one would make the folder
                await self.store._ensure_open()  # noqa: SLF001 - as zarr does it for whoever has not
            found = self.store.list_prefix(before) if before else self.store.list()
            return [key.removeprefix(before) async for key in found]

        try:
            return self.wait(listed)
        except FileNotFoundError as error:
            if missing_ok:
                return []
            raise MissingFileError(f"there is no Zarr store {self.shown}", hint="Check the path.") from error

    def many(self, names: Iterable[str]) -> list[bytes]:
        """What stands behind keys that are there."""
        gate = asyncio.Semaphore(_AT_ONCE)

        async def one(name: str) -> bytes:
            async with gate:
                found = await self.store.get(self.key(name), default_buffer_prototype())
            if found is None:
                raise FormatError(f"{name!r} is gone from the Zarr store {self.shown}")
            return found.to_bytes()

        async def all_of_them() -> list[bytes]:
            return await asyncio.gather(*map(one, names))

        return self.wait(all_of_them)

    def sizes(self, names: Sequence[str]) -> list[int]:
        """How many bytes stand behind keys that are there."""
        if self.folder is not None:
            return [os.path.getsize(self.file(name)) for name in names]  # noqa: PTH202 - addresses are text
        gate = asyncio.Semaphore(_AT_ONCE)

        async def one(name: str) -> int:
            async with gate:
                return await self.store.getsize(self.key(name))

        async def all_of_them() -> list[int]:
            return await asyncio.gather(*map(one, names))

        return self.wait(all_of_them)

    def file(self, name: str) -> str:
        """The path of the file behind a key of a folder."""
        assert self.folder is not None
        return os.path.join(self.folder, name)  # noqa: PTH118 - addresses are text everywhere

    # ------------------------------------------------------------ the hierarchy

    def references(self) -> ReferenceSet:
        """The hierarchy as it is now.

        Returns
        -------
        ReferenceSet

        Raises
        ------
        FormatError
            If it is none of Zarr v2, its root is no group, or it is damaged.
        """
        names = self.names()
        if not names and self.folder is not None and not os.path.isdir(self.folder):  # noqa: PTH112 - as above
            raise MissingFileError(f"there is no Zarr store {self.shown}", hint="Check the path.")
        if ".zgroup" not in names:
            raise FormatError(
                f"the Zarr store {self.shown} has no group at its root",
                hint=ZARR_3 if "zarr.json" in names else DAMAGED,
            )
        metadata = [name for name in names if keys.split(name)[1] in keys.METADATA]
        refs: dict[str, Any] = dict(zip(metadata, map(_text, metadata, self.many(metadata)), strict=True))
        # Chunks have the numbers of axes as names; what else lies there is nothing of the hierarchy.
        chunks = [name for name in names if keys.split(name)[1][:1].isdigit()]
        sizes = self.sizes(chunks) if self.folder is not None else [0] * len(chunks)
        for number, (name, size) in enumerate(zip(chunks, sizes, strict=True)):
            refs[name] = [f"{{{{{number}}}}}", 0, size]
        places = map(self.file, chunks) if self.folder is not None else chunks
        templates = {str(number): place for number, place in enumerate(places)}
        decoded = decode({"refs": refs, "templates": templates})
        nodes = {path: decoded.node(path) for path in decoded.walk()}
        if self.folder is None:
            nodes = {path: self._through_store(node) for path, node in nodes.items()}
        else:
            nodes |= self._scalars(nodes)
        found = ReferenceSet(nodes)
        found.reads_files = self.folder is None
        return found

    def _scalars(self, nodes: Mapping[str, Node]) -> dict[str, Node]:
        """The scalars with their values at hand, as in a document: only so can they be edited."""
        found = {path: node for path, node in nodes.items() if node.attributes.get(SCALAR) and node.chunks}
        index = {path: next(iter(node.chunks)) for path, node in found.items()}
        data = self.many(
            [keys.join(path, keys.chunk_name(index[path], node.separator)) for path, node in found.items()]
        )
        return {
            path: replace(node, chunks={index[path]: value})
            for (path, node), value in zip(found.items(), data, strict=True)
        }

    def _through_store(self, node: Node) -> Node:
        if node.array is None or not isinstance(node.chunks, ChunkTable):
            return node
        table = node.chunks
        places = {
            tuple(index): table.urls[url] for index, url in zip(table.index.tolist(), table.url, strict=True)
        }
        return replace(node, chunks=StoreChunks(self, table.grid, places))


def _text(name: str, data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise FormatError(f"the metadata behind {name!r} is not text", hint=DAMAGED) from error
