"""References as a store of zarr-python 3: the only store there is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any, TypeVar

import numpy as np
from zarr.abc.store import ByteRequest, OffsetByteRequest, RangeByteRequest, Store, SuffixByteRequest
from zarr.core.buffer import Buffer, BufferPrototype

from lindi_explorer.byterange import ByteRange, redact_url
from lindi_explorer.errors import NodeNotFoundError
from lindi_explorer.references import keys
from lindi_explorer.references.checks import refuse_unsafe
from lindi_explorer.references.chunks import Reference
from lindi_explorer.references.model import Node, References
from lindi_explorer.remote import RangeReader

_T = TypeVar("_T")

_PADDED_KINDS = "iuf"
"""Kinds of which a chunk may be shorter than its shape (format section 7.5)."""


class ReferenceStore(Store):
    """A Zarr v2 hierarchy whose chunks are byte ranges of other files, or bytes of the document.

    Parameters
    ----------
    references : References
    reader : RangeReader, optional
        Reads the byte ranges. Default: one of its own, for a document in memory.
    read_only : bool
        Otherwise what is set or deleted is kept in memory, over the references, which never change.
    """

    supports_writes = True
    supports_deletes = True
    supports_listing = True

    def __init__(
        self, references: References, reader: RangeReader | None = None, *, read_only: bool = True
    ) -> None:
        super().__init__(read_only=read_only)
        self.references = references
        self.reader = reader if reader is not None else RangeReader()
        # A key that was set has its bytes here, one that was deleted has None.
        self._written: dict[str, bytes | None] = {}

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, ReferenceStore)
            and other.read_only == self.read_only
            and (other.references is self.references or dict(other.references) == dict(self.references))
            and other._written == self._written
        )

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        source = None if self.reader.source is None else redact_url(self.reader.source)
        return f"ReferenceStore({type(self.references).__name__}, source={source!r})"

    __str__ = __repr__

    def with_read_only(self, read_only: bool = False) -> ReferenceStore:
        """The same store with another mode; both see the same writes.

        Parameters
        ----------
        read_only : bool

        Returns
        -------
        ReferenceStore
        """
        store = ReferenceStore(self.references, self.reader, read_only=read_only)
        store._written = self._written
        return store

    # ------------------------------------------------------------ reading

    async def get(
        self, key: str, prototype: BufferPrototype, byte_range: ByteRequest | None = None
    ) -> Buffer | None:
        """The bytes behind a key; see `zarr.abc.store.Store.get`.

        Raises
        ------
        TransferError, AccessDeniedError, MissingFileError, RangeNotSupportedError, StaleFileError
            If a byte range cannot be read.
        UnsupportedError
            If the array has a codec that could run programs.
        """
        if not self._is_open:
            await self._open()
        data = await self._bytes(key)
        if data is None:
            return None
        return prototype.buffer.from_bytes(_part(data, byte_range))

    async def _bytes(self, key: str) -> bytes | None:
        if key in self._written:
            return self._written[key]
        reference = await self._ask(self._reference, key)
        if reference is None:
            return None
        path, name = keys.split(key)
        if name == ".zarray":
            _refuse_unsafe_codecs(self.references.node(path).array or {})
        if isinstance(reference, ByteRange):
            data = await self.reader.read(reference)
            return self._pad(key, data)
        return reference if name in keys.METADATA else self._pad(key, reference)

    async def _ask(self, question: Callable[..., _T], *args: Any) -> _T:
        """Ask the references; HDF5 must not be waited for on zarr's event loop, which all stores share."""
        if self.references.reads_files:
            return await asyncio.to_thread(question, *args)
        return question(*args)

    def _reference(self, key: str) -> Reference | None:
        try:
            return self.references[key]
        except NodeNotFoundError:
            return None

    def _pad(self, key: str, data: bytes) -> bytes:
        """Fill up a short raw chunk: the last piece of contiguous data ends where the array ends."""
        node = self._array_of(key)
        missing = 0 if node is None else _full_length(node) - len(data)
        return data + bytes(missing) if missing > 0 and data else data

    def _array_of(self, key: str) -> Node | None:
        path = keys.split(key)[0]
        while True:
            try:
                node = self.references.node(path)
            except NodeNotFoundError:
                node = None
            if node is not None:
                return node if node.array is not None else None
            if not path:
                return None
            path = keys.split(path)[0]

    async def get_partial_values(
        self, prototype: BufferPrototype, key_ranges: Iterable[tuple[str, ByteRequest | None]]
    ) -> list[Buffer | None]:
        """Several keys; see `zarr.abc.store.Store.get_partial_values`."""
        return [await self.get(key, prototype, byte_range) for key, byte_range in key_ranges]

    async def exists(self, key: str) -> bool:
        """Whether there is something behind a key; nothing is read."""
        if key in self._written:
            return self._written[key] is not None
        return await self._ask(self.references.__contains__, key)

    # ------------------------------------------------------------ writing, over the references

    async def set(self, key: str, value: Buffer) -> None:
        """Put bytes behind a key, in memory; see `zarr.abc.store.Store.set`."""
        self._check_writable()
        if not isinstance(value, Buffer):
            raise TypeError(f"ReferenceStore.set() takes a Buffer, not {type(value).__name__}")
        if not self._is_open:
            await self._open()
        self._written[key] = value.to_bytes()

    async def delete(self, key: str) -> None:
        """Take a key away, in memory; one that is not there is no error."""
        self._check_writable()
        self._written[key] = None

    # ------------------------------------------------------------ listing

    async def list(self) -> AsyncIterator[str]:
        """All keys."""
        for key in await self._ask(tuple, self.references):
            if key not in self._written:
                yield key
        for key, data in list(self._written.items()):
            if data is not None:
                yield key

    async def list_prefix(self, prefix: str) -> AsyncIterator[str]:
        """All keys that start with a text."""
        async for key in self.list():
            if key.startswith(prefix):
                yield key

    async def list_dir(self, prefix: str) -> AsyncIterator[str]:
        """First parts of the keys below a path.

        Parameters
        ----------
        prefix : str
            With or without slash at its end.
        """
        path = prefix.rstrip("/")
        below = f"{path}/" if path else ""
        if self._written:
            found = tuple([key async for key in self.list_prefix(below)])
        else:
            found = await self._ask(self._below, path)
        for name in dict.fromkeys(key.removeprefix(below).partition("/")[0] for key in found):
            yield name

    def _below(self, path: str) -> tuple[str, ...]:
        """Children and own keys of a node, without a walk through all that lies below."""
        if not self.references.has(path):
            return ()
        children = [keys.join(path, name) for name in self.references.children(path)]
        return (*children, *self.references.node_keys(path))


def _refuse_unsafe_codecs(array: dict[str, Any]) -> None:
    for config in [array["compressor"], *(array["filters"] or ())]:
        if config is not None:
            refuse_unsafe(config)


def _full_length(node: Node) -> int:
    """Bytes of a full chunk of a raw numeric array; 0 where chunks are encoded."""
    array: dict[str, Any] = node.array or {}
    if array["compressor"] is not None or array["filters"]:
        return 0
    dtype = np.dtype(array["dtype"])
    if dtype.kind not in _PADDED_KINDS:
        return 0
    return int(dtype.itemsize * np.prod(array["chunks"], dtype=np.int64))


def _part(data: bytes, byte_range: ByteRequest | None) -> bytes:
    match byte_range:
        case None:
            return data
        case RangeByteRequest(start, end):
            return data[start:end]
        case OffsetByteRequest(offset):
            return data[offset:]
        case SuffixByteRequest(suffix):
            return data[max(0, len(data) - suffix) :]
    raise TypeError(f"Unexpected byte_range, got {byte_range!r}: give one of zarr's byte requests")
