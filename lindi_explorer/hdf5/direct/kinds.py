"""What HDF5 and h5py say of a datatype message, asked once for each that a file has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import h5py
import numpy as np

from lindi_explorer.hdf5.direct.datatype import check_whole
from lindi_explorer.hdf5.direct.source import NOT_PLAIN, OddError
from lindi_explorer.hdf5.stored import is_exact
from lindi_explorer.hdf5.types import TypeSpec, array_parts, type_of

_ENCODED = bytes((3, 0))
"""What H5Tencode puts before the message: the message's number and its own version."""

_MOST_KINDS = 10_000
_OPAQUE, _COMPOUND, _REFERENCE, _VLEN = 5, 6, 7, 9
_ADDRESS = 8
"""Bytes."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One datatype.

    Attributes
    ----------
    id : h5py.h5t.TypeID
    dtype : numpy.dtype
        With h5py's marks.
    base, axes
        Element and shape of an array type.
    spec : TypeSpec
    size : int
        Bytes of an element in the file.
    exact : bool
        Whether these bytes are those of the dtype.
    opaque : bool
        Whether only those who know the type's tag may read it, which HDF5 sees to.
    text : bool
        Whether the elements are texts of variable length.
    reference : bool
        Whether they are addresses of objects.
    rows : numpy.dtype or None
        Of the bytes of a compound whose fields are numbers, fixed strings and addresses of objects.
    """

    id: Any
    dtype: np.dtype[Any]
    base: np.dtype[Any]
    axes: tuple[int, ...]
    spec: TypeSpec
    size: int
    exact: bool
    opaque: bool
    text: bool
    reference: bool
    rows: np.dtype[Any] | None

    @property
    def addresses(self) -> list[str]:
        """Names of the fields of a compound that are addresses of objects."""
        if self.dtype.fields is None:
            return []
        return [name for name, (field, *_) in self.dtype.fields.items() if _is_reference(field)]


class Kinds:
    """The datatypes of one file, by their bytes."""

    def __init__(self) -> None:
        self._known: dict[bytes, Kind | None] = {}

    def kind(self, message: bytes) -> Kind:
        """What a datatype message says.

        Parameters
        ----------
        message : bytes

        Returns
        -------
        Kind

        Raises
        ------
        OddError
            If HDF5 or NumPy does not know the type.
        """
        known = self._known.get(message, self)
        if known is self:
            if len(self._known) > _MOST_KINDS:
                self._known.clear()
            known = self._known[message] = _kind(message)
        if not isinstance(known, Kind):
            raise OddError
        return known


def _kind(message: bytes) -> Kind | None:
    try:
        check_whole(message)
        identifier = h5py.h5t.decode(_ENCODED + message)
        dtype = identifier.dtype
        base, axes = array_parts(dtype)
        spec = type_of(dtype)
    except NOT_PLAIN:
        return None
    size = int.from_bytes(message[4:8], "little")
    family = message[0] & 0x0F
    string = h5py.check_string_dtype(dtype)
    text = family == _VLEN and string is not None and string.length is None and size == 16
    reference = family == _REFERENCE and _is_reference(dtype) and size == _ADDRESS
    fixed = not dtype.hasobject and dtype.names is None and base.names is None and dtype.itemsize == size
    return Kind(
        identifier,
        dtype,
        base,
        axes,
        spec,
        size,
        exact=fixed and is_exact(identifier, dtype),
        opaque=family == _OPAQUE,
        text=text,
        reference=reference,
        rows=_rows(identifier, dtype, size) if family == _COMPOUND else None,
    )


def _is_reference(dtype: np.dtype[Any]) -> bool:
    return h5py.check_ref_dtype(dtype) is h5py.Reference


def _rows(identifier: Any, dtype: np.dtype[Any], size: int) -> np.dtype[Any] | None:
    """The dtype of a compound's bytes, None where a field is neither exact nor an address."""
    if dtype.names is None or dtype.fields is None or dtype.itemsize != size:
        return None
    kinds, offsets = [], []
    for position, name in enumerate(dtype.names):
        field, offset = dtype.fields[name][:2]
        member = identifier.get_member_type(position)
        if identifier.get_member_offset(position) != offset:
            return None
        if _is_reference(field):
            if member.get_size() != _ADDRESS:
                return None
            field = np.dtype("<u8")
        elif field.hasobject or field.names is not None or field.kind == "V" or not is_exact(member, field):
            return None
        kinds.append(field)
        offsets.append(offset)
    return np.dtype({"names": list(dtype.names), "formats": kinds, "offsets": offsets, "itemsize": size})
