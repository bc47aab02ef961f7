"""The ordered edits over a hierarchy: undo, redo, what changed, and the edited hierarchy itself."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import msgspec

from lindi_explorer.references.model import Node, References
from lindi_explorer.references.reference_set import ReferenceSet
from lindi_explorer.staging.edits import (
    AttributeEdit,
    AttributeRecord,
    DataEdit,
    DataRecord,
    Edit,
    attribute_record,
    data_record,
    same_value,
)


class Step(msgspec.Struct, frozen=True):
    """What one undo takes back: one or more edits under one name.

    Attributes
    ----------
    words : str
        E.g. ``Set unit of data``.
    edits : tuple
    """

    words: str
    edits: tuple[AttributeEdit | DataEdit, ...]


@dataclass(frozen=True, slots=True)
class AttributeChange:
    """The difference of one attribute between source and edited hierarchy; None = not there."""

    path: str
    name: str
    old: AttributeRecord | None
    new: AttributeRecord | None


@dataclass(frozen=True, slots=True)
class DataChange:
    """The difference of the data of one array."""

    path: str
    old: DataRecord
    new: DataRecord


Change = AttributeChange | DataChange


class EditJournal(References):
    """A base hierarchy with edits over it; an empty journal costs nothing.

    Safe to use from several threads.

    Parameters
    ----------
    base : References
        Never changed.
    """

    def __init__(self, base: References) -> None:
        self.base = base
        self._lock = threading.RLock()
        self._overlay: dict[str, Node] = {}
        self._steps: list[Step] = []
        # For each step the nodes it found, so that undo restores them exactly, the order of attributes too.
        self._found: list[dict[str, Node | None]] = []
        self._position = 0
        self.reads_files = base.reads_files
        self._watchers: list[Callable[[], None]] = []

    # ------------------------------------------------------------ the edited hierarchy

    def node(self, path: str) -> Node:
        """The edited node; see `References.node`."""
        node = self._overlay.get(path)
        return self.base.node(path) if node is None else node

    def children(self, path: str) -> Sequence[str]:
        """Names of the nodes in a group; see `References.children`."""
        return self.base.children(path)

    def flatten(self) -> ReferenceSet:
        """The edited hierarchy as a document of its own.

        Returns
        -------
        ReferenceSet
        """
        return ReferenceSet({path: self.node(path) for path in self.walk()})

    # ------------------------------------------------------------ editing

    def watch(self, watcher: Callable[[], None]) -> Callable[[], None]:
        """Have a function called after every step, undo and redo, in the thread that makes it.

        Parameters
        ----------
        watcher : callable
            Without arguments. What it raises reaches the caller of the edit.

        Returns
        -------
        callable
            Ends the watching.
        """
        self._watchers.append(watcher)
        return lambda: self._watchers.remove(watcher)

    def apply(self, words: str, edits: Iterable[Edit]) -> Step:
        """Apply edits as one step; steps that had been undone are gone for good.

        Parameters
        ----------
        words : str
            What undo would take back.
        edits : iterable of edits

        Returns
        -------
        Step

        Raises
        ------
        ConflictError
            If an edit expects another old value; then nothing is applied.
        """
        step = Step(words, tuple(edits))
        with self._lock:
            found = self._change(step.edits)
            del self._steps[self._position :], self._found[self._position :]
            self._steps.append(step)
            self._found.append(found)
            self._position += 1
        self._tell()
        return step

    def undo(self) -> Step | None:
        """Take back the last step.

        Returns
        -------
        Step or None
            None where there is nothing to undo.
        """
        with self._lock:
            if not self._position:
                return None
            self._position -= 1
            step = self._steps[self._position]
            found = {**self._overlay, **self._found[self._position]}
            self._overlay = {path: node for path, node in found.items() if node is not None}
        self._tell()
        return step

    def redo(self) -> Step | None:
        """Apply the step that was undone last.

        Returns
        -------
        Step or None
            None where there is nothing to redo.
        """
        with self._lock:
            if self._position == len(self._steps):
                return None
            step = self._steps[self._position]
            self._change(step.edits)
            self._position += 1
        self._tell()
        return step

    def _tell(self) -> None:
        for watcher in list(self._watchers):
            watcher()

    def _change(self, edits: Sequence[Edit]) -> dict[str, Node | None]:
        """Put the edited nodes in place; gives back those that were there (None = the base's)."""
        overlay = dict(self._overlay)
        for edit in edits:
            before = overlay.get(edit.path)
            after = edit.apply(self.base.node(edit.path) if before is None else before)
            if _same(after, self.base.node(edit.path)):
                overlay.pop(edit.path, None)
            else:
                overlay[edit.path] = after
        found = {edit.path: self._overlay.get(edit.path) for edit in edits}
        self._overlay = overlay
        return found

    # ------------------------------------------------------------ looking back

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps that are in force, the oldest first."""
        return tuple(self._steps[: self._position])

    @property
    def next_undo(self) -> Step | None:
        """The step undo would take back."""
        return self._steps[self._position - 1] if self._position else None

    @property
    def next_redo(self) -> Step | None:
        """The step redo would apply."""
        return self._steps[self._position] if self._position < len(self._steps) else None

    def changes(self) -> list[Change]:
        """What differs from the base, in the order of paths; a value that was set back does not.

        Returns
        -------
        list of changes
        """
        return [change for path in sorted(self._overlay) for change in self._changes_at(path)]

    def changed_paths(self) -> list[str]:
        """Paths of the nodes that differ from the base."""
        return sorted(self._overlay)

    def changes_at(self, path: str) -> list[Change]:
        """What differs at one node."""
        return list(self._changes_at(path)) if path in self._overlay else []

    def _changes_at(self, path: str) -> Iterator[Change]:
        old, new = self.base.node(path), self._overlay[path]
        names = dict.fromkeys([*_attribute_names(old), *_attribute_names(new)])
        for name in names:
            before, after = attribute_record(old, name), attribute_record(new, name)
            if before != after:
                yield AttributeChange(path, name, before, after)
        # The same table is the same data; comparing its content could mean reading it.
        if old.chunks is not new.chunks and data_record(old) != data_record(new):
            yield DataChange(path, data_record(old), data_record(new))


def revert(change: Change) -> Edit:
    """The edit that sets a change back to the source.

    Parameters
    ----------
    change : Change

    Returns
    -------
    Edit
    """
    if isinstance(change, DataChange):
        return DataEdit(change.path, change.new, change.old)
    return AttributeEdit(change.path, change.name, change.new, change.old)


def _attribute_names(node: Node) -> list[str]:
    return [*node.attributes, *node.sidecar.get("attributes", {})]


def _same(one: Node, other: Node) -> bool:
    return (
        same_value(one.attributes, other.attributes)
        and same_value(one.sidecar, other.sidecar)
        and one.array == other.array
        and (one.chunks is other.chunks or dict(one.chunks) == dict(other.chunks))
    )
