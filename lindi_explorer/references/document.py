"""A LINDI document whose nodes are made when somebody asks for them."""

from __future__ import annotations

import contextlib
import functools
import json
import threading
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from lindi_explorer.errors import FormatError, NodeNotFoundError
from lindi_explorer.references import keys
from lindi_explorer.references.annotations import SIDECAR
from lindi_explorer.references.checks import (
    DAMAGED,
    Layout,
    check_annotations,
    check_array,
    check_sidecar,
)
from lindi_explorer.references.chunks import ChunkTable
from lindi_explorer.references.model import Node
from lindi_explorer.references.parsing import parsed
from lindi_explorer.references.reference_set import ReferenceSet
from lindi_explorer.references.sorted_keys import SortedKeys
from lindi_explorer.references.table_builder import Addresses, TableBuilder, inline_bytes

_MANY = 1000
"""Keys of one path in one piece of text from which on its chunks become numbers as they are read."""

_SAMPLE = 50
"""Of so many keys one is looked at to learn which paths have many."""

_BATCH = 50_000
"""Keys of an array that become numbers at once, for the memory that this takes."""


class Keys:
    """The keys of a document and what stands behind them, as they are read.

    Parameters
    ----------
    addresses : Addresses

    Attributes
    ----------
    refs : dict
        Key -> value, but for the chunks that are numbers already.
    """

    def __init__(self, addresses: Addresses) -> None:
        self.addresses = addresses
        self.refs: dict[str, Any] = {}
        self._builders: dict[str, TableBuilder] = {}

    def add(self, refs: Mapping[str, Any]) -> None:
        """Take keys and what stands behind them."""
        self.refs.update(refs)

    def add_of_many(self, refs: Mapping[str, Any]) -> None:
        """Take some keys of so long a text that a million chunks become numbers piece by piece."""
        sample = Counter(key.rpartition("/")[0] for key in list(refs)[::_SAMPLE])
        large: dict[str, dict[str, Any]] = {
            path: {} for path, count in sample.items() if count * _SAMPLE >= _MANY
        }
        if not large:
            self.refs.update(refs)
            return
        last: str | None = None
        own: dict[str, Any] | None = None
        for key, value in refs.items():
            path, _, name = key.rpartition("/")
            if path != last:
                last, own = path, large.get(path)
            if own is None:
                self.refs[key] = value
            else:
                own[name] = value
        for path, names in large.items():
            if ".zarray" in names:
                self.refs[keys.join(path, ".zarray")] = names.pop(".zarray")
            left = self._take(path, names)
            self.refs.update((keys.join(path, name), names[name]) for name in left)

    def _take(self, path: str, own: dict[str, Any]) -> Iterable[str]:
        """Take the chunks of an array; the names that are left."""
        if (key := keys.join(path, ".zarray")) not in self.refs:
            return own
        # What is wrong stays among the keys, and is told to who asks for this array.
        with contextlib.suppress(FormatError):
            builder = self.builder(path, check_array(path, self.metadata(key)))
            left = builder.take(list(own), list(own.values()))
            self._builders[path] = builder
            return left
        return own

    def builder(self, path: str, layout: Layout) -> TableBuilder:
        """What makes the table of an array: a copy of what was taken so far, which stays until `forget`."""
        known = self._builders.get(path)
        return TableBuilder(path, layout, self.addresses) if known is None else known.copy()

    def forget(self, path: str, taken: Iterable[str]) -> None:
        """Drop what the table of an array has been made of: what was taken, and further keys."""
        self._builders.pop(path, None)
        for key in taken:
            self.refs.pop(key, None)

    def metadata(self, key: str) -> dict[str, Any]:
        """A metadata document: an object, or (in old files) its text, plain or in base64."""
        value = parsed(key, self.refs[key])
        if isinstance(value, str):
            try:
                value = json.loads(inline_bytes(key, value))
            except (ValueError, RecursionError) as error:
                raise FormatError(
                    f"the metadata behind {key!r} is not JSON: {error}", hint=DAMAGED
                ) from error
        if not isinstance(value, dict):
            raise FormatError(f"the metadata behind {key!r} is not a JSON object", hint=DAMAGED)
        return value


class Document(ReferenceSet):
    """A decoded document: its keys, and the nodes that somebody has asked for.

    Parameters
    ----------
    read : Keys
    members : dict
        The members of the document beside ``refs`` and ``templates``.
    """

    def __init__(self, read: Keys, members: dict[str, Any]) -> None:
        super().__init__({})
        self._read = read
        self._refs = read.refs
        self._members = members
        self._lock = threading.RLock()
        self._made: tuple[str, Node, list[str]] | None = None

    @functools.cached_property
    def _sorted(self) -> SortedKeys:
        return SortedKeys(self._refs)

    def node(self, path: str) -> Node:
        """The node at a path; see `References.node`."""
        node = self._nodes.get(path)
        if node is None:
            with self._lock:
                self._settle()
                node = self._nodes.get(path)
                if node is None:
                    self._made = path, *self._make(path)
                    self._settle()
                    node = self._nodes[path]
        return node

    def _settle(self) -> None:
        """Keep a node that was made, and then drop what it was made of.

        Whatever interrupts this, nothing is lost: the next who comes goes on.
        """
        if self._made is not None:
            path, node, taken = self._made
            self._nodes[path] = node
            self._read.forget(path, taken)
            self._made = None

    def children(self, path: str) -> Sequence[str]:
        """Names of the nodes in a group; see `References.children`."""
        node = self.node(path)
        if node.array is not None:
            return ()
        with self._lock:
            names = self._ordered.get(path)
            if names is None:
                below = self._sorted.names(path)
                names = [name for name in below if name and self._is_node(keys.join(path, name))]
                names = self._ordered[path] = keys.in_order(names, node.sidecar.get("order", ()))
        return names or ()

    def _is_node(self, path: str) -> bool:
        """Whether there is a node at a path that lies in a group."""
        if f"{path}/.zarray" in self._refs or f"{path}/.zgroup" in self._refs:
            return keys.normalise(path) == path
        return self._has_below(path)

    def _has_below(self, path: str) -> bool:
        """Whether there are nodes below a path, which makes it a group."""
        return any(map(_is_of_node, self._sorted.below(path)))

    def _is_inside_array(self, path: str) -> bool:
        while path:
            path = keys.split(path)[0]
            if path in self._nodes:
                return self._nodes[path].array is not None
            if keys.join(path, ".zarray") in self._refs:
                return True
        return False

    def _make(self, path: str) -> tuple[Node, list[str]]:
        """The node at a path, and the keys of its chunks."""
        before = f"{path}/" if path else ""
        found = {name: key for name in keys.METADATA if (key := before + name) in self._refs}
        if ".zarray" in found or ".zgroup" in found:
            is_node = keys.normalise(path) == path
        else:
            is_node, found = self._has_below(path), {}
        if not is_node or self._is_inside_array(path):
            raise NodeNotFoundError(f"there is no object at /{path}")
        parts = {name: self._read.metadata(key) for name, key in found.items()}
        array = parts.get(".zarray")
        layout = None if array is None else check_array(path, array)
        attributes, sidecar = parts.get(".zattrs", {}), parts.get(SIDECAR, {})
        check_annotations(path, attributes, array)
        check_sidecar(path, sidecar, array)
        if layout is None:
            return Node(attributes, array, sidecar=sidecar), []
        chunks, taken = self._chunks(path, layout)
        return Node(attributes, array, chunks, sidecar), taken

    def _chunks(self, path: str, layout: Layout) -> tuple[ChunkTable, list[str]]:
        """The chunks of an array, and their keys."""
        start = len(path) + 1 if path else 0
        below = self._sorted.below(path)
        builder, refs = self._read.builder(path, layout), self._refs
        taken: list[str] = []
        for first in range(0, len(below), _BATCH):
            part = below[first : first + _BATCH]
            names = [key[start:] for key in part]
            left = {keys.join(path, name) for name in builder.take(names, [*map(refs.__getitem__, part)])}
            taken += [key for key in part if key not in left] if left else part
        return builder.build(), taken

    def __reduce__(self) -> tuple[Any, ...]:
        # A copy in another process has all nodes made: text that is half read, and a lock, stay here.
        self.make_all()
        return ReferenceSet, (self._nodes, self.extra)

    def make_all(self) -> None:
        """Make every node now."""
        for path in self.walk():
            self.node(path)

    @property
    def extra(self) -> Mapping[str, Any]:
        """What else the document holds; see `ReferenceSet`."""
        # The keys that are no chunks of an array are left over once it is made.
        self.make_all()
        with self._lock:
            self._settle()
        refs: dict[str, Any] = {}
        for key, value in self._refs.items():
            path, name = keys.split(key)
            # .zmetadata is a summary of metadata that is written anew.
            if name != ".zmetadata" and (name not in keys.METADATA or path not in self._nodes):
                kept = self._read.addresses.of_other(parsed(key, value))
                if kept is not None:
                    refs[key] = kept
        return {**self._members, "refs": refs}


def _is_of_node(key: str) -> bool:
    """Whether a key makes its path a group or an array."""
    path, name = keys.split(key)
    return name in (".zgroup", ".zarray") and keys.normalise(path) == path
