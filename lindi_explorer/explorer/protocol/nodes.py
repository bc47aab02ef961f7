"""The card of one object: its facts and its attributes."""

from __future__ import annotations

from typing import Literal

import msgspec

from lindi_explorer.explorer.protocol.messages import Message, Request, Response
from lindi_explorer.explorer.protocol.previews import PreviewChoice
from lindi_explorer.explorer.protocol.tree import Mark, Row


class Attribute(Message, frozen=True, kw_only=True):
    """One attribute of a node."""

    name: str
    type: str
    """``float32``, ``utf-8``, ``int32 [384]``, ``reference`` ..."""
    text: str
    """The value for display, shortened."""
    edit_text: str
    """The whole value as it can be typed; empty where ``editable`` is false."""
    editable: bool
    why_not: str = ""
    mark: Mark = ""
    old_text: str = ""
    """The value before the edits, where ``mark`` is M or D."""
    change: int | None = None
    """Identifier of the last change of this attribute, for Revert."""
    target: str = ""
    """Path an object reference leads to."""
    finding: Literal["", "error", "warning"] = ""
    finding_text: str = ""


class ArrayFacts(Message, frozen=True, kw_only=True):
    """What is known of a dataset without reading its data."""

    shape: list[int] | None
    maxshape: list[int | None] | None
    dtype: str
    """Spelt for people: ``int16``, ``utf-8 string``, ``compound (3 fields)``."""
    chunks: list[int] | None
    """None = contiguous or inside the document."""
    filters: list[str]
    fill_value: str
    stored_bytes: int | None
    size_bytes: int | None
    """Bytes of the decoded array, None for variable-length data."""
    fields: list[str] = msgspec.field(default_factory=list)
    """Field names of a compound dtype."""


class NodeCard(Message, frozen=True, kw_only=True):
    """Everything about one node but its data."""

    row: Row
    in_type: str
    """``neurodata_type`` of the nearest parent that has one."""
    array: ArrayFacts | None
    attributes: list[Attribute]
    previews: list[PreviewChoice]
    """The first one is the default; empty for groups without a view of their own."""
    value: Attribute | None = None
    """For a scalar dataset: its value, editable as an attribute is (name is empty)."""


class GetNode(Request, frozen=True, kw_only=True, tag="node"):
    """Answer: Node."""

    path: str


class GetJson(Request, frozen=True, kw_only=True, tag="json"):
    """The Zarr metadata of a node as LINDI writes it. Answer: Json."""

    path: str


class Node(Response, frozen=True, kw_only=True, tag="node"):
    """A node card."""

    card: NodeCard


class Json(Response, frozen=True, kw_only=True, tag="json"):
    """Indented JSON text."""

    path: str
    text: str
