"""A group, as `h5py.Group`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np

from lindi_explorer.errors import NodeNotFoundError, ReadOnlyError, UnsupportedError
from lindi_explorer.h5.anonymous import PLACE, AnonymousView, is_nameless
from lindi_explorer.h5.copying import CopyOptions, copy_object
from lindi_explorer.h5.dataset import LindiH5pyDataset
from lindi_explorer.h5.datatype import LindiH5pyDatatype
from lindi_explorer.h5.links import LindiH5pyExternalLink, LindiH5pyHardLink, LindiH5pySoftLink
from lindi_explorer.h5.listing import Items, Keys, Values
from lindi_explorer.h5.names import shown
from lindi_explorer.h5.new_dataset import new_dataset
from lindi_explorer.h5.objects import LindiObject
from lindi_explorer.h5.structure import Changing, existing, external_link, hard_link, new_group, soft_link
from lindi_explorer.h5.view import LinkElsewhereError
from lindi_explorer.h5.visiting import links_below, objects_below
from lindi_explorer.hdf5.types import type_of
from lindi_explorer.references import keys
from lindi_explorer.references.annotations import SOFT_LINK
from lindi_explorer.references.model import Node

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
        self._bind(view, path, name)

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

    def _full(self, name: Any) -> str:
        if not isinstance(name, (str, bytes)):
            raise TypeError(f"A name should be string or bytes, not {type(name)}")
        text = name if isinstance(name, str) else name.decode("utf-8", "surrogateescape")
        if text.startswith("/"):
            if is_nameless(self._view):
                raise UnsupportedError(
                    f"{text} is no path from a group without a name", hint="Start from the file."
                )
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

    def _link(self, name: str) -> Any:
        parent, leaf = keys.split(name)
        try:
            path = keys.join(self._view.resolve(parent), leaf)
            node = self._view.node(path)
        except LinkElsewhereError:
            group = self.get(f"/{parent}")
            return group.get(leaf, getlink=True) if isinstance(group, h5py.Group) else None
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
        found = (func(step.name, self._open(step.path)) for step in objects_below(self._view, self._path))
        return next((result for result in found if result is not None), None)

    def visit_links(self, func: Callable[[str], Any]) -> Any:
        """Call a function with the path of every link below; see `h5py.Group.visit_links`."""
        return self.visititems_links(lambda name, _link: func(name))

    def visititems_links(self, func: Callable[[str, Any], Any]) -> Any:
        """Call a function with path and link of every link below; see `h5py.Group.visititems_links`."""
        found = (func(step.name, self._link(step.path)) for step in links_below(self._view, self._path))
        return next((result for result in found if result is not None), None)

    # ------------------------------------------------------------ writing

    def __setitem__(self, name: Any, value: Any) -> None:
        """Link an object, make a link, commit a type, or store data; see `h5py.Group.__setitem__`.

        Parameters
        ----------
        name : str or bytes
        value : object
            A group, dataset or type of this file gets one more name; `h5py.SoftLink` and `h5py.ExternalLink`
            make links; a dtype is committed; anything else becomes a dataset.

        Raises
        ------
        ReadOnlyError
            If the file is open for reading.
        ValueError
            If there is something of that name.
        """
        self._view.require_writable(f"{name!r} cannot be written")
        if not isinstance(value, (h5py.HLObject, h5py.SoftLink, h5py.ExternalLink, h5py.HardLink, np.dtype)):
            self.create_dataset(name, data=value)
            return
        with self._view.editing:
            changing = Changing(self._view)
            path = changing.place(self._full(name), "link")
            nameless = self._nameless(value)
            if nameless is None:
                changing.add(path, self._linked(path, value))
            else:
                changing.take_over(nameless, path)
            changing.done(f"Add {keys.split(path)[1]}")

    def _nameless(self, value: Any) -> AnonymousView | None:
        """Where an object of this file is that has no name yet; None for anything else."""
        if not isinstance(value, LindiObject):
            return None
        view = value._view  # noqa: SLF001 - the same family
        if not isinstance(view, AnonymousView) or view.main is not self._view:
            return None
        if value._path != PLACE:  # noqa: SLF001 - as above
            raise UnsupportedError(
                "what lies in a group without a name cannot be linked", hint="Link the group first."
            )
        return view

    def _linked(self, path: str, value: Any) -> Node:
        """What a name stands for that is given an object, a link or a type."""
        if isinstance(value, h5py.SoftLink):
            return soft_link(keys.split(path)[0], value.path)
        if isinstance(value, h5py.ExternalLink):
            return external_link(value.filename, value.path, self._view.file.link_base)
        if isinstance(value, np.dtype):
            return Node(sidecar={"committed": True, "type": type_of(value)})
        if not isinstance(value, LindiObject) or value._view is not self._view:  # noqa: SLF001 - the same family
            raise OSError(
                "Unable to create link (the object is not of this file): copy it with `copy`, or make an "
                "h5py.ExternalLink"
            )
        return hard_link(value._path)  # noqa: SLF001 - as above

    def __delitem__(self, name: Any) -> None:
        """Remove a name; the object stays if it has others.

        Raises
        ------
        NodeNotFoundError
            If there is none.
        ReadOnlyError
            If the file is open for reading; it is a KeyError, as in h5py.
        """
        try:
            self._view.require_writable(f"{name!r} cannot be deleted")
        except ReadOnlyError as error:
            raise _UndeletableError(error.message, hint=error.hint) from None
        with self._view.editing:
            path = existing(self._view, self._full(name), "deleted")
            changing = Changing(self._view)
            changing.remove(path)
            changing.done(f"Delete {keys.split(path)[1]}")

    def create_group(self, name: Any, track_order: bool | None = None, *, track_times: Any = False) -> Any:
        """Create a group, and those above it that are missing; see `h5py.Group.create_group`.

        Parameters
        ----------
        name : str, bytes or None
        track_order : bool, optional
            List children and attributes in the order of their creation.
        track_times : bool, optional
            LINDI keeps no times.

        Returns
        -------
        LindiH5pyGroup

        Raises
        ------
        ReadOnlyError
            If the file is open for reading.
        ValueError
            If there is something of that name.
        """
        self._view.require_writable(f"the group {name!r} cannot be created")
        if track_times not in (True, False, None):
            raise TypeError("track_times must be either True, False, or None")
        ordered = h5py.get_config().track_order if track_order is None else track_order
        return self._added(name, "group", lambda _name: new_group(ordered=bool(ordered)))

    def _added(self, name: Any, what: str, make: Callable[[str], Node]) -> Any:
        """Add an object; without a name it is one that only its handle leads to."""
        if name is None:
            apart = LindiH5pyGroup(AnonymousView(self._view), "", "")
            return apart._added(PLACE, what, make)
        with self._view.editing:
            changing = Changing(self._view)
            full = self._full(name)
            path = changing.place(full, what)
            changing.add(path, make(f"/{full}"))
            changing.done(f"Create {what} {keys.split(path)[1]}")
        return self._open(full)

    def create_dataset(
        self, name: Any, shape: Any = None, dtype: Any = None, data: Any = None, **options: Any
    ) -> Any:
        """Create a dataset; see `h5py.Group.create_dataset`, whose keywords mean the same here.

        Parameters
        ----------
        name : str, bytes or None
        shape, dtype, data : object
        **options : object
            ``chunks``, ``maxshape``, ``compression`` (a name, or a numcodecs codec), ``compression_opts``,
            ``shuffle``, ``fletcher32``, ``scaleoffset``, ``fillvalue`` and the others of h5py. Filters that
            no Zarr codec undoes are shown as they were asked for; the data itself is compressed with Blosc.

        Returns
        -------
        LindiH5pyDataset

        Raises
        ------
        ReadOnlyError
            If the file is open for reading.
        TypeError, ValueError
            As h5py raises them; ValueError if there is something of that name.
        UnsupportedError
            For raw data in other files.
        """
        self._view.require_writable(f"the dataset {name!r} cannot be created")
        options.setdefault("track_order", h5py.get_config().track_order)
        return self._added(
            name, "dataset", lambda full: new_dataset(self._view, shape, dtype, data, full, options)
        )

    def create_dataset_like(self, name: Any, other: h5py.Dataset, **options: Any) -> Any:
        """Create a dataset with the properties of another; see `h5py.Group.create_dataset_like`."""
        for key in _ALIKE:
            # A compression that h5py has no name for, as LINDI's own, is left to what is usual.
            if key != "compression" or other.compression is not None:
                options.setdefault(key, getattr(other, key))
        # Where they are the same, h5py would chunk the new dataset for it.
        if other.maxshape != other.shape:
            options.setdefault("maxshape", other.maxshape)
        return self.create_dataset(name, **options)

    def create_virtual_dataset(self, name: Any, layout: Any, fillvalue: Any = None) -> Any:  # noqa: ARG002 - h5py's signature
        """Not possible: LINDI has no datasets that are put together from others.

        Raises
        ------
        UnsupportedError
            Always.
        """
        self._view.require_writable(f"the dataset {name!r} cannot be created")
        raise UnsupportedError(
            f"the virtual dataset {name!r} cannot be created: LINDI has none",
            hint="Copy the data, or the datasets themselves: inside LINDI a copy is made of references.",
        )

    def require_group(self, name: Any) -> Any:
        """The group of this name, created if there is none; see `h5py.Group.require_group`."""
        if name not in self:
            return self.create_group(name)
        found = self[name]
        if not isinstance(found, h5py.Group):
            raise TypeError(f"Incompatible object ({type(found).__name__}) already exists")
        return found

    def require_dataset(self, name: Any, shape: Any, dtype: Any, exact: bool = False, **options: Any) -> Any:
        """The dataset of this name, created if there is none; see `h5py.Group.require_dataset`."""
        if name not in self:
            return self.create_dataset(name, shape, dtype, **options)
        found = self[name]
        if not isinstance(found, h5py.Dataset):
            raise TypeError(f"Incompatible object ({type(found).__name__}) already exists")
        wanted = (shape,) if isinstance(shape, int) else tuple(shape)
        if found.shape != wanted:
            if "maxshape" not in options:
                raise TypeError(f"Shapes do not match (existing {found.shape} vs new {wanted})")
            if options["maxshape"] != found.maxshape:
                raise TypeError(
                    f"Max shapes do not match (existing {found.maxshape} vs new {options['maxshape']})"
                )
        if exact and np.dtype(dtype) != found.dtype:
            raise TypeError(f"Datatypes do not exactly match (existing {found.dtype} vs new {dtype})")
        if not exact and not np.can_cast(np.dtype(dtype), found.dtype):
            raise TypeError(f"Datatypes cannot be safely cast (existing {found.dtype} vs new {dtype})")
        return found

    def move(self, source: Any, dest: Any) -> None:
        """Give an object or a link another path; see `h5py.Group.move`.

        Raises
        ------
        NodeNotFoundError
            If there is no source.
        ValueError
            If there is something at the destination.
        """
        self._view.require_writable(f"{source!r} cannot be moved")
        if source == dest:
            return
        with self._view.editing:
            path = existing(self._view, self._full(source), "moved")
            changing = Changing(self._view)
            to = changing.place(self._full(dest), "link")
            changing.move(path, to)
            changing.done(f"Move {keys.split(path)[1]} to /{to}")

    def copy(
        self,
        source: Any,
        dest: Any,
        name: Any = None,
        shallow: bool = False,
        expand_soft: bool = False,
        expand_external: bool = False,
        expand_refs: bool = False,
        without_attrs: bool = False,
    ) -> None:
        """Copy an object; see `h5py.Group.copy`.

        Into a file of this kind the copy refers to the data where it is; into an `h5py.File` the data is
        written.

        Parameters
        ----------
        source : str, bytes or object
            A path from here, or an object of any file, h5py's own included.
        dest : str, bytes or group
            A path from here, or a group of any file.
        name : str or bytes, optional
            Name in the group; default: that of the source.
        shallow, expand_soft, expand_external, expand_refs, without_attrs : bool
            As in h5py. In the same file references stay as they are; in another one they are null unless what
            they lead to is copied along.

        Raises
        ------
        ReadOnlyError
            If the destination is open for reading.
        NodeNotFoundError
            If there is no source.
        ValueError
            If there is something at the destination.
        """
        options = CopyOptions(shallow, expand_soft, expand_external, expand_refs, without_attrs)
        copy_object(self, source, dest, name, options)

    def __repr__(self) -> str:
        if self._view.closed:
            return "<Closed HDF5 group>"
        name = "(anonymous)" if self.name is None else f'"{self.name}"'
        return f"<HDF5 group {name} ({len(self)} members)>"


class _UndeletableError(ReadOnlyError, KeyError):
    """Deleting where nothing can be written: to h5py the name cannot be found for that."""

    __str__ = ReadOnlyError.__str__


_ALIKE = (
    "shape",
    "dtype",
    "chunks",
    "compression",
    "compression_opts",
    "scaleoffset",
    "shuffle",
    "fletcher32",
    "fillvalue",
)

_LINK_CLASSES = {
    LindiH5pyHardLink: h5py.HardLink,
    LindiH5pySoftLink: h5py.SoftLink,
    LindiH5pyExternalLink: h5py.ExternalLink,
}
