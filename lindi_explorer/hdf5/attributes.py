"""One attribute as a LINDI document keeps it: a plain JSON value, plus what plain JSON cannot say.

The plain value is what upstream LINDI reads and writes (format section 9). Where it does not tell the exact
type, or cannot hold the value at all, an entry in the side-car does::

    "conversion": {"type": "<f4"}                                a float32; the value is in .zattrs
    "names": {"type": {"string": "ascii", "length": 3}}          an array of fixed strings
    "limits": {"type": "<f8", "shape": [0, 3]}                   an empty array, [] in .zattrs
    "roi": {"type": {"reference": "region"}, "value": {...}}     plain LINDI has no such value: it is here
    "nothing": {"type": "<i4", "null": true}                     a null dataspace (h5py.Empty)
    "odd": {"problem": "..."}                                    HDF5 itself could not read it: why
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import h5py
import numpy as np

from lindi_explorer.errors import FormatError, UnsupportedError
from lindi_explorer.hdf5.types import STRING, TypeSpec, array_parts, dtype_of, type_of
from lindi_explorer.hdf5.values import DecodeReference, EncodeReference, Json, decode, encode
from lindi_explorer.references.annotations import RESERVED

_WORDS = {"NaN", "Infinity", "-Infinity"}

_PLAINEST = {int: "<i8", float: "<f8"}
"""The type that a plain number has, where nothing else is said."""


@dataclass(frozen=True, slots=True)
class StoredAttribute:
    """What a document holds for one attribute.

    Attributes
    ----------
    value : Json
        The value, in ``.zattrs`` where ``plain``, otherwise in the side-car.
    plain : bool
        Whether plain LINDI can say the value.
    type : TypeSpec
        The exact type of one element.
    shape : tuple of int or None
        ``()`` for a scalar, None for a null dataspace.
    exact : bool
        Whether the plain value alone tells type and shape, so that no side-car entry is needed.
    """

    value: Json
    plain: bool
    type: TypeSpec
    shape: tuple[int, ...] | None
    exact: bool

    @property
    def entry(self) -> dict[str, Any] | None:
        """The side-car entry, None where none is needed."""
        if self.exact:
            return None
        entry: dict[str, Any] = {"type": self.type}
        if self.shape is None:
            entry["null"] = True
        elif not self.plain:
            entry["value"] = self.value
            entry["shape"] = list(self.shape)
        elif 0 in self.shape or _is_array_type(self.type):
            entry["shape"] = list(self.shape)
        return entry


def is_plain_text(text: str) -> bool:
    """Whether upstream LINDI reads this text as a text: three words it takes for floats.

    Parameters
    ----------
    text : str

    Returns
    -------
    bool
    """
    return text not in _WORDS


def _is_array_type(spec: TypeSpec) -> bool:
    """Whether the plain value is nested deeper than the shape."""
    return isinstance(spec, dict) and "array" in spec


def encode_attribute(
    array: np.ndarray[Any, Any] | h5py.Empty,
    reference: EncodeReference,
    *,
    name: str = "",
    dtype: np.dtype[Any] | None = None,
    spec: TypeSpec | None = None,
) -> StoredAttribute:
    """Store a value.

    Parameters
    ----------
    array : numpy.ndarray or h5py.Empty
        Shape ``()`` for a scalar; the dtype carries h5py's marks.
    reference : callable
        Encodes one reference.
    name : str
        Name of the attribute: those that LINDI reserves are kept in the side-car.
    dtype : numpy.dtype, optional
        The HDF5 type, where it is an array type: then the last axes of ``array`` are the type's.
    spec : TypeSpec, optional
        `type_of` the HDF5 type, where it is known.

    Returns
    -------
    StoredAttribute
    """
    if spec is None:
        spec = type_of(array.dtype if dtype is None or dtype.subdtype is None else dtype)
    if isinstance(array, h5py.Empty):
        return StoredAttribute(value=None, plain=False, type=spec, shape=None, exact=False)
    shape = array.shape
    if dtype is not None and dtype.subdtype is not None:
        shape = shape[: len(shape) - len(array_parts(dtype)[1])]
    value = encode(array, reference)
    plainest = STRING if type(value) is str else _PLAINEST.get(type(value))
    if spec == plainest and name not in RESERVED and not (type(value) is str and value in _WORDS):
        # Most attributes there are: what follows says the same at ten times the cost.
        return StoredAttribute(value=value, plain=True, type=spec, shape=shape, exact=True)
    base = type_of(array.dtype) if _is_array_type(spec) else spec
    plain = name not in RESERVED and _is_plain(base, value, array.size)
    exact = plain and _infer(value) == (spec, shape)
    return StoredAttribute(value=value, plain=plain, type=spec, shape=shape, exact=exact)


def _is_plain(spec: TypeSpec, value: Json, size: int) -> bool:
    """Whether upstream LINDI reads the JSON as the same value."""
    if isinstance(spec, dict) and "string" in spec:
        # Upstream reads these words as floats and refuses objects.
        return not any(isinstance(item, dict) or item in _WORDS for item in _leaves(value))
    if isinstance(spec, dict) and "reference" in spec:
        return spec["reference"] == "object" and isinstance(value, dict)
    if isinstance(spec, dict):
        return "enum" in spec
    return np.dtype(spec).kind in "iubf" and (np.dtype(spec).itemsize <= 8 or size == 0)


def _leaves(value: Json) -> list[Json]:
    if not isinstance(value, list):
        return [value]
    return [leaf for item in value for leaf in _leaves(item)]


def stored_attribute(value: Json, *, present: bool, entry: Any) -> StoredAttribute:
    """Read an attribute from a document.

    Parameters
    ----------
    value : Json
        From ``.zattrs``; ignored where ``present`` is false.
    present : bool
        Whether ``.zattrs`` has the attribute.
    entry : dict or None
        Its side-car entry.

    Returns
    -------
    StoredAttribute

    Raises
    ------
    FormatError
        If the value is none that a LINDI document may hold, or the entry is damaged.
    UnsupportedError
        If the entry says that the attribute could not be read.
    """
    if entry is None:
        spec, shape = _infer(value)
        return StoredAttribute(value=value, plain=True, type=spec, shape=shape, exact=True)
    if isinstance(entry, dict) and isinstance(entry.get("problem"), str):
        raise UnsupportedError(entry["problem"], hint="Read this attribute with a tool that knows its type.")
    if not isinstance(entry, dict) or "type" not in entry:
        raise FormatError(f"{entry!r} is not a side-car entry of an attribute", hint="The file is damaged.")
    spec = entry["type"]
    if entry.get("null"):
        return StoredAttribute(value=None, plain=False, type=spec, shape=None, exact=False)
    if not present:
        value = entry.get("value")
    shape = tuple(entry["shape"]) if "shape" in entry else _shape_of(value)
    return StoredAttribute(value=value, plain=present, type=spec, shape=shape, exact=False)


def decode_attribute(stored: StoredAttribute, reference: DecodeReference) -> Any:
    """Make the value that h5py would give.

    Parameters
    ----------
    stored : StoredAttribute
    reference : callable
        Makes one reference.

    Returns
    -------
    object
        ``str`` for variable-length strings, ``numpy.bytes_`` for fixed ones, a NumPy scalar or array,
        a reference, or ``h5py.Empty``.

    Raises
    ------
    FormatError
        If the value does not fit its type.
    """
    dtype = dtype_of(stored.type)
    if stored.shape is None:
        return h5py.Empty(dtype)
    shape = stored.shape
    dtype, inner = array_parts(dtype)
    shape += inner
    array = decode(stored.value, dtype, shape, reference)
    string = h5py.check_string_dtype(dtype)
    if string is not None and string.length is None:
        text = np.empty(array.shape, dtype=dtype)
        text.reshape(-1)[:] = [item.decode("utf-8", "surrogateescape") for item in array.reshape(-1)]
        array = text
    return array[()] if array.shape == () else array


def _shape_of(value: Json) -> tuple[int, ...]:
    """Shape of nested lists, read along the first element of each."""
    shape = []
    while isinstance(value, list):
        shape.append(len(value))
        if not value:
            break
        value = value[0]
    return tuple(shape)


def _infer(value: Json) -> tuple[TypeSpec, tuple[int, ...]]:
    """Type and shape of a plain value: what h5py makes of the same Python value (format section 9.2)."""
    shape = _shape_of(value)
    leaves = _leaves(value)
    if any(leaf is None or (isinstance(leaf, dict) and "_REFERENCE" not in leaf) for leaf in leaves):
        raise FormatError(
            f"an attribute has the value {value!r}, which no LINDI document may hold",
            hint="The file is damaged or was written by something else.",
        )
    kinds = {_kind(leaf) for leaf in leaves}
    if kinds == {"word"}:
        return "<f8", shape
    if kinds <= {"word", "string"} and kinds:
        return STRING, shape
    if kinds == {"bool"}:
        return "|b1", shape
    if kinds == {"int"}:
        return ("<u8" if max(leaves) > np.iinfo("i8").max else "<i8"), shape
    # Numbers beside a word that stands for a number are floats.
    if kinds <= {"int", "float", "word"}:
        return "<f8", shape
    if kinds == {"reference"}:
        return {"reference": "object"}, shape
    raise FormatError(
        f"an attribute mixes types: {value!r}", hint="The file is damaged or was written by something else."
    )


def _kind(leaf: Json) -> str:
    if isinstance(leaf, str):
        return "word" if leaf in _WORDS else "string"
    if isinstance(leaf, dict):
        return "reference"
    return type(leaf).__name__
