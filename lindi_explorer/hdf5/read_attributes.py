"""All attributes of an HDF5 object, as a document keeps them."""

from __future__ import annotations

from typing import Any

import h5py
import numpy as np

from lindi_explorer.errors import LindiError
from lindi_explorer.hdf5.attributes import encode_attribute
from lindi_explorer.hdf5.types import array_parts
from lindi_explorer.hdf5.values import EncodeReference, Json
from lindi_explorer.references.keys import in_order


def read_attributes(oid: Any, reference: EncodeReference) -> tuple[dict[str, Json], dict[str, Any]]:
    """Read the attributes of an object.

    Parameters
    ----------
    oid : h5py low-level identifier
    reference : callable
        Encodes one reference.

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
    index = _index(oid)
    for position in range(h5py.h5a.get_num_attrs(oid)):
        attribute = h5py.h5a.open(oid, index=position, index_type=index)
        name = _text(attribute.name)
        names.append(name)
        try:
            stored = encode_attribute(read_attribute(attribute), reference, name=name, dtype=attribute.dtype)
        except (TypeError, ValueError, OSError, RuntimeError, LindiError) as error:
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


def _index(oid: Any) -> int:
    """The order in which HDF5 lists attributes: of creation where the object keeps it, else of the names."""
    if isinstance(oid, h5py.h5t.TypeID):
        return int(h5py.h5.INDEX_NAME)
    tracked = oid.get_create_plist().get_attr_creation_order() & h5py.h5p.CRT_ORDER_TRACKED
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
    dtype = attribute.dtype
    if attribute.get_space().get_simple_extent_type() == h5py.h5s.NULL:
        return h5py.Empty(dtype)
    shape = attribute.shape
    # NumPy has no scalar of an array type: its axes come last.
    base, inner = array_parts(dtype)
    shape += inner
    out = np.zeros(shape, dtype=base, order="C")
    attribute.read(out, mtype=h5py.h5t.py_create(dtype))
    return out
