"""All attributes of an HDF5 object, as a document keeps them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import h5py
import numpy as np

from lindi_explorer.errors import LindiError
from lindi_explorer.hdf5.attributes import encode_attribute
from lindi_explorer.hdf5.types import array_parts
from lindi_explorer.hdf5.values import EncodeReference, Json
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

    @classmethod
    def of(cls, dtype: np.dtype[Any]) -> _Type:
        # NumPy has no scalar of an array type: its axes come last.
        return cls(dtype, *array_parts(dtype), h5py.h5t.py_create(dtype))


class AttributeReader:
    """Reads the attributes of one file's objects.

    A file has thousands of attributes of a handful of types, and asking h5py what a type is in NumPy costs
    as much as reading the value: so it is asked once for each type.

    Parameters
    ----------
    reference : callable
        Encodes one reference.
    """

    def __init__(self, reference: EncodeReference) -> None:
        self._reference = reference
        self._types: dict[bytes, _Type] = {}

    def read(self, oid: Any, plist: Any) -> tuple[dict[str, Json], dict[str, Any]]:
        """Read the attributes of an object.

        Parameters
        ----------
        oid : h5py low-level identifier
        plist : h5py.h5p.PropOCID or None
            Its creation properties; committed types have none.

        Returns
        -------
        attributes : dict
            Content of ``.zattrs``.
        sidecar : dict
            ``{"attributes": {...}}``, or empty where plain LINDI says everything.
        """
        attributes: dict[str, Json] = {}
        entries: dict[str, dict[str, Any]] = {}
        names: list[str] = []
        index = _index(plist)
        for position in range(h5py.h5a.get_num_attrs(oid)):
            try:
                attribute = h5py.h5a.open(oid, index=position, index_type=index)
                name = _text(attribute.name)
            except _UNREADABLE as error:
                # Not even its name is known.
                entries[f"#{position}"] = {"problem": f"HDF5 cannot open attribute {position}: {error}"}
                continue
            names.append(name)
            try:
                kind = self._type(attribute)
                value = _value(attribute, kind)
                stored = encode_attribute(value, self._reference, name=name, dtype=kind.dtype)
            except _UNREADABLE as error:
                # One odd attribute must not cost the object.
                entries[name] = {"problem": f"HDF5 cannot read the attribute {name!r}: {error}"}
                continue
            if stored.plain:
                attributes[name] = stored.value
            entry = stored.entry
            if entry is not None:
                entries[name] = entry
        sidecar: dict[str, Any] = {"attributes": entries} if entries else {}
        if names != in_order(names, ()):
            sidecar["attribute_order"] = names
        return attributes, sidecar

    def _type(self, attribute: Any) -> _Type:
        stored = attribute.get_type()
        description = stored.encode()
        kind = self._types.get(description)
        if kind is None:
            kind = self._types[description] = _Type.of(stored.dtype)
        return kind


def _index(plist: Any) -> int:
    """The order in which HDF5 lists attributes: of creation where the object keeps it, else of the names."""
    tracked = plist is not None and plist.get_attr_creation_order() & h5py.h5p.CRT_ORDER_TRACKED
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
