"""`write_hdf5`: an HDF5 file that stands alone, from any source."""

from __future__ import annotations

import base64
import json
import subprocess
import sys

import h5py
import numcodecs
import numpy as np
import pytest

from lindi_explorer import LindiH5pyFile
from lindi_explorer.errors import AccessDeniedError, CancelledByUserError, ConflictError, UnsupportedError
from lindi_explorer.h5 import open_any
from lindi_explorer.h5.copies.to_hdf5 import write_hdf5
from lindi_explorer.h5.materialise import tally
from lindi_explorer.hdf5.references import LindiH5ZarrStoreOpts
from lindi_explorer.remote import CancelToken
from lindi_explorer.samples import Fault
from tests.contract.copies import PROBLEM, assert_copy

DANGLING = {"/references/dangling"}


@pytest.fixture
def target(tmp_path):
    (tmp_path / "out").mkdir()
    return tmp_path / "out" / "copy.h5"


def check(source, target, lost=()):
    with h5py.File(source) as one, h5py.File(target) as other:
        assert_copy(one, other, lost=lost)


def litter(target):
    return sorted(path.name for path in target.parent.iterdir() if path != target)


@pytest.mark.parametrize("how", ["direct", "document", "chunks through links", "cut in pieces"])
def test_everything_h5py_says_of_the_edge_cases_is_the_same(edge_cases_h5, target, how):
    opts = LindiH5ZarrStoreOpts(
        num_dataset_chunks_threshold=1 if how == "chunks through links" else None,
        contiguous_dataset_max_chunk_size=3000 if how == "cut in pieces" else 20_000_000,
    )
    file = LindiH5pyFile.from_hdf5_file(edge_cases_h5, zarr_store_opts=opts)
    if how != "direct":
        document = json.loads(json.dumps(file.to_reference_file_system()))
        file = LindiH5pyFile.from_reference_file_system(document)
    report = write_hdf5(file, target)
    file.close()
    check(edge_cases_h5, target, DANGLING)
    assert [loss.path for loss in report.losses] == ["/references/dangling"]
    assert litter(target) == []


def test_a_remote_nwb_file_is_copied_with_few_requests(sample_nwb, serve, target):
    server = serve(sample_nwb.parent, latency_ms=1)
    told = []
    with open_any(server.url(sample_nwb.name)) as file:
        report = write_hdf5(file, target, progress=told.append)
    check(sample_nwb, target)
    assert report.losses == ()
    assert server.stats().requests < 60
    last = told[-1]
    assert (last.objects, last.bytes) == (last.objects_total, last.bytes_total)
    assert (last.objects, last.bytes) == (report.objects, report.bytes)


def test_edits_are_in_the_copy(sample_nwb, target):
    with LindiH5pyFile.from_hdf5_file(sample_nwb, mode="r+") as file:
        file.attrs["note"] = np.array([b"a", b"bc"], dtype="S2")
        file["session_description"][()] = "corrected"
        del file.attrs["nwb_version"]
        file["acquisition"].attrs["to"] = file["general"].ref
        write_hdf5(file, target)
    with h5py.File(target) as copy:
        assert copy["session_description"][()] == b"corrected"
        assert copy[copy["acquisition"].attrs["to"]] == copy["general"]
        assert copy.attrs["note"].tolist() == [b"a", b"bc"]
        assert "nwb_version" not in copy.attrs


def test_references_lead_to_the_copies(target, tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        group = file.create_group("g")
        group["d"] = np.arange(6).reshape(2, 3)
        group["again"] = group["d"]
        rows = np.zeros(1, dtype=[("n", "i4"), ("to", h5py.ref_dtype)])
        rows["to"] = group["d"].ref
        group["rows"] = rows
        lists = group.create_dataset("lists", (1,), dtype=h5py.vlen_dtype(h5py.ref_dtype))
        lists[0] = np.array([group.ref, file.ref], dtype=h5py.ref_dtype)
        group.attrs["region"] = group["d"].regionref[:, 1:]
        scale = file.create_dataset("scale", data=[1.0, 2.0])
        scale.make_scale("time")
        group["d"].dims[0].attach_scale(scale)
    with LindiH5pyFile.from_hdf5_file(tmp_path / "a.h5") as file:
        write_hdf5(file, target)
    with h5py.File(target) as copy:
        group = copy["g"]
        assert copy[group["rows"][0]["to"]] == group["d"] == group["again"]
        assert [copy[one] for one in group["lists"][0]] == [group, copy["/"]]
        assert group["d"][group.attrs["region"]].tolist() == [[1, 2], [4, 5]]
        assert group["d"].dims[0][0] == copy["scale"]


def test_chunks_that_hdf5_takes_as_they_are_are_not_decoded(target, tmp_path):
    """Bytes that do not even decompress come out as they were."""
    with h5py.File(tmp_path / "a.h5", "w") as file:
        options = {"chunks": (8,), "compression": "gzip", "shuffle": True}
        data = file.create_dataset("d", shape=(4000,), dtype="i4", maxshape=(None,), **options)
        data[:8] = 1
        data.id.write_direct_chunk((16,), b"no gzip at all")
    with LindiH5pyFile.from_hdf5_file(tmp_path / "a.h5") as file:
        assert write_hdf5(file, target).losses == ()
    with h5py.File(tmp_path / "a.h5") as one, h5py.File(target) as other:
        assert other["d"].id.get_num_chunks() == 2
        for start in ((0,), (16,)):
            assert other["d"].id.read_direct_chunk(start) == one["d"].id.read_direct_chunk(start)


def test_arrays_that_other_programs_have_written_are_decoded(target):
    values = np.arange(30, dtype=">i2").reshape(5, 6)
    codec = numcodecs.Blosc()
    padded = np.zeros((6, 8), dtype=">i2")
    padded[:5, :6] = values
    array = {
        "chunks": [3, 4],
        "compressor": codec.get_config(),
        "dtype": ">i2",
        "fill_value": 7,
        "filters": None,
        "order": "F",
        "shape": [5, 6],
        "zarr_format": 2,
        "dimension_separator": "/",
    }
    refs = {".zgroup": {"zarr_format": 2}, "d/.zarray": array}
    for row, column in ((0, 0), (0, 1), (1, 1)):
        chunk = padded[3 * row : 3 * row + 3, 4 * column : 4 * column + 4]
        data = bytes(codec.encode(chunk.tobytes(order="F")))
        refs[f"d/{row}/{column}"] = "base64:" + base64.b64encode(data).decode()
    refs["d/9/9"] = "outside"
    with LindiH5pyFile.from_reference_file_system({"refs": refs}) as file:
        assert write_hdf5(file, target).losses == ()
    values[3:, :4] = 7
    with h5py.File(target) as copy:
        np.testing.assert_array_equal(copy["d"][()], values)
        assert copy["d"].dtype == ">i2"
        assert copy["d"].fillvalue == 7
        assert copy["d"].id.get_num_chunks() == 3


def test_a_short_raw_chunk_ends_in_zeros(target):
    array = {"chunks": [4], "compressor": None, "dtype": "|u1", "fill_value": 9, "filters": None}
    array |= {"order": "C", "shape": [10], "zarr_format": 2}
    refs = {".zgroup": {"zarr_format": 2}, "d/.zarray": array, "d/0": "ab", "d/2": "z"}
    with LindiH5pyFile.from_reference_file_system({"refs": refs}) as file:
        write_hdf5(file, target)
    with h5py.File(target) as copy:
        assert copy["d"][()].tolist() == [97, 98, 0, 0, 9, 9, 9, 9, 122, 0]


def test_fill_values_of_every_kind_read_as_in_the_source(target, tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        for name, time in (("used", h5py.h5d.FILL_TIME_IFSET), ("never used", h5py.h5d.FILL_TIME_NEVER)):
            plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
            plist.set_chunk((100,))
            plist.set_fill_time(time)
            plist.set_fill_value(np.array(5, dtype="i4"))
            space = h5py.h5s.create_simple((5000,))
            made = h5py.Dataset(h5py.h5d.create(file.id, name.encode(), h5py.h5t.STD_I32LE, space, plist))
            made[:100] = 1
        plist.set_fill_value(np.array(b"abc", dtype=h5py.string_dtype()))
        kind = h5py.h5t.py_create(np.dtype("S300"))
        made = h5py.Dataset(h5py.h5d.create(file.id, b"never used bytes", kind, space, plist))
        made[:100] = b"z"
        texts = {"dtype": h5py.string_dtype(), "chunks": (2,), "fillvalue": "x"}
        file.create_dataset("texts", shape=(4,), **texts)
        file.create_dataset("empty texts", data=[""] * 4, **texts)
        file.create_dataset("bytes", shape=(4,), dtype="S3", chunks=(2,), fillvalue=b"abc")[3] = b""
    with LindiH5pyFile.from_hdf5_file(tmp_path / "a.h5") as file:
        assert write_hdf5(file, target).losses == ()
    check(tmp_path / "a.h5", target)


def test_what_cannot_be_read_costs_itself_and_is_told(target):
    array = {"chunks": [2], "compressor": None, "dtype": "<i2", "fill_value": 0, "filters": None}
    array |= {"order": "C", "shape": [4], "zarr_format": 2}
    gone = {"d/0": ["no_such_file.bin", 0, 4]}
    broken = {**array, "filters": [{"id": "zlib", "level": 1}]}
    refs = {
        ".zgroup": {"zarr_format": 2},
        "good/.zarray": array,
        "good/0": "abcd",
        "d/.zarray": array,
        **gone,
        "d/1": "abcd",
        "e/.zarray": {**broken, "order": "F"},
        "e/0": "no zlib",
        "f/.zarray": array,
        "f/.lindi_explorer": {"problem": "for a reason"},
        "g/.zgroup": {"zarr_format": 2},
        "g/.lindi_explorer": {"attributes": {"a": {"problem": "odd"}, "b": {"type": "<i4", "null": True}}},
        "g/.zattrs": {"c": 1},
    }
    with LindiH5pyFile.from_reference_file_system({"refs": refs}) as file:
        report = write_hdf5(file, target)
    assert [loss.path for loss in report.losses] == ["/f", "/g", "/d", "/e"]
    with h5py.File(target) as copy:
        assert copy["good"][:2].tobytes() == b"abcd"
        assert copy["d"][2:].tobytes() == b"abcd"
        assert "no_such_file.bin" in copy["d"].attrs[PROBLEM]
        assert "chunk (0,)" in copy["e"].attrs[PROBLEM]
        assert copy["f"].shape is None
        assert dict(copy["g"].attrs) == {"b": h5py.Empty("<i4"), "c": 1}


def test_parts_of_a_virtual_dataset_that_are_not_there_are_told(target, tmp_path, serve):
    folder = tmp_path / "virtual"
    folder.mkdir()
    layout = h5py.VirtualLayout(shape=(2, 3), dtype="i4")
    for row in range(2):
        layout[row] = h5py.VirtualSource(f"{row}.h5", "d", shape=(3,))
    with h5py.File(folder / "0.h5", "w") as file:
        file["d"] = [1, 2, 3]
    with h5py.File(folder / "all.h5", "w") as file:
        file.create_virtual_dataset("v", layout, fillvalue=-1)
        file["other"] = 1
    with LindiH5pyFile.from_hdf5_file(folder / "all.h5") as file:
        (loss,) = write_hdf5(file, target).losses
    assert (loss.path, "1.h5" in loss.why, "0.h5" in loss.why) == ("/v", True, False)
    with h5py.File(target) as copy:
        assert copy["v"][()].tolist() == [[1, 2, 3], [-1, -1, -1]]
        assert not copy["v"].is_virtual
    with open_any(serve(folder).url("all.h5")) as file:
        (loss,) = write_hdf5(file, target).losses
    assert (loss.path, "1.h5" in loss.why, "0.h5" in loss.why) == ("/v", True, False)
    with h5py.File(target) as copy:
        assert copy["v"][()].tolist() == [[1, 2, 3], [-1, -1, -1]]


def test_where_no_data_can_be_read_nothing_is_written(target):
    array = {"chunks": [2], "compressor": None, "dtype": "<i2", "fill_value": 0, "filters": None}
    array |= {"order": "C", "shape": [2], "zarr_format": 2}
    refs = {".zgroup": {"zarr_format": 2}, "d/.zarray": array, "d/0": ["no_such_file.bin", 0, 4]}
    target.write_text("mine")
    with (
        LindiH5pyFile.from_reference_file_system({"refs": refs}) as file,
        pytest.raises(UnsupportedError, match="no_such_file"),
    ):
        write_hdf5(file, target)
    assert (target.read_text(), litter(target)) == ("mine", [])


@pytest.mark.parametrize("when", ["objects", "bytes"])
def test_one_that_is_stopped_leaves_everything_as_it_was(sample_nwb, target, when, monkeypatch):
    monkeypatch.setattr(tally, "_EVERY", 0)
    target.write_text("mine")
    cancel = CancelToken()
    told = []

    def stop(copied):
        told.append(copied)
        if when == "objects" or copied.bytes:
            cancel.set()

    with (
        LindiH5pyFile.from_hdf5_file(sample_nwb) as file,
        pytest.raises(CancelledByUserError),
    ):
        write_hdf5(file, target, progress=stop, cancel=cancel)
    assert told[-1].objects == 1 or 0 < told[-1].bytes < told[-1].bytes_total
    assert (target.read_text(), litter(target)) == ("mine", [])


def test_a_fault_of_the_network_is_no_damage_of_the_file(sample_nwb, serve, target):
    server = serve(sample_nwb.parent, faults={sample_nwb.name: Fault(status=403)})
    with LindiH5pyFile.from_hdf5_file(sample_nwb, url=server.url(sample_nwb.name)) as file:
        document = file.to_reference_file_system()
    with (
        LindiH5pyFile.from_reference_file_system(document) as file,
        pytest.raises(AccessDeniedError),
    ):
        write_hdf5(file, target)
    assert litter(target) == []
    assert not target.exists()


def test_no_source_of_the_data_is_overwritten(sample_nwb, tmp_path):
    path = tmp_path / "source.nwb"
    path.write_bytes(sample_nwb.read_bytes())
    with LindiH5pyFile.from_hdf5_file(path) as file:
        with pytest.raises(ConflictError):
            write_hdf5(file, path)
        document = file.to_reference_file_system()
    (tmp_path / "alias.nwb").symlink_to(path)
    with LindiH5pyFile.from_reference_file_system(document) as file, pytest.raises(ConflictError):
        write_hdf5(file, tmp_path / "alias.nwb")
    assert path.read_bytes() == sample_nwb.read_bytes()


MEMORY = """
import sys
import h5py
import numpy as np
from lindi_explorer import LindiH5pyFile
from lindi_explorer.h5.materialise import tally
from lindi_explorer.h5.copies.to_hdf5 import write_hdf5
from tests.memory import peak
with LindiH5pyFile.from_hdf5_file(sys.argv[1]) as file:
    before = peak()
    write_hdf5(file, sys.argv[2])
print(peak() - before)
"""


def test_memory_does_not_grow_with_the_file(target, tmp_path):
    source = tmp_path / "large.h5"
    with h5py.File(source, "w") as file:
        # Zeros that take no room on the disk.
        plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        plist.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
        plist.set_fill_time(h5py.h5d.FILL_TIME_NEVER)
        space, kind = h5py.h5s.create_simple((1 << 10, 1 << 17)), h5py.h5t.STD_I16LE
        h5py.h5d.create(file.id, b"flat", kind, space, plist)
        chunked = plist.copy()
        chunked.set_chunk((4, 1 << 17))
        h5py.h5d.create(file.id, b"chunked", kind, space, chunked)
    command = [sys.executable, "-c", MEMORY, str(source), str(target)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert target.stat().st_size > 512 << 20
    assert int(done.stdout) < 160 << 20
