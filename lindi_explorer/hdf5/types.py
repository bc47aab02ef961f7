"""HDF5 datatypes as JSON and back: the type specifications of the side-car.

==========================================  ===============================================================
specification                               HDF5 type, as h5py's NumPy dtype shows it
==========================================  ===============================================================
``"<i2"``, ``">f8"``, ``"|u1"``, ``"<c8"``  integer, float, complex (h5py's compound ``r``, ``i``)
``"|b1"``                                   h5py's boolean (an 8-bit enum FALSE, TRUE)
``{"string": "utf-8"}``                     variable-length string; ``"ascii"`` for the other charset
``{"string": "ascii", "length": 5}``        fixed-length string of 5 bytes
``{"enum": {"A": 0}, "base": "<i4"}``       enumeration
``{"reference": "object"}``                 object reference; ``"region"`` for region references
``{"vlen": "<f4"}``                         variable-length sequence
``{"array": "<f4", "shape": [3]}``          array type
``{"compound": [["x", "<f4", 0]],``         compound: name, type, byte offset of each field;
``"size": 4}``                              size of one element in bytes
``{"opaque": 8}``                           opaque of 8 bytes; ``"tag"`` names a NumPy dtype h5py has put in
==========================================  ===============================================================
"""

from __future__ import annotations

from typing import Any

import h5py
import numpy as np

from lindi_explorer.errors import FormatError

TypeSpec = str | dict[str, Any]

STRING: TypeSpec = {"string": "utf-8"}
"""What h5py makes of a Python ``str``."""

_NUMBERS = "biufc"


def type_of(dtype: np.dtype[Any]) -> TypeSpec:
    """Describe a dtype, with h5py's marks, as JSON.

    Parameters
    ----------
    dtype : numpy.dtype
        As h5py reports it for a dataset, an attribute or a committed type.

    Returns
    -------
    str or dict
        A type specification (see the table above).

    Raises
    ------
    FormatError
        If the dtype has no HDF5 counterpart.
    """
    string = h5py.check_string_dtype(dtype)
    if string is not None:
        spec: dict[str, Any] = {"string": string.encoding}
        return spec if string.length is None else {**spec, "length": string.length}
    enum = h5py.check_enum_dtype(dtype)
    if enum is not None:
        return {"enum": {_text(name): int(value) for name, value in enum.items()}, "base": dtype.str}
    reference = h5py.check_ref_dtype(dtype)
    if reference is not None:
        return {"reference": "region" if reference is h5py.RegionReference else "object"}
    vlen = h5py.check_vlen_dtype(dtype)
    if vlen is not None:
        return {"vlen": type_of(np.dtype(vlen))}
    if dtype.subdtype is not None:
        base, shape = dtype.subdtype
        return {"array": type_of(base), "shape": list(shape)}
    if dtype.fields is not None:
        fields = [[name, type_of(dtype.fields[name][0]), dtype.fields[name][1]] for name in dtype.names or ()]
        return {"compound": fields, "size": dtype.itemsize}
    if dtype.kind in _NUMBERS:
        return dtype.str
    if dtype.kind == "V":
        return {"opaque": dtype.itemsize}
    if h5py.check_opaque_dtype(dtype):
        return {"opaque": dtype.itemsize, "tag": dtype.str}
    raise FormatError(f"the dtype {dtype!r} has no HDF5 counterpart", hint="Use a dtype that h5py can store.")


def dtype_of(spec: TypeSpec) -> np.dtype[Any]:
    """Make the dtype, with h5py's marks, that a type specification describes.

    Parameters
    ----------
    spec : str or dict
        A type specification.

    Returns
    -------
    numpy.dtype

    Raises
    ------
    FormatError
        If the specification is not one of the table above.
    """
    try:
        dtype: np.dtype[Any] = _dtype_of(spec)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise FormatError(
            f"{spec!r} is not a type specification of the side-car",
            hint="The file was written by a newer version or is damaged.",
        ) from error
    return dtype


def _dtype_of(spec: TypeSpec) -> Any:
    if isinstance(spec, str):
        dtype = np.dtype(spec)
        if dtype.kind not in _NUMBERS:
            raise ValueError(spec)
        return dtype
    if "string" in spec:
        return h5py.string_dtype(spec["string"], spec.get("length"))
    if "enum" in spec:
        return h5py.enum_dtype(
            {_enum_name(name): value for name, value in spec["enum"].items()}, basetype=spec["base"]
        )
    if "reference" in spec:
        return {"object": h5py.ref_dtype, "region": h5py.regionref_dtype}[spec["reference"]]
    if "vlen" in spec:
        return h5py.vlen_dtype(_dtype_of(spec["vlen"]))
    if "array" in spec:
        return np.dtype((_dtype_of(spec["array"]), tuple(spec["shape"])))
    if "compound" in spec:
        names, types, offsets = zip(*spec["compound"], strict=True)
        return np.dtype(
            {
                "names": list(names),
                "formats": [_dtype_of(kind) for kind in types],
                "offsets": list(offsets),
                "itemsize": spec["size"],
            }
        )
    if "tag" in spec:
        return h5py.opaque_dtype(np.dtype(spec["tag"]))
    return np.dtype(f"V{int(spec['opaque'])}")


def _text(name: str | bytes) -> str:
    """The name of an enum's member as text; h5py gives bytes where it is not UTF-8."""
    return name if isinstance(name, str) else name.decode("utf-8", "surrogateescape")


def _enum_name(text: str) -> str | bytes:
    """The inverse of `_text`."""
    raw = text.encode("utf-8", "surrogateescape")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw


def array_parts(dtype: np.dtype[Any]) -> tuple[np.dtype[Any], tuple[int, ...]]:
    """Element and shape of an array type, however deep; any other type is its own element.

    Parameters
    ----------
    dtype : numpy.dtype

    Returns
    -------
    base : numpy.dtype
    shape : tuple of int
        Empty for a type that is no array.
    """
    shape: tuple[int, ...] = ()
    while dtype.subdtype is not None:
        dtype, inner = dtype.subdtype
        shape += inner
    return dtype, shape


def check_readable(dtype: np.dtype[Any]) -> None:
    """Refuse what ends the process when h5py reads it: region references in variable-length sequences.

    Parameters
    ----------
    dtype : numpy.dtype
        With h5py's marks.

    Raises
    ------
    TypeError
    """
    if _has_regions(dtype, in_sequence=False):
        raise TypeError("h5py does not survive reading region references in sequences of variable length")


def _has_regions(dtype: np.dtype[Any], *, in_sequence: bool) -> bool:
    """Whether there are region references in a sequence at any depth."""
    base = array_parts(dtype)[0]
    if base.names is not None:
        return any(_has_regions(base[name], in_sequence=in_sequence) for name in base.names)
    vlen = h5py.check_vlen_dtype(base)
    if vlen not in (None, str, bytes):
        return _has_regions(np.dtype(vlen), in_sequence=True)
    return in_sequence and h5py.check_ref_dtype(base) is h5py.RegionReference


def type_words(spec: TypeSpec) -> str:
    """Name a type for people, e.g. ``float32``, ``utf-8``, ``compound (3 fields)``.

    Parameters
    ----------
    spec : str or dict
        A type specification.

    Returns
    -------
    str
        Byte order is named only where it is not little-endian.
    """
    if isinstance(spec, str):
        if spec == "|b1":
            return "bool"
        return np.dtype(spec).newbyteorder("=").name + (" big-endian" if spec.startswith(">") else "")
    if "string" in spec:
        length = f" [{spec['length']} bytes]" if "length" in spec else ""
        return f"{spec['string']}{length}"
    if "enum" in spec:
        return f"enum ({len(spec['enum'])} values)"
    if "reference" in spec:
        return "reference" if spec["reference"] == "object" else "region reference"
    if "vlen" in spec:
        return f"variable-length {type_words(spec['vlen'])}"
    if "array" in spec:
        return f"{type_words(spec['array'])} [{' × '.join(map(str, spec['shape']))}]"
    if "compound" in spec:
        return f"compound ({len(spec['compound'])} fields)"
    return "opaque" if "tag" not in spec else np.dtype(spec["tag"]).name
