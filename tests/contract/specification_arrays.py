"""The rules of arrays: ``.zarray``, codecs, fill values, chunks."""

from __future__ import annotations

import base64
import json
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

import numcodecs
import numpy as np

Broken = Iterator[tuple[str, str]]

MEMBERS = {"chunks", "compressor", "dtype", "fill_value", "filters", "order", "shape", "zarr_format"}
BLOSC = {"blocksize": 0, "clevel": 5, "cname": "lz4", "id": "blosc", "shuffle": 1}
JSON2 = {
    "allow_nan": True,
    "check_circular": True,
    "encoding": "utf-8",
    "ensure_ascii": True,
    "id": "json2",
    "indent": None,
    "separators": [",", ":"],
    "skipkeys": False,
    "sort_keys": True,
    "strict": True,
}
CODECS = {
    "shuffle": {"elementsize": int},
    "zlib": {"level": int},
    "fletcher32": {},
    "bz2": {"level": int},
    "blosc": {"cname": str, "clevel": int, "shuffle": int, "blocksize": int},
    "zstd": {"level": int, "checksum": bool},
}
"""Members of the codecs of data that is in place, besides ``id``."""
GUARD = [{"id": "lindi_explorer_virtual"}]
"""The codec of virtual datasets, which nobody has."""
WORDS = {"NaN", "Infinity", "-Infinity"}
DTYPE = re.compile(r"\|b1|\|[iu]1|[<>]([iu][248]|f[248]|c(8|16))|<c4|>c4|\|[SV][1-9]\d*|<U[1-9]\d*|\|O")


def array_rules(path: str, refs: Mapping[str, Any], sizes: Mapping[str, int]) -> Broken:
    """The rules that one array breaks; ``sizes``: bytes of the file at each address, templates included."""
    array = refs[_key(path, ".zarray")]
    broken = list(_metadata_rules(path, array))
    yield from broken
    if broken:
        return
    attributes = refs.get(_key(path, ".zattrs"), {})
    chunks = {key[len(_key(path, "")) :]: refs[key] for key in refs if _owner(key) == path and _is_chunk(key)}
    if "_EXTERNAL_ARRAY_LINK" not in attributes:
        yield from _fill_rules(path, array)
    elif chunks:
        yield "linked chunks", f"{path} is linked and has chunks"
    is_virtual = "virtual" in refs.get(_key(path, ".lindi_explorer"), {})
    is_guarded = is_virtual and "_EXTERNAL_ARRAY_LINK" not in attributes
    if is_guarded != (array["filters"] == GUARD) or (is_virtual and chunks):
        yield "virtual", f"{path}: {array['filters']!r}, {len(chunks)} chunks"
    yield from _annotation_rules(path, array, attributes)
    for name, value in chunks.items():
        yield from _chunk_rules(f"{path}/{name}", name, value, array, sizes)


def _key(path: str, name: str) -> str:
    return f"{path}/{name}" if path else name


def _owner(key: str) -> str:
    return key.rpartition("/")[0]


def _is_chunk(key: str) -> bool:
    return key.rpartition("/")[2] not in (".zgroup", ".zarray", ".zattrs", ".lindi_explorer")


def _metadata_rules(path: str, array: Mapping[str, Any]) -> Broken:
    if set(array) != MEMBERS:
        yield "zarray members", f"{path}: {set(array) ^ MEMBERS}"
        return
    if (array["order"], array["zarr_format"]) != ("C", 2):
        yield "zarray order", path
    shape, edges = array["shape"], array["chunks"]
    whole = all(
        isinstance(sizes, list) and all(type(size) is int for size in sizes) for sizes in (shape, edges)
    )
    if not whole or len(shape) != len(edges) or not shape or min(shape) < 0 or min(edges) < 1:
        yield "zarray shape", f"{path}: {shape}, {edges}"
    if not isinstance(array["dtype"], str) or not DTYPE.fullmatch(array["dtype"]):
        yield "zarray dtype", f"{path}: {array['dtype']!r}"
    yield from _codec_rules(path, array)


def _codec_rules(path: str, array: Mapping[str, Any]) -> Broken:
    """In place: HDF5's filters, no compressor. In the document: Blosc, and JSON where there are objects."""
    filters, compressor = array["filters"], array["compressor"]
    if filters is not None and (not isinstance(filters, list) or not filters):
        yield "filters", f"{path}: {filters!r}"
    elif compressor is not None:
        if compressor != BLOSC or filters != ([JSON2] if array["dtype"] == "|O" else None):
            yield "codecs of the document", f"{path}: {compressor!r}, {filters!r}"
    elif filters == GUARD:
        pass
    elif array["dtype"] == "|O":
        yield "codecs of the document", f"{path} has objects without a compressor"
    else:
        for config in filters or []:
            members = CODECS.get(config.get("id")) if isinstance(config, dict) else None
            if members is None or config.keys() != members.keys() | {"id"}:
                yield "codec unknown", f"{path}: {config!r}"
            elif not all(type(config[name]) is kind for name, kind in members.items()):
                yield "codec types", f"{path}: {config!r}"


def _fill_rules(path: str, array: Mapping[str, Any]) -> Broken:
    fill, kind = array["fill_value"], np.dtype(array["dtype"]).kind
    sound = {
        "b": type(fill) is bool,
        "f": type(fill) is float or fill in WORDS,
        "S": fill == "",
        "U": fill == "",
        "c": fill is None,
        "V": fill is None,
    }.get(kind, type(fill) is int)
    if not sound:
        yield "fill value", f"{path}: {fill!r} for {array['dtype']}"


def _annotation_rules(path: str, array: Mapping[str, Any], attributes: Mapping[str, Any]) -> Broken:
    if "_SCALAR" in attributes and (
        attributes["_SCALAR"] is not True or (array["shape"], array["chunks"]) != ([1], [1])
    ):
        yield "scalar", f"{path}: {attributes['_SCALAR']!r} for the shape {array['shape']}"
    fields = attributes.get("_COMPOUND_DTYPE")
    if fields is None:
        return
    sound = isinstance(fields, list) and all(
        isinstance(field, list) and len(field) == 2 and isinstance(field[0], str) and _is_field(field[1])
        for field in fields
    )
    # A linked or unreadable compound has no rows in the document.
    is_rows = array["dtype"] == "|O"
    if not sound or not is_rows:
        yield "compound", f"{path}: {fields!r} for {array['dtype']}"


def _is_field(kind: Any) -> bool:
    if kind == "<REFERENCE>":
        return True
    try:
        return isinstance(kind, str) and np.dtype(kind).kind in "biufSUO"
    except TypeError:
        return False


def _chunk_rules(
    key: str, name: str, value: Any, array: Mapping[str, Any], sizes: Mapping[str, int]
) -> Broken:
    grid = [-(-size // edge) for size, edge in zip(array["shape"], array["chunks"], strict=True)]
    if not re.fullmatch(r"(0|[1-9]\d*)(\.(0|[1-9]\d*))*", name):
        yield "chunk key", key
        return
    index = [int(part) for part in name.split(".")]
    if len(index) != len(grid) or any(at >= count for at, count in zip(index, grid, strict=True)):
        yield "chunk grid", f"{key} is outside of {grid}"
        return
    dtype = np.dtype(array["dtype"])
    full = dtype.itemsize * math.prod(array["chunks"])
    if isinstance(value, list):
        address, offset, length = value
        if address not in sizes:
            yield "chunk address", f"{key}: {address}"
        elif offset + length > sizes[address]:
            yield "chunk end", f"{key} passes the end: {value!r}"
        if array["compressor"] is not None:
            yield "chunk in place", f"{key} has a compressor, and is not in the document"
        elif array["filters"] is None and length != full:
            may_be_short = index[0] == grid[0] - 1 and dtype.kind in "iuf"
            if not (may_be_short and length < full):
                yield "chunk length", f"{key}: {length} bytes where {full} are due"
        return
    data = _bytes(value)
    if data is None:
        yield "chunk text", f"{key} is written in the wrong way"
    else:
        yield from _content_rules(key, data, array, full)


def _bytes(value: str) -> bytes | None:
    """The bytes of a chunk in the document, None where there is another way to write them."""
    if not value.startswith("base64:"):
        return value.encode("ascii") if value.isascii() else None
    try:
        data = base64.b64decode(value.removeprefix("base64:"), validate=True)
    except ValueError:
        return None
    return None if data.isascii() and not data.startswith(b"base64:") else data


def _content_rules(key: str, data: bytes, array: Mapping[str, Any], full: int) -> Broken:
    """Decode a chunk of the document: it holds what its array says."""
    binary = [config for config in array["filters"] or [] if config["id"] != "json2"]
    codecs = [numcodecs.get_codec(dict(config)) for config in [*binary, *filter(None, [array["compressor"]])]]
    try:
        for codec in reversed(codecs):
            data = bytes(codec.decode(data))
    except (ValueError, RuntimeError, TypeError) as error:
        yield "chunk content", f"{key}: {error}"
        return
    if array["dtype"] != "|O":
        if len(data) != full:
            yield "chunk content", f"{key}: {len(data)} bytes where {full} are due"
        return
    try:
        *values, kind, shape = json.loads(data)
    except ValueError as error:
        yield "chunk content", f"{key}: {error}"
        return
    if (kind, shape, len(values)) != ("|O", array["shape"], array["shape"][0]):
        yield "chunk content", f"{key}: {len(values)} elements, {kind!r}, {shape!r}"
