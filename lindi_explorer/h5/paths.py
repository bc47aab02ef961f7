"""The way from a path to a node, through links."""

from __future__ import annotations

from typing import Any

from lindi_explorer.byterange import redact_url
from lindi_explorer.errors import FormatError, NodeNotFoundError, ReadOnlyError
from lindi_explorer.references import keys
from lindi_explorer.references.annotations import SOFT_LINK
from lindi_explorer.references.model import Node
from lindi_explorer.staging.journal import EditJournal

_MOST_LINKS = 64
"""Links followed in a row; more is a cycle."""


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
        name = redact_url(str(link.get("filename")))
        super().__init__(f"/{path} is a link to {link.get('path')} in the file {name}")
        self.link = link
        self.rest: list[str] = []


def _nothing_at(path: str, found: str) -> NodeNotFoundError:
    """The error for a path that leads nowhere; ``found`` is how far it leads."""
    if path == found or path.startswith(f"{found}/"):
        return NodeNotFoundError(f"there is no object at /{path}")
    return NodeNotFoundError(f"/{path} leads through a link to /{found}, where there is no object")


class Paths:
    """The part of `View` that finds objects.

    Attributes
    ----------
    journal : EditJournal
    writable : bool
        Whether the file was opened for writing.
    closed : bool
    """

    journal: EditJournal
    writable: bool
    closed: bool

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
