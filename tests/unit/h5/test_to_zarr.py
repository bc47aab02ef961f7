"""`write_zarr`: a Zarr folder that stands alone, from any source."""

from __future__ import annotations

import json
import os

import h5py
import numpy as np
import pytest
import zarr

from lindi_explorer import LindiH5pyFile
from lindi_explorer.errors import AccessDeniedError, CancelledByUserError, ConflictError
from lindi_explorer.h5 import open_any
from lindi_explorer.h5.copies.to_zarr import write_zarr
from lindi_explorer.hdf5.references import LindiH5ZarrStoreOpts
from lindi_explorer.remote import CancelToken
from lindi_explorer.samples import Fault
from tests.contract.objects import compare
from tests.contract.test_copies import read_folder


@pytest.fixture(autouse=True)
def _disk(monkeypatch):
    """The disk is not waited for: it is everybody's."""
    monkeypatch.setattr(os, "sync", lambda: None)


@pytest.fixture
def target(tmp_path):
    (tmp_path / "out").mkdir()
    return tmp_path / "out" / "copy.zarr"


def litter(target):
    return sorted(path.name for path in target.parent.iterdir() if path != target)


@pytest.mark.parametrize("how", ["direct", "through links"])
def test_the_sample_loses_nothing(sample_nwb, target, how):
    opts = LindiH5ZarrStoreOpts(num_dataset_chunks_threshold=0 if how == "through links" else None)
    with LindiH5pyFile.from_hdf5_file(sample_nwb, zarr_store_opts=opts) as file:
        assert write_zarr(file, target).losses == ()
    with h5py.File(sample_nwb) as theirs, read_folder(target) as ours:
        compare(theirs, ours)
    assert "_EXTERNAL_ARRAY_LINK" not in "".join(path.read_text() for path in target.rglob(".zattrs"))
    assert str(sample_nwb) not in "".join(path.read_text() for path in target.rglob(".z*"))
    assert litter(target) == []


def test_zarr_opens_the_folder_with_the_numbers_of_the_source(sample_nwb, target):
    with LindiH5pyFile.from_hdf5_file(sample_nwb) as file:
        write_zarr(file, target)
    found = zarr.open_group(target, mode="r", zarr_format=2)
    compared = []
    with h5py.File(sample_nwb) as source:

        def check(name, one):
            if isinstance(one, h5py.Dataset) and one.dtype.kind in "iuf" and one.shape:
                np.testing.assert_array_equal(found[name][...], one[...])
                compared.append(name)

        source.visititems(check)
        assert found.attrs["nwb_version"] == source.attrs["nwb_version"]
    assert len(compared) > 20


def test_stored_chunks_are_copied_as_they_are(target, tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        options = {"chunks": (8,), "compression": "gzip", "shuffle": True}
        file.create_dataset("d", shape=(4000,), dtype="i4", fillvalue=3, **options)[8:16] = 1
        stored = file["d"].id.read_direct_chunk((8,))[1]
    with LindiH5pyFile.from_hdf5_file(tmp_path / "a.h5") as file:
        write_zarr(file, target)
    assert sorted(path.name for path in (target / "d").iterdir()) == [".zarray", "1"]
    assert (target / "d" / "1").read_bytes() == stored
    data = zarr.open_array(target / "d", mode="r", zarr_format=2)[...]
    assert (data[:8].tolist(), data[8:16].tolist(), data[16]) == ([3] * 8, [1] * 8, 3)


def test_what_only_hdf5_reads_is_encoded_anew(target, tmp_path):
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["d"] = np.arange(6, dtype="f4").reshape(2, 3)
    with h5py.File(tmp_path / "a.h5", "w") as file:
        layout = h5py.VirtualLayout(shape=(2, 3), dtype="f4")
        layout[...] = h5py.VirtualSource("other.h5", "d", shape=(2, 3))
        file.create_virtual_dataset("virtual", layout)
        numbers = np.arange(5000, dtype=">i2").reshape(50, 100)
        part = file.create_dataset(
            "lzf", shape=(50, 100), dtype=">i2", chunks=(30, 30), compression="lzf", fillvalue=-5
        )
        part[:40, :40] = numbers[:40, :40]
        texts = file.create_dataset("texts", shape=(300_000,), dtype="S4", compression="lzf", chunks=(1000,))
        texts[5] = b"abc"
    with LindiH5pyFile.from_hdf5_file(tmp_path / "a.h5") as file:
        assert write_zarr(file, target).losses == ()
    with h5py.File(tmp_path / "a.h5") as theirs, read_folder(target) as ours:
        expected = part = theirs["lzf"][()]
        compare_facts(theirs["lzf"], ours["lzf"])
        np.testing.assert_array_equal(ours["lzf"][()], part)
        np.testing.assert_array_equal(ours["virtual"][()], theirs["virtual"][()])
        np.testing.assert_array_equal(ours["texts"][:10], theirs["texts"][:10])
    found = zarr.open_array(target / "lzf", mode="r", zarr_format=2)
    np.testing.assert_array_equal(found[...], expected)
    assert sorted(path.name for path in (target / "lzf").iterdir() if path.name[0] != ".") == [
        *("0.0", "0.1", "1.0", "1.1"),
    ]


def compare_facts(one, other):
    for fact in ("shape", "dtype", "chunks", "compression", "fillvalue", "maxshape"):
        assert getattr(one, fact) == getattr(other, fact), fact


def test_a_remote_file_is_copied_with_few_requests(sample_nwb, serve, target):
    server = serve(sample_nwb.parent, latency_ms=1)
    told = []
    with open_any(server.url(sample_nwb.name) + "?token=hush") as file:
        report = write_zarr(file, target, progress=told.append)
    with h5py.File(sample_nwb) as theirs, read_folder(target) as ours:
        compare(theirs, ours)
    assert server.stats().requests < 60
    assert (told[-1].objects, told[-1].bytes) == (report.objects, report.bytes)
    assert not any(b"hush" in path.read_bytes() for path in target.rglob(".*") if path.is_file())


def test_names_that_no_folder_can_have_are_told_and_never_leave_the_folder(target):
    array = {"chunks": [2], "compressor": None, "dtype": "|u1", "fill_value": 0, "filters": None}
    array |= {"order": "C", "shape": [2], "zarr_format": 2}
    refs = {".zgroup": {"zarr_format": 2}, "good/.zarray": array, "good/0": "ab"}
    for name in ("..", "../..", ".zattrs", "x" * 300, "nul\0", "g/.."):
        for key in (name, f"{name}/below"):
            refs[f"{key}/.zgroup"] = {"zarr_format": 2}
    with LindiH5pyFile.from_reference_file_system({"refs": refs}) as file:
        report = write_zarr(file, target)
    assert len(report.losses) >= 4
    assert litter(target) == []
    assert {path.name for path in target.iterdir()} <= {".zgroup", "good", "g"}
    assert (target / "good" / "0").read_bytes() == b"ab"


def test_data_that_cannot_be_read_is_told_in_the_side_car(target):
    array = {"chunks": [2], "compressor": None, "dtype": "<i2", "fill_value": 0, "filters": None}
    array |= {"order": "C", "shape": [4], "zarr_format": 2}
    link = {"link_type": "hdf5_dataset", "name": "d", "url": "no_such_file.h5"}
    refs = {
        ".zgroup": {"zarr_format": 2},
        "good/.zarray": array,
        "good/0": "abcd",
        "gone/.zarray": array,
        "gone/0": ["no_such_file.bin", 0, 4],
        "gone/1": "abcd",
        "linked/.zarray": array,
        "linked/.zattrs": {"_EXTERNAL_ARRAY_LINK": link},
    }
    with LindiH5pyFile.from_reference_file_system({"refs": refs}) as file:
        report = write_zarr(file, target)
    assert {loss.path for loss in report.losses} == {"/gone", "/linked"}
    for name in ("gone", "linked"):
        assert "no_such_file" in json.loads((target / name / ".lindi_explorer").read_text())["problem"]
    assert (target / "gone" / "1").read_bytes() == b"abcd"


def test_only_a_zarr_store_is_replaced_and_only_if_told(sample_nwb, edge_cases_h5, target):
    with LindiH5pyFile.from_hdf5_file(sample_nwb) as file:
        target.mkdir()
        write_zarr(file, target)  # an empty folder
        with pytest.raises(ConflictError, match="overwrite"):
            write_zarr(file, target)
        (target / "leftover").write_text("of the old store")
        write_zarr(file, target, overwrite=True)
        assert not (target / "leftover").exists()
        other = target.parent / "other"
        other.mkdir()
        (other / "thesis.txt").write_text("mine")
        for path in (other, other / "thesis.txt"):
            with pytest.raises(ConflictError):
                write_zarr(file, path, overwrite=True)
    assert (other / "thesis.txt").read_text() == "mine"
    assert litter(target) == ["other"]


def test_a_store_that_the_data_comes_from_is_not_replaced(sample_nwb, target):
    with LindiH5pyFile.from_hdf5_file(sample_nwb) as file:
        write_zarr(file, target)
    array = json.loads((target / "acquisition/.zgroup").read_text())
    chunk = next(path for path in sorted(target.rglob("0.0")) if path.stat().st_size)
    described = json.loads((chunk.parent / ".zarray").read_text())
    refs = {".zgroup": array, "d/.zarray": described, "d/0.0": [str(chunk), 0, chunk.stat().st_size]}
    with (
        LindiH5pyFile.from_reference_file_system({"refs": refs}) as file,
        pytest.raises(ConflictError, match="never changed"),
    ):
        write_zarr(file, target, overwrite=True)
    assert chunk.exists()
    assert litter(target) == []


@pytest.mark.parametrize("there", [True, False])
def test_one_that_is_stopped_or_fails_leaves_everything_as_it_was(sample_nwb, serve, target, there):
    if there:
        zarr.create_group(target, zarr_format=2)
    server = serve(sample_nwb.parent, faults={sample_nwb.name: Fault(status=403)})
    with LindiH5pyFile.from_hdf5_file(sample_nwb, url=server.url(sample_nwb.name)) as file:
        document = file.to_reference_file_system()
        cancel = CancelToken()
        with pytest.raises(CancelledByUserError):
            write_zarr(file, target, overwrite=True, progress=lambda _: cancel.set(), cancel=cancel)
    with (
        LindiH5pyFile.from_reference_file_system(document) as file,
        pytest.raises(AccessDeniedError),
    ):
        write_zarr(file, target, overwrite=True)
    assert litter(target) == []
    assert target.exists() == there
    assert not there or {path.name for path in target.iterdir()} <= {".zgroup", ".zattrs"}


def test_edits_are_in_the_folder(sample_nwb, target):
    with LindiH5pyFile.from_hdf5_file(sample_nwb, mode="r+") as file:
        file.attrs["note"] = "edited"
        file["session_description"][()] = "corrected"
        write_zarr(file, target)
    assert json.loads((target / ".zattrs").read_text())["note"] == "edited"
    with read_folder(target) as file:
        assert file["session_description"][()] == b"corrected"
