from __future__ import annotations

import h5py
import pytest

from lindi_explorer.hdf5.references import Hdf5References
from lindi_explorer.references import codec


@pytest.fixture
def index(tmp_path):
    """Index what is put into a file: ``index(fill, opts=None)`` gives ``refs`` of the document."""

    def make(fill, opts=None, url="U", **options):
        path = tmp_path / "f.h5"
        with h5py.File(path, "w", **options) as file:
            fill(file)
        with h5py.File(path) as file:
            return codec.encode(Hdf5References(file, url, opts))["refs"]

    return make
