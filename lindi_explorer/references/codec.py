"""A LINDI document (JSON) <-> references.

Reading accepts every form of every age (format sections 1-4, 16); writing gives what upstream 0.4 can open:
metadata as objects, chunks as byte ranges or strings, templates for addresses that occur often, sorted keys.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

import msgspec

from lindi_explorer.byterange import ByteRange, redact_url
from lindi_explorer.errors import FormatError
from lindi_explorer.references import keys
from lindi_explorer.references.annotations import SIDECAR
from lindi_explorer.references.chunks import ChunkTable, Reference, chunk_grid
from lindi_explorer.references.model import Node, References, metadata_text
from lindi_explorer.references.reference_set import ReferenceSet

_DAMAGED = "The document is damaged, or was not written by a LINDI tool."
_TEMPLATE_USES = 5
"""From so many uses on an address becomes a template, as upstream does it (format section 3)."""

_BASE64 = "base64:"
_ARRAY_MEMBERS = ("chunks", "compressor", "dtype", "fill_value", "filters", "order", "shape")


def parse_json(data: bytes) -> dict[str, Any]:
    """Parse the text of a LINDI document.

    Parameters
    ----------
    data : bytes
        UTF-8 JSON text. The bare words NaN and Infinity, which Python's own writer makes, are accepted.

    Returns
    -------
    dict

    Raises
    ------
    FormatError
        If it is not JSON, or not an object with ``refs``.
    """
    try:
        document = msgspec.json.decode(data)
    except msgspec.DecodeError:
        document = _parse_lenient(data)
    if not isinstance(document, dict) or not isinstance(document.get("refs"), dict):
        raise FormatError("this JSON is no LINDI document: it has no object `refs`", hint=_DAMAGED)
    return document


def _parse_lenient(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise FormatError(f"this is not JSON: {error}", hint=_DAMAGED) from error


# ---------------------------------------------------------------- reading


def decode(document: Mapping[str, Any]) -> ReferenceSet:
    """Decode a parsed document.

    Parameters
    ----------
    document : mapping
        With ``refs`` and perhaps ``templates``.

    Returns
    -------
    ReferenceSet

    Raises
    ------
    FormatError
        If the document breaks the format; the message names the key.
    """
    refs = document.get("refs")
    if not isinstance(refs, Mapping):
        raise FormatError("this is no LINDI document: it has no object `refs`", hint=_DAMAGED)
    templates = _templates(document.get("templates"))
    metadata: dict[str, dict[str, dict[str, Any]]] = {}
    others: list[tuple[str, str, Any]] = []
    for key, value in refs.items():
        path, name = keys.split(key)
        if name in keys.METADATA:
            metadata.setdefault(path, {})[name] = _metadata(key, value)
        else:
            others.append((path, name, value))
    if "" not in metadata or not metadata[""].keys() & {".zgroup", ".zarray"}:
        raise FormatError("this LINDI document has no root: the key `.zgroup` is missing", hint=_DAMAGED)
    nodes_chunks = _sort_chunks(metadata, others, templates)
    nodes = {
        path: _node(path, parts, nodes_chunks.get(path, {}))
        for path, parts in metadata.items()
        if parts.keys() & {".zgroup", ".zarray"}
    }
    extra = {name: value for name, value in document.items() if name not in ("refs", "templates")}
    return ReferenceSet(nodes, extra)


def _templates(value: Any) -> dict[str, str]:
    if value is None:
        return {}
    if not isinstance(value, Mapping) or not all(isinstance(text, str) for text in value.values()):
        raise FormatError("`templates` of this LINDI document is not an object of strings", hint=_DAMAGED)
    return dict(value)


def _metadata(key: str, value: Any) -> dict[str, Any]:
    """A metadata document: an object, or (in old files) its text, plain or in base64."""
    if isinstance(value, str):
        try:
            value = json.loads(_inline_bytes(key, value))
        except (ValueError, RecursionError) as error:
            raise FormatError(f"the metadata behind {key!r} is not JSON: {error}", hint=_DAMAGED) from error
    if not isinstance(value, dict):
        raise FormatError(f"the metadata behind {key!r} is not a JSON object", hint=_DAMAGED)
    return value


def _inline_bytes(key: str, text: str) -> bytes:
    if not text.startswith(_BASE64):
        return text.encode("utf-8")
    try:
        return base64.b64decode(text[len(_BASE64) :], validate=True)
    except (binascii.Error, ValueError) as error:
        raise FormatError(f"the value of {key!r} is not base64", hint=_DAMAGED) from error


def _sort_chunks(
    metadata: dict[str, dict[str, dict[str, Any]]],
    others: list[tuple[str, str, Any]],
    templates: dict[str, str],
) -> dict[str, dict[tuple[int, ...], Reference]]:
    """Give each chunk to its array; keys of no array are dropped, as readers of Zarr never see them."""
    out: dict[str, dict[tuple[int, ...], Reference]] = {}
    resolve = _Resolver(templates)
    for path, name, value in others:
        owner, chunk = path, name
        while ".zarray" not in metadata.get(owner, {}) and owner:
            owner, part = keys.split(owner)
            chunk = f"{part}/{chunk}"
        array = metadata.get(owner, {}).get(".zarray")
        if array is None:
            continue
        shape = array.get("shape")
        axes = len(shape) if isinstance(shape, list) else 0
        index = keys.parse_chunk_name(chunk, axes, array.get("dimension_separator", "."))
        if index is not None:
            out.setdefault(owner, {})[index] = resolve(keys.join(path, name), value)
    return out


class _Resolver:
    """The value of a chunk key -> reference, with templates expanded (each distinct address once)."""

    def __init__(self, templates: dict[str, str]) -> None:
        self._templates = templates
        self._known: dict[str, str] = {}

    def __call__(self, key: str, value: Any) -> Reference:
        if isinstance(value, str):
            return _inline_bytes(key, value)
        if not isinstance(value, list) or not value or not isinstance(value[0], str):
            raise FormatError(
                f"the value of {key!r} is neither text nor [address, offset, length]", hint=_DAMAGED
            )
        if len(value) != 3 or not all(type(number) is int and number >= 0 for number in value[1:]):
            raise FormatError(
                f"the value of {key!r} is not [address, offset, length] with two whole numbers", hint=_DAMAGED
            )
        url = self._known.get(value[0])
        if url is None:
            url = self._known[value[0]] = self._expand(key, value[0])
        return ByteRange(url, value[1], value[2])

    def _expand(self, key: str, text: str) -> str:
        if "{{" not in text or "}}" not in text:
            return text
        for name, value in self._templates.items():
            text = text.replace("{{" + name + "}}", value)
        if "{{" in text:
            raise FormatError(
                f"the address behind {key!r} names an unknown template: {redact_url(text)}", hint=_DAMAGED
            )
        return text


def _node(path: str, parts: dict[str, dict[str, Any]], chunks: dict[tuple[int, ...], Reference]) -> Node:
    array = parts.get(".zarray")
    attributes, sidecar = parts.get(".zattrs", {}), parts.get(SIDECAR, {})
    if array is None:
        return Node(attributes=attributes, sidecar=sidecar)
    shape, edges = _check_array(path, array)
    inline = {index: data for index, data in chunks.items() if isinstance(data, bytes)}
    ranges = {index: data for index, data in chunks.items() if isinstance(data, ByteRange)}
    table = ChunkTable.build(chunk_grid(shape, edges), ranges, inline)
    return Node(attributes=attributes, array=array, chunks=table, sidecar=sidecar)


def _check_array(path: str, array: dict[str, Any]) -> tuple[list[int], list[int]]:
    missing = [member for member in _ARRAY_MEMBERS if member not in array]
    if missing:
        raise FormatError(f"the metadata of /{path} lacks {', '.join(missing)}", hint=_DAMAGED)
    shape, edges = array["shape"], array["chunks"]
    for name, numbers in (("shape", shape), ("chunks", edges)):
        if not isinstance(numbers, list) or not all(type(size) is int and size >= 0 for size in numbers):
            raise FormatError(
                f"the {name} of /{path} is not a list of whole numbers: {numbers!r}", hint=_DAMAGED
            )
    if len(shape) != len(edges):
        raise FormatError(
            f"the shape and chunks of /{path} differ in length: {shape}, {edges}", hint=_DAMAGED
        )
    return shape, edges


# ---------------------------------------------------------------- writing


def encode(references: References, extra: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Write references as a document: plain JSON types only.

    Parameters
    ----------
    references : References
    extra : mapping, optional
        Further members of the document, e.g. ``generationMetadata``.

    Returns
    -------
    dict
        ``refs`` with metadata as objects, ``templates`` for addresses that occur often, ``version``.
    """
    refs: dict[str, Any] = {}
    uses: Counter[str] = Counter()
    for path in references.walk():
        node = references.node(path)
        for key in references.node_keys(path):
            name = keys.split(key)[1]
            if name in keys.METADATA:
                # Through text, so that the caller's document shares nothing with ours and is plain JSON.
                refs[key] = json.loads(metadata_text(references.metadata(key) or {}))
        for index, reference in node.chunks.items():
            key = keys.join(path, keys.chunk_name(index, node.separator))
            refs[key] = chunk_value(reference)
            if isinstance(reference, ByteRange):
                uses[reference.url] += 1
    document: dict[str, Any] = {"refs": refs, "version": 1, **(extra or {})}
    templates = _make_templates(uses)
    if templates:
        names = {url: "{{" + name + "}}" for name, url in templates.items()}
        for value in refs.values():
            if isinstance(value, list):
                value[0] = names.get(value[0], value[0])
        document["templates"] = templates
    return document


def chunk_value(reference: Reference) -> Any:
    """A chunk's reference as a document has it.

    Parameters
    ----------
    reference : bytes or ByteRange

    Returns
    -------
    str or list
        ``[address, offset, length]``; ASCII bytes as plain text, all others as ``base64:...``.
    """
    if isinstance(reference, ByteRange):
        return [reference.url, reference.offset, reference.length]
    if reference.isascii() and not reference.startswith(_BASE64.encode("ascii")):
        return reference.decode("ascii")
    return _BASE64 + base64.b64encode(reference).decode("ascii")


def _make_templates(uses: Counter[str]) -> dict[str, str]:
    often = sorted(url for url, count in uses.items() if count >= _TEMPLATE_USES and "{{" not in url)
    return {f"u{number}": url for number, url in enumerate(often, 1)}


def to_text(document: Mapping[str, Any]) -> str:
    """The canonical text of a document: two spaces of indentation, sorted keys, ASCII (format section 10)."""
    return json.dumps(document, indent=2, sort_keys=True)
