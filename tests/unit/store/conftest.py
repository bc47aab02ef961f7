from __future__ import annotations

import numpy as np
import pytest
import zarr

from lindi_explorer.hdf5.references import Hdf5References
from lindi_explorer.references import codec
from lindi_explorer.remote import RangeReader
from lindi_explorer.store import ReferenceStore

GROUP = {"zarr_format": 2}


@pytest.fixture
def store():
    """A store over a document: ``store({key: value})``; the root is there."""
    readers = []

    def make(refs, *, source=None, read_only=True, **members):
        references = codec.decode({"refs": {".zgroup": GROUP, **refs}, **members})
        reader = RangeReader(source)
        readers.append(reader)
        return ReferenceStore(references, reader, read_only=read_only)

    yield make
    for reader in readers:
        reader.close()


@pytest.fixture
def open_array(store):
    """An array of such a document, opened by zarr: ``open_array(metadata, {chunk: value})``."""

    def open_(metadata, chunks):
        refs = {"d/.zarray": metadata, **{f"d/{name}": value for name, value in chunks.items()}}
        return zarr.open_array(store(refs), path="d", mode="r", zarr_format=2)

    return open_


@pytest.fixture
def metadata():
    """Content of a ``.zarray``: ``metadata(dtype, shape, chunks)``."""

    def make(dtype, shape, chunks=None, **changes):
        kind = np.dtype(dtype).kind
        return {
            "chunks": list(chunks or shape),
            "compressor": None,
            "dtype": dtype,
            "fill_value": "" if kind in "SU" else 0,
            "filters": None,
            "order": "C",
            "shape": list(shape),
            "zarr_format": 2,
            **changes,
        }

    return make


@pytest.fixture
def hdf5_group():
    """The root of an HDF5 file as zarr sees it."""
    opened = []

    def open_(file, path, opts=None):
        reader = RangeReader(str(path))
        opened.append(reader)
        references = Hdf5References(file, str(path), opts)
        return zarr.open_group(ReferenceStore(references, reader), mode="r", zarr_format=2)

    yield open_
    for reader in opened:
        reader.close()
