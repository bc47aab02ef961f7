"""A parsed LINDI document -> references.

Documents come from the network: whatever they hold, the answer is a `ReferenceSet` or a `FormatError`.
"""

from __future__ import annotations

import base64
import binascii
import json
import operator
import re
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import numpy as np

from lindi_explorer.byterange import redact_url
from lindi_explorer.errors import FormatError
from lindi_explorer.references import keys
from lindi_explorer.references.annotations import SIDECAR
from lindi_explorer.references.checks import (
    DAMAGED,
    LARGEST,
    ZARR_3,
    check_annotations,
    check_array,
    check_sidecar,
)
from lindi_explorer.references.chunks import ChunkTable, chunk_grid
from lindi_explorer.references.model import Node
from lindi_explorer.references.places import RELATIVE, Locate, Place
from lindi_explorer.references.reference_set import ReferenceSet

BASE64 = "base64:"
"""How the text of a chunk starts that is no ASCII."""

_TEMPLATE = re.compile(r"\{\{(.*?)\}\}")


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
        If the document breaks the format; the message names the key.
    """
    refs = document.get("refs") if isinstance(document, Mapping) else None
    if not isinstance(refs, Mapping) or not all(isinstance(key, str) for key in refs):
        raise FormatError("this is no LINDI document: it has no object `refs`", hint=DAMAGED)
    addresses = _Addresses(_templates(document.get("templates")), locate)
    metadata: dict[str, dict[str, dict[str, Any]]] = {}
    others: defaultdict[str, dict[str, Any]] = defaultdict(dict)
    for key, value in refs.items():
        path, name = keys.split(key)
        if name in keys.METADATA and _is_path(path):
            metadata.setdefault(path, {})[name] = _metadata(key, value)
        else:
            others[path][name] = value
    _check_root(metadata, refs)
    _drop_below_arrays(metadata, others)
    tables = _take_chunks(metadata, others, addresses)
    nodes = {path: _node(path, parts, tables.get(path)) for path, parts in metadata.items()}
    extra = {name: value for name, value in document.items() if name != "templates"}
    extra["refs"] = {
        keys.join(path, name): kept
        for path, parts in others.items()
        for name, value in parts.items()
        if name != ".zmetadata"  # a summary of metadata that is written anew
        and (kept := addresses.of_other(value)) is not None
    }
    return ReferenceSet(nodes, extra)


def _templates(value: Any) -> dict[str, str]:
    if value is None:
        return {}
    if not isinstance(value, Mapping) or not all(isinstance(text, str) for text in value.values()):
        raise FormatError("`templates` of this LINDI document is not an object of strings", hint=DAMAGED)
    return dict(value)


def _is_path(path: str) -> bool:
    """Whether a path can be asked for: no slash too many, no `.` part."""
    return not path or all(part not in ("", ".") for part in path.split("/"))


def _metadata(key: str, value: Any) -> dict[str, Any]:
    """A metadata document: an object, or (in old files) its text, plain or in base64."""
    if isinstance(value, str):
        try:
            value = json.loads(_inline_bytes(key, value))
        except (ValueError, RecursionError) as error:
            raise FormatError(f"the metadata behind {key!r} is not JSON: {error}", hint=DAMAGED) from error
    if not isinstance(value, dict):
        raise FormatError(f"the metadata behind {key!r} is not a JSON object", hint=DAMAGED)
    return value


def _inline_bytes(key: str, text: str) -> bytes:
    try:
        if text.startswith(BASE64):
            return base64.b64decode(text[len(BASE64) :], validate=True)
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise FormatError(f"the value of {key!r} is not text", hint=DAMAGED) from error
    except (binascii.Error, ValueError) as error:
        raise FormatError(f"the value of {key!r} is not base64", hint=DAMAGED) from error


def _check_root(metadata: Mapping[str, Mapping[str, Any]], refs: Mapping[str, Any]) -> None:
    if not metadata.get("", {}).keys() & {".zgroup", ".zarray"}:
        raise FormatError(
            "this LINDI document has no root: the key `.zgroup` is missing",
            hint=ZARR_3 if "zarr.json" in refs else DAMAGED,
        )


def _drop_below_arrays(
    metadata: dict[str, dict[str, dict[str, Any]]], others: dict[str, dict[str, Any]]
) -> None:
    """Keep the paths that are nodes: no attributes without an object, nothing inside an array."""
    arrays = {path for path, parts in metadata.items() if ".zarray" in parts}
    for path, parts in list(metadata.items()):
        if not parts.keys() & {".zgroup", ".zarray"} or any(up in arrays for up in keys.parents(path)):
            others[path].update(metadata.pop(path))


def _take_chunks(
    metadata: dict[str, dict[str, dict[str, Any]]],
    others: dict[str, dict[str, Any]],
    addresses: _Addresses,
) -> dict[str, ChunkTable]:
    """Take the chunks of every array out of the other keys."""
    builders = {
        path: _TableBuilder(path, *check_array(path, parts[".zarray"]), addresses)
        for path, parts in metadata.items()
        if ".zarray" in parts
    }
    for path, parts in others.items():
        owner, within = path, ""
        while owner not in builders and owner:
            owner, part = keys.split(owner)
            within = f"{part}/{within}"
        if owner in builders:
            others[path] = builders[owner].take(parts, within)
    return {path: builder.build() for path, builder in builders.items()}


class _Addresses:
    """The first elements of references -> places: templates expanded, members located."""

    def __init__(self, templates: dict[str, str], locate: Locate | None) -> None:
        self._templates = templates
        self._locate = locate

    def place(self, text: str) -> Place:
        """Where a reference leads.

        Raises
        ------
        FormatError
            If it names an unknown template, or leads out of its container.
        """

        def template(match: re.Match[str]) -> str:
            found = self._templates.get(match[1])
            if found is None:
                raise FormatError(f"names an unknown template: {redact_url(text)}")
            return found

        return self._located(_TEMPLATE.sub(template, text))

    def _located(self, address: str) -> Place:
        if self._locate is None or not address.startswith(RELATIVE):
            return Place(address)
        return self._locate(address.removeprefix(RELATIVE))

    def of_other(self, value: Any) -> Any:
        """The value of a key that belongs to no node; None where it leads to no place at all."""
        if not isinstance(value, list) or not value or not isinstance(value[0], str):
            return value
        try:
            # Templates are expanded where they are known.
            place = self._located(
                _TEMPLATE.sub(lambda match: self._templates.get(match[1], match[0]), value[0])
            )
        except FormatError:
            return None
        match value[1:]:
            case [int(offset), int(length)]:
                return [place.address, place.start + offset, length]
        return [place.address, *value[1:]]


class _TableBuilder:
    """Collects the chunks of one array."""

    def __init__(
        self, path: str, shape: list[int], edges: list[int], separator: str, addresses: _Addresses
    ) -> None:
        self._path = path
        self._grid = chunk_grid(shape, edges)
        self._pattern = keys.chunk_pattern(len(shape), separator)
        self._addresses = addresses
        self._inline: dict[tuple[int, ...], bytes] = {}
        self._urls: dict[str, int] = {}
        self._places: dict[str, tuple[int, Place]] = {}
        self._index: list[tuple[int, ...]] = []
        self._rows: list[tuple[int, int, int]] = []

    def take(self, parts: dict[str, Any], within: str) -> dict[str, Any]:
        """Take the chunks among some keys; gives back those that are none.

        Parameters
        ----------
        parts : dict
            Last part of the key -> value.
        within : str
            What stands between the array's path and the last part.

        Returns
        -------
        dict
        """
        rest = {}
        for name, value in parts.items():
            match = self._pattern.fullmatch(within + name)
            index = None if match is None else tuple(map(int, match.groups()))
            if index is None or not all(map(operator.lt, index, self._grid)):
                rest[name] = value
            elif isinstance(value, str):
                self._inline[index] = _inline_bytes(keys.join(self._path, within + name), value)
            else:
                self._index.append(index)
                self._rows.append(self._row(within + name, value))
        return rest

    def _row(self, name: str, value: Any) -> tuple[int, int, int]:
        match value:
            case [str(text), int(offset), int(length)] if (
                type(offset) is int and type(length) is int and offset >= 0 <= length
            ):
                if offset + length > LARGEST:
                    raise self._error(name, "lies beyond any file")
                number, place = self._places.get(text) or self._place(name, text)
                if place.size is not None and offset + length > place.size:
                    raise self._error(name, f"passes the end of {redact_url(text)}")
                return number, place.start + offset, length
        raise self._error(name, "is neither text nor [address, offset, length] with two whole numbers")

    def _place(self, name: str, text: str) -> tuple[int, Place]:
        """The number of an address and its place; each is found once."""
        try:
            place = self._addresses.place(text)
        except FormatError as error:
            raise self._error(name, error.message) from None
        number = self._urls.setdefault(place.address, len(self._urls))
        self._places[text] = number, place
        return number, place

    def _error(self, name: str, words: str) -> FormatError:
        return FormatError(f"the value of {keys.join(self._path, name)!r} {words}", hint=DAMAGED)

    def build(self) -> ChunkTable:
        """The table of the chunks that were taken."""
        rows = np.array(self._rows, dtype=np.int64).reshape(len(self._rows), 3)
        return ChunkTable(
            grid=self._grid,
            urls=tuple(self._urls),
            index=np.array(self._index, dtype=np.int64).reshape(len(rows), len(self._grid)),
            url=rows[:, 0].astype(np.int32),
            offset=rows[:, 1].copy(),
            length=rows[:, 2].copy(),
            inline=self._inline,
        )


def _node(path: str, parts: dict[str, dict[str, Any]], table: ChunkTable | None) -> Node:
    attributes, sidecar = parts.get(".zattrs", {}), parts.get(SIDECAR, {})
    check_annotations(path, attributes, parts.get(".zarray"))
    check_sidecar(path, sidecar)
    if table is None:
        return Node(attributes=attributes, sidecar=sidecar)
    return Node(attributes=attributes, array=parts[".zarray"], chunks=table, sidecar=sidecar)
