"""Attribute names that LINDI reserves, and the side-car that says what plain LINDI cannot.

``_SCALAR``
    ``true`` on an array of shape ``[1]``: the HDF5 dataset is a scalar.
``_COMPOUND_DTYPE``
    ``[[name, type], ...]`` on an object array: each element is the list of a row's values.
``_REFERENCE``
    ``{"_REFERENCE": {"object_id", "path", "source", "source_object_id"}}`` as attribute value or element.
``_SOFT_LINK``
    ``{"path": ...}`` on an empty group: the node is a soft link.
``_EXTERNAL_ARRAY_LINK``
    ``{"link_type": "hdf5_dataset", "url", "name"}``: the data is read from that HDF5 dataset.

The side-car is one more key per object, ``"<path>/.lindi_explorer"``, which other readers ignore and keep.
Its members, each left out where plain LINDI already says it:

``attributes``
    Exact types of attributes, see `lindi_explorer.hdf5.attributes`.
``type``
    Exact HDF5 type of a dataset or committed type, see `lindi_explorer.hdf5.types`.
``null``
    ``true``: the dataspace is null (h5py.Empty).
``maxshape``
    Where it differs from the shape; ``null`` = unlimited.
``chunks``
    Chunk shape in HDF5 where it differs from Zarr's; ``null`` = not chunked.
``filters``
    HDF5 filters where Zarr's codecs do not tell them: ``[[id, name, [parameters]], ...]``.
``fill``
    Fill value where Zarr's metadata does not hold it.
``link``
    On a placeholder group: ``{"external": {"filename", "path", "base"}}`` for a link into another file
    (``base`` is the address the file name is relative to); ``{"soft": path}`` where plain LINDI has the
    absolute path and HDF5 a relative one; ``{"hard": path}`` for one more name of the object at ``path``.
``order``
    Names of a group's children in the order of their creation, where HDF5 keeps and lists that order.
``attribute_order``
    The same for the names of attributes.
``committed``
    ``true``: the node is a committed type.
``problem``
    Why the data of this node cannot be read, in words.
"""

from __future__ import annotations

SCALAR = "_SCALAR"
COMPOUND = "_COMPOUND_DTYPE"
REFERENCE = "_REFERENCE"
SOFT_LINK = "_SOFT_LINK"
EXTERNAL_ARRAY_LINK = "_EXTERNAL_ARRAY_LINK"

RESERVED = frozenset({SCALAR, COMPOUND, REFERENCE, SOFT_LINK, EXTERNAL_ARRAY_LINK})

SIDECAR = ".lindi_explorer"
"""Last part of the key of a side-car."""
