"""What we write keeps every rule of the format, however it is written, and reading it changes nothing."""

from __future__ import annotations

import json

import h5py
import pytest

from lindi_explorer import LindiH5pyFile, LindiH5ZarrStore, LindiH5ZarrStoreOpts
from lindi_explorer.h5 import open_any
from lindi_explorer.references import codec
from tests.contract.specification import broken_rules

URL = "https://example.org/f.h5"


def keeps(text, path, address=URL):
    assert broken_rules(text, {address: path.stat().st_size}) == []


@pytest.mark.parametrize("sample", ["edge_cases_h5", "sample_nwb"])
def test_every_door_out(request, sample, tmp_path):
    path = request.getfixturevalue(sample)
    out = tmp_path / "out.lindi.json"
    with LindiH5pyFile.from_hdf5_file(path) as file:
        file.write_lindi_file(out, generation_metadata={"by": "a test"})
        keeps(out.read_text("ascii"), path, str(path))
    with LindiH5ZarrStore.from_file(path, url=URL) as store:
        store.write_reference_file_system(out)
        keeps(out.read_text("ascii"), path)
    with LindiH5pyFile.from_lindi_file(out) as file:
        file.write_lindi_file(tmp_path / "again.lindi.json")
    assert (tmp_path / "again.lindi.json").read_text("ascii") == out.read_text("ascii")


@pytest.mark.parametrize(
    "options",
    [{"num_dataset_chunks_threshold": 2}, {"contiguous_dataset_max_chunk_size": 1000}],
    ids=["few chunks", "small pieces"],
)
def test_every_option(edge_cases_h5, options):
    with LindiH5pyFile.from_hdf5_file(
        edge_cases_h5, url=URL, zarr_store_opts=LindiH5ZarrStoreOpts(**options)
    ) as file:
        keeps(codec.to_text(file.to_reference_file_system()), edge_cases_h5)


def test_a_file_with_edits(edge_cases_h5):
    with open_any(edge_cases_h5) as file:
        file.attrs["word"] = "NaN"
        file.attrs["_SCALAR"] = 1
        file["attributes"].attrs["number"] = 1.5
        del file["attributes"].attrs["matrix"]
        file["scalars/int"][()] = 300
        file["scalars/text"][()] = "a longer text than it was"
        keeps(codec.to_text(file.to_reference_file_system()), edge_cases_h5, str(edge_cases_h5))


def test_what_nobody_can_read(tmp_path):
    path = tmp_path / "odd.h5"
    with h5py.File(path, "w") as file:
        for name, space in (
            ("times", h5py.h5s.create_simple((3,))),
            ("time", h5py.h5s.create(h5py.h5s.SCALAR)),
        ):
            h5py.h5d.create(file.id, name.encode(), h5py.h5t.UNIX_D32LE, space)
        h5py.h5a.create(file["times"].id, b"when", h5py.h5t.UNIX_D64LE, space)
        file.create_dataset("raw", shape=(8,), dtype="S4", external=[("missing.raw", 0, 32)])
    with LindiH5pyFile.from_hdf5_file(path, url=URL) as file:
        keeps(codec.to_text(file.to_reference_file_system()), path)


@pytest.mark.parametrize("sample", ["edge_cases_h5", "sample_nwb"])
def test_reading_and_writing_again_changes_nothing(request, sample):
    with LindiH5pyFile.from_hdf5_file(request.getfixturevalue(sample)) as file:
        document = file.to_reference_file_system()
    assert json.loads(codec.to_text(document)) == document
    assert codec.encode(codec.decode(document), {"refs": {}, "version": 1}) == document


def test_no_object_is_lost(edge_cases_h5):
    """Every name of the HDF5 file is in the document."""
    names = []
    with h5py.File(edge_cases_h5) as file:
        file.visit_links(
            lambda name: names.append(
                name if isinstance(name, str) else name.decode("utf-8", "surrogateescape")
            )
        )
    with LindiH5pyFile.from_hdf5_file(edge_cases_h5) as file:
        paths = set(codec.decode(file.to_reference_file_system()).walk())
    assert set(names) <= paths
