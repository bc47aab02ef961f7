"""Datasets whose bytes lie in files of others are made, read and written as h5py does it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import h5py
import numpy as np
import pytest

import lindi_explorer
from lindi_explorer import LindiH5pyFile
from lindi_explorer.errors import MissingFileError, UnsupportedError
from lindi_explorer.explorer.session import ExplorerSession
from lindi_explorer.references.codec import to_text
from tests.contract.specification import broken_rules

CONTAINERS = [".lindi.json", ".lindi.tar", ".lindi.d"]


@pytest.fixture
def sides(tmp_path, opened):
    """A file of h5py's and one of ours, each in a folder of its own with the same raw files."""

    def make(*raw):
        found = []
        for name in ("theirs", "ours"):
            folder = tmp_path / name
            folder.mkdir()
            for number, data in enumerate(raw):
                (folder / f"{number}.raw").write_bytes(data)
            path = folder / "f.lindi.json"
            file = h5py.File(path, "w") if name == "theirs" else LindiH5pyFile.from_lindi_file(path, mode="w")
            found.append((folder, opened(file)))
        return found

    return make


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.glob("*.raw")}


@pytest.mark.parametrize(
    "dtype",
    ["i2", ">f8", "?", "c8", "S3", [("a", "i4"), ("b", "S3")], ("f4", (2,)), h5py.enum_dtype({"A": 1})],
    ids=str,
)
def test_types_are_read_and_written_in_place(sides, dtype):
    dtype = np.dtype(dtype)
    data = np.arange(6 * dtype.itemsize, dtype="u1") % 2
    new = np.frombuffer(data.tobytes(), dtype)[:2]
    files = []
    for folder, file in sides(data.tobytes() + b"rest"):
        dataset = file.create_dataset(
            "d", (3, 2), dtype, external=[(folder / "0.raw", 0, h5py.h5f.UNLIMITED)]
        )
        before = dataset[...].tobytes()
        dataset[1] = new if dtype.subdtype is None else np.ones((2, 2))
        file.flush()
        files.append((before, dataset[...].tobytes(), dataset[2, 1:].tobytes(), contents(folder)))
        assert dataset.dtype == dtype
        assert dataset.chunks is None
    assert files[0] == files[1]


def test_what_is_written_is_in_the_files_at_once(sides):
    found = []
    for folder, file in sides(bytes(40), bytes(40)):
        external = [(folder / "0.raw", 4, 16), (folder / "1.raw", 8, 24)]
        dataset = file.create_dataset("d", (5, 2), "i4", external=external)
        dataset[...] = np.arange(10).reshape(5, 2) + 1
        dataset[1:4, 1] = -1
        dataset[[0, 4], 0] = [70, 80]
        dataset[dataset[...] == 9] = 90
        file.flush()
        found.append((dataset[...].tolist(), contents(folder)))
        assert [(Path(name).name, *rest) for name, *rest in dataset.external] == [
            ("0.raw", 4, 16),
            ("1.raw", 8, 24),
        ]
    assert found[0] == found[1]
    assert found[1][0][0] == [70, 2]


def test_files_that_end_within_rows(sides):
    found = []
    for folder, file in sides(bytes(100), bytes(100), bytes(200)):
        sizes = [36, 84, h5py.h5f.UNLIMITED]
        external = [(folder / f"{number}.raw", 4 * number, size) for number, size in enumerate(sizes)]
        dataset = file.create_dataset("d", (4, 5, 3), "i4", external=external)
        dataset[...] = np.arange(60).reshape(4, 5, 3)
        dataset[:, 2:4, 1] = 7
        file.flush()
        found.append((dataset[...].tolist(), dataset[1:3, ::2].tolist(), contents(folder)))
    assert found[0] == found[1]


def test_a_file_that_is_not_there_is_made_when_it_is_written_to(sides):
    for folder, file in sides():
        dataset = file.create_dataset("d", (4,), "i4", external=folder / "new.raw")
        assert not (folder / "new.raw").exists()
        with pytest.raises(OSError, match=r"new\.raw|raw data file"):
            dataset[:]
        dataset[1] = 5
        file.flush()
        assert dataset[:].tolist() == [0, 5, 0, 0]
        assert (folder / "new.raw").read_bytes()[:8] == np.array([0, 5], "i4").tobytes()


def test_data_that_is_given_is_written(sides):
    for folder, file in sides():
        dataset = file.create_dataset("d", data=np.arange(4, dtype="i4"), external=str(folder / "new.raw"))
        file.flush()
        assert dataset[:].tolist() == [0, 1, 2, 3]
    assert (folder / "new.raw").read_bytes() == np.arange(4, dtype="i4").tobytes()


def test_a_prefix_says_where_the_files_are(sides, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    for folder, file in sides(np.arange(4, dtype="i4").tobytes()):
        for name, prefix in (("a", str(folder)), ("b", "${ORIGIN}"), ("c", folder.name)):
            dataset = file.create_dataset(name, (4,), "i4", external=[("0.raw", 0, 16)], efile_prefix=prefix)
            assert dataset[2] == 2
            assert dataset.external == [("0.raw", 0, 16)]
        assert os.fsdecode(file["b"].id.get_access_plist().get_efile_prefix()) in ("", str(folder))


@pytest.mark.parametrize(
    ("external", "options"),
    [
        (["x.raw"], {}),
        (["x.raw", 0], {}),
        ([("x.raw",)], {}),
        ([("x.raw", 0, "16")], {}),
        ([("x.raw", 0, 4)], {}),
        ("x.raw", {"chunks": (2,)}),
        ("x.raw", {"compression": "gzip"}),
        ([("x.raw", 0, 16)], {"maxshape": (8,)}),
    ],
)
def test_errors_of_h5py(sides, external, options):
    raised = []
    for _, file in sides():
        with pytest.raises((TypeError, ValueError)) as found:
            file.create_dataset("d", (4,), "i4", external=external, **options)
        raised.append(found.type)
        assert "d" not in file
    assert issubclass(raised[1], raised[0])


def test_a_shape_with_a_limit_that_is_not_reached(sides):
    for folder, file in sides():
        dataset = file.create_dataset("d", (4, 2), "f4", maxshape=(None, 2), external=folder / "x.raw")
        assert (dataset.shape, dataset.maxshape, dataset.chunks) == ((4, 2), (None, 2), None)
        with pytest.raises(TypeError, match="Only chunked"):
            dataset.resize((5, 2))
        assert file.create_dataset("one", (), "i4", external=folder / "y.raw").external is None
        assert file.create_dataset("empty", (0, 2), "i4", external=folder / "y.raw")[...].shape == (0, 2)


def test_what_has_no_fixed_place_in_a_file_is_refused(sides):
    folder, file = sides()[1]
    with pytest.raises(UnsupportedError, match="variable length"):
        file.create_dataset("d", (4,), h5py.string_dtype(), external=folder / "x.raw")
    with pytest.raises(UnsupportedError, match="inside of an element"):
        file.create_dataset("d", (4,), "i4", external=[("a.raw", 0, 6), ("b.raw", 0, 10)])
    assert "d" not in file


# ---------------------------------------------------------------- journal, saving, copies


def test_undo_takes_back_the_dataset_and_not_what_is_in_the_file(sides):
    folder, file = sides(bytes(16))[1]
    file.create_dataset("d", (4,), "i4", external=folder / "0.raw")
    steps = len(file.journal.steps)
    file["d"][1] = 5
    assert len(file.journal.steps) == steps
    file.journal.undo()
    assert "d" not in file
    file.journal.redo()
    assert file["d"][:].tolist() == [0, 5, 0, 0]


@pytest.mark.parametrize("container", CONTAINERS)
def test_it_is_there_after_saving_and_for_other_readers(tmp_path, container):
    path = tmp_path / f"f{container}"
    with LindiH5pyFile.from_lindi_file(path, mode="w") as file:
        external = [(tmp_path / "a.raw", 0, 40), (tmp_path / "b.raw", 0, 40)]
        file.create_dataset("d", (20,), "i4", external=external)[...] = np.arange(20)
        document = file.to_reference_file_system()
        sizes = {str(tmp_path / name): 40 for name in ("a.raw", "b.raw")}
        assert not broken_rules(to_text(document), sizes)
    with LindiH5pyFile.from_lindi_file(path, mode="r+") as file:
        assert file["d"][:].tolist() == list(range(20))
        assert [size for *_, size in file["d"].external] == [40, 40]
        file["d"][9:11] = -1
        assert file["d"].external is not None
    assert np.fromfile(tmp_path / "b.raw", "i4")[0] == -1
    # Readers that know byte ranges alone.
    refs = {key: value for key, value in document["refs"].items() if not key.endswith(".lindi_explorer")}
    with LindiH5pyFile.from_reference_file_system({**document, "refs": refs}) as plain:
        assert plain["d"][8:12].tolist() == [8, -1, -1, 11]


def test_copies(sides, tmp_path, opened):
    folder, file = sides(np.arange(4, dtype="i4").tobytes())[1]
    file.create_dataset("d", (4,), "i4", external=folder / "0.raw")
    file.copy("d", "e")
    file["e"][0] = 9
    assert file["d"][0] == 9
    (tmp_path / "elsewhere").mkdir()
    other = opened(LindiH5pyFile.from_lindi_file(tmp_path / "elsewhere" / "other.lindi.json", mode="w"))
    file.copy("d", other)
    assert other["d"][:].tolist() == [9, 1, 2, 3]
    with pytest.raises(UnsupportedError, match="which is not changed"):
        other["d"][0] = 1
    assert not file.to_hdf5(tmp_path / "out.h5").losses
    with h5py.File(tmp_path / "out.h5") as out:
        assert out["d"][:].tolist() == [9, 1, 2, 3]
        assert out["d"].external is None


def test_looking_at_a_file_changes_no_other(tmp_path):
    (tmp_path / "a.raw").write_bytes(bytes(16))
    with LindiH5pyFile.from_lindi_file(tmp_path / "f.lindi.json", mode="w") as file:
        file.create_dataset("d", (4,), "i4", external=tmp_path / "a.raw")
    session = ExplorerSession.open(str(tmp_path / "f.lindi.json"), journal_folder=tmp_path / "journals")
    try:
        with pytest.raises(UnsupportedError, match="which is not changed"):
            session.file["d"][0] = 1
    finally:
        session.close()
    assert (tmp_path / "a.raw").read_bytes() == bytes(16)


def test_a_file_elsewhere_is_not_written_to_because_a_document_says_so(tmp_path):
    for name in ("away", "here"):
        (tmp_path / name).mkdir()
    (tmp_path / "away" / "a.raw").write_bytes(bytes(16))
    path = tmp_path / "here" / "f.lindi.json"
    with LindiH5pyFile.from_lindi_file(path, mode="w") as file:
        file.create_dataset("d", (4,), "i4", external=tmp_path / "away" / "a.raw")[0] = 3
    with LindiH5pyFile.from_lindi_file(path, mode="r+") as file:
        assert file["d"][0] == 3
        with pytest.raises(UnsupportedError, match="which is not changed"):
            file["d"][0] = 1
    assert np.fromfile(tmp_path / "away" / "a.raw", "i4")[0] == 3


def test_a_file_that_is_gone_is_told(tmp_path):
    with LindiH5pyFile.from_lindi_file(tmp_path / "f.lindi.json", mode="w") as file:
        file.create_dataset("d", data=np.arange(4), external=tmp_path / "a.raw")
    shutil.move(tmp_path / "a.raw", tmp_path / "b.raw")
    with LindiH5pyFile.from_lindi_file(tmp_path / "f.lindi.json") as file, pytest.raises(MissingFileError):
        file["d"][:]


def test_an_archive_brings_the_names_and_refers_to_the_bytes(tmp_path):
    with LindiH5pyFile.from_lindi_file(tmp_path / "f.lindi.json", mode="w") as file:
        file.create_dataset("d", data=np.arange(4), external=tmp_path / "a.raw")
        file.write_lindi_file(tmp_path / "g.lindi.tar")
        patch = file.patch()
    with LindiH5pyFile.from_lindi_file(tmp_path / "g.lindi.tar") as file:
        assert file["d"][:].tolist() == [0, 1, 2, 3]
        assert file["d"].external == [(str(tmp_path / "a.raw"), 0, h5py.h5f.UNLIMITED)]
    with LindiH5pyFile.from_lindi_file(tmp_path / "empty.lindi.json", mode="w"):
        pass
    applied = lindi_explorer.apply(patch, tmp_path / "empty.lindi.json")
    assert applied["d"][:].tolist() == [0, 1, 2, 3]
    applied.close()
