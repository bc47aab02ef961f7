"""The ordered edits over a hierarchy: undo, redo, what changed, and the edited hierarchy itself."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec

from lindi_explorer.references.model import Node, References
from lindi_explorer.references.reference_set import ReferenceSet
from lindi_explorer.staging.changes import (
    AttributeChange,
    Change,
    DataChange,
    NodeChange,
    changed_paths,
    changes_at,
    revert,
)
from lindi_explorer.staging.edits import AttributeEdit, DataEdit, Edit, MoveEdit, NodeEdit, RemoveEdit
from lindi_explorer.staging.overlay import Overlay

__all__ = [
    "AttributeChange",
    "Change",
    "DataChange",
    "EditJournal",
    "NodeChange",
    "Step",
    "revert",
]


class Step(msgspec.Struct, frozen=True):
    """What one undo takes back: one or more edits under one name.

    Attributes
    ----------
    words : str
        E.g. ``Set unit of data``.
    edits : tuple
    """

    words: str
    edits: tuple[AttributeEdit | DataEdit | NodeEdit | RemoveEdit | MoveEdit, ...]


class EditJournal(References):
    """A base hierarchy with edits over it; an empty journal costs nothing.

    Safe to use from several threads.

    Parameters
    ----------
    base : References
        Never changed.
    lock : reentrant lock, optional
        Held while somebody edits. For whoever works with h5py it is h5py's own: code that h5py calls, which
        holds it, may edit, and must not wait for another one then.
    """

    def __init__(self, base: References, lock: Any = None) -> None:
        self.base = base
        self._lock = threading.RLock() if lock is None else lock
        self._depth = 0
        self._untold = 0
        self._overlay = Overlay(base)
        self._steps: list[Step] = []
        # What there was before each step: undo puts it back, and it shares all that the step left alone.
        self._before: list[Overlay] = []
        self._position = 0
        self.reads_files = base.reads_files
        self._watchers: list[Callable[[], None]] = []

    # ------------------------------------------------------------ the edited hierarchy

    @property
    def overlay(self) -> Overlay:
        """The edited hierarchy as it is now; later edits do not change what this returned."""
        return self._overlay

    def node(self, path: str) -> Node:
        """The edited node; see `References.node`."""
        return self._overlay.node(path)

    def has(self, path: str) -> bool:
        """Whether there is a node at a path."""
        return self._overlay.has(path)

    def children(self, path: str) -> Sequence[str]:
        """Names of the nodes in a group; see `References.children`."""
        return self._overlay.children(path)

    def flatten(self) -> ReferenceSet:
        """The edited hierarchy as a document of its own.

        Returns
        -------
        ReferenceSet
        """
        overlay = self._overlay
        return ReferenceSet({path: overlay.node(path) for path in overlay.walk("")})

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

    @contextmanager
    def editing(self) -> Iterator[None]:
        """Nobody else edits in a block: what it has looked at is still there when it makes a step of it.

        Watchers are told afterwards: what they wait for may itself wait for an edit.
        """
        self._lock.acquire()
        self._depth += 1
        try:
            yield
        finally:
            untold = 0
            self._depth -= 1
            if not self._depth:
                untold, self._untold = self._untold, 0
            self._lock.release()
            for _ in range(untold):
                self._tell()

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
        with self.editing():
            before, after = self._overlay, _applied(self._overlay, step.edits)
            del self._steps[self._position :], self._before[self._position :]
            self._steps.append(step)
            self._before.append(before)
            self._position += 1
            self._overlay = after
            self._untold += 1
        return step

    def undo(self) -> Step | None:
        """Take back the last step.

        Returns
        -------
        Step or None
            None where there is nothing to undo.
        """
        with self.editing():
            if not self._position:
                return None
            self._position -= 1
            step = self._steps[self._position]
            self._overlay = self._before[self._position]
            self._untold += 1
        return step

    def redo(self) -> Step | None:
        """Apply the step that was undone last.

        Returns
        -------
        Step or None
            None where there is nothing to redo.
        """
        with self.editing():
            if self._position == len(self._steps):
                return None
            step = self._steps[self._position]
            self._overlay = _applied(self._overlay, step.edits)
            self._position += 1
            self._untold += 1
        return step

    def begin_anew(self, base: References) -> None:
        """Have another base, which holds all edits that there were: nothing is left to undo.

        Parameters
        ----------
        base : References
            The edited hierarchy as it is now, saved where the old base was.
        """
        with self.editing():
            self.base = base
            self._overlay = Overlay(base)
            self._steps, self._before, self._position = [], [], 0
        self._tell()

    def _tell(self) -> None:
        for watcher in list(self._watchers):
            watcher()

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
        overlay = self._overlay
        return [change for path in changed_paths(overlay) for change in changes_at(overlay, path)]

    def changed_paths(self) -> list[str]:
        """Paths of the nodes that differ from the base; of what was removed as a whole, the topmost."""
        return changed_paths(self._overlay)

    def changes_at(self, path: str) -> list[Change]:
        """What differs at one node."""
        return list(changes_at(self._overlay, path))


def _applied(overlay: Overlay, edits: Iterable[Edit]) -> Overlay:
    for edit in edits:
        overlay = edit.apply(overlay)
    return overlay
