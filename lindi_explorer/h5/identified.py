"""Which objects of an open file somebody holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast
from weakref import WeakValueDictionary

from h5py._objects import phil

from lindi_explorer.h5.identity import NodeId

if TYPE_CHECKING:
    from lindi_explorer.h5.view import View


class Identified:
    """The part of `View` that knows the identities of objects."""

    _identities: WeakValueDictionary[str, NodeId]

    def identity(self, path: str) -> NodeId:
        """The identity of the object at a canonical path, as long as somebody holds it."""
        with phil:
            found = self._identities.get(path)
            if found is None:
                found = self._identities[path] = NodeId(cast("View", self), path)
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

    def adopt(self, identity: NodeId, path: str) -> None:
        """Have the identity of an object that comes from elsewhere be that of the one at a path."""
        identity.view = cast("View", self)
        identity.path = path
        self._identities[path] = identity
