"""Which bytes are read for which rows."""

from __future__ import annotations

import h5py
import numpy as np
import pytest

from lindi_explorer import LindiH5pyFile

ROWS, COLUMNS = 3000, 5
SELECTIONS = [
    np.s_[0:10],
    np.s_[2990:],
    np.s_[7],
    np.s_[-1],
    np.s_[5:2500:7],
    np.s_[1000:1020, 2],
    np.s_[10:20, [0, 3]],
    np.s_[:, 1:3],
    np.s_[...],
    np.s_[[1, 5, 2999]],
    np.s_[0:0],
]


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    data = np.arange(ROWS * COLUMNS, dtype=">i4").reshape(ROWS, COLUMNS)
    path = tmp_path_factory.mktemp("rows") / "f.h5"
    with h5py.File(path, "w") as file:
        file["contiguous"] = data
        file.create_dataset("chunked", data=data, chunks=(7, COLUMNS))
        file.create_dataset("wide", data=data, chunks=(70, 2))
        file.create_dataset("gzip", data=data, chunks=(70, COLUMNS), compression="gzip")
        file.create_dataset("flat", data=data.ravel(), chunks=(64,))
        partly = file.create_dataset("partly", data.shape, dtype="f8", chunks=(50, COLUMNS), fillvalue=7)
        partly[40:60] = 1
    return path


@pytest.mark.parametrize("selection", SELECTIONS, ids=str)
@pytest.mark.parametrize("name", ["contiguous", "chunked", "wide", "gzip", "flat", "partly"])
def test_every_selection_is_what_h5py_reads(path, name, selection):
    if name == "flat" and isinstance(selection, tuple):
        selection = selection[0]
    with h5py.File(path) as file:
        theirs = file[name][selection]
    with LindiH5pyFile.from_hdf5_file(path) as file:
        ours = file[name][selection]
    np.testing.assert_array_equal(ours, theirs)
    assert ours.dtype == theirs.dtype
    assert np.shape(ours) == np.shape(theirs)
    if np.ndim(theirs):
        ours[...] = 0  # it can be written to


@pytest.mark.parametrize("chunks", [None, (40_000, 50)])
def test_only_the_bytes_of_the_rows_are_read(tmp_path, chunks, serve):
    data = np.arange(2_000_000, dtype="i4").reshape(40_000, 50)
    with h5py.File(tmp_path / "f.h5", "w") as file:
        file.create_dataset("data", data=data, chunks=chunks)
    server = serve(tmp_path)
    document = tmp_path / "f.lindi.json"
    with LindiH5pyFile.from_hdf5_file(tmp_path / "f.h5", url=server.url("f.h5")) as file:
        file.write_lindi_file(document)
    with LindiH5pyFile.from_lindi_file(document) as file:
        np.testing.assert_array_equal(file["data"][30_000:30_010], data[30_000:30_010])
    assert server.stats().bytes == 10 * 50 * 4


def test_pieces_of_contiguous_data_whose_last_is_short(path):
    from lindi_explorer import LindiH5ZarrStoreOpts

    opts = LindiH5ZarrStoreOpts(contiguous_dataset_max_chunk_size=7000)
    with h5py.File(path) as theirs, LindiH5pyFile.from_hdf5_file(path, zarr_store_opts=opts) as ours:
        for selection in SELECTIONS:
            np.testing.assert_array_equal(ours["contiguous"][selection], theirs["contiguous"][selection])
