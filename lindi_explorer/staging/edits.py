"""Single edits: what was there, what is there now. Two kinds say everything that changes a node."""

from __future__ import annotations

from typing import Any

import msgspec

from lindi_explorer.errors import ConflictError, FormatError
from lindi_explorer.hdf5.attributes import StoredAttribute, stored_attribute
from lindi_explorer.references import codec, keys
from lindi_explorer.references.annotations import RESERVED, SIDECAR
from lindi_explorer.references.model import Node


def same_value(one: Any, other: Any) -> bool:
    """Whether two JSON values are the same, type and all: to Python, 1, 1.0 and true are equal."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same_value(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same_value, one, other))
    return repr(one) == repr(other) if isinstance(one, float) else bool(one == other)


class AttributeRecord(msgspec.Struct, frozen=True, omit_defaults=True, eq=False):
    """An attribute as a document keeps it.

    Attributes
    ----------
    value : Json
        What stands in ``.zattrs``; unset where the side-car alone holds the attribute.
    entry : dict or None
        The side-car entry.
    """

    value: Any = msgspec.UNSET
    entry: dict[str, Any] | None = None

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, AttributeRecord)
            and same_value(other.value, self.value)
            and same_value(other.entry, self.entry)
        )

    def __ne__(self, other: object) -> bool:
        return not self == other  # msgspec's own would compare identities

    __hash__ = None  # type: ignore[assignment]

    @classmethod
    def of(cls, stored: StoredAttribute) -> AttributeRecord:
        """The record of a stored attribute."""
        return cls(value=stored.value if stored.plain else msgspec.UNSET, entry=stored.entry)

    @property
    def stored(self) -> StoredAttribute:
        """The stored attribute of this record."""
        present = self.value is not msgspec.UNSET
        return stored_attribute(self.value if present else None, present=present, entry=self.entry)


class DataRecord(msgspec.Struct, frozen=True):
    """The data of an array that is kept in the document: its keys as a LINDI document would have them."""

    refs: dict[str, Any]


class AttributeEdit(msgspec.Struct, frozen=True, tag_field="kind", tag="attribute"):
    """Set (old and new), add (no old) or delete (no new) one attribute."""

    path: str
    name: str
    old: AttributeRecord | None
    new: AttributeRecord | None

    def apply(self, node: Node) -> Node:
        """Make the edited node.

        Parameters
        ----------
        node : Node

        Returns
        -------
        Node

        Raises
        ------
        ConflictError
            If the node does not hold the old value.
        """
        found = attribute_record(node, self.name)
        if found != self.old:
            raise ConflictError(
                f"old value differs at {self.path or '/'}, attribute {self.name}: "
                f"the edit expects {_words(self.old)}, the file has {_words(found)}",
                hint="Nothing was applied. The file has changed since the edit was made.",
            )
        attributes = {
            name: value for name, value in node.attributes.items() if name != self.name or name in RESERVED
        }
        entries = {
            name: entry for name, entry in node.sidecar.get("attributes", {}).items() if name != self.name
        }
        if self.new is not None:
            if self.new.value is not msgspec.UNSET:
                attributes = _put(node.attributes, attributes, self.name, self.new.value)
            if self.new.entry is not None:
                entries[self.name] = self.new.entry
        sidecar = {name: value for name, value in node.sidecar.items() if name != "attributes"}
        if entries:
            sidecar["attributes"] = entries
        return Node(attributes, node.array, node.chunks, sidecar)


def _put(before: dict[str, Any], after: dict[str, Any], name: str, value: Any) -> dict[str, Any]:
    """Add a value; one that was there keeps its place in the order."""
    if name not in before:
        return {**after, name: value}
    return {key: value if key == name else before[key] for key in before}


class DataEdit(msgspec.Struct, frozen=True, tag_field="kind", tag="data"):
    """Replace the data of an array whose data is kept in the document."""

    path: str
    old: DataRecord
    new: DataRecord

    def apply(self, node: Node) -> Node:
        """Make the edited node; see `AttributeEdit.apply`."""
        if data_record(node) != self.old:
            raise ConflictError(
                f"old value differs at {self.path or '/'}: the data is not what the edit expects",
                hint="Nothing was applied. The file has changed since the edit was made.",
            )
        decoded = codec.decode({"refs": {".zgroup": {"zarr_format": 2}, **_under("x", self.new.refs)}}).node(
            "x"
        )
        sidecar = {**decoded.sidecar}
        if "attributes" in node.sidecar:
            sidecar["attributes"] = node.sidecar["attributes"]
        return Node(node.attributes, decoded.array, decoded.chunks, sidecar)


Edit = AttributeEdit | DataEdit


def attribute_record(node: Node, name: str) -> AttributeRecord | None:
    """The record of a node's attribute, None where it has none of that name."""
    entry = node.sidecar.get("attributes", {}).get(name)
    # Under a reserved name `.zattrs` holds an annotation; an attribute of that name is in the side-car alone.
    value = msgspec.UNSET if name in RESERVED else node.attributes.get(name, msgspec.UNSET)
    if value is msgspec.UNSET and entry is None:
        return None
    return AttributeRecord(value=value, entry=entry)


def data_record(node: Node) -> DataRecord:
    """The record of a node's data, with all that describes it except attributes.

    Raises
    ------
    FormatError
        If the node is a group, or its data lies outside the document.
    """
    if node.array is None or not all(isinstance(data, bytes) for data in node.chunks.values()):
        raise FormatError(
            "only data that is kept in the document can be edited as a whole", hint="Edit its attributes."
        )
    refs: dict[str, Any] = {".zarray": node.array}
    sidecar = {name: value for name, value in node.sidecar.items() if name != "attributes"}
    if sidecar:
        refs[SIDECAR] = sidecar
    for index, data in node.chunks.items():
        refs[keys.chunk_name(index, node.separator)] = codec.chunk_value(data)
    return DataRecord(refs)


def _under(path: str, refs: dict[str, Any]) -> dict[str, Any]:
    return {keys.join(path, key): value for key, value in refs.items()}


def _words(record: AttributeRecord | None) -> str:
    if record is None:
        return "no such attribute"
    value = record.value if record.value is not msgspec.UNSET else (record.entry or {}).get("value")
    text = repr(value)
    return text if len(text) <= 80 else text[:79] + "…"
