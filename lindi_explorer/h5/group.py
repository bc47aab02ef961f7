"""A group, as `h5py.Group`."""

from __future__ import annotations

from collections.abc import Callable, ItemsView, Iterator, KeysView, ValuesView
from typing import TYPE_CHECKING, Any, Never

import h5py

from lindi_explorer.errors import NodeNotFoundError, UnsupportedError
from lindi_explorer.h5.dataset import LindiH5pyDataset
from lindi_explorer.h5.datatype import LindiH5pyDatatype
from lindi_explorer.h5.identity import NodeId
from lindi_explorer.h5.links import LindiH5pyExternalLink, LindiH5pyHardLink, LindiH5pySoftLink
from lindi_explorer.h5.names import shown
from lindi_explorer.h5.objects import LindiObject
from lindi_explorer.h5.view import LinkElsewhereError
from lindi_explorer.references import keys
from lindi_explorer.references.annotations import SOFT_LINK

if TYPE_CHECKING:
    from lindi_explorer.h5.view import View


class LindiH5pyGroup(LindiObject, h5py.Group):
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
        self._view = view
        self._path = path
        self._name = name
        self._id = NodeId(view, path)

    # ------------------------------------------------------------ children

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

    # h5py's own views hold its global lock while they are iterated; these do not.
    def keys(self) -> KeysView[Any]:
        """Names of the children."""
        return KeysView(self)

    def values(self) -> ValuesView[Any]:
        """The children; None for a broken link."""
        return _Values(self)

    def items(self) -> ItemsView[Any, Any]:
        """Names and children; None for a broken link."""
        return _Items(self)

    def __contains__(self, name: object) -> bool:
        if not isinstance(name, (str, bytes)):
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

    def _full(self, name: str | bytes) -> str:
        text = name if isinstance(name, str) else name.decode("utf-8", "surrogateescape")
        if text.startswith("/"):
            return keys.normalise(text)
        return keys.normalise(keys.join(self._name, text))

    def _open(self, name: str) -> Any:
        try:
            path = self._view.resolve(name)
        except LinkElsewhereError as elsewhere:
            from lindi_explorer.h5.elsewhere import open_elsewhere

            return open_elsewhere(self._view, elsewhere)
        node = self._view.node(path)
        if node.array is not None:
            return LindiH5pyDataset(self._view, path, name)
        if not path:
            return self._view.file if not name else LindiH5pyGroup(self._view, path, name)
        if node.sidecar.get("committed"):
            return LindiH5pyDatatype(self._view, path, name)
        if "problem" in node.sidecar:
            raise UnsupportedError(
                str(node.sidecar["problem"]), hint="Everything else in this file can be read."
            )
        return LindiH5pyGroup(self._view, path, name)

    def get(self, name: Any, default: Any = None, getclass: bool = False, getlink: bool = False) -> Any:
        """An object, its class or its link; see `h5py.Group.get`.

        Parameters
        ----------
        name : str, bytes or reference
        default : object, optional
            For what is not there, and for broken links.
        getclass, getlink : bool
            Return the class (of the object or link) or the link instead of the object.

        Returns
        -------
        object
        """
        if getlink and not isinstance(name, h5py.Reference):
            link = self._link(self._full(name))
            if link is None:
                return default
            return _LINK_CLASSES[type(link)] if getclass else link
        try:
            found = self[name]
        except (KeyError, UnsupportedError):
            # As h5py: what cannot be opened is not there for `get`, and so costs no listing.
            return default
        if not getclass:
            return found
        kinds = (h5py.Dataset, h5py.Datatype, h5py.Group)
        return next(kind for kind in kinds if isinstance(found, kind))

    def _link(self, name: str) -> Any:
        parent, leaf = keys.split(name)
        try:
            path = keys.join(self._view.resolve(parent), leaf)
            node = self._view.node(path)
        except NodeNotFoundError:
            return None
        link = node.sidecar.get("link", {})
        if "external" in link:
            return LindiH5pyExternalLink(link["external"]["filename"], link["external"]["path"])
        if SOFT_LINK in node.attributes and "hard" not in link:
            return LindiH5pySoftLink(link.get("soft") or node.attributes[SOFT_LINK]["path"])
        return LindiH5pyHardLink()

    # ------------------------------------------------------------ walking

    def visit(self, func: Callable[[str], Any]) -> Any:
        """Call a function with the path of every object below, each once; see `h5py.Group.visit`.

        Parameters
        ----------
        func : callable
            Returning anything but None ends the walk.

        Returns
        -------
        object
            What ended the walk, or None.
        """
        return self.visititems(lambda name, _object: func(name))

    def visititems(self, func: Callable[[str, Any], Any]) -> Any:
        """Call a function with path and object of everything below; links are not followed.

        Parameters
        ----------
        func : callable
            Returning anything but None ends the walk.

        Returns
        -------
        object
            What ended the walk, or None.
        """
        for path in self._view.journal.walk(self._path):
            node = self._view.node(path)
            if (
                path == self._path
                or SOFT_LINK in node.attributes
                or "external" in node.sidecar.get("link", {})
            ):
                continue
            result = func(path[len(self._path) :].lstrip("/"), self._open(path))
            if result is not None:
                return result
        return None

    def visit_links(self, func: Callable[[str], Any]) -> Any:
        """Call a function with the path of every link below; see `h5py.Group.visit_links`."""
        return self.visititems_links(lambda name, _link: func(name))

    def visititems_links(self, func: Callable[[str, Any], Any]) -> Any:
        """Call a function with path and link of every link below; see `h5py.Group.visititems_links`."""
        for path in self._view.journal.walk(self._path):
            if path != self._path:
                result = func(path[len(self._path) :].lstrip("/"), self._link(path))
                if result is not None:
                    return result
        return None

    # ------------------------------------------------------------ writing

    def _no_structure(self, what: str) -> Never:
        self._view.require_writable(what)
        raise UnsupportedError(
            f"{what}: groups and datasets cannot be added, moved or removed",
            hint="Attributes, scalars, strings and other data kept in the document can be changed.",
        )

    def __setitem__(self, name: Any, _value: Any) -> None:
        self._no_structure(f"{name!r} cannot be written")

    def __delitem__(self, name: Any) -> None:
        self._no_structure(f"{name!r} cannot be deleted")

    def create_group(self, name: Any, *_args: Any, **_options: Any) -> Never:
        """Not possible: see `_no_structure`."""
        self._no_structure(f"the group {name!r} cannot be created")

    def create_dataset(self, name: Any, *_args: Any, **_options: Any) -> Never:
        """Not possible: the hierarchy is fixed."""
        self._no_structure(f"the dataset {name!r} cannot be created")

    def require_group(self, name: Any) -> Any:
        """The group of this name, which must exist."""
        found = self.get(name)
        if found is None:
            self._no_structure(f"the group {name!r} cannot be created")
        if not isinstance(found, h5py.Group):
            raise TypeError(f"Incompatible object ({type(found).__name__}) already exists")
        return found

    def require_dataset(self, name: Any, shape: Any, dtype: Any, exact: bool = False, **_options: Any) -> Any:
        """The dataset of this name, which must exist and fit; see `h5py.Group.require_dataset`."""
        import numpy as np

        found = self.get(name)
        if found is None:
            self._no_structure(f"the dataset {name!r} cannot be created")
        if not isinstance(found, h5py.Dataset):
            raise TypeError(f"Incompatible object ({type(found).__name__}) already exists")
        wanted = (shape,) if isinstance(shape, int) else tuple(shape)
        if found.shape != wanted:
            raise TypeError(f"Shapes do not match (existing {found.shape} vs new {wanted})")
        fits = np.dtype(dtype) == found.dtype if exact else np.can_cast(np.dtype(dtype), found.dtype)
        if not fits:
            raise TypeError(f"Datatypes cannot be safely cast (existing {found.dtype} vs new {dtype})")
        return found

    def move(self, source: Any, _dest: Any) -> Never:
        """Not possible: the hierarchy is fixed."""
        self._no_structure(f"{source!r} cannot be moved")

    def copy(self, source: Any, *_args: Any, **_options: Any) -> Never:
        """Not possible: the hierarchy is fixed."""
        self._no_structure(f"{source!r} cannot be copied")

    def __repr__(self) -> str:
        if self._view.closed:
            return "<Closed HDF5 group>"
        return f'<HDF5 group "{self.name}" ({len(self)} members)>'


_LINK_CLASSES = {
    LindiH5pyHardLink: h5py.HardLink,
    LindiH5pySoftLink: h5py.SoftLink,
    LindiH5pyExternalLink: h5py.ExternalLink,
}


class _Values(ValuesView[Any]):
    def __iter__(self) -> Iterator[Any]:
        return (self._mapping.get(name) for name in self._mapping)  # type: ignore[attr-defined]


class _Items(ItemsView[Any, Any]):
    def __iter__(self) -> Iterator[tuple[Any, Any]]:
        return ((name, self._mapping.get(name)) for name in self._mapping)  # type: ignore[attr-defined]
