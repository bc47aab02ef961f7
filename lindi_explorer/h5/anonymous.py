"""Objects without a name: only their handle leads to them, until they are linked."""

from __future__ import annotations

from collections import OrderedDict
from weakref import WeakValueDictionary

from h5py._objects import phil

from lindi_explorer.h5.view import View
from lindi_explorer.references.model import Node
from lindi_explorer.references.reference_set import ReferenceSet
from lindi_explorer.staging.journal import EditJournal
from lindi_explorer.store import ReferenceStore

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
        # Reader, lock, new chunks and all else are the file's.
        self.__dict__.update(main.__dict__)
        self.main = main
        self.journal = EditJournal(ReferenceSet({"": Node()}), phil)
        self.store = ReferenceStore(self.journal, main.reader)
        self._aliases = None
        self._data = OrderedDict()
        self._identities = WeakValueDictionary()

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
            self.main.adopt(identity, path + identity.path[len(PLACE) :])


def is_nameless(view: View) -> bool:
    """Whether the objects of a view have no name."""
    return isinstance(view, AnonymousView)
