"""Write the protocol as TypeScript: ``python -m lindi_explorer.explorer.protocol_ts OUT``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, get_args

import msgspec
from msgspec import inspect

from lindi_explorer.explorer import protocol

_HEAD = "// Generated from lindi_explorer/explorer/protocol/ by `make protocol`; a test compares the two.\n\n"
_NAMES = ("Kind", "Icon", "Mark", "Severity", "ViewName", "Place", "UploadMode", "UploadConflict")
_NAMED = {name: getattr(protocol, name) for name in _NAMES}
_PARTS = (
    protocol.Row,
    protocol.Cost,
    protocol.PreviewChoice,
    protocol.Attribute,
    protocol.ArrayFacts,
    protocol.NodeCard,
    protocol.Status,
    protocol.PendingJournal,
    protocol.Fact,
    protocol.Item,
    protocol.Contents,
    protocol.TimeBar,
    protocol.Column,
    protocol.Axis,
    protocol.Statistics,
    protocol.Slider,
    protocol.ChunkRow,
    protocol.Change,
    protocol.Finding,
    protocol.UploadArchive,
    protocol.UploadDandiset,
    protocol.UploadFinding,
    protocol.UploadedAsset,
)
"""What messages are made of, in the order in which it is written."""

_PLAIN: dict[type[inspect.Type], str] = {
    inspect.StrType: "string",
    inspect.BoolType: "boolean",
    inspect.IntType: "number",
    inspect.FloatType: "number",
    inspect.NoneType: "null",
}


def _literal(values: tuple[Any, ...]) -> str:
    return " | ".join(f'"{value}"' for value in values)


def _type(kind: inspect.Type) -> str:
    if type(kind) in _PLAIN:
        return _PLAIN[type(kind)]
    if isinstance(kind, inspect.LiteralType):
        values = set(kind.values)
        for name, alias in _NAMED.items():
            if set(get_args(alias)) == values:
                return name
        return _literal(tuple(kind.values))
    if isinstance(kind, inspect.UnionType):
        return " | ".join(sorted({_type(part) for part in kind.types}, key=lambda text: text == "null"))
    if isinstance(kind, inspect.ListType):
        inner = _type(kind.item_type)
        return f"({inner})[]" if "|" in inner else f"{inner}[]"
    if isinstance(kind, inspect.TupleType):
        return f"[{', '.join(_type(item) for item in kind.item_types)}]"
    if isinstance(kind, inspect.StructType) and kind.cls in _PARTS:
        return kind.cls.__name__
    raise TypeError(f"the protocol uses {kind!r}, for which no TypeScript is defined")


def _interface(struct: type[msgspec.Struct], *, request: bool) -> str:
    info = inspect.type_info(struct)
    assert isinstance(info, inspect.StructType)
    lines = [f"export interface {struct.__name__} {{"]
    if info.tag_field is not None:
        lines.append(f'  {info.tag_field}: "{info.tag}";')
    for field in info.fields:
        # A default may be left out in what the view sends; what it receives is always complete.
        mark = "?" if request and not field.required else ""
        lines.append(f"  {field.name}{mark}: {_type(field.type)};")
    lines.append("}\n")
    return "\n".join(lines)


def typescript() -> str:
    """The protocol as TypeScript source."""
    requests, responses = get_args(protocol.AnyRequest), get_args(protocol.AnyResponse)
    out = [_HEAD]
    out += [f"export type {name} = {_literal(get_args(alias))};\n" for name, alias in _NAMED.items()]
    out += [_interface(cls, request=False) for cls in _PARTS]
    out += [_interface(cls, request=True) for cls in requests]
    out += [_interface(cls, request=False) for cls in responses]
    out.append(f"export type AnyRequest = {' | '.join(cls.__name__ for cls in requests)};\n")
    out.append(f"export type AnyResponse = {' | '.join(cls.__name__ for cls in responses)};\n")
    return "\n".join(out)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(typescript(), encoding="utf-8")
