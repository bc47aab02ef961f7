"""What the original's own tests look at, asked here of every kind of file, with h5py as the judge."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import h5py
import numpy as np
import pynwb
import pytest
from zarr.storage import LocalStore, MemoryStore

from lindi_explorer import LindiH5pyFile
from tests.contract.same import Judge

KINDS = ["lindi.json", "lindi.tar", "lindi.d", "zarr"]


@pytest.fixture(params=KINDS)
def opening(request, tmp_path):
    """Open one and the same file in a mode."""

    def opening(mode):
        if request.param == "zarr":
            return LindiH5pyFile.from_zarr_store(LocalStore(tmp_path / "a.zarr"), mode)
        return LindiH5pyFile.from_lindi_file(tmp_path / f"a.{request.param}", mode=mode)

    return opening


def fill(file):
    """All that the original can write, and more that h5py can."""
    values = {
        "text": "abc",
        "bytes": b"abc",
        "int": 1,
        "float": 3.14,
        "bool": True,
        "list": [1, 2, 3],
        "texts": ["a", "bc"],
        "nan": math.nan,
        "infinities": [math.inf, -math.inf],
        "single": np.float32(0.1),
        "complex": 1 + 2j,
    }
    for name, value in values.items():
        file.attrs[name] = value
    group = file.create_group("group")
    group.attrs["own"] = 1
    file["numbers"] = np.arange(60).reshape(6, 10)
    file.create_dataset("chunked", data=np.arange(1000, dtype="f4").reshape(50, 20), chunks=(7, 6))
    file.create_dataset("zipped", data=np.arange(3000), chunks=(1000,), compression="gzip", fletcher32=True)
    file["truths"] = np.array([[True, False], [False, True]])
    file["scalar"] = 5
    file["scalar_text"] = "text"
    file["texts"] = ["one", "two", "three"]
    file["fixed"] = np.array([b"abc", b"de"])
    file["empty"] = np.zeros((0,))
    file["empty_3d"] = np.zeros((0, 0, 0), dtype="i2")
    file["null"] = h5py.Empty("f4")
    rows = np.array([(1, 0.5), (2, math.nan)], dtype=[("number", "<i4"), ("share", "<f8")])
    file["rows"] = rows
    group["deeper/data"] = [1.5, 2.5]
    file["soft"] = h5py.SoftLink("/group/deeper")
    file["hard"] = file["numbers"]
    file.attrs["reference"] = file["group"].ref
    pair = np.dtype([("number", "<i4"), ("target", h5py.ref_dtype)])
    target = file.create_dataset("pairs", shape=(2,), dtype=pair)
    target[0] = (7, file["numbers"].ref)
    target[1] = (8, file["group"].ref)
    file.create_dataset("references", data=[group.ref, file["numbers"].ref], dtype=h5py.ref_dtype)


def test_everything_that_is_written_is_as_h5py_has_it(opening, tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as theirs:
        fill(theirs)
    with opening("w") as ours:
        fill(ours)
    with h5py.File(tmp_path / "a.h5") as theirs, opening("r") as ours:
        judge = Judge(theirs, ours)
        paths = [""]
        theirs.visit(paths.append)
        seen = [""]
        ours.visit(seen.append)
        assert sorted(seen) == sorted(paths)
        for path in paths:
            one, other = theirs[f"/{path}"], ours[f"/{path}"]
            judge.attributes(one.attrs, other.attrs)
            if isinstance(one, h5py.Dataset):
                assert (other.shape, other.maxshape, other.size) == (one.shape, one.maxshape, one.size)
                judge.value(one[()], other[()])
        assert ours["zipped"].fletcher32
        assert ours["soft/data"][:].tolist() == [1.5, 2.5]
        assert ours["hard"] == ours["numbers"]
        assert ours[ours["pairs"]["target"][0]] == ours["numbers"]


def test_a_file_that_grows_again_and_again(opening):
    rounds, many = 3, 12
    with opening("w") as file:
        for number in range(rounds):
            group = file.create_group(f"round{number}")
            for each in range(many):
                group[f"small{each}"] = np.full(3, each)
                group[f"large{each}"] = np.random.default_rng(each).random(2000)
            file.flush()
    with opening("r") as file:
        assert len(file) == rounds
        for number in range(rounds):
            for each in range(many):
                assert file[f"round{number}/small{each}"][:].tolist() == [each] * 3
                expected = np.random.default_rng(each).random(2000)
                np.testing.assert_array_equal(file[f"round{number}/large{each}"][:], expected)


def test_a_dataset_is_deleted_and_made_anew(opening):
    with opening("w") as file:
        file["subject/age"] = b"2w"
        file["description"] = "short"
    with opening("r+") as file:
        del file["subject"]["age"]
        file["subject"].create_dataset("age", data=b"3w")
        file["description"][()] = "a much longer description than the one before"
    with opening("r") as file:
        assert file["subject/age"][()] == b"3w"
        assert file["description"].asstr()[()] == "a much longer description than the one before"


def test_h5py_copies_into_a_file_of_ours(opening, tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as theirs:
        theirs["group/data"] = np.arange(5)
        theirs["group"].attrs["a"] = 1
    with h5py.File(tmp_path / "a.h5") as theirs, opening("w") as ours:
        ours.copy(theirs["group"], ours, "group")
    with opening("r") as ours:
        assert ours["group/data"][:].tolist() == list(range(5))
        assert ours["group"].attrs["a"] == 1


def test_copies_have_a_life_of_their_own(opening):
    with opening("w") as file:
        file["group/data"] = np.arange(2000)
        with LindiH5pyFile.from_reference_file_system(None, mode="w") as other:
            other.copy(other.create_group("empty"), other, "again")
            file.copy("group", other, "copied")
            file["group/data"][0] = 99
            assert other["copied/data"][0] == 0
            other["copied/data"][1] = 77
        assert file["group/data"][:2].tolist() == [99, 1]


@pytest.mark.parametrize(
    "make", [lambda folder: LocalStore(folder / "a.zarr"), lambda _: MemoryStore()], ids=["folder", "memory"]
)
def test_pynwb_writes_a_new_file_into_a_zarr_store(make, tmp_path):
    store = make(tmp_path)
    nwb = pynwb.NWBFile("a session", "id", datetime(2024, 1, 2, tzinfo=UTC))
    for number in range(5):
        nwb.add_trial(start_time=float(number), stop_time=number + 0.5)
    nwb.add_acquisition(pynwb.TimeSeries(name="raw", data=np.arange(5000.0), unit="V", rate=1.0))
    with pynwb.NWBHDF5IO(file=LindiH5pyFile.from_zarr_store(store, "w"), mode="w") as io:
        io.write(nwb)
    with pynwb.NWBHDF5IO(file=LindiH5pyFile.from_zarr_store(store), mode="r") as io:
        again = io.read()
        assert again.trials["stop_time"][:].tolist() == [0.5, 1.5, 2.5, 3.5, 4.5]
        np.testing.assert_array_equal(again.acquisition["raw"].data[:], np.arange(5000.0))
        assert pynwb.validate(io=io) == []
