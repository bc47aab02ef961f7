"""Open files written as archives and folders elsewhere: which chunks come along, and what stays as it was."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import tarfile

import h5py
import numpy as np
import pytest

from lindi_explorer import LindiH5pyFile
from lindi_explorer.errors import ConflictError, ExistingFileError, FileInUseError, MissingFileError
from lindi_explorer.samples.judge import differences
from lindi_explorer.staging.area import StagingArea

SUFFIXES = ["tar", "d"]


@pytest.fixture
def source(hdf5):
    def fill(file):
        file.attrs["title"] = "é"
        file.create_dataset("g/d", data=np.arange(40_000), chunks=(1000,), compression="gzip")
        file.create_dataset("whole", data=np.linspace(0, 1, 3000))
        file["text"] = ["a", "bc"]

    return hdf5(fill, "source.h5")


@pytest.fixture
def container(source, tmp_path):
    """Make a container with chunks of its own: ``container(suffix)``; returns its path."""

    def make(suffix):
        path = tmp_path / f"made.lindi.{suffix}"
        with LindiH5pyFile.from_hdf5_file(source) as file:
            file.write_lindi_file(path)
        with LindiH5pyFile.from_lindi_file(path, mode="r+") as file:
            file["own"] = np.arange(50_000)
            file.create_dataset("small", data=np.arange(8, dtype="u1"), chunks=(2,))
        return path

    return make


def document(path):
    if path.is_dir():
        return json.loads((path / "lindi.json").read_text())
    if path.suffix == ".json":
        return json.loads(path.read_text())
    with tarfile.open(path) as archive:
        return json.load(archive.extractfile("lindi.json"))


def references(path):
    """Key -> address, offset and length."""
    found = document(path)
    templates = {"{{" + name + "}}": url for name, url in found.get("templates", {}).items()}
    return {
        key: [templates.get(value[0], value[0]), *value[1:]]
        for key, value in found["refs"].items()
        if isinstance(value, list)
    }


def addresses(path, key=""):
    """The addresses of the references below a key."""
    return {value[0] for name, value in references(path).items() if name.startswith(key)}


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_an_hdf5_file_becomes_a_container_that_refers_to_it(source, tmp_path, opened, suffix):
    path = tmp_path / f"o.lindi.{suffix}"
    with LindiH5pyFile.from_hdf5_file(source) as file:
        file.write_lindi_file(path, generation_metadata={"by": "me"})
    assert addresses(path) == {str(source)}
    assert document(path)["generationMetadata"] == {"by": "me"}
    assert differences(source, opened(LindiH5pyFile.from_lindi_file(path)))[1] == []
    assert sorted(one.name for one in tmp_path.iterdir()) == sorted([path.name, "source.h5"])


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("kind", SUFFIXES)
def test_chunks_of_a_container_come_along(container, source, tmp_path, opened, kind, suffix):
    before = container(kind)
    after = tmp_path / "elsewhere" / f"o.lindi.{suffix}"
    after.parent.mkdir()
    with LindiH5pyFile.from_lindi_file(before, mode="r+") as file:
        file["own"][7] = -1
        file["unsaved"] = np.arange(9000.0)
        file.write_lindi_file(after)
    (tmp_path / "gone").mkdir()
    before.rename(tmp_path / "gone" / "made")
    again = opened(LindiH5pyFile.from_lindi_file(after))
    expected = np.arange(50_000)
    expected[7] = -1
    assert (again["own"][:] == expected).all()
    assert again["small"][:].tolist() == list(range(8))
    assert (again["unsaved"][:] == np.arange(9000.0)).all()
    assert (again["g/d"][:] == np.arange(40_000)).all()
    # What lies elsewhere is not copied.
    assert addresses(after, "g/d") == {str(source)}
    assert all(address.startswith("./blobs/") for address in addresses(after, "own"))


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_staged_chunks_come_along(source, tmp_path, opened, suffix):
    path = tmp_path / f"o.lindi.{suffix}"
    with StagingArea.create(base_dir=tmp_path / "areas") as area:
        with LindiH5pyFile.from_hdf5_file(source, mode="r+", staging_area=area) as file:
            file["new"] = np.arange(10_000)
            file["g/d"][5] = -5
            file.write_lindi_file(path)
            file.write_lindi_file(tmp_path / "o.lindi.json")
        assert str(area.directory) in (tmp_path / "o.lindi.json").read_text()
    again = opened(LindiH5pyFile.from_lindi_file(path))
    assert (again["new"][:] == np.arange(10_000)).all()
    assert again["g/d"][3:7].tolist() == [3, 4, -5, 6]
    assert str(tmp_path / "areas") not in json.dumps(document(path))


def test_new_data_in_memory_goes_into_the_container_and_not_into_its_document(source, tmp_path, opened):
    path = tmp_path / "o.lindi.tar"
    with LindiH5pyFile.from_hdf5_file(source, mode="r+") as file:
        file.create_dataset("new", data=np.arange(90_000), chunks=(9000,), compression=None)
        file["g/d"][5] = -5
        file.write_lindi_file(path)
    assert len(json.dumps(document(path))) < 50_000
    assert addresses(path, "new") == {one for one in addresses(path) if one.startswith("./blobs/")}
    again = opened(LindiH5pyFile.from_lindi_file(path))
    assert (again["new"][:] == np.arange(90_000)).all()
    assert again["g/d"][3:7].tolist() == [3, 4, -5, 6]


@pytest.mark.parametrize("kind", SUFFIXES)
def test_a_json_file_has_no_place_for_the_chunks_of_a_container(container, tmp_path, kind):
    path = container(kind)
    with (
        LindiH5pyFile.from_lindi_file(path) as file,
        pytest.raises(ValueError, match="has no place for them") as caught,
    ):
        file.write_lindi_file(tmp_path / "o.lindi.json")
    assert ".lindi.tar" in caught.value.hint
    assert not (tmp_path / "o.lindi.json").exists()


def test_a_json_file_of_a_remote_archive_refers_to_the_archive(container, serve, source, tmp_path, opened):
    path = container("tar")
    url = serve(tmp_path).url(path.name)
    out = tmp_path / "o.lindi.json"
    with LindiH5pyFile.from_lindi_file(url) as file:
        file.write_lindi_file(out)
    assert addresses(out, "own") == {url}
    assert addresses(out) == {url, str(source)}
    assert (opened(LindiH5pyFile.from_lindi_file(out))["own"][:] == np.arange(50_000)).all()


@pytest.mark.parametrize("name", ["o.tar", "o.d", "o.lindi", "o.lindi.json.bak", ".lindi.tar/x"])
def test_other_endings_are_refused_with_those_that_are_not(source, tmp_path, name):
    with (
        LindiH5pyFile.from_hdf5_file(source) as file,
        pytest.raises(ValueError, match=r"\.lindi\.json, \.lindi\.tar or \.lindi\.d"),
    ):
        file.write_lindi_file(tmp_path / name)
    assert [one.name for one in tmp_path.iterdir()] == ["source.h5"]


def test_an_archive_is_replaced_and_a_folder_is_not(source, container, tmp_path, opened):
    archive, folder = container("tar"), container("d")
    before = (folder / "lindi.json").read_bytes()
    with LindiH5pyFile.from_hdf5_file(source) as file:
        file.write_lindi_file(archive)
        with pytest.raises(ExistingFileError):
            file.write_lindi_file(folder)
    assert "own" not in opened(LindiH5pyFile.from_lindi_file(archive))
    assert (folder / "lindi.json").read_bytes() == before


def test_a_file_that_somebody_writes_to_is_not_replaced(source, container):
    archive = container("tar")
    with (
        LindiH5pyFile.from_hdf5_file(source) as file,
        LindiH5pyFile.from_lindi_file(archive, mode="r+") as other,
    ):
        with pytest.raises(FileInUseError):
            file.write_lindi_file(archive)
        other.attrs["still"] = 1
    with LindiH5pyFile.from_lindi_file(archive) as file:
        assert file.attrs["still"] == 1


@pytest.mark.parametrize("mode", ["r", "r+"])
def test_a_file_does_not_take_its_own_place(container, mode):
    archive = container("tar")
    with LindiH5pyFile.from_lindi_file(archive, mode=mode) as file, pytest.raises(ConflictError):
        file.write_lindi_file(archive)


def test_a_folder_that_is_missing_is_named(source, tmp_path):
    with LindiH5pyFile.from_hdf5_file(source) as file:
        with pytest.raises(MissingFileError, match="absent"):
            file.write_lindi_file(tmp_path / "absent" / "o.lindi.tar")
        file.write_lindi_file(tmp_path / "made" / "o.lindi.d")
    assert (tmp_path / "made" / "o.lindi.d" / "lindi.json").is_file()


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_when_it_fails_what_was_there_stays(container, tmp_path, suffix):
    """The chunks of the source are cut off while it is open."""
    path = container(suffix)
    target = tmp_path / "o.lindi.tar"
    target.write_bytes(b"old")
    with LindiH5pyFile.from_lindi_file(path) as file:
        blobs = [path] if suffix == "tar" else list((path / "blobs").iterdir())
        for blob in blobs:
            os.truncate(blob, 100)
        with pytest.raises((ValueError, OSError)):
            file.write_lindi_file(target)
    assert target.read_bytes() == b"old"
    assert sorted(one.name for one in tmp_path.iterdir()) == sorted([path.name, target.name, "source.h5"])


WRITER = """
import sys
from lindi_explorer import LindiH5pyFile
with LindiH5pyFile.from_lindi_file(sys.argv[1]) as file:
    print("ready", flush=True)
    while True:
        file.write_lindi_file(sys.argv[2], generation_metadata={"written": 1})
"""


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL")
def test_killed_while_it_is_written_the_old_or_the_new_is_there(container, tmp_path, count):
    source, target = container("d"), tmp_path / "o.lindi.tar"
    with LindiH5pyFile.from_lindi_file(source) as file:
        file.write_lindi_file(target)
    chance = random.Random(3)
    for _ in range(count(3, 60)):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, source, target], stdout=subprocess.PIPE
        ) as writer:
            assert writer.stdout.readline()
            try:
                writer.wait(chance.uniform(0, 0.08))  # not for timing: to kill it wherever it happens to be
            except subprocess.TimeoutExpired:
                writer.send_signal(signal.SIGKILL)
        with LindiH5pyFile.from_lindi_file(target) as file:
            assert (file["own"][:] == np.arange(50_000)).all()
    assert subprocess.run(["tar", "tf", target], capture_output=True, check=True).stdout


def test_a_remote_archive_is_amended_in_a_copy_that_refers_to_it(sample_nwb, serve, tmp_path, opened):
    """As the original's documentation has it: write, open again, append with pynwb, open again."""
    import pynwb

    far, local = tmp_path / "far" / "base.lindi.tar", tmp_path / "local.lindi.tar"
    far.parent.mkdir()
    with LindiH5pyFile.from_hdf5_file(sample_nwb) as file:
        file.download(far)
    url = serve(far.parent).url(far.name)
    with LindiH5pyFile.from_lindi_file(url) as file:
        file.write_lindi_file(local)
    original = references(local)
    assert addresses(local) == {url}
    client = opened(LindiH5pyFile.from_lindi_file(local, mode="r+"))
    with pynwb.NWBHDF5IO(file=client, mode="a") as io:
        nwb = io.read()
        nwb.add_acquisition(pynwb.TimeSeries(name="amended", data=np.arange(6000.0), unit="m", rate=1.0))
        io.write(nwb)
    client.close()
    assert {key: references(local)[key] for key in original} == original
    assert all(address.startswith("./blobs/") for address in addresses(local, "acquisition/amended/"))
    again = opened(LindiH5pyFile.from_lindi_file(local))
    with pynwb.NWBHDF5IO(file=again, mode="r") as io, h5py.File(sample_nwb) as file:
        nwb = io.read()
        assert (nwb.acquisition["amended"].data[:] == np.arange(6000.0)).all()
        assert (nwb.acquisition["raw"].data[:] == file["acquisition/raw/data"][()]).all()
