"""Names of HDF5 objects: which path an object with several names goes by, and what a reference points to."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any, NamedTuple

import h5py

from lindi_explorer.errors import LindiError
from lindi_explorer.hdf5.values import Json
from lindi_explorer.references.annotations import REFERENCE

_DANGLING = "/<dangling reference>"
"""A path that leads nowhere."""

_WORD = 8 * ctypes.sizeof(ctypes.c_ulong)
"""HDF5 gives addresses as two numbers of so many bits."""


class _Identity(NamedTuple):
    """What tells an object from others, and how many hard links lead to it."""

    file: tuple[int, ...]
    address: int
    links: int


_MANY = 8
"""Targets of references whose names HDF5 looks for one by one."""


def _identity(oid: Any) -> _Identity:
    # Not h5o.get_info: that also adds up the size of the object's metadata, for which HDF5 reads the whole
    # chunk index of a dataset (megabytes, over the network).
    info = h5py.h5g.get_objinfo(oid, b".")
    low, high = info.objno
    return _Identity(tuple(info.fileno), low | high << _WORD, info.nlink)


def address_of(oid: Any) -> int:
    """Where the header of an object is, counted from the beginning of the HDF5 data."""
    return _identity(oid).address


def _text(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape")


class ObjectNames:
    """Paths of a file's objects by their address.

    Parameters
    ----------
    file : h5py.File
    """

    def __init__(self, file: h5py.File) -> None:
        self._file = file
        self._root = _identity(file.id)
        self._first: dict[int, str] | None = None
        self._top: dict[int, str] | None = None
        self._targets: dict[_Identity, tuple[str, str | None]] = {}
        self._root_id: str | None = None
        self._root_known = False

    def open_dataset(self, path: str) -> Any:
        """Open a dataset.

        Parameters
        ----------
        path : str
            Without leading slash.

        Returns
        -------
        h5py.h5d.DatasetID
        """
        return h5py.h5d.open(self._file.id, b"/" + path.encode("utf-8", "surrogateescape"))

    def canonical(self, oid: Any) -> str | None:
        """The path that an object with several hard links goes by: the first in the order of the tree.

        Parameters
        ----------
        oid : h5py.h5g.GroupID, h5py.h5d.DatasetID or h5py.h5t.TypeID

        Returns
        -------
        str or None
            Without leading slash; None for objects with one name, where no search is needed.
        """
        identity = _identity(oid)
        if identity == self._root:
            return ""
        if identity.links <= 1:
            return None
        if self._first is None:
            self._first = self._search()
        return self._first.get(identity.address)

    def _search(self) -> dict[int, str]:
        """The first path of every address, from the links alone: no object is looked at."""
        return self._links(self._file.id.links.visit)

    @staticmethod
    def _links(go_over: Callable[..., Any]) -> dict[int, str]:
        found: dict[int, str] = {}

        def note(name: bytes, info: Any) -> None:
            if info.type == h5py.h5l.TYPE_HARD:
                found.setdefault(info.u, _text(name))

        go_over(note, info=True)
        return found

    def aliases(self) -> dict[str, str]:
        """The further names of objects that have several: path -> the path that the object goes by."""
        found: dict[int, str] = {self._root.address: ""}
        out: dict[str, str] = {}

        def note(name: bytes, info: Any) -> None:
            if info.type == h5py.h5l.TYPE_HARD:
                path = _text(name)
                first = found.setdefault(info.u, path)
                if first != path:
                    out[path] = first

        self._file.id.links.visit(note, info=True)
        return out

    def encode(self, reference: Any) -> Json:
        """An object or region reference as JSON (format section 8.3).

        Parameters
        ----------
        reference : h5py.Reference or h5py.RegionReference

        Returns
        -------
        dict or None
            None for a null reference.
        """
        if not reference:
            return None
        try:
            oid = h5py.h5r.dereference(reference, self._file.id)
        except LindiError:
            raise  # a fault of the network
        except (KeyError, OSError, RuntimeError, ValueError):
            oid = None
        # A reference to a deleted object is not null: following it must fail.
        path, object_id = (_DANGLING, None) if oid is None else self._target(oid)
        inside: dict[str, Json] = {
            "object_id": object_id,
            "path": path,
            "source": ".",
            "source_object_id": self._source_object_id(),
        }
        if isinstance(reference, h5py.RegionReference) and oid is not None:
            inside["region"] = _region(h5py.h5r.get_region(reference, oid))
        return {REFERENCE: inside}

    def _target(self, oid: Any) -> tuple[str, str | None]:
        identity = _identity(oid)
        known = self._targets.get(identity)
        if known is None:
            canonical = self.canonical(oid)
            name = self._only_name(oid, identity) if canonical is None else f"/{canonical}"
            known = self._targets[identity] = (name, _object_id(oid))
        return known

    def _only_name(self, oid: Any, identity: _Identity) -> str:
        """The path of an object with one link.

        HDF5 looks for it all over the file, each time anew. Objects at the top, which NWB files refer to from
        their root, are found by the links there; and where there are many, one search serves them all.
        """
        if self._top is None:
            self._top = self._links(self._file.id.links.iterate)
        if identity.address not in self._top and self._first is None and len(self._targets) >= _MANY:
            self._first = self._search()
        for found in (self._top, self._first or {}):
            if identity.address in found:
                return f"/{found[identity.address]}"
        return _text(h5py.h5i.get_name(oid))

    def _source_object_id(self) -> str | None:
        if not self._root_known:
            self._root_id, self._root_known = _object_id(self._file["/"].id), True
        return self._root_id


def _object_id(oid: Any) -> str | None:
    """The attribute ``object_id`` that NWB gives every typed object."""
    if not h5py.h5a.exists(oid, b"object_id"):
        return None
    value = h5py.AttributeManager(_Located(oid)).get("object_id")
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value if isinstance(value, str) else None


class _Located:
    """What `h5py.AttributeManager` needs of its parent."""

    def __init__(self, oid: Any) -> None:
        self.id = oid


def _region(space: Any) -> Json:
    """A selection: hyperslab blocks as ``[start, end]`` (both inclusive) or points."""
    kind = space.get_select_type()
    if kind == h5py.h5s.SEL_POINTS:
        return {"points": space.get_select_elem_pointlist().tolist()}
    if kind == h5py.h5s.SEL_HYPERSLABS:
        return {"blocks": space.get_select_hyper_blocklist().tolist()}
    return "none" if kind == h5py.h5s.SEL_NONE else "all"
