"""The rules of a LINDI document that this package writes, checked without this package.

Written from the specification (the docstring of ``lindi_explorer/references/annotations.py``), and strict: it
is for what we write, and refuses much that readers take.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from tests.contract.specification_arrays import array_rules
from tests.contract.specification_metadata import attribute_rules
from tests.contract.specification_sidecar import sidecar_rules

Broken = Iterator[tuple[str, str]]
"""Name of a rule, and what breaks it."""

METADATA = (".zgroup", ".zarray", ".zattrs", ".lindi_explorer")
PLACEHOLDERS = {"link", "committed"}
USES = 5


def broken_rules(text: str, sizes: Mapping[str, int]) -> list[tuple[str, str]]:
    """The rules that a document breaks.

    Parameters
    ----------
    text
        The document as it is written.
    sizes
        The addresses it may refer to, and the bytes of the file at each.

    Returns
    -------
    list of (str, str)
        Name of the rule, and what breaks it; empty for a good document.
    """
    try:
        document = json.loads(text, parse_constant=_refuse)
    except ValueError as error:
        return [("json", str(error))]
    found = list(_text_rules(text, document))
    found += _top_rules(document)
    if found:
        return found
    refs = document["refs"]
    found += _tree_rules(refs)
    if found:
        return found
    templates = document.get("templates", {})
    found += _template_rules(templates, refs)
    addresses = {**sizes, **{"{{" + name + "}}": sizes.get(url, -1) for name, url in templates.items()}}
    for key, value in refs.items():
        path, name = _split(key)
        if name == ".zarray":
            found += array_rules(path, refs, addresses)
        elif name == ".zattrs":
            found += attribute_rules(path, refs, sizes)
        elif name == ".lindi_explorer":
            found += sidecar_rules(path, refs, children(refs, path))
        elif name == ".zgroup" and value != {"zarr_format": 2}:
            found.append(("group", f"{key}: {value!r}"))
    return found


def _refuse(word: str) -> None:
    raise ValueError(f"{word} is no JSON")


def _split(key: str) -> tuple[str, str]:
    path, _, name = key.rpartition("/")
    return path, name


def children(refs: Mapping[str, Any], path: str) -> set[str]:
    """Names of the nodes in a group."""
    nodes = {_split(key)[0] for key in refs if _split(key)[1] in (".zgroup", ".zarray")}
    return {_split(node)[1] for node in nodes - {""} if _split(node)[0] == path}


def _text_rules(text: str, document: Any) -> Broken:
    if not text.isascii():
        yield "ascii", "characters that are not ASCII"
    if text != json.dumps(document, indent=2, sort_keys=True):
        yield "layout", "not two spaces of indentation and sorted keys"


def _top_rules(document: Any) -> Broken:
    if not isinstance(document, dict) or not isinstance(document.get("refs"), dict):
        yield "refs", "there is no object `refs`"
        return
    if type(document.get("version")) is not int or document["version"] != 1:
        yield "version", repr(document.get("version"))
    unknown = document.keys() - {"refs", "version", "templates", "generationMetadata"}
    if unknown:
        yield "members", repr(unknown)
    templates = document.get("templates", {"u1": ""})
    sound = isinstance(templates, dict) and templates
    if not sound or not all(isinstance(url, str) for url in templates.values()):
        yield "templates", repr(templates)


def _template_rules(templates: Mapping[str, str], refs: Mapping[str, Any]) -> Broken:
    uses = Counter(value[0] for value in refs.values() if isinstance(value, list) and value)
    wanted = {f"u{number}": url for number, url in enumerate(sorted(templates.values()), 1)}
    if templates != wanted:
        yield "template names", repr(templates)
    for name, url in templates.items():
        count = uses["{{" + name + "}}"]
        if count < USES and "{{" not in url:
            yield "template uses", f"{name} is used {count} times"
        if uses[url]:
            yield "template left out", f"{url} is written out beside {name}"
    for address, count in uses.items():
        named = isinstance(address, str) and re.fullmatch(r"\{\{(\w+)\}\}", address)
        if named and named[1] not in templates:
            yield "template unknown", address
        elif not named and count >= USES:
            yield "template missing", f"{address} is written out {count} times"


def _tree_rules(refs: Mapping[str, Any]) -> Broken:
    groups = {_split(key)[0] for key in refs if _split(key)[1] == ".zgroup"}
    arrays = {_split(key)[0] for key in refs if _split(key)[1] == ".zarray"}
    if "" not in groups:
        yield "root", "there is no .zgroup"
    for path in groups & arrays:
        yield "one kind", f"{path} is a group and an array"
    for path in (groups | arrays) - {""}:
        if _split(path)[0] not in groups:
            yield "parents", f"{path} lies in no group"
    for key, value in refs.items():
        yield from _key_rules(key, value, groups, arrays)
    for path in groups:
        marks = refs.get(f"{path}/.lindi_explorer", {}), refs.get(f"{path}/.zattrs", {})
        is_link = PLACEHOLDERS & marks[0].keys() or "_SOFT_LINK" in marks[1]
        if path and is_link and children(refs, path):
            yield "placeholder", f"{path} is no group and has children"


def _key_rules(key: str, value: Any, groups: set[str], arrays: set[str]) -> Broken:
    path, name = _split(key)
    if key.startswith("/") or "//" in key or "." in path.split("/"):
        yield "keys", key
    if name in METADATA:
        if path not in groups | arrays:
            yield "owner", f"{key} belongs to no node"
        if not isinstance(value, dict) or not value:
            yield "metadata", f"{key} is no object, or an empty one"
    elif path not in arrays:
        yield "owner", f"{key} is no chunk of an array"
    elif not _is_value(value):
        yield "value", f"{key}: {value!r}"[:200]


def _is_value(value: Any) -> bool:
    """A chunk: text, or address, offset and length."""
    match value:
        case str():
            return True
        case [str(), offset, length]:
            return type(offset) is int and type(length) is int and offset >= 0 < length
    return False
