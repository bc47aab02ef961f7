"""Names of objects are found without reading what lies behind them."""

from __future__ import annotations

import h5py
import numpy as np
import pytest

from lindi_explorer.h5 import open_any
from lindi_explorer.hdf5.names import ObjectNames


@pytest.fixture
def path(tmp_path):
    """A dataset whose chunk index lies all over a file of 40 MB, beside one of two names."""
    with h5py.File(tmp_path / "x.h5", "w") as file:
        data = file.create_dataset(
            "data", shape=(20_000, 256), dtype="f8", chunks=(1, 256), maxshape=(None, 256)
        )
        file["a/named"] = np.arange(3)
        file["b"] = file["a/named"]
        row = np.random.default_rng(0).random(256)
        for number in range(20_000):
            data.id.write_direct_chunk((number, 0), row.tobytes())
    return tmp_path / "x.h5"


def test_a_dataset_is_mapped_without_reading_its_chunk_index(path, serve):
    with open_any(serve(path.parent).url("x.h5")) as file:
        file.journal.children("")
        before = file.reader.stats.snapshot().bytes
        assert file["data"].shape == (20_000, 256)
        assert file["b"].name == "/b"
        assert [file.journal.has(name) for name in ("a/named", "b")] == [True, True]
        assert file.reader.stats.snapshot().bytes - before < 4 << 20


def test_the_first_of_several_names_counts(path):
    with h5py.File(path) as file:
        names = ObjectNames(file)
        assert names.canonical(file["b"].id) == "a/named"
        assert names.canonical(file["a/named"].id) == "a/named"
        assert names.canonical(file["data"].id) is None
        assert names.canonical(file["/"].id) == ""
