"""The original's Python interface, name by name: what users of either of its ages have written works here.

Where h5py and the original differ, h5py is right; those rows are in README.md and its test.
"""

from __future__ import annotations

import inspect
import json

import h5py
import numpy as np
import pytest

import lindi_explorer as lindi

EMPTY = inspect.Parameter.empty


def defaults(call):
    """Name -> default, and whether it can only be given by name."""
    return {
        name: (parameter.default, parameter.kind is parameter.KEYWORD_ONLY)
        for name, parameter in inspect.signature(call).parameters.items()
    }


@pytest.fixture
def local(sample_nwb, tmp_path):
    """The sample's LINDI file."""
    with lindi.LindiH5pyFile.from_hdf5_file(sample_nwb) as file:
        file.write_lindi_file(tmp_path / "sample.lindi.json")
    return tmp_path / "sample.lindi.json"


# ---------------------------------------------------------------- 1. names


def test_every_name_of_both_ages_is_exported():
    names = {
        "ChunkTooLargeError",
        "File",
        "LindiH5ZarrStore",
        "LindiH5ZarrStoreOpts",
        "LindiH5pyDataset",
        "LindiH5pyFile",
        "LindiH5pyGroup",
        "LindiH5pyHardLink",
        "LindiH5pyReference",
        "LindiH5pySoftLink",
        "LindiReferenceFileSystemStore",
        "LindiStagingStore",
        "LocalCache",
        "StagingArea",
        "add_additional_url_resolver",
    }
    assert names <= set(lindi.__all__)
    assert all(getattr(lindi, name) for name in names)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("LindiH5pyFile", h5py.File),
        ("LindiH5pyFile", h5py.Group),
        ("LindiH5pyGroup", h5py.Group),
        ("LindiH5pyDataset", h5py.Dataset),
        ("LindiH5pyReference", h5py.Reference),
        ("LindiH5pyHardLink", h5py.HardLink),
        ("LindiH5pySoftLink", h5py.SoftLink),
        ("ChunkTooLargeError", Exception),
    ],
)
def test_what_is_an_instance_of_what(ours, theirs):
    assert issubclass(getattr(lindi, ours), theirs)


# ---------------------------------------------------------------- 2. the file


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (
            lindi.LindiH5pyFile.from_lindi_file,
            {"mode": ("r", True), "staging_area": (None, True), "local_cache": (None, True)},
        ),
        (
            lindi.LindiH5pyFile.from_hdf5_file,
            {
                "mode": ("r", True),
                "local_cache": (None, True),
                "zarr_store_opts": (None, True),
                "url": (None, True),
            },
        ),
        (
            lindi.LindiH5pyFile.from_reference_file_system,
            {
                "rfs": (EMPTY, False),
                "mode": ("r", True),
                "staging_area": (None, True),
                "local_cache": (None, True),
            },
        ),
        (
            lindi.LindiH5pyFile.from_zarr_store,
            {"zarr_store": (EMPTY, False), "mode": ("r", False), "local_cache": (None, False)},
        ),
        (
            lindi.LindiH5pyFile.from_zarr_group,
            {
                "zarr_group": (EMPTY, False),
                "mode": ("r", True),
                "_zarr_store": (None, True),
                "local_cache": (None, True),
            },
        ),
        (lindi.LindiH5pyFile.write_lindi_file, {"generation_metadata": (None, True)}),
        (lindi.LindiH5pyFile.upload, {"on_upload_blob": (EMPTY, True), "on_upload_main": (EMPTY, True)}),
        (
            lindi.LindiH5ZarrStore.from_file,
            {"opts": (None, True), "url": (None, True), "local_cache": (None, True)},
        ),
        (
            lindi.LindiReferenceFileSystemStore,
            {"rfs": (EMPTY, False), "mode": ("r+", True), "local_cache": (None, True)},
        ),
        (lindi.StagingArea.create, {"base_dir": (None, True), "dir": (None, True)}),
        (lindi.LindiStagingStore, {"base_store": (EMPTY, True), "staging_area": (EMPTY, True)}),
        (lindi.LindiStagingStore.copy_chunks_to_staging_area, {"download_remote": (EMPTY, True)}),
        (
            lindi.LocalCache.get_remote_chunk,
            {"url": (EMPTY, True), "offset": (EMPTY, True), "size": (EMPTY, True)},
        ),
        (lindi.LocalCache.put_remote_chunk, {"data": (EMPTY, True)}),
        (lindi.LocalCache, {"cache_dir": (None, True)}),
        (lindi.LindiH5pyGroup.get, {"default": (None, False), "getclass": (False, False)}),
        (lindi.LindiH5pyGroup.create_dataset, {"shape": (None, False), "data": (None, False)}),
    ],
    ids=lambda value: getattr(value, "__qualname__", ""),
)
def test_parameters_and_their_defaults(call, expected):
    assert {name: defaults(call).get(name) for name in expected} == expected


def test_mode_is_as_in_h5py(tmp_path):
    path = tmp_path / "a.lindi.json"
    for mode, shown in [("w", "r+"), ("a", "r+"), ("r+", "r+"), ("r", "r")]:
        with lindi.LindiH5pyFile.from_lindi_file(path, mode=mode) as file:
            assert file.mode == shown


def test_errors_of_opening():
    for mode in ("r", "r+"):
        with pytest.raises(FileNotFoundError):
            lindi.LindiH5pyFile.from_lindi_file("absent.lindi.json", mode=mode)
    with pytest.raises(ValueError, match="is not a mode"):
        lindi.LindiH5pyFile.from_lindi_file("absent.lindi.json", mode="q")
    with pytest.raises(TypeError):
        lindi.LindiH5pyFile.from_reference_file_system(5)


def test_hdf5_is_never_opened_for_writing_anew(small_hdf5):
    for mode in ("w", "w-", "x", "a"):
        with pytest.raises(ValueError, match="mode"):
            lindi.LindiH5pyFile.from_hdf5_file(small_hdf5, mode=mode)


def test_a_cache_is_for_what_is_remote(small_hdf5, tmp_path):
    cache = lindi.LocalCache(cache_dir=tmp_path / "cache")
    with pytest.raises(ValueError, match="local_cache cannot be used with a local file"):
        lindi.LindiH5pyFile.from_hdf5_file(small_hdf5, local_cache=cache)


def test_existing_files_are_not_made_new(local):
    for mode in ("w-", "x"):
        with pytest.raises(ValueError, match="exists"):
            lindi.LindiH5pyFile.from_lindi_file(local, mode=mode)


def test_appending_twice_keeps_both(tmp_path):
    for number in (1, 2):
        with lindi.LindiH5pyFile.from_lindi_file(tmp_path / "a.lindi.json", mode="a") as file:
            file.attrs[f"a{number}"] = number
    with lindi.LindiH5pyFile.from_lindi_file(tmp_path / "a.lindi.json") as file:
        assert dict(file.attrs) == {"a1": 1, "a2": 2}


def test_a_dict_is_used_and_emptied_with_mode_w():
    rfs = {"refs": {".zgroup": {"zarr_format": 2}, ".zattrs": {"old": 1}}}
    with lindi.LindiH5pyFile.from_reference_file_system(rfs, mode="r+") as file:
        file.attrs["new"] = 2
    assert rfs["refs"][".zattrs"] == {"new": 2, "old": 1}
    lindi.LindiH5pyFile.from_reference_file_system(rfs, mode="w").close()
    assert rfs["refs"] == {".zgroup": {"zarr_format": 2}}


def test_none_is_a_new_file_in_memory(tmp_path):
    file = lindi.LindiH5pyFile.from_reference_file_system(None, mode="w")
    file.create_group("group").create_dataset("data", data=[1, 2, 3])
    file.write_lindi_file(tmp_path / "a.lindi.json")
    with lindi.LindiH5pyFile.from_lindi_file(tmp_path / "a.lindi.json") as again:
        assert again["group/data"][:].tolist() == [1, 2, 3]


def test_a_reference_file_system_is_plain_json_and_shares_nothing(local):
    with lindi.LindiH5pyFile.from_lindi_file(local) as file:
        rfs = file.to_reference_file_system()
        assert json.loads(json.dumps(rfs)) == rfs
        assert isinstance(rfs["refs"][".zattrs"], dict)
        rfs["refs"][".zattrs"]["neurodata_type"] = "other"
        assert file.attrs["neurodata_type"] == "NWBFile"


def test_generation_metadata_is_kept(local, tmp_path):
    path = tmp_path / "b.lindi.json"
    with lindi.LindiH5pyFile.from_lindi_file(local) as file:
        file.write_lindi_file(path, generation_metadata={"by": "me"})
    with lindi.LindiH5pyFile.from_lindi_file(path, mode="r+") as file:
        file.attrs["new"] = 1
    assert json.loads(path.read_text())["generationMetadata"] == {"by": "me"}


def test_endings_decide_what_is_written(small_hdf5, tmp_path):
    with lindi.LindiH5pyFile.from_hdf5_file(small_hdf5) as file:
        for ending in ("json", "tar", "d"):
            file.write_lindi_file(tmp_path / f"b.lindi.{ending}")
        for name in ("b.json", "b.lindi.zip", "b"):
            with pytest.raises(ValueError, match=r"\.lindi\.json"):
                file.write_lindi_file(tmp_path / name)
        with pytest.raises(ValueError, match="exists"):
            file.write_lindi_file(tmp_path / "b.lindi.d")
    for ending in ("json", "tar", "d"):
        with lindi.LindiH5pyFile.from_lindi_file(tmp_path / f"b.lindi.{ending}") as file:
            assert file["large"][-1] == 4999


@pytest.mark.parametrize("ending", ["tar", "d"])
def test_archives_and_folders_are_not_written_as_json(ending, tmp_path):
    with lindi.LindiH5pyFile.from_lindi_file(tmp_path / f"a.lindi.{ending}", mode="w") as file:
        file["data"] = np.arange(1000)
    with (
        lindi.LindiH5pyFile.from_lindi_file(tmp_path / f"a.lindi.{ending}") as file,
        pytest.raises(ValueError, match=r"lindi\.json"),
    ):
        file.write_lindi_file(tmp_path / "b.lindi.json")


def test_properties_that_only_hdf5_has_raise(local):
    with lindi.LindiH5pyFile.from_lindi_file(local) as file:
        for name in ("driver", "userblock_size", "meta_block_size"):
            with pytest.raises(Exception, match="LINDI file has no"):
                getattr(file, name)
        with pytest.raises(Exception, match="swmr_mode"):
            file.swmr_mode = True


def test_looks_of_a_file(local):
    file = lindi.LindiH5pyFile.from_lindi_file(local)
    assert file
    assert isinstance(repr(file), str)
    assert hash(file) == hash(file)
    assert file.name == "/"
    assert file.file is file
    assert len({file.id, file["acquisition"].id}) == 2
    file.close()
    file.close()
    assert not file


def test_reserved_attributes_are_hidden(small_hdf5):
    with lindi.LindiH5pyFile.from_hdf5_file(small_hdf5) as file:
        rfs = file.to_reference_file_system()
    rfs["refs"].setdefault("group/numbers/.zattrs", {})["_ARRAY_DIMENSIONS"] = ["x", "y"]
    with lindi.LindiH5pyFile.from_reference_file_system(rfs) as file:
        shown = {name: list(file[name].attrs) for name in ("scalar", "group/numbers")}
        assert "_SCALAR" in rfs["refs"]["scalar/.zattrs"]
        assert shown["scalar"] == []
        assert len(file["scalar"].attrs) == 0
        assert "_SCALAR" not in file["scalar"].attrs
        assert file["scalar"].attrs.get("_SCALAR") is None


def test_read_only_files_refuse_to_be_written(small_hdf5):
    with lindi.LindiH5pyFile.from_hdf5_file(small_hdf5) as file:
        for write in (
            lambda: file.create_group("new"),
            lambda: file.require_group("new"),
            lambda: file.create_dataset("new", data=1),
            lambda: file.require_dataset("new", (3,), "i4"),
            lambda: file.attrs.__setitem__("new", 1),
            lambda: file["group"].create_group("new"),
            lambda: file["group/numbers"].__setitem__(0, 1),
            lambda: file.__delitem__("group"),
            lambda: file.__setitem__("link", h5py.SoftLink("/group")),
            lambda: file["group"].ref,
        ):
            with pytest.raises(ValueError, match=r"reading|read-only"):
                write()


def test_copying_into_another_lindi_file_brings_references_only(small_hdf5, tmp_path):
    source = lindi.LindiH5pyFile.from_hdf5_file(small_hdf5)
    with lindi.LindiH5pyFile.from_lindi_file(tmp_path / "b.lindi.json", mode="w") as target:
        source.copy("large", target, "copied")
        source.copy("group", target, name="group")
        refs = target.to_reference_file_system()["refs"]
        source.close()
        assert refs["copied/0"][0] == str(small_hdf5)
        assert target["group"].attrs["a"] == 1
        assert target["group/numbers"][2].tolist() == [8, 9, 10, 11]


def test_copying_inside_a_file_and_into_hdf5(small_hdf5, tmp_path):
    with (
        lindi.LindiH5pyFile.from_hdf5_file(small_hdf5, mode="r+") as file,
        h5py.File(tmp_path / "b.h5", "w") as target,
    ):
        file.copy("group", file, name="again")
        file.copy("again", target, name="group")
        assert target["group/numbers"][:].tolist() == file["group/numbers"][:].tolist()
        assert target["group"].attrs["a"] == 1
