"""Linking, removing, moving and copying objects, as `h5py.Group` does."""

from __future__ import annotations

from typing import Any

import h5py
import numpy as np

from lindi_explorer.errors import ReadOnlyError, UnsupportedError
from lindi_explorer.h5.anonymous import PLACE, AnonymousView
from lindi_explorer.h5.copying import CopyOptions, copy_object
from lindi_explorer.h5.created import Created
from lindi_explorer.h5.objects import LindiObject
from lindi_explorer.h5.structure import Changing, existing, external_link, hard_link, soft_link
from lindi_explorer.hdf5.types import type_of
from lindi_explorer.references import keys
from lindi_explorer.references.model import Node


class Arranged(Created):
    """The part of `LindiH5pyGroup` that gives objects names and takes them away."""

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


class _UndeletableError(ReadOnlyError, KeyError):
    """Deleting where nothing can be written: to h5py the name cannot be found for that."""

    __str__ = ReadOnlyError.__str__
