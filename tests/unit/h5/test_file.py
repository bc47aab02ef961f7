"""Files: names, modes, saving, closing, comparing."""

from __future__ import annotations

import gc
import json
import os
import weakref

import h5py
import numpy as np
import pytest

from lindi_explorer import LindiH5pyFile
from lindi_explorer.errors import LindiError, UnsupportedError
from lindi_explorer.h5 import open_any
from lindi_explorer.references import codec


def small(file):
    file.attrs["title"] = "é"
    file["g/d"] = np.arange(2000)
    file["word"] = "x"


@pytest.fixture
def path(hdf5):
    return hdf5(small)


@pytest.fixture
def document(path, tmp_path):
    """Path of a LINDI document of the file."""
    with LindiH5pyFile.from_hdf5_file(path) as file:
        file.write_lindi_file(tmp_path / "f.lindi.json")
    return tmp_path / "f.lindi.json"


# ---------------------------------------------------------------- what it is


def test_it_is_an_h5py_file_with_answers(path, opened):
    file = opened(LindiH5pyFile.from_hdf5_file(path))
    assert isinstance(file, h5py.File)
    assert (file.name, file.parent, file.file, bool(file)) == ("/", file, file, True)
    assert file.filename == str(path)
    assert file.source.format == "HDF5"
    assert (file.mode, file.swmr_mode) == ("r", False)
    assert opened(LindiH5pyFile.from_hdf5_file(path, mode="r+")).mode == "r+"
    with h5py.File(path) as theirs:
        assert file.libver == theirs.libver
    for fact in ("driver", "userblock_size", "meta_block_size"):
        with pytest.raises(UnsupportedError):
            getattr(file, fact)
    with pytest.raises(UnsupportedError):
        file.swmr_mode = True
    assert "f.h5" in repr(file)


def test_every_source_has_its_own_file_name(path, document, tmp_path, serve, opened):
    """pynwb takes objects of files with one name for objects of one file."""
    rfs = json.loads(document.read_text())
    server = serve(tmp_path)
    files = [
        opened(file)
        for file in (
            LindiH5pyFile.from_hdf5_file(path),
            LindiH5pyFile.from_lindi_file(document),
            LindiH5pyFile.from_reference_file_system(rfs),
            LindiH5pyFile.from_reference_file_system(rfs),
            LindiH5pyFile.from_reference_file_system(None),
            LindiH5pyFile.from_hdf5_file(server.url("f.h5")),
            LindiH5pyFile.from_lindi_file(server.url("f.lindi.json")),
        )
    ]
    names = [file.filename for file in files]
    assert len(set(names)) == len(names)
    assert all(names)
    again = opened(LindiH5pyFile.from_hdf5_file(path))
    assert again.filename == files[0].filename


def test_a_file_name_has_no_secrets(document, tmp_path, serve, opened):
    url = serve(tmp_path).url("f.lindi.json") + "?X-Signature=hush"
    file = opened(LindiH5pyFile.from_lindi_file(url))
    for shown in (file.filename, repr(file), file.source.address, file.source.name, repr(file.source)):
        assert "hush" not in shown
    assert file.source.name == "f.lindi.json"


def test_relative_paths_are_made_absolute(path, monkeypatch, opened):
    monkeypatch.chdir(path.parent)
    file = opened(LindiH5pyFile.from_hdf5_file("f.h5"))
    refs = file.to_reference_file_system()["refs"]
    assert refs["g/d/0"][0] == str(path)
    monkeypatch.chdir("/")
    assert file["g/d"][-1] == 1999


def test_references_may_carry_another_address(path, opened):
    file = opened(LindiH5pyFile.from_hdf5_file(path, url="https://ex.org/f.h5"))
    assert file.to_reference_file_system()["refs"]["g/d/0"][0] == "https://ex.org/f.h5"
    assert file["g/d"][5] == 5, "the local file is read all the same"


# ---------------------------------------------------------------- documents


def test_a_document_of_a_file_is_plain_json_and_independent(path, opened):
    file = opened(LindiH5pyFile.from_hdf5_file(path))
    document = file.to_reference_file_system()
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    document["refs"][".zattrs"]["title"] = "changed"
    document["refs"]["g/d/0"][1] = 0
    assert file.attrs["title"] == "é"
    assert file.to_reference_file_system() != document


def test_provenance_is_kept(path, tmp_path):
    with LindiH5pyFile.from_hdf5_file(path) as file:
        file.write_lindi_file(tmp_path / "a.lindi.json", generation_metadata={"by": "me"})
    with LindiH5pyFile.from_lindi_file(tmp_path / "a.lindi.json", mode="r+") as file:
        file.attrs["x"] = 1
    document = json.loads((tmp_path / "a.lindi.json").read_text())
    assert document["generationMetadata"] == {"by": "me"}
    assert document["refs"][".zattrs"]["x"] == 1


@pytest.mark.parametrize("name", ["f.json", "f.h5", "f", "f.lindi.json.bak", "f.lindi.parquet"])
def test_other_endings_are_refused(path, tmp_path, name):
    with LindiH5pyFile.from_hdf5_file(path) as file, pytest.raises(ValueError, match=r"\.lindi\.json"):
        file.write_lindi_file(tmp_path / name)
    assert not (tmp_path / name).exists() or name == "f.h5"


def test_writing_over_the_document_that_is_open(document):
    with LindiH5pyFile.from_lindi_file(document) as file:
        before = file["g/d"][...]
        file.write_lindi_file(document)
        assert (file["g/d"][...] == before).all()


# ---------------------------------------------------------------- modes and saving


def test_edits_of_a_document_are_saved_when_it_closes(document):
    with LindiH5pyFile.from_lindi_file(document, mode="r+") as file:
        file.attrs["title"] = "new"
        file["word"][()] = "longer"
    with LindiH5pyFile.from_lindi_file(document) as file:
        assert file.attrs["title"] == "new"
        assert file["word"].asstr()[()] == "longer"
        assert (file["g/d"][...] == np.arange(2000)).all()


def test_flush_saves_and_what_is_undone_is_saved_too(document):
    with LindiH5pyFile.from_lindi_file(document, mode="r+") as file:
        original = document.read_text()
        file.attrs["title"] = "new"
        file.flush()
        assert '"new"' in document.read_text()
        file.journal.undo()
        file.flush()
        assert document.read_text() == original


def test_nothing_is_written_where_nothing_changed(document):
    stamp = document.stat().st_mtime_ns
    os.utime(document, ns=(stamp - 10**9, stamp - 10**9))
    with LindiH5pyFile.from_lindi_file(document, mode="r+") as file:
        file.attrs["title"]
        file.flush()
    assert document.stat().st_mtime_ns == stamp - 10**9


def test_a_dict_sees_the_edits_when_they_are_saved():
    rfs = codec.encode(codec.decode({"refs": {".zgroup": {"zarr_format": 2}}}))
    with LindiH5pyFile.from_reference_file_system(rfs, mode="r+") as file:
        file.attrs["a"] = 1
        file.flush()
        assert rfs["refs"][".zattrs"] == {"a": 1}
        file.attrs["b"] = 2
    assert rfs["refs"][".zattrs"] == {"a": 1, "b": 2}
    with LindiH5pyFile.from_reference_file_system(rfs) as file:
        assert dict(file.attrs) == {"a": 1, "b": 2}


def test_opening_for_looking_never_changes_the_source(document, path):
    before = document.read_bytes(), path.read_bytes()
    rfs = json.loads(document.read_text())
    kept = json.loads(document.read_text())
    for source in (document, path, rfs):
        file = open_any(source)
        file.attrs["title"] = "edited"
        assert file.attrs["title"] == "edited"
        file.close()
    assert (document.read_bytes(), path.read_bytes()) == before
    assert rfs == kept


def test_an_hdf5_file_is_never_changed(path):
    before = path.read_bytes()
    with LindiH5pyFile.from_hdf5_file(path, mode="r+") as file:
        file.attrs["title"] = "new"
        file["word"][()] = "new"
    assert path.read_bytes() == before


def test_a_remote_document_is_never_changed_and_closing_is_no_error(document, tmp_path, serve):
    before = document.read_bytes()
    with LindiH5pyFile.from_lindi_file(serve(tmp_path).url("f.lindi.json"), mode="r+") as file:
        file.attrs["title"] = "new"
        file.write_lindi_file(tmp_path / "g.lindi.json")
    assert document.read_bytes() == before
    with LindiH5pyFile.from_lindi_file(tmp_path / "g.lindi.json") as file:
        assert file.attrs["title"] == "new"


def test_a_save_that_fails_loses_nothing(document, monkeypatch):
    before = document.read_bytes()
    file = LindiH5pyFile.from_lindi_file(document, mode="r+")
    file.attrs["title"] = "new"

    def full(*_args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        file.close()
    assert document.read_bytes() == before
    assert file.attrs["title"] == "new", "it is still open"
    monkeypatch.undo()
    file.close()
    assert b'"new"' in document.read_bytes()


@pytest.mark.parametrize("opening", ["from_hdf5_file", "from_lindi_file", "from_reference_file_system"])
def test_modes_that_are_none(path, document, opening):
    source = path if opening == "from_hdf5_file" else document
    with pytest.raises(ValueError, match=r"mode=.*rw"):
        getattr(LindiH5pyFile, opening)(source, mode="rw")
    with pytest.raises(ValueError, match="mode"):
        LindiH5pyFile.from_hdf5_file(path, mode="w")
    with pytest.raises(TypeError):
        getattr(LindiH5pyFile, opening)(source, colour="green")


# ---------------------------------------------------------------- closing


def test_a_closed_file_says_so(path):
    file = LindiH5pyFile.from_hdf5_file(path)
    group, dataset = file["g"], file["g/d"]
    file.close()
    file.close()
    assert not file
    assert not group
    assert "losed" in repr(file)
    assert "losed" in repr(dataset)
    for use in (
        lambda: file["g"],
        lambda: list(file),
        lambda: len(group),
        lambda: dataset[0],
        lambda: dataset.shape,
        lambda: file.attrs["title"],
        lambda: file.get("g"),
        lambda: group.create_group("x"),
        file.to_reference_file_system,
        lambda: file.visit(print),
    ):
        with pytest.raises(ValueError, match=r"closed|Invalid"):
            use()
    assert "g" not in file  # as in h5py


def test_a_closed_file_is_let_go(path):
    with LindiH5pyFile.from_hdf5_file(path) as file:
        file["g/d"][...]
    path.unlink()
    with h5py.File(path, "w") as other:  # HDF5 would refuse were it still open
        other["new"] = 1


@pytest.mark.parametrize("kind", ["hdf5", "document", "memory"])
def test_files_that_are_dropped_are_let_go(path, document, kind):
    def descriptors():
        return len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - as fast as it gets

    def use():
        source = {"hdf5": path, "document": document, "memory": json.loads(document.read_text())}[kind]
        file = open_any(source)
        file["g/d"][:10]
        return weakref.ref(file._view)

    if not os.path.isdir("/proc/self/fd"):  # noqa: PTH112
        pytest.skip("no /proc here")
    use()
    gc.collect()
    before = descriptors()
    views = [use() for _ in range(20)]
    gc.collect()
    assert [view() for view in views] == [None] * 20
    assert descriptors() <= before + 2


def test_leaving_by_an_error_closes_and_saves(document):
    def fail():
        with LindiH5pyFile.from_lindi_file(document, mode="r+") as file:
            files.append(file)
            file.attrs["title"] = "new"
            raise RuntimeError("mine")

    files = []
    with pytest.raises(RuntimeError, match="mine"):
        fail()
    assert not files[0]
    assert b'"new"' in document.read_bytes()


# ---------------------------------------------------------------- opening what is open


def test_open_files_are_taken_and_stay_the_callers(path):
    with h5py.File(path) as theirs:
        ours = open_any(theirs)
        assert ours["g/d"][5] == 5
        assert ours.filename == str(path)
        ours.close()
        assert theirs["g/d"][5] == 5
    with LindiH5pyFile.from_hdf5_file(path) as file:
        assert open_any(file) is file


def test_a_file_in_memory_can_be_looked_at(opened):
    with h5py.File("nowhere", "w", driver="core", backing_store=False) as theirs:
        theirs["few"] = np.arange(5)
        theirs["many"] = np.arange(5000)
        theirs["chunked"] = theirs["many"][...]
        theirs.create_dataset("packed", data=np.arange(5000), chunks=(100,), compression="gzip")
        ours = opened(open_any(theirs))
        assert ours["few"][...].tolist() == [0, 1, 2, 3, 4]
        for name in ("many", "packed"):
            try:
                assert (ours[name][...] == np.arange(5000)).all()
            except LindiError as error:
                assert error.hint  # noqa: PT017 - either is an answer; other values are not


@pytest.mark.parametrize("source", [5, None, [], b"x", object()], ids=lambda source: type(source).__name__)
def test_what_cannot_be_opened(source):
    with pytest.raises(TypeError, match=r"path|URL"):
        open_any(source)


def test_a_new_file_in_memory(tmp_path):
    with LindiH5pyFile.from_reference_file_system(None, mode="r+") as file:
        assert list(file) == []
        file.attrs["a"] = 1
        file.write_lindi_file(tmp_path / "n.lindi.json")
    document = json.loads((tmp_path / "n.lindi.json").read_text())
    assert document == {"refs": {".zattrs": {"a": 1}, ".zgroup": {"zarr_format": 2}}, "version": 1}
    with LindiH5pyFile.from_reference_file_system(None) as file:
        assert dict(file.attrs) == {}, "the next one starts empty"
