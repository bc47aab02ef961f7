"""All attributes of an HDF5 object, as a document keeps them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import h5py
import numpy as np

from lindi_explorer.errors import LindiError
from lindi_explorer.hdf5.attributes import encode_attribute, is_plain_text
from lindi_explorer.hdf5.direct.header import Header
from lindi_explorer.hdf5.direct.kinds import Kind
from lindi_explorer.hdf5.direct.messages import dataspace
from lindi_explorer.hdf5.direct.objects import Objects
from lindi_explorer.hdf5.direct.source import OddError
from lindi_explorer.hdf5.names import ObjectNames
from lindi_explorer.hdf5.types import STRING, TypeSpec, array_parts, check_readable, type_of
from lindi_explorer.hdf5.values import Json
from lindi_explorer.references.annotations import RESERVED
from lindi_explorer.references.keys import in_order

_UNREADABLE = (TypeError, ValueError, OSError, RuntimeError, KeyError, LindiError)
"""What HDF5 and h5py raise for attributes they cannot read."""


@dataclass(frozen=True, slots=True)
class _Type:
    """What is needed to read attributes of one HDF5 type."""

    dtype: np.dtype[Any]
    base: np.dtype[Any]
    axes: tuple[int, ...]
    memory: Any
    spec: TypeSpec

    @classmethod
    def of(cls, dtype: np.dtype[Any]) -> _Type:
        check_readable(dtype)
        # NumPy has no scalar of an array type: its axes come last.
        return cls(dtype, *array_parts(dtype), h5py.h5t.py_create(dtype), type_of(dtype))


class AttributeReader:
    """Reads the attributes of one file's objects.

    A file has thousands of attributes of a handful of types, and asking h5py what a type is in NumPy costs
    as much as reading the value: so it is asked once for each type.

    Parameters
    ----------
    names : ObjectNames
        Encodes references.
    """

    def __init__(self, names: ObjectNames) -> None:
        self._names = names
        self._types: dict[bytes, _Type] = {}

    def read(self, oid: Any, plist: Any) -> tuple[dict[str, Json], dict[str, Any]]:
        """Read the attributes of an object.

        Parameters
        ----------
        oid : h5py low-level identifier
        plist : h5py.h5p.PropOCID
            Its creation properties.

        Returns
        -------
        attributes : dict
            Content of ``.zattrs``.
        sidecar : dict
            ``{"attributes": {...}}``, or empty where plain LINDI says everything.
        """
        out = _Gathered(self._names)
        index = _index(plist)
        for position in range(h5py.h5a.get_num_attrs(oid)):
            try:
                attribute = h5py.h5a.open(oid, index=position, index_type=index)
                name = _text(attribute.name)
            except _UNREADABLE as error:
                # Not even its name is known.
                out.entries[f"#{position}"] = {"problem": f"HDF5 cannot open attribute {position}: {error}"}
                continue
            try:
                kind = self._type(attribute)
                out.add(name, _value(attribute, kind), kind)
            except _UNREADABLE as error:
                # One odd attribute must not cost the object.
                out.entries[name] = {"problem": f"HDF5 cannot read the attribute {name!r}: {error}"}
                out.names.append(name)
        return out.result()

    def read_direct(self, objects: Objects, header: Header) -> tuple[dict[str, Json], dict[str, Any]]:
        """The same from the bytes of a plain object.

        Parameters
        ----------
        objects : Objects
        header : Header

        Returns
        -------
        attributes, sidecar : dict

        Raises
        ------
        OddError
            If one of them is not plain.
        """
        out = _Gathered(self._names)
        for found in objects.attributes(header):
            kind = objects.kinds.kind(found.kind)
            shape = dataspace(found.space).shape
            if shape is not None and len(found.data) < kind.size * math.prod(shape):
                raise OddError
            if shape is None:
                out.add(found.name, h5py.Empty(kind.dtype), kind)
            elif kind.reference and shape == () and found.name not in RESERVED:
                out.add_value(found.name, self._names.encode_at(int.from_bytes(found.data[:8], "little")))
            elif not (shape == () and out.add_plain(found.name, kind, objects, found.data)):
                out.add(found.name, objects.values(kind, shape, found.data), kind)
        return out.result()

    def _type(self, attribute: Any) -> _Type:
        stored = attribute.get_type()
        description = stored.encode()
        kind = self._types.get(description)
        if kind is None:
            kind = self._types[description] = _Type.of(stored.dtype)
        return kind


class _Gathered:
    """The attributes of one object that have been read so far."""

    def __init__(self, names: ObjectNames) -> None:
        self._reference = names.encode
        self.attributes: dict[str, Json] = {}
        self.entries: dict[str, dict[str, Any]] = {}
        self.names: list[str] = []

    def add(self, name: str, value: Any, kind: _Type | Kind) -> None:
        """Add a value as h5py gives it."""
        stored = encode_attribute(value, self._reference, name=name, dtype=kind.dtype, spec=kind.spec)
        self.names.append(name)
        if stored.plain:
            self.attributes[name] = stored.value
        entry = stored.entry
        if entry is not None:
            self.entries[name] = entry

    def add_value(self, name: str, value: Json) -> None:
        """Add a value that plain LINDI says exactly."""
        self.names.append(name)
        self.attributes[name] = value

    def add_plain(self, name: str, kind: Kind, objects: Objects, data: bytes) -> bool:
        """Add a scalar, if it is of those that most attributes are; they need no array."""
        if name in RESERVED:
            return False
        if kind.text and kind.spec == STRING:
            text = objects.one_text(data)
            try:
                value: Json = text.decode("utf-8")
            except UnicodeDecodeError:
                return False
            if not is_plain_text(value):
                return False
        elif kind.spec == "<f8" and kind.exact:
            value = np.frombuffer(data, "<f8", 1).item()
            if not math.isfinite(value):
                return False
        elif kind.spec == "<i8" and kind.exact:
            value = int.from_bytes(data[:8], "little", signed=True)
        else:
            return False
        self.add_value(name, value)
        return True

    def result(self) -> tuple[dict[str, Json], dict[str, Any]]:
        """Content of ``.zattrs``, and the side-car."""
        sidecar: dict[str, Any] = {"attributes": self.entries} if self.entries else {}
        if self.names != in_order(self.names, ()):
            sidecar["attribute_order"] = self.names
        return self.attributes, sidecar


def _index(plist: Any) -> int:
    """The order in which HDF5 lists attributes: of creation where the object keeps it, else of the names."""
    tracked = plist.get_attr_creation_order() & h5py.h5p.CRT_ORDER_TRACKED
    return int(h5py.h5.INDEX_CRT_ORDER if tracked else h5py.h5.INDEX_NAME)


def _text(name: bytes | str) -> str:
    """The low level gives ``str`` where the name is valid UTF-8, else bytes."""
    return name if isinstance(name, str) else name.decode("utf-8", "surrogateescape")


def read_attribute(attribute: Any) -> Any:
    """The value of one attribute.

    Parameters
    ----------
    attribute : h5py.h5a.AttrID

    Returns
    -------
    numpy.ndarray or h5py.Empty
        Of the attribute's dtype, with h5py's marks; variable-length strings as bytes. The axes of an array
        type come last.
    """
    return _value(attribute, _Type.of(attribute.dtype))


def _value(attribute: Any, kind: _Type) -> Any:
    space = attribute.get_space()
    extent = space.get_simple_extent_type()
    if extent == h5py.h5s.NULL:
        return h5py.Empty(kind.dtype)
    shape = () if extent == h5py.h5s.SCALAR else space.shape
    out = np.zeros(shape + kind.axes, dtype=kind.base, order="C")
    attribute.read(out, mtype=kind.memory)
    return out
