"""The parts of a patch; `lindi_explorer.staging.patch` says what they mean."""

from __future__ import annotations

from typing import Any

import msgspec


class PatchSource(msgspec.Struct, frozen=True, omit_defaults=True):
    """The file a patch was made for."""

    address: str
    format: str
    size: int | None = None
    etag: str = ""


class AttributeState(msgspec.Struct, frozen=True, omit_defaults=True):
    """An attribute before or after; ``dtype`` is for people."""

    dtype: str
    value: Any = msgspec.UNSET
    entry: dict[str, Any] | None = None


class DataState(msgspec.Struct, frozen=True, omit_defaults=True):
    """The keys of a dataset that differ; the rest is for people."""

    dtype: str
    keys: dict[str, Any]
    shape: list[int] | None = None
    value: Any = msgspec.UNSET


class NodeState(msgspec.Struct, frozen=True):
    """The keys of a node that differ."""

    keys: dict[str, Any]


class ChangeAttribute(msgspec.Struct, frozen=True, tag_field="kind", tag="attribute", omit_defaults=True):
    """An attribute is added (no old), removed (no new) or set."""

    path: str
    name: str
    old: AttributeState | None = None
    new: AttributeState | None = None


class ChangeData(msgspec.Struct, frozen=True, tag_field="kind", tag="data"):
    """A dataset gets other data."""

    path: str
    old: DataState
    new: DataState


class ChangeNode(msgspec.Struct, frozen=True, tag_field="kind", tag="node"):
    """A node gets other metadata."""

    path: str
    old: NodeState
    new: NodeState


class AddNode(msgspec.Struct, frozen=True, tag_field="kind", tag="add"):
    """A node is added."""

    path: str
    what: str
    keys: dict[str, Any]


class RemoveNode(msgspec.Struct, frozen=True, tag_field="kind", tag="remove"):
    """A node is removed, with all below it."""

    path: str
    what: str
    digest: str


PatchChange = ChangeAttribute | ChangeData | ChangeNode | AddNode | RemoveNode
