"""From a patch to the edits of one file: each old value is looked at, and addresses become the file's own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from lindi_explorer.errors import ConflictError, NodeNotFoundError
from lindi_explorer.references import codec, keys
from lindi_explorer.references.annotations import SIDECAR
from lindi_explorer.references.checks import short
from lindi_explorer.references.model import Node
from lindi_explorer.staging.edits import (
    AttributeEdit,
    AttributeRecord,
    Edit,
    NodeEdit,
    RemoveEdit,
    attribute_record,
)
from lindi_explorer.staging.node_record import NodeRecord, TreeRecord, metadata_refs
from lindi_explorer.staging.overlay import Overlay, same_value
from lindi_explorer.staging.patch import Patch
from lindi_explorer.staging.patch_addresses import SOURCE, Addresses, addresses_in
from lindi_explorer.staging.patch_changes import (
    AddNode,
    AttributeState,
    ChangeAttribute,
    ChangeData,
    ChangeNode,
    RemoveNode,
)
from lindi_explorer.staging.patch_making import attribute_words, what_words
from lindi_explorer.staging.table_difference import locate

_HINT = "Nothing was applied. The file is not in the state that the patch was made for."


class PatchApplier:
    """Turns a patch into edits of one file.

    Parameters
    ----------
    overlay : Overlay
        The file as it is.
    addresses : Addresses
        Of the file.
    show : callable
        Gives the data of a dataset for people, or `msgspec.UNSET` where it is much.
    strict : bool
        Whether old values must be what the patch expects.
    """

    def __init__(
        self, overlay: Overlay, addresses: Addresses, show: Callable[[Node], Any], *, strict: bool
    ) -> None:
        self._overlay = overlay
        self._addresses = addresses
        self._show = show
        self._strict = strict
        self._has_looked = False

    def edits(self, patch: Patch) -> list[Edit]:
        """The edits that do what a patch says.

        Parameters
        ----------
        patch : Patch

        Returns
        -------
        list of Edit

        Raises
        ------
        ConflictError
            If the file holds something else than the patch expects; the message names path, attribute or key,
            expected and found.
        """
        made: list[Edit] = []
        for change in patch.changes:
            path = change.path[1:]
            match change:
                case RemoveNode():
                    edit = self._remove(path, change)
                case AddNode():
                    edit = NodeEdit(path, None, NodeRecord(refs=self._actual(path, change.keys)))
                case ChangeAttribute():
                    edit = self._attribute(path, change)
                case ChangeData() | ChangeNode():
                    edit = self._node(path, change)
            if edit is not None:
                try:
                    self._overlay = edit.apply(self._overlay)
                except NodeNotFoundError:
                    raise self._absent(path) from None
                made.append(edit)
        return made

    def _absent(self, path: str) -> ConflictError:
        return ConflictError(f"there is no object at /{path}, which the patch changes", hint=_HINT)

    def _found(self, path: str) -> Node:
        try:
            return self._overlay.node(path)
        except NodeNotFoundError:
            raise self._absent(path) from None

    # ------------------------------------------------------------ one change

    def _remove(self, path: str, change: RemoveNode) -> Edit | None:
        if not self._overlay.has(path):
            if not self._strict:
                return None
            raise ConflictError(
                f"old value differs at /{path}: the patch removes {change.what}, the file has no such object",
                hint=_HINT,
            )
        digest, below = self._addresses.digest(self._overlay, path)
        if self._strict and digest != change.digest:
            found = what_words(self._overlay.node(path), below)
            found += " with other content" if found == change.what else ""
            raise ConflictError(
                f"old value differs at /{path}: the patch removes {change.what}, the file has {found}",
                hint=_HINT,
            )
        return RemoveEdit(path, TreeRecord.of(self._overlay, path))

    def _attribute(self, path: str, change: ChangeAttribute) -> Edit:
        old, new = _record(change.old), _record(change.new)
        found = attribute_record(self._found(path), change.name)
        if self._strict and found != old:
            raise ConflictError(
                f"old value differs at /{path}, attribute {change.name}: the patch expects {_words(old)}, "
                f"the file has {_words(found)}",
                hint=_HINT,
            )
        return AttributeEdit(path, change.name, found, new)

    def _node(self, path: str, change: ChangeData | ChangeNode) -> Edit:
        node, old = self._found(path), change.old.keys
        metadata = metadata_refs(node)
        if not old.keys() <= {*keys.METADATA}:
            locate(node)
        held = {key: metadata.get(key) if key in keys.METADATA else _chunk_at(node, key) for key in old}
        if self._strict:
            self._addresses.look_around(node)
            expected, found = self._addresses.same_refs(old), self._addresses.neutral_refs(held)
            for key in old:
                if not same_value(expected[key], found[key]):
                    raise self._other_value(path, change, key, (expected[key], found[key]))
        return NodeEdit(path, NodeRecord(refs=held), NodeRecord(refs=self._actual(path, change.new.keys)))

    def _other_value(
        self, path: str, change: ChangeData | ChangeNode, key: str, values: tuple[Any, Any]
    ) -> ConflictError:
        place, words = _KEY_WORDS.get(key, f"chunk {key}"), tuple(map(_value_words, values, values[::-1]))
        if isinstance(change, ChangeData) and change.old.value is not msgspec.UNSET:
            shown = self._show(self._found(path))
            if shown is not msgspec.UNSET and not same_value(shown, change.old.value):
                place, words = "data", (short(change.old.value), short(shown))
        return ConflictError(
            f"old value differs at /{path}, {place}: the patch expects {words[0]}, the file has {words[1]}",
            hint=_HINT,
        )

    def _actual(self, path: str, refs: Mapping[str, Any]) -> dict[str, Any]:
        """Keys of a patch as the file has them."""
        for address in map(self._addresses.same, addresses_in(refs)):
            if not self._addresses.knows(address):
                self._look_everywhere()
                if address == SOURCE and not self._addresses.knows(SOURCE):
                    raise ConflictError(
                        f"/{path} would refer to data of the file that the patch was made for, to which this "
                        "file does not refer",
                        hint=_HINT,
                    )
        return self._addresses.actual_refs(refs)

    def _look_everywhere(self) -> None:
        """Find out where the data of the file is: what a patch calls ``./a.h5`` may lie elsewhere by now."""
        if not self._has_looked:
            self._has_looked = True
            for one in self._overlay.walk(""):
                self._addresses.look_around(self._overlay.node(one))


def _chunk_at(node: Node, key: str) -> Any:
    index = keys.parse_chunk_name(key, node.axes, node.separator) if node.array is not None else None
    reference = None if index is None else node.chunks.get(index)
    return None if reference is None else codec.chunk_value(reference)


def _record(state: AttributeState | None) -> AttributeRecord | None:
    return None if state is None else AttributeRecord(state.value, state.entry)


def _words(record: AttributeRecord | None) -> str:
    if record is None:
        return "no such attribute"
    return f"{short(_value(record))} ({attribute_words(record)})"


def _value(record: AttributeRecord) -> Any:
    return record.value if record.entry is None or "value" not in record.entry else record.entry["value"]


_KEY_WORDS = {".zarray": "shape and type", ".zattrs": "annotations", SIDECAR: "side-car"}


def _value_words(value: Any, other: Any) -> str:
    """A value for people; of two objects what one of them has alone."""
    if value is None:
        return "nothing"
    if isinstance(value, dict) and isinstance(other, dict):
        return short({name: item for name, item in value.items() if not same_value(item, other.get(name))})
    if isinstance(value, str):
        return f"bytes that start with {value[:40]!r}"
    return short(value)
