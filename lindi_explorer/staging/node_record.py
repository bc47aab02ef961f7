"""What an edit remembers of a node: kept as it is, and written down as a document has it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from lindi_explorer.errors import ConflictError
from lindi_explorer.references import codec, keys
from lindi_explorer.references.chunks import Reference, chunk_grid
from lindi_explorer.references.model import Node, metadata_text
from lindi_explorer.references.written import WrittenChunks
from lindi_explorer.staging.overlay import Overlay, is_group, same_node, same_value

_HINT = "Nothing was applied. The file has changed since the edit was made."


class NodeRecord:
    """A node, or those of its keys that an edit changes.

    Parameters
    ----------
    node : Node, optional
        All of it.
    refs : dict, optional
        Its keys, without its path, as a document has them; None for one that is not there.
    """

    __slots__ = ("_node", "_refs")

    def __init__(self, node: Node | None = None, refs: dict[str, Any] | None = None) -> None:
        self._node = node
        self._refs = refs

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, NodeRecord):
            return NotImplemented
        if self._node is not None and other._node is not None and same_node(self._node, other._node):
            return True
        return same_value(self.refs, other.refs)

    __hash__ = None  # type: ignore[assignment]

    @property
    def node(self) -> Node | None:
        """The node, None where only some keys are known, or how it was written down."""
        return self._node

    @property
    def refs(self) -> dict[str, Any]:
        """The keys, as a document has them."""
        if self._refs is None:
            assert self._node is not None
            self._refs = node_refs(self._node)
        return self._refs

    def whole(self) -> Node:
        """The node itself."""
        if self._node is None:
            self._node = _decoded(self.refs)
        return self._node

    def over(self, found: Node, old: NodeRecord, path: str) -> Node:
        """The node that comes of another in which some keys have a new value.

        Parameters
        ----------
        found : Node
        old : NodeRecord
            What those keys must hold.
        path : str
            For the error.

        Returns
        -------
        Node

        Raises
        ------
        ConflictError
            If they hold something else.
        """
        if self._node is not None and old._node is not None and same_node(found, old._node):
            return self._node
        return _patched(found, old.refs, self.refs, path)

    @classmethod
    def difference(
        cls, old: NodeRecord, new: NodeRecord, chunk: Callable[[Reference], Any] = codec.chunk_value
    ) -> tuple[NodeRecord, NodeRecord]:
        """Both with the keys only that differ; ``chunk`` says what stands for a chunk."""
        one, other = old._node, new._node
        if one is None or other is None:
            before, after = old.refs, new.refs
        else:
            before, after = _changed_chunks(one, other, chunk) or (
                node_refs(one, chunk),
                node_refs(other, chunk),
            )
        differ = [
            key
            for key in {**before, **after}
            if (key in before) != (key in after) or not same_value(before[key], after[key])
        ]
        return (
            cls(refs={key: before.get(key) for key in differ}),
            cls(refs={key: after.get(key) for key in differ}),
        )


def node_refs(node: Node, chunk: Callable[[Reference], Any] = codec.chunk_value) -> dict[str, Any]:
    """The keys of one node, without its path; ``chunk`` says what stands for chunks, as in a document."""
    return {**node.metadata(), **_chunk_refs(node, node.chunks, chunk)}


def metadata_refs(node: Node) -> dict[str, Any]:
    """The keys of one node that are no chunks."""
    return node.metadata()


def _chunk_refs(
    node: Node,
    chunks: Mapping[tuple[int, ...], Any],
    chunk: Callable[[Reference], Any] = codec.chunk_value,
) -> dict[str, Any]:
    return {keys.chunk_name(index, node.separator): chunk(reference) for index, reference in chunks.items()}


def _changed_chunks(
    one: Node, other: Node, chunk: Callable[[Reference], Any]
) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """Metadata and changed chunks of two states of one array; None where they share nothing."""
    if other.chunks is one.chunks:
        return one.metadata(), other.metadata()
    new = other.chunks
    if not isinstance(new, WrittenChunks) or one.array is None or one.separator != other.separator:
        return None
    if isinstance(one.chunks, WrittenChunks):
        old, indices = one.chunks, set(new.written) | set(one.chunks.written)
        if one.chunks.base is not new.base or one.chunks.reach != new.reach:
            return None
    elif new.base is one.chunks and new.reach == plain_grid(one):
        old, indices = WrittenChunks(one.chunks, new.grid), set(new.written)
    else:
        return None
    changed = [index for index in indices if old.current(index) is not new.current(index)]
    before = {index: old[index] for index in changed if index in old}
    after = {index: new[index] for index in changed if index in new}
    return (
        {**one.metadata(), **_chunk_refs(one, before, chunk)},
        {**other.metadata(), **_chunk_refs(other, after, chunk)},
    )


def _decoded(refs: Mapping[str, Any]) -> Node:
    below = {f"x/{key}": value for key, value in refs.items() if value is not None}
    return codec.decode({"refs": {".zgroup": {"zarr_format": 2}, **below}}).node("x")


def _patched(found: Node, old: Mapping[str, Any], new: Mapping[str, Any], path: str) -> Node:
    """A node with new values for some of its keys."""
    metadata = found.metadata()
    chunk_keys = [key for key in {**old, **new} if key not in keys.METADATA]
    for key, value in old.items():
        held = metadata.get(key) if key in keys.METADATA else _chunk_at(found, key)
        if not same_value(held, value):
            raise ConflictError(
                f"old value differs at /{path}, {key}: "
                f"the edit expects {_words(value)}, the file has {_words(held)}",
                hint=_HINT,
            )
    merged = {
        key: value for key, value in {**metadata, **new}.items() if key in keys.METADATA and value is not None
    }
    made = _decoded({**merged, **{key: new[key] for key in chunk_keys if new.get(key) is not None}})
    if made.array is None:
        return made
    grid = chunk_grid(made.array["shape"], made.array["chunks"])
    chunks = found.chunks
    if found.array is not None and found.array["shape"] != made.array["shape"]:
        chunks = WrittenChunks.over(chunks, plain_grid(found)).resized(grid)
    gone = {index: None for key in chunk_keys if (index := _index(made, key)) is not None}
    if gone:
        chunks = WrittenChunks.over(chunks, grid).with_chunks({**gone, **dict(made.chunks)})
    return Node(made.attributes, made.array, chunks, made.sidecar)


def plain_grid(node: Node) -> tuple[int, ...]:
    """Chunks along each axis of an array."""
    assert node.array is not None
    return chunk_grid(node.array["shape"], node.array["chunks"])


def _index(node: Node, key: str) -> tuple[int, ...] | None:
    return keys.parse_chunk_name(key, node.axes, node.separator)


def _chunk_at(node: Node, key: str) -> Any:
    index = _index(node, key) if node.array is not None else None
    reference = None if index is None else node.chunks.get(index)
    return None if reference is None else codec.chunk_value(reference)


def _words(value: Any) -> str:
    text = "nothing" if value is None else repr(value)
    return text if len(text) <= 80 else text[:79] + "…"


class TreeRecord(msgspec.Struct, frozen=True):
    """What tells a node, with all below it, from another.

    Attributes
    ----------
    words : str
        For people.
    digest : str
        SHA-256 over paths and metadata; the chunks themselves are not part of it.
    """

    words: str
    digest: str

    @classmethod
    def of(cls, overlay: Overlay, path: str) -> TreeRecord:
        """The record of what is at a path."""
        digest, count = hashlib.sha256(), 0
        for one in overlay.walk(path):
            node = overlay.node(one)
            digest.update(f"{one[len(path) :]}\0".encode("utf-8", "surrogateescape"))
            for key, value in sorted(node.metadata().items()):
                digest.update(key.encode() + metadata_text(_sorted(value)) + b"\0")
            count += 1
        node = overlay.node(path)
        return cls(_kind(node, count - 1), digest.hexdigest())


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    return [_sorted(item) for item in value] if isinstance(value, list) else value


def _kind(node: Node, below: int) -> str:
    if is_group(node):
        return f"a group with {below} object{'' if below == 1 else 's'} in it"
    if node.array is None:
        return "a link" if "committed" not in node.sidecar else "a committed type"
    return f"a dataset of shape {tuple(node.array['shape'])} and type {node.array['dtype']}"
