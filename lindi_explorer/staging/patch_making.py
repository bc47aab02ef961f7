"""From differences to a patch: addresses that others can follow, and data where there are none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from lindi_explorer.byterange import ByteRange, redact_url
from lindi_explorer.errors import FormatError, LindiError, UnsupportedError
from lindi_explorer.hdf5.types import type_words
from lindi_explorer.references import codec, keys
from lindi_explorer.references.annotations import SCALAR
from lindi_explorer.references.chunks import Reference
from lindi_explorer.references.model import Node
from lindi_explorer.references.text import plain_copy
from lindi_explorer.references.written import Index
from lindi_explorer.staging.changes import AttributeChange
from lindi_explorer.staging.differences import Added, Difference, NodeDiffers, Removed
from lindi_explorer.staging.edits import AttributeRecord
from lindi_explorer.staging.node_record import metadata_refs
from lindi_explorer.staging.overlay import is_group, same_value
from lindi_explorer.staging.patch_addresses import Addresses, addresses_in, is_portable
from lindi_explorer.staging.patch_changes import (
    AddNode,
    AttributeState,
    ChangeAttribute,
    ChangeData,
    ChangeNode,
    DataState,
    NodeState,
    PatchChange,
    RemoveNode,
)
from lindi_explorer.staging.table_difference import locate

MOST_DATA = 64 << 20
"""Bytes of data that a patch holds, before base64."""

Read = Callable[[Sequence[ByteRange]], Sequence[bytes]]


class PatchMaker:
    """Writes differences down.

    Parameters
    ----------
    addresses : Addresses
        Of the file the patch is for.
    read : callable
        Reads byte ranges of the new state.
    stays : callable
        Whether an address of the new state is there for whoever has the file the patch is for.
    show : callable
        ``show(node, is_new)`` gives the data of a dataset for people, or `msgspec.UNSET` where it is much.
    digest : callable
        ``digest(path)`` of what the file has there; see `Addresses.digest`.
    """

    def __init__(
        self,
        addresses: Addresses,
        *,
        read: Read,
        stays: Callable[[str], bool],
        show: Callable[[Node, bool], Any],
        digest: Callable[[str], tuple[str, int]],
    ) -> None:
        self._addresses = addresses
        self._read = read
        self._stays = stays
        self._show = show
        self._digest = digest
        self._bytes = 0

    def changes(self, differences: Iterable[Difference]) -> tuple[PatchChange, ...]:
        """The changes of a patch.

        Parameters
        ----------
        differences : iterable of Difference

        Returns
        -------
        tuple of PatchChange

        Raises
        ------
        UnsupportedError
            If the data is too much for a patch, or lies where nobody else can follow.
        """
        return tuple(map(self._change, differences))

    def _change(self, difference: Difference) -> PatchChange:
        path = f"/{difference.path}"
        match difference:
            case Removed():
                digest, count = self._digest(difference.path)
                return RemoveNode(path, what_words(difference.old, count), digest)
            case Added(new=new):
                refs = {**metadata_refs(new), **self._new_chunks(path, new, [*new.chunks])}
                return AddNode(path, what_words(new), self._portable(path, refs))
            case AttributeChange(name=name, old=old, new=new_value):
                return ChangeAttribute(path, name, _attribute(old), _attribute(new_value))
            case NodeDiffers():
                return self._node(path, difference)

    def _node(self, path: str, difference: NodeDiffers) -> ChangeData | ChangeNode:
        old, new, chunks = difference.old, difference.new, difference.chunks
        before, after = metadata_refs(old), metadata_refs(new)
        for key in before.keys() & after.keys():
            if same_value(before[key], after[key]):
                del before[key], after[key]
        if chunks:
            locate(old)
        before |= self._old_chunks(path, old, chunks)
        after |= self._new_chunks(path, new, chunks)
        names = [*before, *(name for name in after if name not in before)]
        one = self._addresses.neutral_refs({name: before.get(name) for name in names})
        other = self._portable(path, {name: after.get(name) for name in names})
        if new.array is None or not (chunks or ".zarray" in names):
            return ChangeNode(path, NodeState(one), NodeState(other))
        return ChangeData(path, self._data(old, one, is_new=False), self._data(new, other, is_new=True))

    def _data(self, node: Node, refs: dict[str, Any], *, is_new: bool) -> DataState:
        array = node.array or {}
        shape = None if node.sidecar.get("null") else [] if node.attributes.get(SCALAR) else array["shape"]
        return DataState(dtype_words(node), refs, shape, self._show(node, is_new))

    # ------------------------------------------------------------ chunks

    def _old_chunks(self, path: str, node: Node, indices: Sequence[Index]) -> dict[str, Any]:
        found = {index: node.chunks.get(index) for index in indices}
        self._count(path, sum(len(item) for item in found.values() if isinstance(item, bytes)))
        return _chunk_refs(node, found)

    def _new_chunks(self, path: str, node: Node, indices: Sequence[Index]) -> dict[str, Any]:
        found = {index: node.chunks.get(index) for index in indices}
        wanted = [
            (index, item)
            for index, item in found.items()
            if isinstance(item, ByteRange) and not self._can_follow(item.url)
        ]
        inline = sum(len(item) for item in found.values() if isinstance(item, bytes))
        self._count(path, inline + sum(item.length for _, item in wanted))
        data = self._read([item for _, item in wanted])
        found.update(zip((index for index, _ in wanted), data, strict=True))
        return _chunk_refs(node, found)

    def _can_follow(self, url: str) -> bool:
        return self._stays(url) and is_portable(self._addresses.neutral(url))

    def _count(self, path: str, size: int) -> None:
        self._bytes += size
        if self._bytes > MOST_DATA:
            raise UnsupportedError(
                f"the data of {path} does not go into a patch: it holds {MOST_DATA:,} bytes at most",
                hint="Export the edited file instead: write_lindi_file, or Export in the explorer.",
            )

    def _portable(self, path: str, refs: Mapping[str, Any]) -> dict[str, Any]:
        neutral = self._addresses.neutral_refs(refs)
        for address in addresses_in(neutral):
            if not is_portable(address):
                raise UnsupportedError(
                    f"{path} leads to {redact_url(address)}; a patch cannot say that, as others lack it",
                    hint="Put that file beside the one the patch is for, or on the web.",
                )
        return neutral


def _chunk_refs(node: Node, chunks: Mapping[Index, Reference | None]) -> dict[str, Any]:
    return {
        keys.chunk_name(index, node.separator): None if item is None else codec.chunk_value(item)
        for index, item in chunks.items()
    }


def _attribute(record: AttributeRecord | None) -> AttributeState | None:
    if record is None:
        return None
    value = record.value if record.value is msgspec.UNSET else plain_copy(record.value)
    return AttributeState(attribute_words(record), value, plain_copy(record.entry))


def attribute_words(record: AttributeRecord) -> str:
    """Type and shape of an attribute for people: ``float32``, ``utf-8 [3]``."""
    try:
        stored = record.stored
        words = type_words(stored.type)
    except LindiError:
        return "unreadable"
    except (TypeError, ValueError, KeyError):
        return "unknown"
    if stored.shape is None:
        return f"{words}, no value"
    return words + (f" [{' × '.join(map(str, stored.shape))}]" if stored.shape else "")


def dtype_words(node: Node) -> str:
    """The type of a dataset's elements for people, as far as the metadata tells."""
    spec = node.sidecar.get("type") or (node.array or {})["dtype"]
    try:
        return "JSON values" if spec == "|O" else type_words(spec)
    except (TypeError, ValueError, KeyError, FormatError):
        return str(spec)


def what_words(node: Node, below: int = 0) -> str:
    """What a node is, for people.

    Parameters
    ----------
    node : Node
    below : int
        Objects below it.

    Returns
    -------
    str
        ``a group with 3 objects in it``, ``a dataset of float32 [3 × 4]``.
    """
    if node.array is not None:
        shape = [] if node.attributes.get(SCALAR) or node.sidecar.get("null") else node.array["shape"]
        return f"a dataset of {dtype_words(node)}" + (f" [{' × '.join(map(str, shape))}]" if shape else "")
    if is_group(node):
        return f"a group with {below:,} object{'' if below == 1 else 's'} in it" if below else "a group"
    return "a committed type" if "committed" in node.sidecar else "a link"
