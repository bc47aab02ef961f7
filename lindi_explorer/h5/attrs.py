"""The attributes of an object, as `h5py.AttributeManager`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import h5py

from lindi_explorer.errors import NodeNotFoundError
from lindi_explorer.h5.attribute_values import low_level, modified_value, stored_value
from lindi_explorer.h5.listing import Items, Keys, Values
from lindi_explorer.h5.names import shown
from lindi_explorer.h5.reference import make_reference
from lindi_explorer.hdf5.attributes import StoredAttribute, decode_attribute
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
    identity : NodeId
        Of the object.
    """

    def __init__(self, identity: NodeId) -> None:
        self._identity = identity

    @property
    def _view(self) -> View:
        return self._identity.view

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

    def get_id(self, name: str) -> Any:
        """A copy of the attribute in HDF5's low-level interface, for asking it about type and shape.

        Parameters
        ----------
        name : str

        Returns
        -------
        h5py.h5a.AttrID

        Raises
        ------
        NodeNotFoundError
            If there is no such attribute.
        UnsupportedError
            If it holds references.
        """
        return low_level(_text(name), self.stored(name))

    def __iter__(self) -> Iterator[Any]:
        node = self._node
        names = {name for name in node.attributes if name not in RESERVED} | node.sidecar.get(
            "attributes", {}
        ).keys()
        yield from map(shown, in_order(names, node.sidecar.get("attribute_order", ())))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def keys(self) -> Keys:
        """Names."""
        return Keys(self)

    def values(self) -> Values:
        """Values."""
        return Values(self)

    def items(self) -> Items:
        """Names and values."""
        return Items(self)

    def __repr__(self) -> str:
        if not self._identity.valid:
            return "<Attributes of closed HDF5 object>"
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
        stored = stored_value(name, data, shape, dtype)
        self._put(f"{'Set' if name in self else 'Add'} {name} of {self._object_name}", name, stored)

    def modify(self, name: str, value: Any) -> None:
        """Change the value and keep the type; see `h5py.AttributeManager.modify`.

        Parameters
        ----------
        name : str
        value : object
            Of the same shape, convertible to the attribute's type.

        Raises
        ------
        OSError
            If the attribute is empty (it has a null dataspace).
        TypeError
            If the shape is another.
        """
        self._view.require_writable(f"the attribute {name!r} cannot be set")
        name = _text(name)
        if name not in self:
            self.create(name, value)
            return
        self._put(f"Set {name} of {self._object_name}", name, modified_value(name, self.stored(name), value))

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
        new = None if stored is None else AttributeRecord.of(stored)
        with self._view.editing:
            old = attribute_record(self._node, name)
            if old != new:
                self._view.journal.apply(words, [AttributeEdit(self._path, name, old, new)])

    @property
    def _object_name(self) -> str:
        return self._path.rpartition("/")[2] or "the file"


def _text(name: Any) -> str:
    if isinstance(name, bytes):
        return name.decode("utf-8", "surrogateescape")
    if not isinstance(name, str):
        raise TypeError(f"A name should be string or bytes, not {type(name)}")
    return name
