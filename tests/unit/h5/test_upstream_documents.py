"""What upstream LINDI has written, of every age, opens and means what h5py would say (no side-cars there)."""

from __future__ import annotations

import base64
import json

import h5py
import numcodecs
import numpy as np
import pytest

from lindi_explorer import LindiH5pyFile
from lindi_explorer.errors import NodeNotFoundError

BLOSC = {"blocksize": 0, "clevel": 5, "cname": "lz4", "id": "blosc", "shuffle": 1}
JSON2 = {"id": "json2", "encoding": "utf-8", "strict": True, "separators": [",", ":"], "sort_keys": True}
GROUP = {"zarr_format": 2}


def array(dtype, shape, chunks=None, **changes):
    return {
        "chunks": list(shape if chunks is None else chunks),
        "compressor": None,
        "dtype": dtype,
        "fill_value": 0,
        "filters": None,
        "order": "C",
        "shape": list(shape),
        "zarr_format": 2,
        **changes,
    }


def objects(shape, **changes):
    return array("|O", shape, filters=[JSON2], compressor=BLOSC, **changes)


def packed(data):
    encoded = bytes(numcodecs.get_codec(dict(BLOSC)).encode(data))
    return "base64:" + base64.b64encode(encoded).decode()


def payload(values, shape):
    return packed(json.dumps([*values, "|O", shape]).encode())


@pytest.fixture
def open_refs(opened):
    return lambda refs, **more: opened(
        LindiH5pyFile.from_reference_file_system({"refs": {".zgroup": GROUP, **refs}, **more})
    )


# ---------------------------------------------------------------- samples


def test_a_scalar_of_the_samples(open_refs):
    file = open_refs(
        {
            "d/.zattrs": {"_SCALAR": True, "unit": "V"},
            "d/.zarray": array("<i8", [1], compressor=BLOSC),
            "d/0": "\u0002\u00013\b\b\u0000\u0000\u0000\b\u0000\u0000\u0000\u0018\u0000\u0000\u0000\u0005"
            + "\0" * 7,
        }
    )
    assert (file["d"].shape, file["d"].dtype, file["d"].size) == ((), "i8", 1)
    assert file["d"][()] == 5
    assert type(file["d"][()]) is np.int64
    assert list(file["d"].attrs) == ["unit"]


def test_text_of_the_samples(open_refs):
    chunk = '\2\0013\1\x17\0\0\0\x17\0\0\0\'\0\0\0["a","\\u00e9","|O",[2]]'
    file = open_refs({"d/.zarray": objects([2]), "d/0": chunk})
    assert file["d"][...].tolist() == [b"a", "é".encode()]
    assert file["d"].asstr()[...].tolist() == ["a", "é"]
    assert h5py.check_string_dtype(file["d"].dtype).encoding == "utf-8"


def test_rows_of_the_samples(open_refs):
    chunk = '\2\0013\1/\0\0\0/\0\0\0?\0\0\0[[1,1.5,true,"ab"],[2,NaN,false,"cd"],"|O",[2]]'
    fields = [["x", "uint32"], ["y", "float64"], ["b", "bool"], ["s", "|S4"]]
    file = open_refs({"d/.zattrs": {"_COMPOUND_DTYPE": fields}, "d/.zarray": objects([2]), "d/0": chunk})
    assert file["d"].dtype == np.dtype([("x", "u4"), ("y", "f8"), ("b", "?"), ("s", "S4")])
    assert str(file["d"][...].tolist()) == "[(1, 1.5, True, b'ab'), (2, nan, False, b'cd')]"
    assert file["d"]["x"].tolist() == [1, 2]
    assert file["d"][1]["s"] == b"cd"


def test_scalars_of_text(open_refs):
    def scalar(dtype, data):
        return {
            ".zattrs": {"_SCALAR": True},
            ".zarray": array(dtype, [1], compressor=BLOSC, fill_value=""),
            "0": packed(data),
        }

    refs = {}
    for name, dtype, data in (
        ("u", "<U5", np.array(["héllo"])),
        ("e", "<U1", np.array([""])),
        ("s", "|S2", np.array([b"hi"])),
    ):
        refs |= {f"{name}/{key}": value for key, value in scalar(dtype, data).items()}
    file = open_refs(refs)
    assert file["u"][()] == "héllo".encode()
    assert file["u"].asstr()[()] == "héllo"
    assert h5py.check_string_dtype(file["u"].dtype).length is None
    assert file["e"][()] == b""
    assert file["s"][()] == b"hi"


@pytest.mark.parametrize("fill", [0, None])
def test_object_elements_that_were_never_written(open_refs, fill):
    """h5py's default for the type, not the 0 of the metadata."""
    reference = {"_REFERENCE": {"object_id": None, "path": "/g", "source": ".", "source_object_id": None}}
    refs = {
        "g/.zgroup": GROUP,
        "text/.zarray": objects([3], fill_value=fill),
        "half/.zarray": objects([4], chunks=[2], fill_value=fill),
        "half/0": payload(["a", "b"], [2]),
        "refs/.zarray": objects([4], chunks=[2], fill_value=fill),
        "refs/0": payload([reference, reference], [2]),
    }
    file = open_refs(refs)
    assert file["text"][...].tolist() == [b""] * 3
    assert file["half"][...].tolist() == [b"a", b"b", b"", b""]
    assert [bool(ref) for ref in file["refs"][...]] == [True, True, False, False]


def test_rows_of_two_axes(open_refs):
    rows = [[[1, "a"], [2, "b"]], [[3, "c"], [4, "d"]]]
    refs = {"d/.zattrs": {"_COMPOUND_DTYPE": [["n", "int32"], ["s", "object"]]}, "d/.zarray": objects([2, 2])}
    file = open_refs({**refs, "d/0.0": payload(rows, [2, 2])})
    assert file["d"].shape == (2, 2)
    assert file["d"]["n"].tolist() == [[1, 2], [3, 4]]
    assert file["d"][1, 0]["s"] == b"c"


# ---------------------------------------------------------------- links


@pytest.mark.parametrize(
    ("place", "target", "found"),
    [
        ("l", "/g/d", "/g/d"),
        ("l", "g/d", "/g/d"),
        ("g/l", "d", "/g/d"),
        ("g/l", "g/d", "/g/d"),  # from the root, as upstream means it
        ("g/l", "/g", "/g"),
        ("g/l", "./d", "/g/d"),
    ],
)
@pytest.mark.parametrize("kind", [".zgroup", ".zarray"])
def test_soft_links_from_the_root_and_from_their_group(open_refs, place, target, found, kind):
    metadata = GROUP if kind == ".zgroup" else array("<i4", [1])
    file = open_refs(
        {
            "g/.zgroup": GROUP,
            "g/d/.zarray": array("|u1", [4]),
            "g/d/0": "abcd",
            f"{place}/{kind}": metadata,
            f"{place}/.zattrs": {"_SOFT_LINK": {"path": target, "more": 1}},
        }
    )
    assert file[place].id == file[found].id
    assert isinstance(file.get(place, getlink=True), h5py.SoftLink)


def test_links_that_lead_nowhere_or_round(open_refs):
    file = open_refs(
        {
            "a/.zgroup": GROUP,
            "a/.zattrs": {"_SOFT_LINK": {"path": "/b"}},
            "b/.zgroup": GROUP,
            "b/.zattrs": {"_SOFT_LINK": {"path": "/a"}},
            "c/.zgroup": GROUP,
            "c/.zattrs": {"_SOFT_LINK": {"path": "/nowhere"}},
        }
    )
    assert list(file) == ["a", "b", "c"]
    for name in file:
        assert file.get(name) is None
        with pytest.raises(NodeNotFoundError):
            file[name]


def test_an_external_array_link(open_refs, hdf5):
    path = hdf5(
        lambda other: other.create_dataset("g/d", data=np.arange(100).reshape(10, 10), compression="lzf")
    )
    link = {"link_type": "hdf5_dataset", "name": "g/d", "url": str(path)}
    file = open_refs(
        {
            "d/.zarray": array("<i8", [10, 10], [10, 5]),
            "d/.zattrs": {"_EXTERNAL_ARRAY_LINK": link, "unit": "V"},
        }
    )
    assert file["d"][3, 4] == 34
    assert file["d"][[1, 5], 2:4].tolist() == [[12, 13], [52, 53]]
    assert (file["d"].shape, file["d"].dtype) == ((10, 10), "i8")
    assert list(file["d"].attrs) == ["unit"]


def test_a_look_at_linked_numbers_opens_no_file(open_refs):
    link = {"link_type": "hdf5_dataset", "name": "g/d", "url": "/nowhere.h5"}
    dataset = open_refs({"d/.zarray": array(">f4", [4], [2]), "d/.zattrs": {"_EXTERNAL_ARRAY_LINK": link}})[
        "d"
    ]
    assert (dataset.dtype, dataset.shape, dataset.fillvalue) == (np.dtype(">f4"), (4,), 0)
    with pytest.raises(FileNotFoundError):
        dataset[...]


def test_an_external_array_link_with_its_chunks_needs_no_file(open_refs):
    link = {"link_type": "hdf5_dataset", "name": "g/d", "url": "/nowhere.h5"}
    file = open_refs(
        {"d/.zarray": array("|u1", [4]), "d/.zattrs": {"_EXTERNAL_ARRAY_LINK": link}, "d/0": "abcd"}
    )
    assert file["d"][...].tobytes() == b"abcd"


# ---------------------------------------------------------------- chunks


@pytest.mark.parametrize("order", ["C", "F"])
def test_chunks_larger_than_the_array(open_refs, order):
    data = np.zeros((5, 4), "<i2")
    data[:3, :2] = [[1, 2], [3, 4], [5, 6]]
    value = "base64:" + base64.b64encode(data.tobytes(order)).decode()
    file = open_refs({"d/.zarray": array("<i2", [3, 2], [5, 4], order=order), "d/0.0": value})
    assert file["d"][...].tolist() == [[1, 2], [3, 4], [5, 6]]
    assert file["d"][2, 1] == 6


def test_whole_arrays_of_the_other_order(open_refs):
    data = np.arange(6, dtype="<i2").reshape(2, 3)
    value = "base64:" + base64.b64encode(data.tobytes("F")).decode()
    file = open_refs({"d/.zarray": array("<i2", [2, 3], order="F"), "d/0.0": value})
    assert file["d"][...].tolist() == data.tolist()


@pytest.mark.parametrize(
    ("dtype", "fill", "expected"),
    [
        ("<i4", 0, 0),
        ("<i4", 7, 7),
        ("<f4", "NaN", np.nan),
        ("<f8", "-Infinity", -np.inf),
        ("|b1", False, False),
        ("|S3", "", b""),
        ("<i4", None, 0),
    ],
)
def test_missing_chunks_are_fill_values(open_refs, dtype, fill, expected):
    file = open_refs({"d/.zarray": array(dtype, [3000], [1000], fill_value=fill)})
    found = file["d"][::1500]
    assert found.dtype == dtype
    np.testing.assert_array_equal(found, [expected] * 2)
    if fill is not None:
        np.testing.assert_equal(file["d"].fillvalue, expected)


def test_templates_local_paths_and_short_last_chunks(open_refs, tmp_path):
    numbers = np.arange(10_001, dtype="<i2")
    (tmp_path / "raw.bin").write_bytes(b"head" + numbers.tobytes())
    pieces = {f"d/{n}": ["{{u1}}", 4 + n * 8000, min(8000, 20_002 - n * 8000)] for n in range(3)}
    file = open_refs(
        {"d/.zarray": array("<i2", [10_001], [4000]), **pieces}, templates={"u1": str(tmp_path / "raw.bin")}
    )
    assert (file["d"][...] == numbers).all()
    assert file["d"][-1] == 10_000


def test_metadata_as_text_and_no_version(opened):
    refs = {
        ".zgroup": json.dumps(GROUP),
        ".zattrs": '{"a": [1, 2]}',
        "d/.zarray": json.dumps(array("|u1", [4])),
        "d/0": "abcd",
    }
    file = opened(LindiH5pyFile.from_reference_file_system({"refs": refs}))
    assert file.attrs["a"].tolist() == [1, 2]
    assert file["d"][1] == ord("b")


def test_vlen_utf8_arrays(open_refs):
    data = numcodecs.VLenUTF8().encode(np.array(["a", "é"], dtype=object))
    value = "base64:" + base64.b64encode(bytes(data)).decode()
    file = open_refs(
        {"d/.zarray": array("|O", [2], filters=[{"id": "vlen-utf8"}], fill_value=""), "d/0": value}
    )
    assert file["d"].asstr()[...].tolist() == ["a", "é"]


@pytest.mark.parametrize("compressor", ["gzip", "zlib", "bz2", "lzma", "blosc", "zstd", "lz4"])
def test_compressors_of_numcodecs(open_refs, compressor):
    config = numcodecs.get_codec({"id": compressor}).get_config()
    numbers = np.arange(5000, dtype="<i4").reshape(50, 100)
    parts = {f"{i}.0": numbers[i * 20 : i * 20 + 20] for i in range(3)}
    parts["2.0"] = np.vstack([parts["2.0"], np.zeros((10, 100), "<i4")])
    coded = {
        key: "base64:" + base64.b64encode(bytes(numcodecs.get_codec(config).encode(part))).decode()
        for key, part in parts.items()
    }
    file = open_refs(
        {
            "d/.zarray": array("<i4", [50, 100], [20, 100], compressor=config),
            **{f"d/{k}": v for k, v in coded.items()},
        }
    )
    assert (file["d"][...] == numbers).all()
    assert file["d"][45, 99] == 4599
