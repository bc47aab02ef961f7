from __future__ import annotations

import pytest

GROUP = {"zarr_format": 2}
ARRAY = {
    "chunks": [2, 2],
    "compressor": None,
    "dtype": "<u1",
    "fill_value": 0,
    "filters": None,
    "order": "C",
    "shape": [4, 4],
    "zarr_format": 2,
}


@pytest.fixture
def document():
    """Make a document: ``document({key: value}, **members)``; the root is there."""

    def make(refs=None, /, **members):
        return {"refs": {".zgroup": GROUP, **(refs or {})}, **members}

    return make


@pytest.fixture
def array():
    """Make the content of a ``.zarray``: two by two chunks of two by two bytes unless said otherwise."""
    return lambda **changes: {**ARRAY, **changes}
