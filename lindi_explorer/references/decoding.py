"""A parsed LINDI document -> references.

Documents come from the network: whatever they hold, the answer is a `ReferenceSet` or a `FormatError`.
"""

from __future__ import annotations

import dataclasses
import json
import threading
from collections.abc import Mapping
from typing import Any

from lindi_explorer.errors import FormatError
from lindi_explorer.references import keys
from lindi_explorer.references.annotations import SIDECAR
from lindi_explorer.references.checks import (
    DAMAGED,
    ZARR_3,
    check_annotations,
    check_array,
    check_sidecar,
)
from lindi_explorer.references.model import Node
from lindi_explorer.references.outline import no_collection
from lindi_explorer.references.parsing import Pieces, parsed
from lindi_explorer.references.places import Locate
from lindi_explorer.references.reference_set import ReferenceSet
from lindi_explorer.references.table_builder import Addresses, TableBuilder, inline_bytes

_MANY = 1000
"""Keys of one path from which on its chunks become numbers as they are read."""


def decode(document: Any, locate: Locate | None = None) -> ReferenceSet:
    """Decode a parsed document.

    Parameters
    ----------
    document : mapping
        With ``refs`` and perhaps ``templates``; anything else is refused.
    locate : callable, optional
        Where references ``./member`` lead; without it they are relative paths like others, as for a document
        in memory. The references that come out are absolute.

    Returns
    -------
    ReferenceSet
        What belongs to no node is in its ``extra``.

    Raises
    ------
    FormatError
        If the document breaks the format; the message names the key. Of a document that comes as text, the
        nodes are decoded, and refused, when they are asked for: most are not.
    """
    if not isinstance(document, Mapping):
        raise FormatError("this is no LINDI document: it has no object `refs`", hint=DAMAGED)
    refs = document.get("refs")
    addresses = Addresses(_templates(document.get("templates")), locate)
    with no_collection():
        parts = _Parts(addresses)
        if isinstance(refs, Pieces):
            for piece in refs:
                parts.add(piece)
        elif isinstance(refs, Mapping) and all(isinstance(key, str) for key in refs):
            parts.add(refs)
        else:
            raise FormatError("this is no LINDI document: it has no object `refs`", hint=DAMAGED)
        members = {name: value for name, value in document.items() if name not in ("refs", "templates")}
        decoded = _Decoded(parts, members)
        decoded.node("")
        if not isinstance(refs, Pieces):
            decoded.make_all()
    return decoded


class _Parts:
    """The keys of a document by their paths, as they are read."""

    def __init__(self, addresses: Addresses) -> None:
        self.addresses = addresses
        self.found: dict[str, dict[str, Any]] = {}
        self._builders: dict[str, TableBuilder] = {}

    def add(self, refs: Mapping[str, Any]) -> None:
        """Take some keys and what stands behind them."""
        found = self.found
        large: set[str] = set()
        last: str | None = None
        own: dict[str, Any] = {}
        for key, value in refs.items():
            path, _, name = key.rpartition("/")
            if path != last:
                last, own = path, found.setdefault(path, {})
            own[name] = value
            if len(own) == _MANY:
                large.add(path)
        # A million chunks become numbers piece by piece.
        for path in large:
            if ".zarray" in found[path]:
                self.builder(path).take(found[path])

    def builder(self, path: str) -> TableBuilder:
        """What makes the table of an array."""
        builder = self._builders.get(path)
        if builder is None:
            array = _metadata(keys.join(path, ".zarray"), self.found[path][".zarray"])
            builder = self._builders[path] = TableBuilder(path, array, self.addresses)
        return builder


class _Decoded(ReferenceSet):
    """A document whose nodes are made when somebody asks for them.

    Parameters
    ----------
    parts : _Parts
    members : dict
        The members of the document beside ``refs`` and ``templates``.
    """

    def __init__(self, parts: _Parts, members: dict[str, Any]) -> None:
        self._parts = parts
        self._members = members
        self._lock = threading.RLock()
        found = parts.found
        arrays = {path for path, own in found.items() if ".zarray" in own}
        nodes = _outside(
            arrays,
            [
                path
                for path, own in found.items()
                if (".zgroup" in own or ".zarray" in own) and keys.normalise(path) == path
            ],
        )
        if not found.get("", {}).keys() & {".zgroup", ".zarray"}:
            raise FormatError(
                "this LINDI document has no root: the key `.zgroup` is missing",
                hint=ZARR_3 if "zarr.json" in found.get("", {}) else DAMAGED,
            )
        super().__init__(dict.fromkeys(nodes))
        # Keys further down belong to the array above them, where their names are those of chunks.
        self._below: dict[str, list[str]] = {}
        for path in found.keys() - self._nodes.keys():
            owners = [up for up in keys.parents(path) if up in arrays and up in self._nodes]
            if owners:
                self._below.setdefault(owners[-1], []).append(path)

    def _make(self, path: str) -> Node:
        with self._lock:
            own = self._parts.found.get(path, {})
            parts = {
                name: _metadata(keys.join(path, name), own[name]) for name in keys.METADATA if name in own
            }
            node = _node(path, parts)
            if node.array is None:
                return node
            builder = self._parts.builder(path)
            builder.take(own)
            for below in self._below.get(path, ()):
                builder.take(self._parts.found[below], f"{below.removeprefix(path).removeprefix('/')}/")
            return dataclasses.replace(node, chunks=builder.build())

    def __reduce__(self) -> tuple[Any, ...]:
        # A copy in another process has all nodes made: text that is half read, and a lock, stay here.
        self.make_all()
        return ReferenceSet, (self._nodes, self.extra)

    def make_all(self) -> None:
        """Make every node now."""
        for path in self._nodes:
            self.node(path)

    @property
    def extra(self) -> Mapping[str, Any]:
        """What else the document holds; see `ReferenceSet`."""
        refs: dict[str, Any] = {}
        # The keys that are no chunks of an array are left over once it is made.
        self.make_all()
        for path, own in self._parts.found.items():
            known = keys.METADATA if path in self._nodes else ()
            for name, value in own.items():
                # .zmetadata is a summary of metadata that is written anew.
                if name not in known and name != ".zmetadata":
                    key = keys.join(path, name)
                    kept = self._parts.addresses.of_other(parsed(key, value))
                    if kept is not None:
                        refs[key] = kept
        return {**self._members, "refs": refs}


def _outside(arrays: set[str], paths: list[str]) -> list[str]:
    """The paths that do not lie inside of an array."""
    known = set(paths)
    # Where the path above is a group, it answers for this one.
    unsure = [path for path in paths if (up := path.rpartition("/")[0]) in arrays or up not in known]
    if not any(up in arrays for path in unsure for up in keys.parents(path)):
        return paths
    return [path for path in paths if not any(up in arrays for up in keys.parents(path))]


def _templates(value: Any) -> dict[str, str]:
    if value is None:
        return {}
    if not isinstance(value, Mapping) or not all(isinstance(text, str) for text in value.values()):
        raise FormatError("`templates` of this LINDI document is not an object of strings", hint=DAMAGED)
    return dict(value)


def _metadata(key: str, value: Any) -> dict[str, Any]:
    """A metadata document: an object, or (in old files) its text, plain or in base64."""
    value = parsed(key, value)
    if isinstance(value, str):
        try:
            value = json.loads(inline_bytes(key, value))
        except (ValueError, RecursionError) as error:
            raise FormatError(f"the metadata behind {key!r} is not JSON: {error}", hint=DAMAGED) from error
    if not isinstance(value, dict):
        raise FormatError(f"the metadata behind {key!r} is not a JSON object", hint=DAMAGED)
    return value


def _node(path: str, parts: dict[str, dict[str, Any]]) -> Node:
    attributes, array, sidecar = parts.get(".zattrs", {}), parts.get(".zarray"), parts.get(SIDECAR, {})
    if array is not None:
        check_array(path, array)
    check_annotations(path, attributes, array)
    check_sidecar(path, sidecar)
    return Node(attributes, array, sidecar=sidecar)
