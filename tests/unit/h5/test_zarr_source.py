"""Stores and groups of zarr-python 3, opened as files and written in their place."""

from __future__ import annotations

import asyncio
import zipfile

import h5py
import numpy as np
import pytest
import zarr
from zarr.core.buffer import default_buffer_prototype
from zarr.storage import LocalStore, MemoryStore, WrapperStore

from lindi_explorer import LindiH5pyFile
from lindi_explorer.errors import (
    ConflictError,
    ExistingFileError,
    FileInUseError,
    FormatError,
    MissingFileError,
    ReadOnlyError,
    UnsupportedError,
)
from lindi_explorer.samples.judge import differences

KINDS = ["folder", "memory", "other"]
NUMBERS = np.arange(60).reshape(6, 10)


@pytest.fixture
def make(tmp_path):
    """An empty store of a kind."""

    def make(kind):
        if kind == "folder":
            return LocalStore(tmp_path / "a.zarr")
        # A store of an unknown kind is waited for in another way.
        return MemoryStore() if kind == "memory" else WrapperStore(MemoryStore())

    return make


def fill(store):
    """Write a hierarchy with zarr-python."""
    root = zarr.open_group(store, mode="w", zarr_format=2, attributes={"title": "made by zarr"})
    data = root.create_array("group/data", shape=(6, 10), chunks=(4, 4), dtype="<i4")
    data[:] = NUMBERS
    data.attrs["unit"] = "V"
    root.create_array("empty", shape=(3,), chunks=(2,), dtype="<f8", fill_value=1.5)
    return store


def contents(store):
    """All keys and bytes of a store."""

    async def all_of_them():
        got = {}
        async for key in store.list():
            got[key] = (await store.get(key, default_buffer_prototype())).to_bytes()
        return got

    return asyncio.run(all_of_them())


@pytest.fixture(params=KINDS)
def store(request, make):
    return fill(make(request.param))


def test_what_zarr_has_written_is_read(store):
    with LindiH5pyFile.from_zarr_store(store) as file:
        assert file.attrs["title"] == "made by zarr"
        data = file["group/data"]
        assert (data.shape, data.chunks, data.dtype, data.attrs["unit"]) == ((6, 10), (4, 4), np.int32, "V")
        assert data[1:5, 3:9].tolist() == NUMBERS[1:5, 3:9].tolist()
        assert file["empty"][:].tolist() == [1.5, 1.5, 1.5]
        assert file.mode == "r"
        assert file.source.format == "Zarr"
        with pytest.raises(ReadOnlyError):
            file.attrs["title"] = "other"


def test_a_folder_is_known_by_its_path_and_every_other_store_by_a_name_of_its_own(make, tmp_path):
    folder = LindiH5pyFile.from_zarr_store(fill(make("folder")))
    one, another = (LindiH5pyFile.from_zarr_store(fill(MemoryStore())) for _ in range(2))
    assert folder.filename == str(tmp_path / "a.zarr")
    assert len({folder.filename, one.filename, another.filename}) == 3


def test_storage_is_counted_as_it_is_in_the_store(store):
    chunks = [
        data for key, data in contents(store).items() if key.startswith("group/data/") and key[-1].isdigit()
    ]
    stored = sum(map(len, chunks))
    with LindiH5pyFile.from_zarr_store(store) as file:
        assert file["group/data"].id.get_storage_size() == stored


def test_a_whole_nwb_file_goes_there_and_back(sample_nwb, tmp_path):
    with LindiH5pyFile.from_hdf5_file(sample_nwb) as file:
        file.to_zarr(tmp_path / "a.zarr")
    memory = MemoryStore(
        {
            key: default_buffer_prototype().buffer.from_bytes(data)
            for key, data in contents(LocalStore(tmp_path / "a.zarr")).items()
        }
    )
    for store in (LocalStore(tmp_path / "a.zarr"), memory):
        with LindiH5pyFile.from_zarr_store(store) as file:
            assert differences(sample_nwb, file)[1] == []


def test_documents_refer_to_the_files_of_a_folder_and_hold_what_is_nowhere_else(make, tmp_path):
    for kind, size in (("folder", 0), ("memory", 6)):
        with LindiH5pyFile.from_zarr_store(fill(make(kind))) as file:
            file.write_lindi_file(tmp_path / "out.lindi.json")
            refs = file.to_reference_file_system()["refs"]
        chunks = [value for key, value in refs.items() if key.startswith("group/data/") and key[-1].isdigit()]
        assert len(chunks) == 6
        assert sum(isinstance(chunk, str) for chunk in chunks) == size
        with LindiH5pyFile.from_lindi_file(tmp_path / "out.lindi.json") as file:
            assert file["group/data"][:].tolist() == NUMBERS.tolist()


def test_copies_into_other_files_are_whole(store, tmp_path):
    with LindiH5pyFile.from_zarr_store(store) as source:
        with LindiH5pyFile.from_lindi_file(tmp_path / "out.lindi.json", mode="w") as target:
            source.copy("group", target, "copied")
        source.to_hdf5(tmp_path / "out.h5")
    with LindiH5pyFile.from_lindi_file(tmp_path / "out.lindi.json") as copied:
        assert copied["copied/data"][:].tolist() == NUMBERS.tolist()
    with h5py.File(tmp_path / "out.h5") as copied:
        assert copied["group/data"][:].tolist() == NUMBERS.tolist()


def edit(file):
    """Change something of every kind."""
    file.attrs["title"] = "edited"
    file["group/data"][0, 0] = 77
    file["group/data"].resize((5, 10))
    file.move("empty", "group/moved")
    file["new"] = np.arange(5000, dtype="f8")
    file["text"] = "some text"
    file.create_group("deeper/still")
    file["soft"] = h5py.SoftLink("/group/data")


def test_edits_are_written_into_the_store_and_zarr_reads_them(store):
    with LindiH5pyFile.from_zarr_store(store, "r+") as file:
        edit(file)
        assert zarr.open_group(store, mode="r").attrs["title"] == "made by zarr"  # not before it is saved
    expected = NUMBERS[:5].copy()
    expected[0, 0] = 77
    root = zarr.open_group(store, mode="r", zarr_format=2)
    assert root.attrs["title"] == "edited"
    assert root["group/data"][:].tolist() == expected.tolist()
    assert root["group/moved"][:].tolist() == [1.5] * 3
    assert root["new"][:].tolist() == list(range(5000))
    assert "empty" not in root
    with LindiH5pyFile.from_zarr_store(store) as file:
        assert file["soft"][:].tolist() == expected.tolist()
        assert file["text"][()] == b"some text"
        assert list(file["deeper"]) == ["still"]
    assert [key for key in contents(store) if key.startswith("empty")] == []


def test_only_what_has_changed_is_written(store):
    before = contents(store)
    with LindiH5pyFile.from_zarr_store(store, "r+") as file:
        file["group/data"][5, 9] = 1
    after = contents(store)
    assert {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)} == {
        "group/data/1.2"
    }


def test_a_flush_saves_and_ends_what_can_be_undone(store):
    with LindiH5pyFile.from_zarr_store(store, "r+") as file:
        file["group/data"][0] = 5
        file.flush()
        assert zarr.open_group(store, mode="r")["group/data"][0].tolist() == [5] * 10
        assert file.journal.undo() is None
        assert file["group/data"][0].tolist() == [5] * 10
        file["group/data"][1] = 6
        file.journal.undo()
        assert file["group/data"][1].tolist() == NUMBERS[1].tolist()
        file["group/data"][2] = 7
    assert zarr.open_group(store, mode="r")["group/data"][:3, 0].tolist() == [5, 10, 7]


def test_objects_change_places_without_being_mixed_up(store):
    with LindiH5pyFile.from_zarr_store(store, "r+") as file:
        file["other"] = -NUMBERS
        file.flush()
        file.move("group/data", "aside")
        file.move("other", "group/data")
        file.move("aside", "other")
    with LindiH5pyFile.from_zarr_store(store) as file:
        assert file["group/data"][:].tolist() == (-NUMBERS).tolist()
        assert file["other"][:].tolist() == NUMBERS.tolist()


def test_a_dataset_takes_the_place_of_a_group_and_the_other_way_round(store):
    with LindiH5pyFile.from_zarr_store(store, "r+") as file:
        del file["empty"], file["group"]
        file["group"] = [1, 2, 3]
        file["empty/0.0"] = [4, 5, 6]
        file["empty/0/deeper"] = [7]
    root = zarr.open_group(store, mode="r", zarr_format=2)
    assert root["group"][:].tolist() == [1, 2, 3]
    assert root["empty/0.0"][:].tolist() == [4, 5, 6]
    assert root["empty/0/deeper"][:].tolist() == [7]
    assert sorted(dict(root["empty"].members())) == ["0", "0.0"]


def test_scalars_are_edited(store):
    with LindiH5pyFile.from_zarr_store(store, "r+") as file:
        file["number"], file["text"] = 5, "short"
    with LindiH5pyFile.from_zarr_store(store, "r+") as file:
        file["number"][()] = 6
        file["text"][()] = "a text that is longer than the one before"
    with LindiH5pyFile.from_zarr_store(store) as file:
        assert file["number"][()] == 6
        assert file["text"][()] == b"a text that is longer than the one before"


def test_a_summary_of_the_metadata_that_is_true_no_more_goes(store):
    zarr.consolidate_metadata(store, zarr_format=2)
    assert ".zmetadata" in contents(store)
    with LindiH5pyFile.from_zarr_store(store, "r+") as file:
        file["new"] = [1]
    assert "new" in zarr.open_group(store, mode="r")


def test_what_else_lies_in_a_folder_stays(make, tmp_path):
    store = fill(make("folder"))
    (tmp_path / "a.zarr" / "README.md").write_text("by hand")
    with LindiH5pyFile.from_zarr_store(store, "r+") as file:
        edit(file)
    assert (tmp_path / "a.zarr" / "README.md").read_text() == "by hand"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.zarr"]  # neither lock nor leftovers


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("mode", ["w", "w-", "x", "a"])
def test_new_stores_are_made(make, kind, mode):
    store = make(kind)
    with LindiH5pyFile.from_zarr_store(store, mode) as file:
        file["data"] = [1, 2, 3]
    assert zarr.open_group(store, mode="r", zarr_format=2)["data"][:].tolist() == [1, 2, 3]


def test_modes_do_what_they_do_in_h5py(store):
    for mode in ("w-", "x"):
        with pytest.raises(ExistingFileError):
            LindiH5pyFile.from_zarr_store(store, mode)
    with LindiH5pyFile.from_zarr_store(store, "a") as file:
        assert list(file) == ["empty", "group"]
    with LindiH5pyFile.from_zarr_store(store, "w") as file:
        assert list(file) == []
    assert list(contents(store)) == [".zgroup"]
    with pytest.raises(ValueError, match="is not a mode"):
        LindiH5pyFile.from_zarr_store(store, "rw")


def test_a_folder_of_something_else_is_not_replaced(make, tmp_path):
    (tmp_path / "a.zarr").mkdir()
    (tmp_path / "a.zarr" / "thesis.txt").write_text("years of work")
    for mode in ("w", "a"):
        with pytest.raises(ConflictError):
            LindiH5pyFile.from_zarr_store(make("folder"), mode)
    assert (tmp_path / "a.zarr" / "thesis.txt").exists()


def test_a_folder_is_written_by_one_at_a_time(make):
    store = fill(make("folder"))
    with LindiH5pyFile.from_zarr_store(store, "r+"):
        with pytest.raises(FileInUseError):
            LindiH5pyFile.from_zarr_store(store, "r+")
        with LindiH5pyFile.from_zarr_store(store) as reader:
            assert reader.attrs["title"] == "made by zarr"
    with LindiH5pyFile.from_zarr_store(store, "r+") as file:
        assert file.mode == "r+"


def test_stores_that_cannot_be_written_say_so(store, tmp_path):
    with pytest.raises(ReadOnlyError):
        LindiH5pyFile.from_zarr_store(store.with_read_only(True), "r+")
    with pytest.raises(UnsupportedError):
        LindiH5pyFile.from_zarr_store(zarr.storage.ZipStore(tmp_path / "a.zip", mode="w"), "w")


def test_a_zip_file_is_read(make, tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for key, data in contents(fill(make("memory"))).items():
            archive.writestr(key, data)
    with (
        zarr.storage.ZipStore(tmp_path / "a.zip", mode="r") as store,
        LindiH5pyFile.from_zarr_store(store) as file,
    ):
        assert file["group/data"][:].tolist() == NUMBERS.tolist()


def test_names_that_lead_out_of_a_folder_are_refused_before_anything_is_written(make, tmp_path):
    before = contents(fill(make("folder")))
    file = LindiH5pyFile.from_zarr_store(LocalStore(tmp_path / "a.zarr"), "r+")
    file.attrs["title"] = "edited"
    file.create_group(".zattrs")
    with pytest.raises(UnsupportedError, match="zattrs"):
        file.flush()
    assert contents(LocalStore(tmp_path / "a.zarr")) == before
    file.journal.undo()
    file.close()
    assert zarr.open_group(tmp_path / "a.zarr", mode="r").attrs["title"] == "edited"


def test_what_is_no_zarr_v2_hierarchy_is_refused(tmp_path, make):
    with pytest.raises(MissingFileError):
        LindiH5pyFile.from_zarr_store(LocalStore(tmp_path / "absent"))
    with pytest.raises(FormatError, match="no group at its root"):
        LindiH5pyFile.from_zarr_store(MemoryStore())
    newer = MemoryStore()
    zarr.open_group(newer, mode="w", zarr_format=3)
    with pytest.raises(FormatError) as caught:
        LindiH5pyFile.from_zarr_store(newer)
    assert "Zarr 3" in caught.value.hint
    for wrong in ({}, str(tmp_path), None):
        with pytest.raises(TypeError, match="zarr-python 3"):
            LindiH5pyFile.from_zarr_store(wrong)


@pytest.mark.parametrize(
    ("key", "data"),
    [
        (".zattrs", b"\xff\xfe"),
        (".zattrs", b"[1, 2"),
        ("group/data/.zarray", b"{}"),
        ("group/data/.zarray", b'{"zarr_format": 2, "shape": [-1]}'),
    ],
)
def test_damaged_metadata_is_told(make, key, data):
    store = fill(make("memory"))
    asyncio.run(store.set(key, default_buffer_prototype().buffer.from_bytes(data)))
    with pytest.raises(FormatError):
        LindiH5pyFile.from_zarr_store(store)


def test_folders_with_braces_in_their_names(tmp_path):
    store = fill(LocalStore(tmp_path / "{{u1}}.zarr"))
    with LindiH5pyFile.from_zarr_store(store) as file:
        assert file["group/data"][:].tolist() == NUMBERS.tolist()


def test_chunks_in_folders_of_their_own(make):
    store = make("folder")
    root = zarr.open_group(store, mode="w", zarr_format=2)
    kept = root.create_array(
        "data", shape=(6, 10), chunks=(4, 4), dtype="<i4", chunk_key_encoding={"name": "v2", "separator": "/"}
    )
    kept[:] = NUMBERS
    with LindiH5pyFile.from_zarr_store(store, "r+") as file:
        assert file["data"][:].tolist() == NUMBERS.tolist()
        file["data"][5] = 0
    assert zarr.open_group(store, mode="r")["data"][4:, 0].tolist() == [40, 0]


class TestGroups:
    """`from_zarr_group`."""

    def test_the_root(self, store):
        with LindiH5pyFile.from_zarr_group(zarr.open_group(store, mode="r")) as file:
            assert list(file) == ["empty", "group"]
            assert "group/data/.zarray" in file.to_reference_file_system()["refs"]

    def test_a_group_further_down_is_a_file_of_its_own(self, store):
        group = zarr.open_group(store, mode="r+")["group"]
        with LindiH5pyFile.from_zarr_group(group, mode="r+", _zarr_store=store) as file:
            assert file["data"][:].tolist() == NUMBERS.tolist()
            file["more"] = [1]
            del file["data"]
        root = zarr.open_group(store, mode="r")
        assert root["group/more"][:].tolist() == [1]
        assert sorted(dict(root.members())) == ["empty", "group"]
        assert sorted(dict(root["group"].members())) == ["more"]

    def test_anything_else_is_refused(self, store):
        with pytest.raises(TypeError, match="no group of zarr-python 3"):
            LindiH5pyFile.from_zarr_group(store)
        with pytest.raises(TypeError, match="no group of zarr-python 3"):
            LindiH5pyFile.from_zarr_group(zarr.open_group(store, mode="r")["group/data"])


def test_pynwb_appends_to_a_zarr_store(sample_nwb, tmp_path):
    import pynwb

    with LindiH5pyFile.from_hdf5_file(sample_nwb) as file:
        file.to_zarr(tmp_path / "a.zarr")
    client = LindiH5pyFile.from_zarr_store(LocalStore(tmp_path / "a.zarr"), mode="r+")
    with pynwb.NWBHDF5IO(file=client, mode="a") as io:
        nwb = io.read()
        nwb.add_acquisition(pynwb.TimeSeries(name="new", data=np.arange(500.0), unit="V", rate=10.0))
        io.write(nwb)
    with (
        LindiH5pyFile.from_zarr_store(LocalStore(tmp_path / "a.zarr")) as again,
        pynwb.NWBHDF5IO(file=again, mode="r") as io,
    ):
        assert io.read().acquisition["new"].data[:].tolist() == list(range(500))


def test_only_stores_that_this_process_made_or_that_are_files_here_reach_other_files_here(make, tmp_path):
    with h5py.File(tmp_path / "secret.h5", "w") as secret:
        secret["data"] = [1, 2, 3]
    link = {"link_type": "hdf5_dataset", "url": str(tmp_path / "secret.h5"), "name": "data"}
    for kind in KINDS:
        store = make(kind)
        root = zarr.open_group(store, mode="w", zarr_format=2)
        root.create_array("data", shape=(3,), dtype="<i8").attrs["_EXTERNAL_ARRAY_LINK"] = link
        with LindiH5pyFile.from_zarr_store(store) as file:
            if kind == "other":  # nobody knows where that is
                with pytest.raises(PermissionError):
                    file["data"][:]
            else:
                assert file["data"][:].tolist() == [1, 2, 3]
