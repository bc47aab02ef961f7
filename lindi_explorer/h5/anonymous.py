"""Objects without a name: only their handle leads to them, until they are linked."""

from __future__ import annotations

from lindi_explorer.h5.view import View
from lindi_explorer.references.model import Node
from lindi_explorer.references.reference_set import ReferenceSet
from lindi_explorer.staging.journal import EditJournal

PLACE = "anonymous"
"""The path of such an object, in a hierarchy that nobody sees."""


class AnonymousView(View):
    """A hierarchy of one object without a name, and what is in it; it goes with its handles.

    Parameters
    ----------
    main : View
        Of the file that the object belongs to.
    """

    def __init__(self, main: View) -> None:
        super().__init__(
            EditJournal(ReferenceSet({"": Node()})),
            main.reader,
            writable=main.writable,
            keep=main.room.keep,
        )
        self.main = main
        self.room = main.room
        self.external = main.external
        self.editing = main.editing
        self.file = main.file

    @property
    def closed(self) -> bool:
        """Whether the file has been closed."""
        return self.main.closed

    @closed.setter
    def closed(self, value: bool) -> None:
        """Nothing to do: it is the file that is opened and closed."""

    def require_open(self) -> None:
        """Raise ValueError where the file has been closed."""
        self.main.require_open()

    def named(self, path: str) -> None:
        """Have the object, and all in it, be the file's at a path from now on."""
        for identity in list(self._identities.values()):
            identity.view = self.main
            identity.path = path + identity.path[len(PLACE) :]
            self.main._identities[identity.path] = identity  # noqa: SLF001 - the same family


def is_nameless(view: View) -> bool:
    """Whether the objects of a view have no name."""
    return isinstance(view, AnonymousView)
