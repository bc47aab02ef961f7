"""Staging areas, the drop-in for h5py, caches and resolvers, as the original's users know them."""

from __future__ import annotations

import contextlib
from pathlib import Path

import h5py
import numpy as np
import pytest
import zarr

import lindi_explorer as lindi


def test_a_staging_area(tmp_path):
    with lindi.StagingArea.create(base_dir=str(tmp_path / "base")) as area:
        assert Path(area.directory).parent == tmp_path / "base"
        path = area.store_file("a/b.txt", b"abc")
        assert Path(path).read_bytes() == b"abc"
        assert area.get_full_path("a/b.txt") == path
        with pytest.raises(Exception, match="inside the staging area"):
            area.get_full_path("../b.txt")
    assert not Path(area.directory).exists()
    with contextlib.suppress(RuntimeError), lindi.StagingArea.create(dir=tmp_path / "dir") as area:
        area.store_file("a", b"")
        raise RuntimeError
    assert not (tmp_path / "dir").exists()
    for wrong in ({}, {"base_dir": "a", "dir": "b"}):
        with pytest.raises(ValueError, match="base_dir or dir"):
            lindi.StagingArea.create(**wrong)


def test_a_staging_store_and_an_upload(small_hdf5, tmp_path):
    with lindi.LindiH5pyFile.from_hdf5_file(small_hdf5) as file:
        assert file.staging_store is None
        rfs = file.to_reference_file_system()
    web = tmp_path / "web"
    web.mkdir()

    def keep(name):
        def upload(path):
            target = web / (name or Path(path).name)
            target.write_bytes(Path(path).read_bytes())
            return str(target)

        return upload

    with lindi.StagingArea.create(base_dir=tmp_path / "staging") as area:
        client = lindi.LindiH5pyFile.from_reference_file_system(rfs, mode="r+", staging_area=area)
        client.create_dataset("staged", data=np.arange(3000), chunks=(1000,))
        store = client.staging_store
        assert isinstance(store, lindi.LindiStagingStore)
        assert store.staging_area is area
        assert "staged/.zarray" in store
        store.copy_chunks_to_staging_area(download_remote=False)
        store.consolidate_chunks()
        assert client.upload(on_upload_blob=keep(None), on_upload_main=keep("a.lindi.json")) == str(
            web / "a.lindi.json"
        )
        assert store.upload(on_store_blob=keep(None), on_store_main=keep("b.lindi.json")) == str(
            web / "b.lindi.json"
        )
    for name in ("a", "b"):
        with lindi.LindiH5pyFile.from_lindi_file(web / f"{name}.lindi.json") as file:
            assert file["staged"][:].tolist() == list(range(3000))
            assert file["large"][:].tolist() == list(range(5000))


def test_no_staging_area_with_an_archive(tmp_path):
    lindi.LindiH5pyFile.from_lindi_file(tmp_path / "a.lindi.tar", mode="w").close()
    with lindi.StagingArea.create(base_dir=tmp_path) as area, pytest.raises(ValueError, match="staging area"):
        lindi.LindiH5pyFile.from_lindi_file(tmp_path / "a.lindi.tar", mode="r+", staging_area=area)


@pytest.mark.parametrize("ending", ["lindi.json", "lindi.tar", "lindi.d"])
def test_the_drop_in_for_h5py(tmp_path, ending):
    with lindi.File(str(tmp_path / f"a.{ending}"), "w") as file:
        assert isinstance(file, lindi.LindiH5pyFile)
        file.create_dataset("data", data=np.arange(300_000, dtype=np.uint32), chunks=(100_000,))
    with lindi.File(str(tmp_path / f"a.{ending}")) as file:
        data = file["data"]
        assert (data.chunks, data.dtype, data[-1]) == ((100_000,), np.uint32, 299_999)


def test_the_drop_in_leaves_other_files_to_h5py(tmp_path):
    with lindi.File(tmp_path / "a.h5", "w", libver="latest") as file:
        assert type(file) is h5py.File
        assert not isinstance(file, lindi.File)


# ---------------------------------------------------------------- 6. cache, resolvers


def test_a_cache_keeps_chunks_up_to_a_size(tmp_path):
    cache = lindi.LocalCache(cache_dir=str(tmp_path / "cache"))
    assert cache.get_remote_chunk(url="https://a/b", offset=0, size=3) is None
    cache.put_remote_chunk(url="https://a/b", offset=0, size=3, data=b"abc")
    assert cache.get_remote_chunk(url="https://a/b", offset=0, size=3) == b"abc"
    with pytest.raises(ValueError, match="3"):
        cache.put_remote_chunk(url="https://a/b", offset=0, size=3, data=b"ab")

    class Large(bytes):
        def __len__(self):
            return 900_000_000

    with pytest.raises(lindi.ChunkTooLargeError):
        cache.put_remote_chunk(url="https://a/b", offset=0, size=900_000_000, data=Large())


def test_a_resolver_is_asked_for_every_address(serve, small_hdf5):
    server = serve(small_hdf5.parent)
    asked = []

    def resolver(url):
        asked.append(url)
        return server.url("a.h5") if url == "https://example.org/a.h5" else url

    lindi.add_additional_url_resolver(resolver)
    try:
        with lindi.LindiH5pyFile.from_hdf5_file("https://example.org/a.h5") as file:
            assert file["large"][-1] == 4999
    finally:
        lindi.remove_additional_url_resolver(resolver)
    assert "https://example.org/a.h5" in asked


def test_a_zarr_group_with_its_store_gives_a_reference_file_system(tmp_path):
    store = zarr.storage.LocalStore(tmp_path / "a.zarr")
    root = zarr.open_group(store, mode="w", zarr_format=2)
    root.create_array("data", shape=(4,), chunks=(2,), dtype="<i4")[:] = [1, 2, 3, 4]
    with lindi.LindiH5pyFile.from_zarr_group(root, _zarr_store=store) as file:
        rfs = file.to_reference_file_system()
    with lindi.LindiH5pyFile.from_reference_file_system(rfs) as file:
        assert file["data"][:].tolist() == [1, 2, 3, 4]
