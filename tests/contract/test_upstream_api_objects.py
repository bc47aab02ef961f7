"""Groups, datasets, attributes, links and references, as the original's users know them."""

from __future__ import annotations

import json

import h5py
import numcodecs
import numpy as np
import pytest

import lindi_explorer as lindi


def test_names_are_text_or_bytes(small_hdf5):
    with lindi.LindiH5pyFile.from_hdf5_file(small_hdf5) as file:
        assert file["group"][b"numbers"].name == "/group/numbers"
        assert file["/group/"]["numbers"] == file["group//numbers"]
        for wrong in (np.array([1]), 5, None):
            with pytest.raises(TypeError):
                file["group"][wrong]
        with pytest.raises(KeyError):
            file["group"]["absent"]


def test_links_are_told_and_followed(small_hdf5):
    with lindi.LindiH5pyFile.from_hdf5_file(small_hdf5) as file:
        link = file.get("soft", getlink=True)
        assert isinstance(link, lindi.LindiH5pySoftLink)
        assert link.path == "/group/numbers"
        assert isinstance(file.get("group", getlink=True), lindi.LindiH5pyHardLink)
        assert file["soft"][:].tolist() == file["group/numbers"][:].tolist()
        assert file["soft"].id == file["group/numbers"].id


def test_links_are_made_with_and_without_a_slash(tmp_path):
    with lindi.LindiH5pyFile.from_lindi_file(tmp_path / "a.lindi.json", mode="w") as file:
        file.create_group("group").attrs["a"] = 5
        file["one"] = h5py.SoftLink("group")
        file["two"] = h5py.SoftLink("/group")
    with lindi.LindiH5pyFile.from_lindi_file(tmp_path / "a.lindi.json") as file:
        assert [file[name].attrs["a"] for name in ("one", "two")] == [5, 5]
        assert "one" in file


@pytest.mark.parametrize(
    ("compression", "codec"),
    [
        ({"compression": "gzip"}, {"id": "zlib", "level": 4}),
        ({"compression": "gzip", "compression_opts": 7}, {"id": "zlib", "level": 7}),
        ({"compression": numcodecs.Zstd(level=3)}, numcodecs.Zstd(level=3).get_config()),
        ({"compression": None}, None),
        ({}, {"id": "blosc", "cname": "lz4", "clevel": 5, "shuffle": 1, "blocksize": 0}),
    ],
)
def test_compressions(tmp_path, compression, codec):
    path = tmp_path / "a.lindi.json"
    with lindi.LindiH5pyFile.from_lindi_file(path, mode="w") as file:
        file.create_dataset("data", data=np.arange(2000), chunks=(500,), **compression)
    with lindi.LindiH5pyFile.from_lindi_file(path) as file:
        assert file["data"][:].tolist() == list(range(2000))
    array = json.loads(path.read_text())["refs"]["data/.zarray"]
    stages = [*(array["filters"] or []), array["compressor"]]
    assert [stage for stage in stages if stage is not None] == ([] if codec is None else [codec])


def test_creating_and_requiring(tmp_path):
    with lindi.LindiH5pyFile.from_lindi_file(tmp_path / "a.lindi.json", mode="w") as file:
        data = file.create_dataset("data", shape=(10,), dtype="f")
        data[...] = 12
        assert file.require_dataset("data", (10,), "f")[0] == 12
        assert file.require_dataset("numbers", (3,), dtype=int).shape == (3,)
        assert file.require_group("group") == file.require_group("group")
        for wrong in (
            lambda: file.require_dataset("data", (5,), "f"),
            lambda: file.require_dataset("data", (10,), "i1", exact=True),
            lambda: file.require_group("data"),
        ):
            with pytest.raises(TypeError):
                wrong()
        with pytest.raises(ValueError, match="exists"):
            file.create_group("group")
        del file["group"]
        assert "group" not in file


def test_columns_that_grow_are_made_as_hdmf_makes_them(tmp_path):
    with lindi.LindiH5pyFile.from_lindi_file(tmp_path / "a.lindi.json", mode="w") as file:
        file.create_dataset("data", data=[1, 2], maxshape=(None,), chunks=True, shuffle=True, fletcher32=True)
    with lindi.LindiH5pyFile.from_lindi_file(tmp_path / "a.lindi.json", mode="r+") as file:
        file["data"].resize((3,))
        file["data"][2] = 3
        assert file["data"].maxshape == (None,)
        assert file["data"].fletcher32
        assert file["data"][:].tolist() == [1, 2, 3]


def test_attributes_of_every_kind(tmp_path):
    values = {"text": "a", "number": 5, "half": 0.5, "truth": True, "list": [1, 2], "texts": ["a", "b"]}
    with lindi.LindiH5pyFile.from_lindi_file(tmp_path / "a.lindi.json", mode="w") as file:
        for name, value in values.items():
            file.attrs[name] = value
        file.attrs["array"] = np.array([1.5, np.nan])
        del file.attrs["number"]
    with lindi.LindiH5pyFile.from_lindi_file(tmp_path / "a.lindi.json") as file:
        assert file.attrs["text"] == "a"
        assert list(file.attrs["texts"]) == ["a", "b"]
        assert np.isnan(file.attrs["array"][1])
        assert "number" not in file.attrs
        assert file.attrs.get("number", 7) == 7
        with pytest.raises(KeyError):
            file.attrs["number"]


def test_a_reference_is_made_of_the_four_fields():
    fields = {"object_id": "o", "path": "/a/b", "source": ".", "source_object_id": "s"}
    reference = lindi.LindiH5pyReference(fields)
    assert (reference._object_id, reference._path) == ("o", "/a/b")
    assert (reference._source, reference._source_object_id) == (".", "s")
    assert str(reference) == repr(reference) == "LindiH5pyReference(o, /a/b)"
    assert isinstance(reference, h5py.h5r.Reference)
    assert reference
    assert reference == lindi.LindiH5pyReference(dict(fields))
    assert not lindi.LindiH5pyReference({})


def test_references_resolve(tmp_path):
    with lindi.LindiH5pyFile.from_lindi_file(tmp_path / "a.lindi.json", mode="w") as file:
        file.create_group("target").attrs["a"] = 1
        file.attrs["ref"] = file["target"].ref
        file.create_dataset("refs", data=[file["target"].ref], dtype=h5py.ref_dtype)
    with lindi.LindiH5pyFile.from_lindi_file(tmp_path / "a.lindi.json") as file:
        for reference in (file.attrs["ref"], file["refs"][0]):
            assert isinstance(reference, h5py.Reference)
            assert file[reference] == file["target"]
