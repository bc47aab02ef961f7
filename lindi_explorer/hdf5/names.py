"""Names of HDF5 objects: which path an object with several names goes by, and what a reference points to."""

from __future__ import annotations

from typing import Any

import h5py

from lindi_explorer.errors import LindiError
from lindi_explorer.hdf5.direct.objects import Objects
from lindi_explorer.hdf5.direct.source import OddError
from lindi_explorer.hdf5.identity import Identity, identity_of
from lindi_explorer.hdf5.over_http import RemoteHdf5, faults_told
from lindi_explorer.hdf5.regions import region_of_space
from lindi_explorer.hdf5.tree import hard_links, name_text, path_bytes
from lindi_explorer.hdf5.values import Json
from lindi_explorer.references.annotations import REFERENCE

_DANGLING = "/<dangling reference>"
"""A path that leads nowhere."""

_MANY = 8
"""Targets of references in a remote file whose names HDF5 looks for one by one."""


class ObjectNames:
    """Paths of a file's objects by their address.

    Parameters
    ----------
    file : h5py.File
    objects : Objects, optional
        Reads plain objects of the file without HDF5.
    """

    def __init__(self, file: h5py.File, objects: Objects | None = None) -> None:
        self._file = file
        self._objects = objects
        self._target_at: dict[int, Json] = {}
        if objects is not None:
            objects.target = self.encode_at
        self._root = identity_of(file.id)
        self._known: tuple[dict[int, str], dict[str, str]] | None = None
        self._top: dict[int, str] | None = None
        self._targets: dict[Identity, tuple[str, str | None]] = {}
        self._root_id: str | None = None
        self._root_known = False

    @property
    def root(self) -> int:
        """Address of the root group."""
        return self._root.address

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
        return h5py.h5d.open(self._file.id, path_bytes(path))

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
        identity = identity_of(oid)
        return "" if identity == self._root else self._canonical(identity.address, identity.links)

    def canonical_at(self, address: int, links: int) -> str | None:
        """The same by the address of an object.

        Parameters
        ----------
        address : int
        links : int
            How many hard links lead to it.

        Returns
        -------
        str or None
        """
        return "" if address == self._root.address else self._canonical(address, links)

    def _canonical(self, address: int, links: int) -> str | None:
        if links <= 1:
            return None
        return self._firsts().get(address)

    def _firsts(self) -> dict[int, str]:
        """The first path of every address, from the links alone: no data is looked at."""
        return self._links()[0]

    def aliases(self) -> dict[str, str]:
        """The further names of objects that have several: path -> the path that the object goes by."""
        return {**self._links()[1]}

    def _links(self) -> tuple[dict[int, str], dict[str, str]]:
        if self._known is None:
            first, further = {self._root.address: ""}, {}
            with faults_told(self._file):  # what the network has not brought must not be missing from now on
                for path, address in hard_links(self._file, self._objects, self._root.address):
                    known = first.setdefault(address, path)
                    if known != path:
                        further[path] = known
            self._known = first, further
        return self._known

    def encode(self, reference: Any) -> Json:
        """An object or region reference as JSON (format section 8.3).

        Parameters
        ----------
        reference : h5py.Reference, h5py.RegionReference or int
            An int is the address that an object reference holds, and one that `encode_at` knows.

        Returns
        -------
        dict or None
            None for a null reference.
        """
        if not reference:
            return None
        if isinstance(reference, int):
            return self.encode_at(reference)
        try:
            oid = h5py.h5r.dereference(reference, self._file.id)
        except LindiError:
            raise  # a fault of the network
        except (KeyError, OSError, RuntimeError, ValueError):
            oid = None
        # A reference to a deleted object is not null: following it must fail.
        inside = self._inside(*((_DANGLING, None) if oid is None else self._target(oid)))
        if isinstance(reference, h5py.RegionReference) and oid is not None:
            inside["region"] = region_of_space(h5py.h5r.get_region(reference, oid))
        return {REFERENCE: inside}

    def _inside(self, path: str, object_id: str | None) -> dict[str, Json]:
        return {
            "object_id": object_id,
            "path": path,
            "source": ".",
            "source_object_id": self._source_object_id(),
        }

    def encode_at(self, address: int) -> Json:
        """An object reference by the address that it holds.

        Parameters
        ----------
        address : int

        Returns
        -------
        dict

        Raises
        ------
        OddError
            If the target is not plain, or HDF5 has to look for its name: null and dangling references, too.
        """
        known = self._target_at.get(address)
        if known is None:
            if self._objects is None or not address:
                raise OddError
            header = self._objects.header(address)
            path = self.canonical_at(address, header.links)
            if path is None:
                path = self._listed_name(address)
            if path is None:
                raise OddError
            known = self._inside(f"/{path}", self._objects.text(header, "object_id"))
            self._target_at[address] = known
        return {REFERENCE: dict(known)}

    def _target(self, oid: Any) -> tuple[str, str | None]:
        identity = identity_of(oid)
        known = self._targets.get(identity)
        if known is None:
            canonical = self.canonical(oid)
            name = self._only_name(oid, identity) if canonical is None else f"/{canonical}"
            known = self._targets[identity] = (name, _object_id(oid))
        return known

    def _only_name(self, oid: Any, identity: Identity) -> str:
        """The path of an object with one link.

        HDF5 looks for it all over the file, each time anew. Objects at the top, which NWB files refer to from
        their root, are found by the links there; and where there are many, one search serves them all.
        """
        listed = self._listed_name(identity.address)
        if listed is not None:
            return f"/{listed}"
        # Objects that only others of their kind lead to are there, and have no name.
        name = h5py.h5i.get_name(oid)
        return _DANGLING if name is None else name_text(name)

    def _listed_name(self, address: int) -> str | None:
        if self._top is None:
            self._top = self._links_at_the_top()
        if address in self._top:
            return self._top[address]
        many = self._at_hand or len(self._targets) + len(self._target_at) >= _MANY
        return self._firsts().get(address) if many or self._known is not None else None

    def _links_at_the_top(self) -> dict[int, str]:
        found: dict[int, str] = {}

        def note(name: bytes, info: Any) -> None:
            if info.type == h5py.h5l.TYPE_HARD:
                found.setdefault(info.u, name_text(name))

        self._file.id.links.iterate(note, info=True)
        return found

    @property
    def _at_hand(self) -> bool:
        """Whether going through all groups waits for nothing."""
        return not isinstance(self._file, RemoteHdf5) or self._file.remote.is_walked

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
