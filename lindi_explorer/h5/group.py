"""A group, as `h5py.Group`: what is in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import h5py

from lindi_explorer.errors import NodeNotFoundError, UnsupportedError
from lindi_explorer.h5.arranged import Arranged
from lindi_explorer.h5.links import LindiH5pyExternalLink, LindiH5pyHardLink, LindiH5pySoftLink
from lindi_explorer.h5.listing import Items, Keys, Values
from lindi_explorer.h5.names import shown
from lindi_explorer.h5.view import LinkElsewhereError
from lindi_explorer.h5.walked import Walked
from lindi_explorer.references import keys

if TYPE_CHECKING:
    from lindi_explorer.h5.view import View


class LindiH5pyGroup(Walked, Arranged, h5py.Group):
    """A group of a LINDI hierarchy.

    Parameters
    ----------
    view : View
    path : str
        Canonical path, without leading slash.
    name : str
        The path it was opened by, without leading slash.
    """

    def __init__(self, view: View, path: str, name: str) -> None:
        self._bind(view, path, name)

    def _names(self) -> list[str]:
        self._view.require_open()
        names = list(self._view.journal.children(self._path))
        problem = self._view.node(self._path).sidecar.get("problem")
        if problem:
            raise UnsupportedError(str(problem), hint="Everything else in this file can be read.")
        return names

    def __iter__(self) -> Iterator[Any]:
        return map(shown, self._names())

    def __len__(self) -> int:
        return len(self._names())

    def __reversed__(self) -> Iterator[Any]:
        return map(shown, reversed(self._names()))

    def keys(self) -> Keys:
        """Names of the children."""
        return Keys(self)

    def values(self) -> Values:
        """The children; None for a broken link."""
        return Values(self)

    def items(self) -> Items:
        """Names and children; None for a broken link."""
        return Items(self)

    def __contains__(self, name: object) -> bool:
        if not isinstance(name, (str, bytes)) or not self:
            return False
        full = self._full(name)
        if not full:
            return bool(name)
        parent, leaf = keys.split(full)
        try:
            # A link is there whether or not it leads anywhere.
            return leaf in self._view.journal.children(self._view.resolve(parent))
        except LinkElsewhereError:
            return self.get(name) is not None
        except NodeNotFoundError:
            return False

    def __getitem__(self, name: Any) -> Any:
        """An object by path or reference.

        Parameters
        ----------
        name : str, bytes or reference

        Returns
        -------
        LindiH5pyGroup, LindiH5pyDataset or LindiH5pyDatatype

        Raises
        ------
        NodeNotFoundError
            If there is no such object, or it is a broken link.
        UnsupportedError
            If HDF5 itself could not open the object.
        """
        if isinstance(name, h5py.Reference):
            return self._open(self._view.follow(name))
        if not isinstance(name, (str, bytes)):
            raise TypeError(f"Accessing a group is done with bytes or str, not {type(name)}")
        if not name:
            raise NodeNotFoundError(
                "an empty name names no object", hint='Use "/" for the root, "." for the group.'
            )
        return self._open(self._full(name))

    def get(
        self,
        name: Any,
        default: Any = None,
        getclass: bool = False,
        getlink: bool = False,
        elink_mode: Any = None,
        elink_locking: Any = None,
        elink_swmr: Any = None,
    ) -> Any:
        """An object, its class or its link; see `h5py.Group.get`.

        Parameters
        ----------
        name : str, bytes or reference
        default : object, optional
            For what is not there, and for broken links.
        getclass, getlink : bool
            Return the class (of the object or link) or the link instead of the object.
        elink_mode, elink_locking, elink_swmr : object, optional
            How h5py would open a file that a link leads to. Here it is always opened for reading, and not
            locked.

        Returns
        -------
        object

        Raises
        ------
        ValueError, RuntimeError
            If h5py has no such mode.
        UnsupportedError
            For links to files that are to be written, or are being written.
        """
        self._require_elink(elink_mode, elink_locking, swmr=bool(elink_swmr))
        if getlink and not isinstance(name, h5py.Reference):
            link = self._link(self._full(name))
            if link is None:
                return default
            return _LINK_CLASSES.get(type(link), type(link)) if getclass else link
        try:
            found = self[name]
        except (KeyError, UnsupportedError):
            # As h5py: what cannot be opened is not there for `get`, and so costs no listing.
            return default
        if not getclass:
            return found
        kinds = (h5py.Dataset, h5py.Datatype, h5py.Group)
        return next(kind for kind in kinds if isinstance(found, kind))

    def _require_elink(self, mode: Any, locking: Any, *, swmr: bool) -> None:
        """Raise where a linked file is to be opened in a way that there is not."""
        if mode not in (None, "r", "r+"):
            raise RuntimeError(f"Unsupported link access mode: {mode}")
        if locking not in (None, True, False, "true", "false", "best-effort"):
            raise ValueError(f"Unsupported locking value: {locking}")
        if mode == "r+" and self._view.file.mode == "r":
            raise ValueError(
                "Opening external links in write mode from a file opened in read-only mode is not supported"
            )
        if mode == "r+" or swmr:
            raise UnsupportedError(
                "a file that a link leads to is opened for reading only", hint="Open that file itself."
            )

    def __repr__(self) -> str:
        if self._view.closed:
            return "<Closed HDF5 group>"
        name = "(anonymous)" if self.name is None else f'"{self.name}"'
        return f"<HDF5 group {name} ({len(self)} members)>"


_LINK_CLASSES = {
    LindiH5pyHardLink: h5py.HardLink,
    LindiH5pySoftLink: h5py.SoftLink,
    LindiH5pyExternalLink: h5py.ExternalLink,
}
