"""What upstream LINDI writes for the same file, key by key (the samples of the format's description)."""

from __future__ import annotations

import base64
import json

import h5py
import numcodecs
import numpy as np
import pytest

from lindi_explorer.hdf5.references import LindiH5ZarrStoreOpts

BLOSC = {"blocksize": 0, "clevel": 5, "cname": "lz4", "id": "blosc", "shuffle": 1}
JSON2 = {
    "allow_nan": True,
    "check_circular": True,
    "encoding": "utf-8",
    "ensure_ascii": True,
    "id": "json2",
    "indent": None,
    "separators": [",", ":"],
    "skipkeys": False,
    "sort_keys": True,
    "strict": True,
}
GROUP = {"zarr_format": 2}


def array(dtype, shape, chunks=None, fill=0, compressor=None, filters=None):
    return {
        "chunks": list(shape if chunks is None else chunks),
        "compressor": compressor,
        "dtype": dtype,
        "fill_value": fill,
        "filters": filters,
        "order": "C",
        "shape": list(shape),
        "zarr_format": 2,
    }


def plain(refs):
    """Without side-cars: what upstream sees."""
    return {key: value for key, value in refs.items() if not key.endswith(".lindi_explorer")}


def decoded(value):
    """Bytes of an inline chunk behind its Blosc, whose bytes differ by version."""
    data = base64.b64decode(value[7:]) if value.startswith("base64:") else value.encode()
    return bytes(numcodecs.get_codec(dict(BLOSC)).decode(data))


# ---------------------------------------------------------------- numbers


@pytest.mark.parametrize(("size", "mapped"), [(1, False), (999, False), (1000, True), (1001, True)], ids=str)
def test_a_thousand_elements_are_mapped_and_fewer_kept(index, size, mapped):
    refs = index(lambda file: file.create_dataset("d", data=np.arange(size, dtype="i4")))
    if mapped:
        assert refs["d/.zarray"] == array("<i4", [size])
        assert refs["d/0"] == ["U", 2048, 4 * size]
    else:
        assert refs["d/.zarray"] == array("<i4", [size], compressor=BLOSC)
        assert decoded(refs["d/0"]) == np.arange(size, dtype="<i4").tobytes()


def test_elements_are_counted_not_bytes(index):
    refs = index(lambda file: file.create_dataset("d", data=np.zeros((500, 2), "i1")))
    assert refs["d/0.0"] == ["U", 2048, 1000]


def test_chunks_with_filters_in_the_order_of_the_pipeline(index):
    def fill(file):
        data = np.arange(1200, dtype="i4")
        file.create_dataset("a", data=data, chunks=(600,), compression="gzip", shuffle=True)
        file.create_dataset("b", data=data, chunks=(600,), compression="gzip", shuffle=True, fletcher32=True)
        file.create_dataset("c", data=data.reshape(60, 20), chunks=(33, 7), fletcher32=True)

    refs = index(fill)
    filters = [{"elementsize": 4, "id": "shuffle"}, {"id": "zlib", "level": 4}]
    assert refs["a/.zarray"] == array("<i4", [1200], [600], filters=filters)
    assert refs["b/.zarray"]["filters"] == [*filters, {"id": "fletcher32"}]
    assert refs["c/.zarray"] == array("<i4", [60, 20], [33, 7], filters=[{"id": "fletcher32"}])
    assert sorted(key for key in refs if key.startswith("c/") and key[2].isdigit()) == [
        *("c/0.0", "c/0.1", "c/0.2", "c/1.0", "c/1.1", "c/1.2")
    ]
    assert refs["c/1.2"][2] == 33 * 7 * 4 + 4, "whole chunks at the edge, and the checksum"


def test_another_order_of_filters_is_written_as_it_is(index):
    def fill(file):
        plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        plist.set_chunk((500,))
        plist.set_deflate(2)
        plist.set_shuffle()
        space = h5py.h5s.create_simple((1000,))
        dataset = h5py.h5d.create(file.id, b"d", h5py.h5t.STD_I16LE, space, dcpl=plist)
        dataset.write(h5py.h5s.ALL, h5py.h5s.ALL, np.arange(1000, dtype="<i2"))

    refs = index(fill)
    assert refs["d/.zarray"]["filters"] == [{"id": "zlib", "level": 2}, {"elementsize": 2, "id": "shuffle"}]


@pytest.mark.parametrize(
    ("dtype", "fill", "json_fill"),
    [
        ("<i4", None, 0),
        (">u2", 7, 7),
        ("<f8", None, 0.0),
        ("<f4", 7, 7.0),
        ("<f8", np.nan, "NaN"),
        (">f4", np.inf, "Infinity"),
        ("<f8", -np.inf, "-Infinity"),
    ],
    ids=str,
)
def test_fill_values_of_mapped_arrays(index, dtype, fill, json_fill):
    refs = index(lambda file: file.create_dataset("d", (5000,), dtype, chunks=(100,), fillvalue=fill))
    assert refs["d/.zarray"] == array(dtype, [5000], [100], fill=json_fill)
    assert type(refs["d/.zarray"]["fill_value"]) is type(json_fill)
    assert not [key for key in refs if key.startswith("d/") and key[2].isdigit()]


def test_a_grid_that_is_written_in_part_holds_what_is_written(index):
    def fill(file):
        part = file.create_dataset("d", (40, 50), "i4", chunks=(16, 16))
        part[20, 20] = 2

    refs = index(fill)
    assert [key for key in refs if key.startswith("d/") and key[2].isdigit()] == ["d/1.1"]
    assert refs["d/1.1"][2] == 16 * 16 * 4


@pytest.mark.parametrize(
    ("shape", "chunks", "expected"),
    [
        ((0, 3), None, [1, 1]),
        ((0,), None, [1]),
        ((3, 0), None, [1, 1]),
        ((0, 0, 0), None, [1, 1, 1]),
        ((0, 3), (10, 3), [10, 3]),
    ],
)
def test_arrays_without_elements(index, shape, chunks, expected):
    def fill(file):
        maxshape = None if chunks is None else (None, *shape[1:])
        file.create_dataset("d", shape, "f4", chunks=chunks, maxshape=maxshape)

    refs = plain(index(fill))
    assert refs == {".zgroup": GROUP, "d/.zarray": array("<f4", shape, expected, fill=0.0)}


def test_booleans_are_kept_and_large_ones_mapped(index):
    def fill(file):
        file["few"] = np.array([True, False])
        file["many"] = np.ones(2_000_000, "?")

    refs = index(fill)
    assert refs["few/.zarray"] == array("|b1", [2], fill=False, compressor=BLOSC)
    assert decoded(refs["few/0"]) == b"\1\0"
    assert refs["many/.zarray"] == array("|b1", [2_000_000], fill=False)
    assert refs["many/0"][2] == 2_000_000


# ---------------------------------------------------------------- scalars


@pytest.mark.parametrize(
    ("value", "dtype", "fill", "data"),
    [
        (5, "<i8", 0, np.int64(5).tobytes()),
        (2.5, "<f8", 0.0, np.float64(2.5).tobytes()),
        (np.array(7, ">i4"), ">i4", 0, b"\0\0\0\7"),
        (True, "|b1", False, b"\1"),
        ("hi", "<U2", "", "hi".encode("utf-32-le")),
        ("é", "<U1", "", "é".encode("utf-32-le")),
        ("", "<U1", "", bytes(4)),
        (np.array(b"hi"), "|S2", "", b"hi"),
    ],
    ids=str,
)
def test_scalars(index, value, dtype, fill, data):
    def put(file):
        file["d"] = value
        file["d"].attrs["unit"] = "V"

    refs = index(put)
    assert refs["d/.zattrs"] == {"_SCALAR": True, "unit": "V"}
    assert refs["d/.zarray"] == array(dtype, [1], fill=fill, compressor=BLOSC)
    assert decoded(refs["d/0"]) == data


def test_the_bytes_of_the_sample(index):
    refs = index(lambda file: file.__setitem__("d", 5))
    expected = "\x02\x013\b\b\0\0\0\b\0\0\0\x18\0\0\0\x05" + "\0" * 7
    assert refs["d/0"] == expected
    refs = index(lambda file: file.__setitem__("d", 1.5))
    assert refs["d/0"] == "base64:AgEzCAgAAAAIAAAAGAAAAAAAAAAAAPg/"


# ---------------------------------------------------------------- text, rows, references


@pytest.mark.parametrize("kind", [h5py.string_dtype("utf-8"), h5py.string_dtype("ascii")])
def test_text_of_any_length_is_json(index, kind):
    texts = ["a", "é" if kind.metadata["vlen"] is str else "e", ""]
    refs = index(lambda file: file.create_dataset("d", data=texts, dtype=kind, maxshape=(None,)))
    assert refs["d/.zarray"] == array("|O", [3], compressor=BLOSC, filters=[JSON2])
    assert decoded(refs["d/0"]).decode() == json.dumps([*texts, "|O", [3]], separators=(",", ":"))


def test_a_table_of_text_nests(index):
    refs = index(
        lambda file: file.create_dataset("d", data=[["a", "b"], ["c", "d"]], dtype=h5py.string_dtype())
    )
    assert decoded(refs["d/0.0"]) == b'[["a","b"],["c","d"],"|O",[2,2]]'


def test_fixed_text(index):
    refs = index(lambda file: file.create_dataset("d", data=np.array([b"abc", b"d"], "S3")))
    assert refs["d/.zarray"] == array("|S3", [2], fill="", compressor=BLOSC)
    assert decoded(refs["d/0"]) == b"abcd\0\0"


def test_rows(index):
    rows = np.array(
        [(1, 1.0, True, b"ab"), (2, np.nan, False, b"cd")],
        [("x", "u4"), ("y", "f8"), ("b", "?"), ("s", "S4")],
    )
    refs = index(lambda file: file.__setitem__("d", rows))
    assert refs["d/.zattrs"] == {
        "_COMPOUND_DTYPE": [["x", "uint32"], ["y", "float64"], ["b", "bool"], ["s", "|S4"]]
    }
    assert refs["d/.zarray"] == array("|O", [2], compressor=BLOSC, filters=[JSON2])
    assert decoded(refs["d/0"]) == b'[[1,1.0,true,"ab"],[2,NaN,false,"cd"],"|O",[2]]'


def test_references(index):
    def fill(file):
        file.attrs["object_id"] = "F"
        file.create_group("g").attrs["object_id"] = "G"
        file.create_dataset("d", data=[file["g"].ref], dtype=h5py.ref_dtype)
        file["rows"] = np.array([(0, file["g"].ref)], [("i", "i4"), ("r", h5py.ref_dtype)])
        file.attrs["r"] = file["g"].ref

    refs = index(fill)
    inside = {"object_id": "G", "path": "/g", "source": ".", "source_object_id": "F"}
    text = json.dumps({"_REFERENCE": inside}, separators=(",", ":"), sort_keys=True)
    assert decoded(refs["d/0"]).decode() == f'[{text},"|O",[1]]'
    assert decoded(refs["rows/0"]).decode() == f'[[0,{text}],"|O",[1]]'
    assert refs["rows/.zattrs"] == {"_COMPOUND_DTYPE": [["i", "int32"], ["r", "<REFERENCE>"]]}
    assert refs[".zattrs"] == {"object_id": "F", "r": {"_REFERENCE": inside}}


def test_references_without_ids_say_null(index):
    def fill(file):
        file.create_group("g")
        file.attrs["r"] = file["g"].ref

    inside = {"object_id": None, "path": "/g", "source": ".", "source_object_id": None}
    assert index(fill)[".zattrs"] == {"r": {"_REFERENCE": inside}}


# ---------------------------------------------------------------- contiguous data in pieces


def test_pieces_of_large_contiguous_data(index):
    opts = LindiH5ZarrStoreOpts(contiguous_dataset_max_chunk_size=8000)
    refs = index(lambda file: file.create_dataset("d", data=np.zeros(10_001, "i2")), opts)
    assert refs["d/.zarray"] == array("<i2", [10_001], [4000])
    assert [refs[f"d/{n}"] for n in range(3)] == [["U", 2048, 8000], ["U", 10_048, 8000], ["U", 18_048, 4002]]


@pytest.mark.parametrize(("size", "pieces"), [(999, 0), (4000, 1), (4001, 2), (8000, 2), (8001, 3)])
def test_exactly_the_limit_is_one_piece(index, size, pieces):
    opts = LindiH5ZarrStoreOpts(contiguous_dataset_max_chunk_size=8000)
    refs = index(lambda file: file.create_dataset("d", data=np.zeros(size, "i2")), opts)
    found = [value for key, value in refs.items() if key.startswith("d/") and isinstance(value, list)]
    assert len(found) == pieces
    if found:
        assert sum(length for _, _, length in found) == 2 * size


def test_pieces_are_whole_rows_however_large(index):
    opts = LindiH5ZarrStoreOpts(contiguous_dataset_max_chunk_size=1000)
    refs = index(lambda file: file.create_dataset("d", data=np.zeros((3, 5, 100), "i4")), opts)
    assert refs["d/.zarray"]["chunks"] == [1, 5, 100]
    assert [refs[f"d/{n}.0.0"][2] for n in range(3)] == [2000] * 3


def test_one_raw_chunk_is_cut_like_contiguous_data(index):
    opts = LindiH5ZarrStoreOpts(contiguous_dataset_max_chunk_size=8000)
    refs = index(lambda file: file.create_dataset("d", data=np.zeros(10_000, "i2"), chunks=(10_000,)), opts)
    assert refs["d/.zarray"]["chunks"] == [4000]
    offset = refs["d/0"][1]
    assert refs["d/2"] == ["U", offset + 16_000, 4000]


def test_filtered_and_never_written_data_is_not_cut(index):
    def fill(file):
        file.create_dataset("packed", data=np.zeros(10_000, "i2"), chunks=(10_000,), compression="gzip")
        file.create_dataset("unwritten", (10_000,), "i2")

    refs = index(fill, LindiH5ZarrStoreOpts(contiguous_dataset_max_chunk_size=8000))
    assert refs["packed/.zarray"]["chunks"] == [10_000]
    assert "packed/1" not in refs
    assert not [key for key in refs if key.startswith("unwritten/") and key[10].isdigit()]


def test_never_cutting(index):
    opts = LindiH5ZarrStoreOpts(contiguous_dataset_max_chunk_size=None)
    refs = index(lambda file: file.create_dataset("d", data=np.zeros(30_000_000, "i1")), opts)
    assert refs["d/0"] == ["U", 2048, 30_000_000]


def test_the_size_upstream_gives_a_known_file():
    from lindi_explorer.hdf5.layout import split_rows, split_table

    rows = split_rows((30_000_000, 64), 4, 17_000_000)
    assert rows == 66_406
    table = split_table("U", 2_330_092_640, (30_000_000, 64), 4, rows)
    assert table[5, 0].length == 16_999_936


@pytest.mark.parametrize("block", [512, 1024, 4096])
def test_offsets_count_from_the_start_of_the_file_user_block_included(tmp_path, index, block):
    def fill(file):
        file["d"] = np.arange(2000, dtype="<i4")
        file.create_dataset("c", data=np.arange(2000, dtype="<i4"), chunks=(500,))

    refs = index(fill, userblock_size=block)
    data = (tmp_path / "f.h5").read_bytes()
    for key, start in (("d/0", 0), ("c/0", 0), ("c/3", 1500)):
        _, offset, length = refs[key]
        numbers = np.frombuffer(data[offset : offset + length], "<i4")
        assert (numbers == np.arange(start, start + len(numbers))).all()


# ---------------------------------------------------------------- links


def test_soft_links(index):
    def fill(file):
        file["g/d"] = 1
        file["l"] = h5py.SoftLink("/g/d")
        file["to_group"] = h5py.SoftLink("/g")
        file["dangling"] = h5py.SoftLink("/nowhere")
        file["g/relative"] = h5py.SoftLink("d")

    refs = index(fill)
    for path, target in (("l", "/g/d"), ("to_group", "/g"), ("dangling", "/nowhere"), ("g/relative", "/g/d")):
        assert refs[f"{path}/.zgroup"] == GROUP
        assert refs[f"{path}/.zattrs"] == {"_SOFT_LINK": {"path": target}}
        assert not [
            key for key in refs if key.startswith(f"{path}/") and key.count("/") > path.count("/") + 1
        ]


def test_hard_links_are_written_once_and_cycles_end(index):
    def fill(file):
        file["g/d"] = np.arange(5000)
        file["again"] = file["g/d"]
        file["g/up"] = file["g"]
        file["g/root"] = file["/"]

    refs = index(fill)
    assert sum(isinstance(value, list) for value in refs.values()) == 1
    links = {key: value["_SOFT_LINK"]["path"] for key, value in refs.items() if "_SOFT_LINK" in value}
    assert links["g/up/.zattrs"] == "/g"
    assert links["g/root/.zattrs"] == "/"
    assert len(links) == 3


def test_more_chunks_than_allowed_become_a_link(index):
    def fill(file):
        file.create_dataset("g/d", data=np.ones((50, 60)), chunks=(10, 6))

    refs = index(fill, LindiH5ZarrStoreOpts(num_dataset_chunks_threshold=49))
    assert refs["g/d/.zattrs"] == {
        "_EXTERNAL_ARRAY_LINK": {"link_type": "hdf5_dataset", "name": "g/d", "url": "U"}
    }
    assert refs["g/d/.zarray"] == array("<f8", [50, 60], [10, 6], fill=0.0)
    assert not [key for key in refs if key.startswith("g/d/") and key[4].isdigit()]
    refs = index(fill, LindiH5ZarrStoreOpts(num_dataset_chunks_threshold=50))
    assert ".zattrs" not in {key[4:] for key in refs if key.startswith("g/d/")}
    assert len([key for key in refs if key.startswith("g/d/") and key[4].isdigit()]) == 50


# ---------------------------------------------------------------- attributes (section 9.1)


def test_attributes(index):
    def fill(file):
        file.attrs["arr2d"] = [[0, 1], [2, 3]]
        file.attrs["arr_b"] = [True, False]
        file.attrs["arr_empty_i"] = np.zeros(0, "i8")
        file.attrs["arr_f"] = [1.5, np.nan, np.inf]
        file.attrs["bool"] = True
        file.attrs["bytes"] = np.bytes_(b"abc")
        file.attrs["f32"] = np.float32(0.1)
        file.attrs["f_whole"] = 2.0
        file.attrs["i32"] = np.int32(5)
        file.attrs["list_str"] = ["a", "b"]
        file.attrs["nan"] = np.nan
        file.attrs["s_unicode"] = "héllo"
        file.attrs["u64big"] = np.uint64(9223372036854775809)

    attributes = index(fill)[".zattrs"]
    assert json.dumps(attributes, sort_keys=True, ensure_ascii=False) == (
        '{"arr2d": [[0, 1], [2, 3]], "arr_b": [true, false], "arr_empty_i": [], '
        '"arr_f": [1.5, "NaN", "Infinity"], "bool": true, "bytes": "abc", "f32": 0.10000000149011612, '
        '"f_whole": 2.0, "i32": 5, "list_str": ["a", "b"], "nan": "NaN", "s_unicode": "héllo", '
        '"u64big": 9223372036854775809}'
    )


def test_no_side_car_where_plain_lindi_says_everything(index):
    def fill(file):
        file.attrs.update({"i": 1, "f": 2.0, "s": "é", "b": True, "list": [1, 2], "texts": ["a"]})
        file["g/numbers"] = np.arange(2000)
        file["g/few"] = np.arange(10)
        file.create_dataset("g/chunked", data=np.arange(2000), chunks=(100,))

    sidecars = {key: value for key, value in index(fill).items() if key.endswith(".lindi_explorer")}
    # Zarr always has chunks; that these are none of HDF5's is all there is to say.
    assert sidecars["g/numbers/.lindi_explorer"] == {"chunks": None}
    assert set(sidecars) == {"g/numbers/.lindi_explorer", "g/few/.lindi_explorer"}


def test_the_empty_file(index):
    assert index(lambda _file: None) == {".zgroup": GROUP}
