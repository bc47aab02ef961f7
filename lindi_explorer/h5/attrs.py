"""The attributes of an object, as `h5py.AttributeManager`."""

from __future__ import annotations

import itertools
from collections.abc import ItemsView, Iterator, KeysView, ValuesView
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np

from lindi_explorer.errors import NodeNotFoundError
from lindi_explorer.h5.names import shown
from lindi_explorer.h5.reference import encode_reference, make_reference
from lindi_explorer.h5.scratch import scratch
from lindi_explorer.hdf5.attributes import StoredAttribute, decode_attribute, encode_attribute
from lindi_explorer.hdf5.read_attributes import read_attribute
from lindi_explorer.hdf5.types import dtype_of
from lindi_explorer.references.annotations import RESERVED
from lindi_explorer.references.keys import in_order
from lindi_explorer.staging.edits import AttributeEdit, AttributeRecord, attribute_record

if TYPE_CHECKING:
    from lindi_explorer.h5.identity import NodeId
    from lindi_explorer.h5.view import View
    from lindi_explorer.references.model import Node


class LindiH5pyAttributes(h5py.AttributeManager):
    """Attributes by name; each change is one step of the file's journal.

    Parameters
    ----------
    view : View
    identity : NodeId
        Of the object.
    """

    def __init__(self, view: View, identity: NodeId) -> None:
        self._view = view
        self._identity = identity

    @property
    def _path(self) -> str:
        return self._identity.path

    @property
    def _node(self) -> Node:
        return self._view.node(self._path)

    # ------------------------------------------------------------ reading

    def stored(self, name: str) -> StoredAttribute:
        """An attribute as the document keeps it, with its exact type.

        Parameters
        ----------
        name : str

        Returns
        -------
        StoredAttribute

        Raises
        ------
        NodeNotFoundError
            If there is no such attribute.
        UnsupportedError
            If HDF5 could not read it.
        """
        record = attribute_record(self._node, _text(name))
        if record is None:
            raise NodeNotFoundError(f"/{self._path} has no attribute {name!r}")
        return record.stored

    def __getitem__(self, name: str) -> Any:
        return decode_attribute(self.stored(_text(name)), make_reference)

    def get(self, name: str, default: Any = None) -> Any:
        """The value, or a default where there is no such attribute."""
        return self[name] if name in self else default  # noqa: SIM401 - this is that method

    def __contains__(self, name: object) -> bool:
        return isinstance(name, (str, bytes)) and shown(_text(name)) in set(self)

    def __iter__(self) -> Iterator[Any]:
        node = self._node
        names = {name for name in node.attributes if name not in RESERVED} | node.sidecar.get(
            "attributes", {}
        ).keys()
        yield from map(shown, in_order(names, node.sidecar.get("attribute_order", ())))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    # h5py's own views hold its global lock while they are iterated; these do not.
    def keys(self) -> KeysView[str]:
        """Names."""
        return KeysView(self)

    def values(self) -> ValuesView[Any]:
        """Values."""
        return ValuesView(self)

    def items(self) -> ItemsView[str, Any]:
        """Names and values."""
        return ItemsView(self)

    def __repr__(self) -> str:
        return f"<Attributes of HDF5 object /{self._path}>"

    # ------------------------------------------------------------ writing

    def __setitem__(self, name: str, value: Any) -> None:
        self.create(name, value)

    def __delitem__(self, name: str) -> None:
        self._view.require_writable(f"the attribute {name!r} cannot be deleted")
        name = _text(name)
        if name not in self:
            raise NodeNotFoundError(f"/{self._path} has no attribute {name!r}")
        self._put(f"Delete {name} of {self._object_name}", name, None)

    def create(self, name: str, data: Any, shape: Any = None, dtype: Any = None) -> None:
        """Create an attribute, or replace one with its type; see `h5py.AttributeManager.create`.

        Parameters
        ----------
        name : str
        data : object
            Anything h5py takes; references must be of this kind of file.
        shape : tuple of int, optional
        dtype : numpy.dtype, optional
        """
        self._view.require_writable(f"the attribute {name!r} cannot be set")
        name = _text(name)
        stored = encode_attribute(_as_hdf5(data, shape, dtype), encode_reference, name=name)
        self._put(f"{'Set' if name in self else 'Add'} {name} of {self._object_name}", name, stored)

    def modify(self, name: str, value: Any) -> None:
        """Change the value and keep the type; see `h5py.AttributeManager.modify`.

        Parameters
        ----------
        name : str
        value : object
            Of the same shape, convertible to the attribute's type.
        """
        if name not in self:
            self.create(name, value)
            return
        old = self.stored(name)
        if old.shape is None or (
            not isinstance(value, (str, bytes, h5py.Reference)) and np.shape(value) != old.shape
        ):
            self.create(name, value)
            return
        self.create(name, value, dtype=dtype_of(old.type))

    def put(self, name: str, stored: StoredAttribute) -> None:
        """Set an attribute to a stored value, type and all.

        Parameters
        ----------
        name : str
        stored : StoredAttribute
        """
        self._view.require_writable(f"the attribute {name!r} cannot be set")
        self._put(f"{'Set' if name in self else 'Add'} {name} of {self._object_name}", name, stored)

    def _put(self, words: str, name: str, stored: StoredAttribute | None) -> None:
        old = attribute_record(self._node, name)
        new = None if stored is None else AttributeRecord.of(stored)
        if old != new:
            self._view.journal.apply(words, [AttributeEdit(self._path, name, old, new)])

    @property
    def _object_name(self) -> str:
        return self._path.rpartition("/")[2] or "the file"


def _text(name: str | bytes) -> str:
    return name if isinstance(name, str) else name.decode("utf-8", "surrogateescape")


_scratch_names = itertools.count()


def _as_hdf5(data: Any, shape: Any, dtype: Any) -> Any:
    """What h5py would store: the value goes through an attribute of a file in memory."""
    if _is_reference(data, dtype):
        return _references(data, shape, dtype)
    with scratch() as file:
        manager = file.attrs
        # HDF5 shares what is open by name: a name that was used before could give an old value.
        name = str(next(_scratch_names))
        manager.create(name, data, shape, dtype)
        value = read_attribute(manager.get_id(name))
        del manager[name]
        return value


def _references(data: Any, shape: Any, dtype: Any) -> Any:
    kind = np.dtype(dtype) if dtype is not None else _reference_type(data)
    array = np.asarray(data, dtype=kind)
    if shape is not None and array.shape != shape:
        array = array.reshape(shape)
    return array


def _reference_type(data: Any) -> np.dtype[Any]:
    first = data if isinstance(data, h5py.Reference) else np.asarray(data, dtype=object).reshape(-1)[0]
    region = isinstance(first, h5py.RegionReference)
    return h5py.regionref_dtype if region else h5py.ref_dtype


def _is_reference(data: Any, dtype: Any) -> bool:
    if isinstance(data, h5py.Reference):
        return True
    if dtype is not None and h5py.check_ref_dtype(np.dtype(dtype)) is not None:
        return True
    array = np.asarray(data) if isinstance(data, (list, tuple, np.ndarray)) else None
    return (
        array is not None
        and array.dtype == object
        and array.size > 0
        and isinstance(array.reshape(-1)[0], h5py.Reference)
    )
