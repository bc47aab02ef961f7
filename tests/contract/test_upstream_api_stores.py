"""The original's stores as mappings."""

from __future__ import annotations

import json

import numpy as np
import pytest

import lindi_explorer as lindi


def test_options_of_the_hdf5_store():
    opts = lindi.LindiH5ZarrStoreOpts(contiguous_dataset_max_chunk_size=None)
    assert lindi.LindiH5ZarrStoreOpts().contiguous_dataset_max_chunk_size == 20_000_000
    with pytest.raises(AttributeError):
        opts.contiguous_dataset_max_chunk_size = 5


def test_the_hdf5_store_as_a_mapping(small_hdf5, tmp_path):
    with lindi.LindiH5ZarrStore.from_file(small_hdf5, url="https://example.org/a.h5") as store:
        assert json.loads(store[".zgroup"]) == {"zarr_format": 2}
        assert json.loads(store["large/.zarray"])["shape"] == [5000]
        assert json.loads(store["large/.zattrs"]) == {}
        assert "large/.zattrs" in store
        assert np.frombuffer(store["large/0"], "<i8").tolist() == list(range(5000))
        inside = {
            key: key in store for key in ("large/0", "large/0.0", "large/1", "scalar/0", "", "x/.zgroup")
        }
        assert inside == {
            "large/0": True,
            "large/0.0": False,
            "large/1": False,
            "scalar/0": True,
            "": False,
            "x/.zgroup": False,
        }
        assert sorted(store.listdir()) == ["group", "large", "scalar", "soft"]
        assert [store.listdir(path) for path in ("group", "large", "soft", "x")] == [["numbers"], [], [], []]
        for key, message in [
            ("nonexistent/.zgroup", "Item nonexistent is not a group"),
            ("nonexistent/.zarray", "Item nonexistent is not a dataset"),
        ]:
            with pytest.raises(KeyError, match=message):
                store[key]
        with pytest.raises(KeyError):
            store[""]
        with pytest.raises(Exception, match="Setting items is not allowed"):
            store["a"] = b""
        with pytest.raises(Exception, match="Deleting items is not allowed"):
            del store["large/0"]
        with pytest.raises(ValueError, match=r"\.lindi\.json"):
            store.write_reference_file_system(tmp_path / "b.json")
        store.write_reference_file_system(tmp_path / "b.lindi.json")
        assert json.loads((tmp_path / "b.lindi.json").read_text()) == store.to_reference_file_system()


def test_a_closed_store_says_so(small_hdf5, tmp_path):
    store = lindi.LindiH5ZarrStore.from_file(small_hdf5, url="https://example.org/a.h5")
    store.close()
    for use in (
        lambda: ".zgroup" in store,
        *(lambda key=key: store[key] for key in (".zattrs", ".zgroup", "large/.zarray", "large/0")),
        store.listdir,
        store.to_reference_file_system,
        lambda: store.write_reference_file_system(tmp_path / "b.lindi.json"),
    ):
        with pytest.raises(Exception, match="Store is closed"):
            use()


def test_a_local_store_needs_an_address_for_others(small_hdf5):
    with (
        lindi.LindiH5ZarrStore.from_file(small_hdf5) as store,
        pytest.raises(Exception, match="You must specify a url to create a reference file system"),
    ):
        store.to_reference_file_system()


class TestReferenceFileSystemStore:
    """`LindiReferenceFileSystemStore`."""

    @pytest.mark.parametrize(
        ("rfs", "message"),
        [
            ({}, "rfs must contain a 'refs' key"),
            ({"refs": {"a": 5}}, "Problem with a: value must be a string or a list"),
            ({"refs": {"a": None}}, "Problem with a: value must be a string or a list"),
            ({"refs": {"a": ["x", 1]}}, "Problem with a: list must have 3 elements"),
            ({"refs": {"a": [1, 2, 3]}}, "Problem with a: first element must be a string"),
            ({"refs": {"a": ["x", "1", 2]}}, "Problem with a: second"),
            ({"refs": {"a": ["x", 1, 2.5]}}, "Problem with a: .*third"),
            ({"refs": {"a": ["x", -1, 2]}}, "Problem with a"),
            ({"refs": {}, "templates": {"u1": 5}}, "Problem with templates: value for u1 must be a string"),
            ({"refs": {}, "templates": ["u1"]}, "Problem with templates"),
        ],
    )
    def test_what_it_refuses(self, rfs, message):
        with pytest.raises(ValueError, match=message):
            lindi.LindiReferenceFileSystemStore(rfs)

    def test_every_kind_of_value_is_read(self, tmp_path):
        (tmp_path / "a.bin").write_bytes(b"0123456789")
        path = str(tmp_path / "a.bin")
        rfs = {
            "refs": {
                "text": "ab",
                "latin": "ÿ",
                "coded": "base64:AQL/",
                "object": {"a": [1, None]},
                "range": [path, 2, 3],
                "template": ["{{u1}}.bin", 0, 2],
            },
            "templates": {"u1": str(tmp_path / "a")},
        }
        store = lindi.LindiReferenceFileSystemStore(rfs, mode="r")
        got = {key: store[key] for key in store}
        assert got == {
            "text": b"ab",
            "latin": "ÿ".encode(),
            "coded": b"\x01\x02\xff",
            "object": b'{"a": [1, null]}',
            "range": b"234",
            "template": b"01",
        }
        assert len(store) == 6
        assert dict(store.items()) == got

    def test_damage_shows_when_a_key_is_read(self):
        store = lindi.LindiReferenceFileSystemStore(
            {"refs": {"bad": "base64:!", "unknown": ["{{u9}}", 0, 1], "absent": ["/no/such/file", 0, 1]}}
        )
        for key, error in [("bad", ValueError), ("unknown", ValueError), ("absent", FileNotFoundError)]:
            with pytest.raises(error):
                store[key]
        store.rfs["refs"]["later"] = 5
        with pytest.raises(ValueError, match="Problem with later"):
            store["later"]

    def test_keys_that_are_not_there(self):
        store = lindi.LindiReferenceFileSystemStore({"refs": {}})
        assert "a" not in store
        assert 5 not in store
        with pytest.raises(KeyError):
            store["a"]
        with pytest.raises(KeyError):
            del store["a"]
        with pytest.raises(TypeError):
            store[{}]

    def test_the_dict_is_used(self):
        rfs = {"refs": {"a": "1"}}
        store = lindi.LindiReferenceFileSystemStore(rfs)
        rfs["refs"]["b"] = "2"
        assert store["b"] == b"2"
        store["c"] = b"3"
        store["d"] = b"\xff"
        store["e"] = b"base64:xx"
        del store["a"]
        assert rfs["refs"] == {"b": "2", "c": "3", "d": "base64:/w==", "e": "base64:YmFzZTY0Onh4"}
        assert store["e"] == b"base64:xx"
        assert store.rfs is rfs
        with pytest.raises(ValueError, match="value must be bytes"):
            store["f"] = "text"

    def test_what_it_says_of_itself(self, tmp_path):
        cache = lindi.LocalCache(cache_dir=tmp_path / "cache")
        store = lindi.LindiReferenceFileSystemStore({"refs": {}}, local_cache=cache)
        assert (store.mode, store.local_cache) == ("r+", cache)
        flags = [store.is_readable(), store.is_writeable(), store.is_listable(), store.is_erasable()]
        assert flags == [True, True, True, False]
        reading = lindi.LindiReferenceFileSystemStore({"refs": {"a": "1"}}, mode="r")
        assert not reading.is_writeable()
        for write in (lambda: reading.__setitem__("a", b""), lambda: reading.__delitem__("a")):
            with pytest.raises(ValueError, match="reading"):
                write()
        with pytest.raises(ValueError, match="mode"):
            lindi.LindiReferenceFileSystemStore({"refs": {}}, mode="w")

    def test_remote_ranges_come_from_the_cache_the_second_time(self, serve, tmp_path):
        web = tmp_path / "web"
        web.mkdir()
        (web / "a.bin").write_bytes(b"0123456789")
        server = serve(web)
        rfs = {"refs": {"a": [server.url("a.bin"), 2, 3]}}
        cache = lindi.LocalCache(cache_dir=tmp_path / "cache")
        assert lindi.LindiReferenceFileSystemStore(rfs, local_cache=cache)["a"] == b"234"
        first = server.stats().bytes
        assert lindi.LindiReferenceFileSystemStore(rfs, local_cache=cache)["a"] == b"234"
        assert server.stats().bytes - first <= 1

    def test_a_short_raw_chunk_is_filled_up(self, tmp_path):
        array = {
            "chunks": [4],
            "compressor": None,
            "dtype": "<i2",
            "fill_value": 0,
            "filters": None,
            "order": "C",
            "shape": [4],
            "zarr_format": 2,
        }
        refs = {"d/.zarray": array, "d/0": "\x01\x00", "d/other": "\x01"}
        store = lindi.LindiReferenceFileSystemStore({"refs": refs})
        assert store["d/0"] == b"\x01\x00" + bytes(6)
        assert store["d/other"] == b"\x01"

    def test_metadata_becomes_objects(self):
        names = (".zattrs", ".zgroup", ".zarray", "zarr.json")
        rfs = {"refs": {f"a/{name}": '{"b": 1}' for name in names}}
        rfs["refs"]["c/.zattrs"] = "base64:eyJiIjogMX0="
        rfs["refs"]["a/.zattrs_xxx"] = "{}"
        lindi.LindiReferenceFileSystemStore.replace_meta_file_contents_with_dicts_in_rfs(rfs)
        assert rfs["refs"].pop("a/.zattrs_xxx") == "{}"
        assert list(rfs["refs"].values()) == [{"b": 1}] * 5
        with pytest.raises(ValueError, match=r"a/\.zattrs"):
            lindi.LindiReferenceFileSystemStore.replace_meta_file_contents_with_dicts_in_rfs(
                {"refs": {"a/.zattrs": "{"}}
            )

    def test_templates_come_and_go(self):
        often, also, rare = (f"https://example.org/{name}" for name in ("often", "also", "rare"))
        refs = {
            f"{name}/{number}": [url, number, 1]
            for name, url, count in (("o", often, 6), ("a", also, 5), ("r", rare, 4))
            for number in range(count)
        }
        rfs = {"refs": json.loads(json.dumps(refs))}
        lindi.LindiReferenceFileSystemStore.use_templates_in_rfs(rfs)
        assert rfs["templates"] == {"u1": also, "u2": often}
        assert rfs["refs"]["a/0"] == ["{{u1}}", 0, 1]
        assert rfs["refs"]["r/0"] == [rare, 0, 1]
        once = json.loads(json.dumps(rfs))
        lindi.LindiReferenceFileSystemStore.use_templates_in_rfs(rfs)
        assert rfs == once
        lindi.LindiReferenceFileSystemStore.remove_templates_in_rfs(rfs)
        assert rfs == {"refs": refs, "templates": {}}

    def test_few_uses_make_no_templates(self):
        rfs = {"refs": {"a": ["https://example.org/x", 0, 1]}}
        lindi.LindiReferenceFileSystemStore.use_templates_in_rfs(rfs)
        assert rfs == {"refs": {"a": ["https://example.org/x", 0, 1]}}

    def test_it_reads_what_a_file_writes(self, small_hdf5):
        with lindi.LindiH5pyFile.from_hdf5_file(small_hdf5) as file:
            store = lindi.LindiReferenceFileSystemStore(file.to_reference_file_system())
        assert np.frombuffer(store["large/0"], "<i8").tolist() == list(range(5000))
