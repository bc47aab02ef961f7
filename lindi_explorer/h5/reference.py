"""Object and region references of a LINDI document."""

from __future__ import annotations

from typing import Any

import h5py
import numpy as np

from lindi_explorer.errors import FormatError
from lindi_explorer.hdf5.inline import has_references
from lindi_explorer.hdf5.types import array_parts

_MEMBERS = ("object_id", "path", "source", "source_object_id")


class _Reference:
    """What both kinds share: four members that name the target; all None in a null reference."""

    _object_id: str | None
    _path: str | None
    _source: str | None
    _source_object_id: str | None
    _obj: dict[str, Any]

    def _set(self, obj: dict[str, Any]) -> None:
        if not isinstance(obj, dict):
            raise FormatError(f"{obj!r} is not the inside of a _REFERENCE", hint="The file is damaged.")
        self._obj = obj
        # Some writers leave members out; upstream always writes the four.
        self._object_id, self._path, self._source, self._source_object_id = (
            obj.get(name) for name in _MEMBERS
        )

    @property
    def expected(self) -> tuple[str | None, str | None]:
        """``object_id`` of the target and of the file root, where the reference names them."""
        return self._object_id, self._source_object_id

    @property
    def path(self) -> str | None:
        """Absolute path of the target, None for a null reference."""
        return self._path

    def to_json(self) -> dict[str, Any] | None:
        """The inside of ``_REFERENCE``, None for a null reference."""
        return (
            None
            if self._path is None
            else {name: self._obj.get(name) for name in (*_MEMBERS, *self._extra())}
        )

    def _extra(self) -> tuple[str, ...]:
        return ()

    def __bool__(self) -> bool:
        return self._path is not None

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, _Reference) and type(other) is type(self) and other.to_json() == self.to_json()
        )

    def __hash__(self) -> int:
        return hash((self._object_id, self._path, self._source, self._source_object_id))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._object_id}, {self._path})"

    __str__ = __repr__


class LindiH5pyReference(_Reference, h5py.h5r.Reference):
    """A reference to a group or dataset of the same file.

    Parameters
    ----------
    obj : dict
        The inside of ``_REFERENCE``: ``object_id``, ``path``, ``source``, ``source_object_id``. Empty for a
        null reference.
    """

    def __init__(self, obj: dict[str, Any]) -> None:
        self._set(obj)


class LindiH5pyRegionReference(_Reference, h5py.h5r.RegionReference):
    """A reference to a selection of a dataset.

    Parameters
    ----------
    obj : dict
        As for `LindiH5pyReference`, with ``region``.
    """

    def __init__(self, obj: dict[str, Any]) -> None:
        self._set(obj)

    @property
    def region(self) -> Any:
        """``{"blocks": [[start, end], ...]}`` (inclusive), ``{"points": ...}``, ``"all"``, ``"none"``."""
        return self._obj.get("region", "none")

    def _extra(self) -> tuple[str, ...]:
        return ("region",)


def make_reference(
    inside: dict[str, Any] | None, region: bool
) -> LindiH5pyReference | LindiH5pyRegionReference:
    """Make a reference from the inside of ``_REFERENCE``; None gives a null reference."""
    kind = LindiH5pyRegionReference if region else LindiH5pyReference
    return kind(inside or {})


def encode_reference(reference: Any) -> dict[str, Any] | None:
    """A reference of ours as JSON.

    Raises
    ------
    TypeError
        If it belongs to another kind of file.
    """
    if isinstance(reference, _Reference):
        inside = reference.to_json()
        return None if inside is None else {"_REFERENCE": inside}
    if reference is None or not reference:
        return None
    if not isinstance(reference, h5py.h5r.Reference):
        raise TypeError(f"Can't convert incompatible object to HDF5 object reference: {reference!r}")
    raise TypeError(
        "a reference of an HDF5 file cannot be stored here: make one with `.ref` of an object here"
    )


def require_kinds(values: np.ndarray[Any, Any], dtype: np.dtype[Any]) -> None:
    """Raise where a reference is of the other kind than a type has: to an object, or to a region.

    Parameters
    ----------
    values : numpy.ndarray
        The axes of an array type behind.
    dtype : numpy.dtype
        With h5py's marks.

    Raises
    ------
    TypeError
        As h5py raises it.
    """
    base = array_parts(dtype)[0]
    if base.names is not None and base.fields is not None and values.dtype.names is not None:
        for name in base.names:
            require_kinds(values[name], base.fields[name][0])
        return
    inner = h5py.check_vlen_dtype(base)
    if isinstance(inner, np.dtype) and has_references(inner):
        for item in values.reshape(-1):
            require_kinds(np.asarray(item, dtype=object), inner)
        return
    kind = h5py.check_ref_dtype(base)
    for item in values.reshape(-1) if kind is not None else ():
        if not isinstance(item, h5py.Reference):
            continue
        if isinstance(item, h5py.RegionReference) and kind is not h5py.RegionReference:
            raise TypeError("Can't convert dataset region reference to object reference")
        if kind is h5py.RegionReference and not isinstance(item, kind):
            raise TypeError("Can't convert incompatible object to HDF5 region reference")
