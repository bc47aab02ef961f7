"""What all objects of one open file share."""

from __future__ import annotations

import weakref
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any

from h5py._objects import phil

from lindi_explorer.errors import FormatError, NodeNotFoundError, ReadOnlyError
from lindi_explorer.h5.data import ArrayData
from lindi_explorer.h5.external import ExternalFiles
from lindi_explorer.h5.identity import NodeId
from lindi_explorer.h5.reference import LindiH5pyRegionReference
from lindi_explorer.h5.virtual.data import VirtualData
from lindi_explorer.h5.virtual.mapping import VIRTUAL
from lindi_explorer.h5.virtual.sources import Sources
from lindi_explorer.references import keys
from lindi_explorer.references.annotations import SOFT_LINK
from lindi_explorer.references.model import Node, References
from lindi_explorer.staging.journal import EditJournal
from lindi_explorer.staging.overlay import Overlay
from lindi_explorer.staging.pending import WritingRoom
from lindi_explorer.store import ReferenceStore

if TYPE_CHECKING:
    from lindi_explorer.h5.file import LindiH5pyFile
    from lindi_explorer.h5.saving import Saving
    from lindi_explorer.remote import RangeReader

_MOST_LINKS = 64
"""Links followed in a row; more is a cycle."""

_DATA_KEPT = 256
"""Datasets whose decoded data is kept, the latest used."""


class LinkElsewhereError(NodeNotFoundError):
    """A link to an object of another file stands in the way; whoever can open files goes on there.

    Parameters
    ----------
    path : str
        Of the link.
    link : dict
        ``filename``, ``path`` and ``base``, the address the file name is relative to.
    """

    def __init__(self, path: str, link: dict[str, Any]) -> None:
        super().__init__(f"/{path} is a link to {link.get('path')} in the file {link.get('filename')}")
        self.link = link
        self.rest: list[str] = []


def _nothing_at(path: str, found: str) -> NodeNotFoundError:
    """The error for a path that leads nowhere; ``found`` is how far it leads."""
    if path == found or path.startswith(f"{found}/"):
        return NodeNotFoundError(f"there is no object at /{path}")
    return NodeNotFoundError(f"/{path} leads through a link to /{found}, where there is no object")


class View:
    """One open file: its journal, its reader, and the way from a path to a node.

    Parameters
    ----------
    journal : EditJournal
    reader : RangeReader
    writable : bool
    saving : Saving
        Where new chunks are kept.
    """

    def __init__(self, journal: EditJournal, reader: RangeReader, *, writable: bool, saving: Saving) -> None:
        self.journal = journal
        self.reader = reader
        self.writable = writable
        self.closed = False
        self.store = ReferenceStore(journal, reader)
        self.external = ExternalFiles(reader)
        self.sources = Sources(self)
        self.others: dict[str, LindiH5pyFile] = {}
        self._data: OrderedDict[str, ArrayData] = OrderedDict()
        self._aliases: dict[str, str] | None = None
        self._identities: weakref.WeakValueDictionary[str, NodeId] = weakref.WeakValueDictionary()
        self.room = WritingRoom(saving.keep, lock=phil)
        self.saving = saving
        self.file: LindiH5pyFile

    @property
    def editing(self) -> AbstractContextManager[None]:
        """What changes something holds this from looking at what is there until the journal has it.

        It is h5py's own lock. Encoding needs it, and callbacks of h5py, which has it, may edit and read: a
        second lock beside it would sooner or later be waited for by two threads in both orders.

        Raises
        ------
        ValueError
            When it is entered, if the file has been closed.
        """
        return self._open_for_edits()

    @contextmanager
    def _open_for_edits(self) -> Iterator[None]:
        with self.journal.editing():
            self.require_open()
            yield

    # ------------------------------------------------------------ from paths to nodes

    def require_open(self) -> None:
        """Raise ValueError where the file has been closed, as h5py does."""
        if self.closed:
            raise ValueError("Invalid location identifier (the file is closed)")

    def require_writable(self, what: str) -> None:
        """Raise `ReadOnlyError` where the file was opened for reading."""
        self.require_open()
        if not self.writable:
            raise ReadOnlyError(f"{what}: the file is open for reading", hint='Open it with mode="r+".')

    def resolve(self, path: str) -> str:
        """The canonical path of the object a path leads to, through links anywhere in it.

        Parameters
        ----------
        path : str
            Normalised.

        Returns
        -------
        str

        Raises
        ------
        NodeNotFoundError
            If there is no such object, or a link on the way is broken, endless or external.
        """
        self.require_open()
        followed = 0
        done, pending = "", path.split("/") if path else []
        while pending:
            name, *pending = pending
            step = keys.join(done, name)
            try:
                target = self.link_target(step, done)
            except LinkElsewhereError as elsewhere:
                elsewhere.rest = pending
                raise
            except NodeNotFoundError:
                raise _nothing_at(path, step) from None
            if target is None:
                done = step
                continue
            followed += 1
            if followed > _MOST_LINKS:
                raise NodeNotFoundError(f"/{path} leads through links that never end")
            done, pending = "", [*(target.split("/") if target else []), *pending]
        if not self.journal.has(done):
            raise _nothing_at(path, done)
        return done

    def link_target(self, path: str, parent: str) -> str | None:
        """Where the node at a path links to, None where it is no link.

        Raises
        ------
        NodeNotFoundError
            If there is no node, or the link leads to another file.
        """
        node = self.journal.node(path)
        link = node.sidecar.get("link", {})
        if "external" in link:
            raise LinkElsewhereError(path, link["external"])
        if SOFT_LINK not in node.attributes:
            return None
        stored = node.attributes[SOFT_LINK]
        target = stored.get("path") if isinstance(stored, dict) else None
        if not isinstance(target, str):
            raise FormatError(f"the soft link /{path} has no path", hint="The file is damaged.")
        absolute = keys.normalise(target)
        if not target.startswith("/"):
            # Both occur in files: from the group of the link, as HDF5 means it, and from the root.
            relative = keys.normalise(keys.join(parent, target))
            if self.journal.has(relative):
                return relative
        return absolute

    def node(self, path: str) -> Node:
        """The node at a canonical path."""
        self.require_open()
        return self.journal.node(path)

    def data(self, path: str) -> ArrayData:
        """The data of an array node; decoded data is kept until the node is edited."""
        node = self.node(path)
        with phil:
            data = self._data.get(path)
            if data is None or data.node is not node:
                data = self._data[path] = self.data_of(path, node)
            self._data.move_to_end(path)
            if len(self._data) > _DATA_KEPT:
                self._data.popitem(last=False)
        return data

    def aliases(self, overlay: Overlay) -> dict[str, str]:
        """The further names of objects that have several: path -> the path that the object goes by.

        Parameters
        ----------
        overlay : Overlay

        Returns
        -------
        dict
        """
        if self._aliases is None:
            self._aliases = self.journal.base.aliases()
        found = {
            name: target for name, target in self._aliases.items() if overlay.base_node(name) is not None
        }
        for path, node in overlay.nodes.items():
            hard = node.sidecar.get("link", {}).get("hard")
            if isinstance(hard, str):
                found[path] = keys.normalise(hard)
            else:
                found.pop(path, None)
        return found

    # ------------------------------------------------------------ identities

    def identity(self, path: str) -> NodeId:
        """The identity of the object at a canonical path, as long as somebody holds it."""
        with phil:
            found = self._identities.get(path)
            if found is None:
                found = self._identities[path] = NodeId(self, path)
            return found

    def prefixes(self, path: str) -> tuple[str, str]:
        """Where the files that a dataset takes data from are looked for first: raw data, virtual datasets."""
        found = self._identities.get(path)
        return ("", "") if found is None else found.prefixes

    def moved(self, path: str, to: str) -> None:
        """Have the identities of a node, and of all below it, go with it."""
        with phil:
            for old, identity in list(self._identities.items()):
                if old == path or old.startswith(f"{path}/"):
                    del self._identities[old]
                    identity.path = to + old[len(path) :]
                    self._identities[identity.path] = identity

    def removed(self, path: str) -> None:
        """Have the identities of a node, and of all below it, know that it is gone."""
        with phil:
            for old, identity in list(self._identities.items()):
                if old == path or old.startswith(f"{path}/"):
                    del self._identities[old]
                    identity.gone = True

    def data_of(self, path: str, node: Node) -> ArrayData:
        """The data of a node that is not in the journal yet."""
        kind = VirtualData if VIRTUAL in node.sidecar else ArrayData
        return kind(self, path, node)

    # ------------------------------------------------------------ references

    def follow(self, reference: Any) -> str:
        """The path a reference leads to.

        Parameters
        ----------
        reference : LindiH5pyReference or LindiH5pyRegionReference

        Returns
        -------
        str
            Without leading slash.

        Raises
        ------
        ValueError
            If it is null.
        NodeNotFoundError
            If it leads nowhere, or to an object with another ``object_id`` than it was made for.
        """
        path = getattr(reference, "path", None)
        if path is None:
            raise ValueError("Invalid HDF5 object reference (it is null, or belongs to another file)")
        target = keys.normalise(path)
        resolved = self.resolve(target)
        object_id, source_id = reference.expected
        for where, wanted in (("", source_id), (resolved, object_id)):
            # As the source has it, too: editing an identifier must not break the references to its object.
            found = self._object_ids(where)
            if wanted is not None and found and wanted not in found:
                raise NodeNotFoundError(
                    f"the reference to /{target} was made for the object {wanted}, "
                    f"but /{where} is {found[0]}",
                    hint="The file has been put together from parts that do not belong together.",
                )
        return target

    def _object_ids(self, path: str) -> list[Any]:
        """What the object at a path is identified by, now and in the source."""
        nodes = [self.journal.node(path)]
        if self.journal.base.has(path):
            nodes.append(self.journal.base.node(path))
        return [
            node.attributes["object_id"] for node in nodes if node.attributes.get("object_id") is not None
        ]

    def region(self, reference: Any, path: str) -> Any:
        """The region of a reference to the dataset at a path.

        Raises
        ------
        TypeError
            If the reference leads elsewhere.
        """
        if (
            not isinstance(reference, LindiH5pyRegionReference)
            or self.resolve(self.follow(reference)) != path
        ):
            raise TypeError("Region reference must point to this dataset")
        return reference.region

    def begin_anew(self, base: References) -> None:
        """Have another base, which holds all edits that there were."""
        self.journal.begin_anew(base)
        self._aliases = None
        self._data.clear()

    def close(self) -> None:
        """Let go of connections and files."""
        self.closed = True
        for other in self.others.values():
            other.close()
        self.external.close()
        self.sources.close()
        self._data.clear()
