"""Single edits: what was there, what is there now."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from lindi_explorer.errors import ConflictError, FormatError
from lindi_explorer.hdf5.attributes import StoredAttribute, stored_attribute
from lindi_explorer.references import codec, keys
from lindi_explorer.references.annotations import RESERVED, SIDECAR
from lindi_explorer.references.chunks import Reference
from lindi_explorer.references.model import Node
from lindi_explorer.references.text import plain_copy
from lindi_explorer.staging.node_record import NodeRecord, TreeRecord, node_refs
from lindi_explorer.staging.overlay import Overlay, same_value

_T = TypeVar("_T")


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

    def apply(self, overlay: Overlay) -> Overlay:
        """Make the edited hierarchy.

        Parameters
        ----------
        overlay : Overlay

        Returns
        -------
        Overlay

        Raises
        ------
        ConflictError
            If it does not hold the old value.
        NodeNotFoundError
            If there is no such object.
        """
        return overlay.put(self.path, self.changed(overlay.node(self.path)))

    def changed(self, node: Node) -> Node:
        """The edited node; see `apply`."""
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
        order = sidecar.get("attribute_order")
        if order is not None and (self.old is None or self.new is None):
            sidecar["attribute_order"] = [
                *(name for name in order if name != self.name),
                *([self.name] if self.new is not None else []),
            ]
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

    def apply(self, overlay: Overlay) -> Overlay:
        """Make the edited hierarchy; see `AttributeEdit.apply`."""
        return overlay.put(self.path, self.changed(overlay.node(self.path)))

    def changed(self, node: Node) -> Node:
        """The edited node; see `apply`."""
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


class NodeEdit(msgspec.Struct, frozen=True, tag_field="kind", tag="node"):
    """Add (no old) or replace one node with its chunks; those below stay.

    Between an old and a new record only keys that differ need to be there.
    """

    path: str
    old: NodeRecord | None
    new: NodeRecord

    def apply(self, overlay: Overlay) -> Overlay:
        """Make the edited hierarchy; see `AttributeEdit.apply`."""
        if self.old is None:
            return overlay.add(self.path, self.new.whole())
        return overlay.put(self.path, self.new.over(overlay.node(self.path), self.old, self.path))

    def small(self, chunk: Callable[[Reference], Any] = codec.chunk_value) -> NodeEdit:
        """The same with the keys only that differ; ``chunk`` says what stands for a chunk."""
        if self.old is None:
            return self
        return NodeEdit(self.path, *NodeRecord.difference(self.old, self.new, chunk))


class RemoveEdit(msgspec.Struct, frozen=True, tag_field="kind", tag="remove"):
    """Take a node away, and all below it."""

    path: str
    old: TreeRecord

    def apply(self, overlay: Overlay) -> Overlay:
        """Make the edited hierarchy; see `AttributeEdit.apply`."""
        found = TreeRecord.of(overlay, self.path)
        if found != self.old:
            raise ConflictError(
                f"old value differs at /{self.path}: "
                f"the edit removes {self.old.words}, the file has {found.words}",
                hint="Nothing was applied. The file has changed since the edit was made.",
            )
        return overlay.remove(self.path)


class MoveEdit(msgspec.Struct, frozen=True, tag_field="kind", tag="move"):
    """Give a node, with all below it, another path."""

    path: str
    to: str

    def apply(self, overlay: Overlay) -> Overlay:
        """Make the edited hierarchy; see `AttributeEdit.apply`."""
        return overlay.move(self.path, self.to)


Edit = AttributeEdit | DataEdit | NodeEdit | RemoveEdit | MoveEdit


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


def plain(value: Any, chunk: Callable[[Reference], Any] = codec.chunk_value) -> Any:
    """Edits, or what holds them, as plain JSON types.

    Parameters
    ----------
    value : Struct
        An edit, a step, or what holds some.
    chunk : callable, optional
        What stands for a chunk; default: what does so in a document.

    Returns
    -------
    Json
        Of a node that was changed, only the keys that differ.
    """
    return msgspec.to_builtins(_small(value, chunk), enc_hook=lambda part: _plain_record(part, chunk))


def _small(value: Any, chunk: Callable[[Reference], Any]) -> Any:
    if isinstance(value, NodeEdit):
        return value.small(chunk)
    if isinstance(value, tuple):
        return tuple(_small(part, chunk) for part in value)
    if isinstance(value, msgspec.Struct) and not isinstance(value, _LEAVES):
        return msgspec.structs.replace(
            value, **{name: _small(getattr(value, name), chunk) for name in value.__struct_fields__}
        )
    return value


def _plain_record(value: Any, chunk: Callable[[Reference], Any]) -> Any:
    if isinstance(value, NodeRecord):
        # Not asked of the record where there is a node: it would keep the text of all chunks.
        return plain_copy(value.refs if value.node is None else node_refs(value.node, chunk))
    raise NotImplementedError(f"{type(value).__name__} is not written down")


def from_plain(value: Any, kind: type[_T]) -> _T:
    """The inverse of `plain`.

    Raises
    ------
    msgspec.ValidationError
        If it is something else.
    """
    return msgspec.convert(value, kind, dec_hook=_record)


def _record(kind: type, value: Any) -> Any:
    if kind is NodeRecord and isinstance(value, dict):
        return NodeRecord(refs=value)
    raise ValueError(f"expected {kind.__name__}")


_LEAVES = (AttributeEdit, DataEdit, RemoveEdit, MoveEdit)
