"""A LINDI document (JSON) <-> references.

Reading accepts every form of every age (format sections 1-4, 16); writing gives what upstream 0.4 can open:
metadata as objects, chunks as byte ranges or strings, templates for addresses that occur often, sorted keys.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from lindi_explorer.byterange import ByteRange
from lindi_explorer.errors import UnsupportedError
from lindi_explorer.references import keys
from lindi_explorer.references.annotations import EXTERNAL_ARRAY_LINK, SIDECAR
from lindi_explorer.references.chunks import ChunkTable, Reference
from lindi_explorer.references.decoding import decode
from lindi_explorer.references.model import References
from lindi_explorer.references.outline import Outline, Rows, is_reference, no_collection
from lindi_explorer.references.parsing import parse_json
from lindi_explorer.references.table_builder import BASE64
from lindi_explorer.references.text import indented, plain_copy

_LONG = 4096
"""Bytes; of longer chunks the shorter of both forms is written."""

_CONTROLS = bytes(range(32))

_FEW = 16
"""Byte ranges of one array that are written as they are; more are kept as a table until they are text."""

__all__ = ["Outline", "chunk_value", "decode", "encode", "outline", "parse_json", "to_text"]


def encode(
    references: References,
    extra: Mapping[str, Any] | None = None,
    addresses: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Write references as a document: plain JSON types only.

    Parameters
    ----------
    references, extra, addresses
        As for `outline`.

    Returns
    -------
    dict
        ``refs`` with metadata as objects, ``templates`` for addresses that occur often, and the members of
        ``extra``, or ``version`` for a new document. It shares nothing with the references.
    """
    return outline(references, extra, addresses).document()


def outline(
    references: References,
    extra: Mapping[str, Any] | None = None,
    addresses: Mapping[str, str] | None = None,
) -> Outline:
    """Write references as a document, but for the rows of long tables.

    Parameters
    ----------
    references : References
    extra : mapping, optional
        What the document they come from holds besides (`ReferenceSet.extra`); none for a new one.
    addresses : mapping, optional
        Path or URL where a file was read -> what the document shall say.

    Returns
    -------
    Outline
        Shares nothing with the references but their tables, which never change.
    """
    addresses = addresses or {}
    members: dict[str, Any] = {"version": 1} if not extra else plain_copy({**extra, "refs": {}})
    members.pop("refs", None)
    others = {} if not extra else extra.get("refs", {})
    refs = {key: plain_copy(value) for key, value in others.items() if key not in references}
    made = Outline(refs, [], members)
    with no_collection():
        for path in references.walk():
            _add_node(made, references, path, addresses)
    if addresses:
        _readdress(made.refs, addresses)
    made.use_templates()
    return made


def _add_node(made: Outline, references: References, path: str, addresses: Mapping[str, str]) -> None:
    node = references.node(path)
    before = f"{path}/" if path else ""
    for name, document in node.metadata().items():
        made.refs[before + name] = plain_copy(document)
    table = node.chunks
    try:
        if not isinstance(table, ChunkTable):
            single: Mapping[tuple[int, ...], Reference] = table
        elif len(table.offset) <= _FEW:
            single = dict(table.items())
        else:
            single = table.inline
            urls = [addresses.get(url, url) for url in table.urls]
            made.tables.append(Rows(table, before, node.separator, urls))
        for index, reference in single.items():
            made.refs[before + keys.chunk_name(index, node.separator)] = chunk_value(reference)
    except UnsupportedError as error:
        # Data that cannot be read costs itself, not the document: the node says why.
        made.refs[keys.join(path, SIDECAR)] = plain_copy({**node.sidecar, "problem": error.message})


def _readdress(refs: dict[str, Any], addresses: Mapping[str, str]) -> None:
    """Give the keys of a document other addresses for some files, in place."""
    for key, value in refs.items():
        if is_reference(value):
            value[0] = addresses.get(value[0], value[0])
        elif isinstance(value, dict) and key.endswith(".zattrs"):
            _replace(value.get(EXTERNAL_ARRAY_LINK), "url", addresses)
        elif isinstance(value, dict) and key.endswith(SIDECAR):
            if isinstance(value.get("link"), dict):
                _replace(value["link"].get("external"), "base", addresses)
                _replace(value["link"].get("external"), "filename", addresses)
            if isinstance(value.get("virtual"), dict):
                _replace(value["virtual"], "base", addresses)
                for source in value["virtual"]["sources"]:
                    _replace(source, "file", addresses)
            for entry in value.get("external", ()):
                _replace(entry, "file", addresses)


def _replace(holder: Any, name: str, addresses: Mapping[str, str]) -> None:
    if isinstance(holder, dict) and isinstance(old := holder.get(name), str):
        holder[name] = addresses.get(old, old)


def chunk_value(reference: Reference) -> Any:
    """A chunk's reference as a document has it.

    Parameters
    ----------
    reference : bytes or ByteRange

    Returns
    -------
    str or list
        ``[address, offset, length]``; ASCII bytes as plain text, all others, and long ones that would be
        longer so, as ``base64:...``.
    """
    if isinstance(reference, ByteRange):
        return [reference.url, reference.offset, reference.length]
    if (
        reference.isascii()
        and not reference.startswith(BASE64.encode("ascii"))
        and (len(reference) < _LONG or _is_text(reference))
    ):
        return reference.decode("ascii")
    return BASE64 + base64.b64encode(reference).decode("ascii")


def _is_text(data: bytes) -> bool:
    """Whether ASCII bytes are shorter as text: JSON takes six letters for a NUL."""
    controls = len(data) - len(data.translate(None, _CONTROLS))
    return 5 * controls <= len(data) // 3


def to_text(document: Mapping[str, Any]) -> str:
    """The canonical text of a document: two spaces of indentation, sorted keys, ASCII (format section 10)."""
    return indented(document)
