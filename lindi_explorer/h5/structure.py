"""Adding, linking, removing and moving objects: what h5py's calls mean as edits of a hierarchy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lindi_explorer.errors import ConflictError, NodeNotFoundError, UnsupportedError
from lindi_explorer.h5.anonymous import PLACE, AnonymousView
from lindi_explorer.h5.repoint import may_refer, repointed
from lindi_explorer.references import keys
from lindi_explorer.references.annotations import SOFT_LINK
from lindi_explorer.references.model import Node
from lindi_explorer.staging.edits import Edit, MoveEdit, NodeEdit, RemoveEdit
from lindi_explorer.staging.node_record import NodeRecord, TreeRecord
from lindi_explorer.staging.overlay import Overlay, is_group

if TYPE_CHECKING:
    from lindi_explorer.h5.view import View


class ExistsError(ConflictError, OSError):
    """Something has the name already: a ValueError in h5py, and an OSError where it is linked."""


class NoGroupError(ValueError, TypeError):
    """Something below what is no group: for h5py a TypeError or a ValueError, depending on what."""


class NothingThereError(NodeNotFoundError, ValueError):
    """Nothing to move or delete: h5py has a ValueError for the one, a KeyError for the other."""


class Changing:
    """Edits that are put together one by one, each on top of those before.

    Parameters
    ----------
    view : View
    """

    def __init__(self, view: View) -> None:
        self._view = view
        self.overlay: Overlay = view.journal.overlay
        self.edits: list[Edit] = []
        self._moved: list[tuple[str, str]] = []
        self._removed: list[str] = []
        self._named: list[tuple[AnonymousView, str]] = []

    def edit(self, edit: Edit) -> None:
        """Add an edit."""
        self.overlay = edit.apply(self.overlay)
        self.edits.append(edit)

    def done(self, words: str) -> None:
        """Have the journal apply them as one step."""
        self._view.journal.apply(words, self.edits)
        for path in self._removed:
            self._view.removed(path)
        for path, to in self._moved:
            self._view.moved(path, to)
        for view, path in self._named:
            view.named(path)

    # ------------------------------------------------------------ adding

    def place(self, name: str, what: str) -> str:
        """Where a new object goes; missing groups above it are added.

        Parameters
        ----------
        name : str
            Normalised path, from the root; links on the way are followed.
        what : str
            For the error: ``group``, ``dataset``, ``link``.

        Returns
        -------
        str
            Canonical path.

        Raises
        ------
        ExistsError
            If there is something already.
        NoGroupError
            If something on the way is no group.
        """
        if not name:
            raise ExistsError(f"Unable to create {what} (the root group is there already)")
        parent, leaf = keys.split(name)
        done = ""
        for part in parent.split("/") if parent else ():
            step = keys.join(done, part)
            if self.overlay.has_child(done, part):
                done = self._view.resolve(step) if step not in self._new() else step
                if not is_group(self.overlay.node(done)):
                    raise NoGroupError(f"Unable to create {what} (/{step} is no group)")
            else:
                # As in HDF5: such a group lists its children as the one it is in.
                same: dict[str, Any] = {"order": []} if "order" in self.overlay.node(done).sidecar else {}
                self.edit(NodeEdit(step, None, NodeRecord(Node(sidecar=same))))
                done = step
        if self.overlay.has_child(done, leaf):
            raise ExistsError(
                f"Unable to create {what} (name already exists: /{keys.join(done, leaf)})",
                hint="Delete the old one first, or choose another name.",
            )
        return keys.join(done, leaf)

    def _new(self) -> set[str]:
        return {edit.path for edit in self.edits}

    def add(self, path: str, node: Node) -> None:
        """Add a node at a path that `place` gave."""
        self.edit(NodeEdit(path, None, NodeRecord(_at_its_place(node, path))))

    def take_over(self, view: AnonymousView, path: str) -> None:
        """Add an object that had no name, with all in it, at a path that `place` gave."""
        self._named.append((view, path))
        for old in view.journal.walk(PLACE):
            node = view.journal.node(old)
            hard = node.sidecar.get("link", {}).get("hard")
            if hard is not None:
                node = hard_link(path + keys.normalise(hard)[len(PLACE) :])
            elif node.sidecar.get("order"):
                # The order of creation is given again by adding the children one by one.
                node = Node(node.attributes, node.array, node.chunks, {**node.sidecar, "order": []})
            self.add(path + old[len(PLACE) :], node)

    # ------------------------------------------------------------ removing and moving

    def remove(self, path: str) -> None:
        """Remove a name; the object stays if it has others.

        Parameters
        ----------
        path : str
            Not resolved at its end.
        """
        aliases = self._aliases(path)
        for target in dict.fromkeys(aliases.values()):
            # Looked at again: what was moved before may have brought this one along.
            names = [name for name, leads in self._aliases(path).items() if leads == target]
            if names and self.overlay.has(target):
                self._take_over(target, names[0])
        if self.overlay.has(path):
            self.edit(RemoveEdit(path, TreeRecord.of(self.overlay, path)))
            self._removed.append(path)

    def _take_over(self, target: str, name: str) -> None:
        """Have an object go by another of its names."""
        self.edit(RemoveEdit(name, TreeRecord.of(self.overlay, name)))
        self.move(target, name)

    def move(self, path: str, to: str) -> None:
        """Give an object, or a link, another path; names and references of the object follow it."""
        node = self.overlay.node(path)
        self.edit(MoveEdit(path, to))
        self._moved.append((path, to))
        for name in list(self.overlay.walk(to)):
            old = self.overlay.node(name)
            self._replace(name, old, _at_its_place(old, name))
        if SOFT_LINK in node.attributes or "link" in node.sidecar:
            return  # a link: what it leads to stays where it is
        for name, target in self._view.aliases(self.overlay).items():
            if target == path or target.startswith(f"{path}/"):
                old = self.overlay.node(name)
                self._replace(name, old, hard_link(to + target[len(path) :]))
        for name in list(self.overlay.walk("")):
            old = self.overlay.node(name)
            if may_refer(old):
                self._replace(name, old, repointed(old, path, to, self._view.reader))

    def _replace(self, path: str, old: Node, new: Node) -> None:
        if new is not old:
            self.edit(NodeEdit(path, NodeRecord(old), NodeRecord(new)))

    def _aliases(self, path: str) -> dict[str, str]:
        """Names outside of a path for objects at or below it."""
        return {
            name: target
            for name, target in self._view.aliases(self.overlay).items()
            if (target == path or target.startswith(f"{path}/"))
            and not (name == path or name.startswith(f"{path}/"))
        }


def new_group(*, ordered: bool = False) -> Node:
    """A group without children."""
    return Node(sidecar={"order": [], "attribute_order": []} if ordered else {})


def hard_link(path: str) -> Node:
    """One more name of the object at a path."""
    return Node(attributes={SOFT_LINK: {"path": f"/{path}"}}, sidecar={"link": {"hard": f"/{path}"}})


def soft_link(parent: str, target: str) -> Node:
    """A soft link in a group; LINDI wants the absolute path, h5py may have given a relative one."""
    if target.startswith("/"):
        return Node(attributes={SOFT_LINK: {"path": target}})
    return Node(
        attributes={SOFT_LINK: {"path": f"/{keys.join(parent, target)}"}}, sidecar={"link": {"soft": target}}
    )


def external_link(filename: str, path: str, base: str) -> Node:
    """A link to an object of another file; a relative name is seen from the address of this one."""
    return Node(sidecar={"link": {"external": {"filename": filename, "path": path, "base": base}}})


def existing(view: View, name: str, doing: str) -> str:
    """The path of a name, its parents resolved and the name itself not.

    Raises
    ------
    NodeNotFoundError
        If there is none.
    UnsupportedError
        For the root.
    """
    if not name:
        raise UnsupportedError(f"the root group cannot be {doing}", hint="Name an object in it.")
    parent, leaf = keys.split(name)
    try:
        path = keys.join(view.resolve(parent), leaf)
    except NodeNotFoundError:
        path = None
    if path is None or not view.journal.has(path):
        raise NothingThereError(f"/{name} cannot be {doing}: there is no object of that name")
    return path


def _at_its_place(node: Node, path: str) -> Node:
    """The node as it must be at a path: a relative soft link leads on from there."""
    target = node.sidecar.get("link", {}).get("soft")
    return node if target is None else soft_link(keys.split(path)[0], target)
