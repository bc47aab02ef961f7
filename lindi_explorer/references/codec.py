"""A LINDI document (JSON) <-> references.

Reading accepts every form of every age (format sections 1-4, 16); writing gives what upstream 0.4 can open:
metadata as objects, chunks as byte ranges or strings, templates for addresses that occur often, sorted keys.
"""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from lindi_explorer.byterange import ByteRange
from lindi_explorer.errors import FormatError, UnsupportedError
from lindi_explorer.references import keys
from lindi_explorer.references.annotations import EXTERNAL_ARRAY_LINK, SIDECAR
from lindi_explorer.references.checks import DAMAGED
from lindi_explorer.references.chunks import ChunkTable, Reference
from lindi_explorer.references.decoding import BASE64, decode
from lindi_explorer.references.model import Node, References

__all__ = ["chunk_value", "decode", "encode", "parse_json", "readdress", "to_text"]

_TEMPLATE_USES = 5
"""From so many uses on an address becomes a template, as upstream does it (format section 3)."""


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
    except (msgspec.DecodeError, RecursionError):
        document = _parse_lenient(data)
    if not isinstance(document, dict) or not isinstance(document.get("refs"), dict):
        raise FormatError("this JSON is no LINDI document: it has no object `refs`", hint=DAMAGED)
    return document


def _parse_lenient(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise FormatError(f"this is not JSON: {error}", hint=DAMAGED) from error


# ---------------------------------------------------------------- writing


def encode(references: References, extra: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Write references as a document: plain JSON types only.

    Parameters
    ----------
    references : References
    extra : mapping, optional
        What the document they come from holds besides (`ReferenceSet.extra`); none for a new one.

    Returns
    -------
    dict
        ``refs`` with metadata as objects, ``templates`` for addresses that occur often, and the members of
        ``extra``, or ``version`` for a new document. It shares nothing with the references.
    """
    others: dict[str, Any] = (
        {"version": 1} if not extra else _copy({**extra, "refs": dict(extra.get("refs", {}))})
    )
    refs: dict[str, Any] = others.pop("refs", {})
    for path in references.walk():
        node = references.node(path)
        for key in references.metadata_keys(path):
            refs[key] = _copy(references.metadata(key))
        try:
            refs.update(_chunk_values(path, node))
        except UnsupportedError as error:
            # Data that cannot be read costs itself, not the document: the node says why.
            refs[keys.join(path, SIDECAR)] = _copy({**node.sidecar, "problem": error.message})
    document: dict[str, Any] = {"refs": refs, **others}
    templates = _use_templates([value for value in refs.values() if isinstance(value, list)])
    if templates:
        document["templates"] = templates
    return document


def _chunk_values(path: str, node: Node) -> Iterator[tuple[str, Any]]:
    """Key and value of every chunk of a node; tables by their columns, which may have a million rows."""
    table = node.chunks
    before = f"{path}/" if path else ""
    if not isinstance(table, ChunkTable):
        for index, reference in table.items():
            yield before + keys.chunk_name(index, node.separator), chunk_value(reference)
        return
    for index, data in table.inline.items():
        yield before + keys.chunk_name(index, node.separator), chunk_value(data)
    join = node.separator.join
    urls = table.urls
    columns = (table.index.tolist(), table.url.tolist(), table.offset.tolist(), table.length.tolist())
    for index, url, offset, length in zip(*columns, strict=True):
        yield f"{before}{join(map(str, index)) or 0}", [urls[url], offset, length]


def readdress(document: dict[str, Any], addresses: Mapping[str, str]) -> None:
    """Give a document other addresses for some files, in place.

    Parameters
    ----------
    document : dict
        From `encode`.
    addresses : mapping
        Path or URL where a file was read -> what the document shall say.
    """
    templates = document.get("templates", {})
    for name, url in templates.items():
        templates[name] = addresses.get(url, url)
    for key, value in document["refs"].items():
        if isinstance(value, list):
            value[0] = addresses.get(value[0], value[0])
        elif key.endswith(".zattrs") and EXTERNAL_ARRAY_LINK in value:
            _replace(value[EXTERNAL_ARRAY_LINK], "url", addresses)
        elif key.endswith(SIDECAR):
            _replace(value.get("link", {}).get("external", {}), "base", addresses)


def _replace(holder: Any, name: str, addresses: Mapping[str, str]) -> None:
    if isinstance(holder, dict) and isinstance(old := holder.get(name), str):
        holder[name] = addresses.get(old, old)


def _copy(value: Any) -> Any:
    """A copy of a JSON value, in plain JSON: numbers it lacks become the words that LINDI has for them."""
    return json.loads(json.dumps(value), parse_constant=str)


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
    if reference.isascii() and not reference.startswith(BASE64.encode("ascii")):
        return reference.decode("ascii")
    return BASE64 + base64.b64encode(reference).decode("ascii")


def _use_templates(values: list[list[Any]]) -> dict[str, str]:
    """Put templates in place of the addresses that occur often; returns them."""
    uses = Counter(value[0] for value in values if value and isinstance(value[0], str))
    # An address with braces of its own can be said in no other way.
    wanted = sorted(url for url, count in uses.items() if count >= _TEMPLATE_USES or "{{" in url)
    templates = {f"u{number}": url for number, url in enumerate(wanted, 1)}
    names = {url: "{{" + name + "}}" for name, url in templates.items()}
    for value in values:
        if value and isinstance(value[0], str):
            value[0] = names.get(value[0], value[0])
    return templates


def to_text(document: Mapping[str, Any]) -> str:
    """The canonical text of a document: two spaces of indentation, sorted keys, ASCII (format section 10)."""
    return json.dumps(document, indent=2, sort_keys=True)
