"""What zarr-python reads through the store is what h5py reads from the file."""

from __future__ import annotations

import base64
import json
import subprocess
import sys

import h5py
import numcodecs
import numpy as np
import pytest
import zarr

from lindi_explorer.hdf5.references import LindiH5ZarrStoreOpts

BLOSC = {"blocksize": 0, "clevel": 5, "cname": "lz4", "id": "blosc", "shuffle": 1}
JSON2 = {"id": "json2", "encoding": "utf-8", "strict": True}


def datasets(file):
    """Paths of the datasets of a file; read outside of h5py's callbacks, which hold its global lock."""
    names = []
    file.visititems(lambda name, item: names.append(name) if isinstance(item, h5py.Dataset) else None)
    return names


def test_numbers_of_every_kind_chunking_and_filter(edge_cases_h5, hdf5_group):
    with h5py.File(edge_cases_h5) as file:
        group = hdf5_group(file, edge_cases_h5)
        compared = 0
        for name in datasets(file):
            item = file[name]
            if item.shape and item.dtype.kind in "iufb" and "_EXTERNAL_ARRAY_LINK" not in group[name].attrs:
                array = group[name]
                np.testing.assert_array_equal(array[...], item[()])
                assert (array.shape, array.dtype) == (item.shape, item.dtype)
                compared += 1
        assert compared > 40


def test_strings_and_references_are_json_values(edge_cases_h5, hdf5_group):
    with h5py.File(edge_cases_h5) as file:
        group = hdf5_group(file, edge_cases_h5)
        assert group["strings/utf8"][...].tolist() == file["strings/utf8"].asstr()[...].tolist()
        assert group["strings/table"][1, 1] == "d"
        targets = [item and item["_REFERENCE"]["path"] for item in group["references/objects"][...]]
        assert targets == ["/references", "/references/data", "/", None]
        assert group["compounds/plain"][...].tolist()[1] == [2, 2.5, False, ""]


def test_contiguous_data_in_pieces_with_a_short_last_one(tmp_path, hdf5_group):
    path = tmp_path / "f.h5"
    with h5py.File(path, "w") as file:
        file["d"] = np.arange(10_001, dtype="i2")
        file["rows"] = np.arange(5_005, dtype=">f8").reshape(1001, 5)
    with h5py.File(path) as file:
        group = hdf5_group(file, path, LindiH5ZarrStoreOpts(contiguous_dataset_max_chunk_size=8000))
        assert group["d"].chunks == (4000,)
        assert (group["d"][...] == np.arange(10_001)).all()
        assert (group["d"][9_999:] == [9999, 10_000]).all()
        assert (group["rows"][...] == np.arange(5_005).reshape(1001, 5)).all()


@pytest.mark.parametrize("kind", ["<i4", ">u2", "<f8"])
def test_a_short_raw_chunk_is_filled_up_with_zeros(open_array, metadata, kind):
    data = np.arange(5, dtype=kind).tobytes()
    array = open_array(metadata(kind, [5], [8]), {"0": "base64:" + base64.b64encode(data).decode()})
    assert array[...].tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    "changes",
    [
        {"compressor": {"id": "zlib", "level": 1}},
        {"filters": [{"id": "zlib", "level": 1}]},
        {"filters": [{"id": "zstd", "level": 1}]},
        {"filters": [{"id": "zlib", "level": 1}, {"id": "fletcher32"}]},
        {"filters": [{"id": "shuffle", "elementsize": 4}, {"id": "zstd", "level": 1}, {"id": "fletcher32"}]},
    ],
    ids=str,
)
def test_encoded_chunks_are_never_filled_up(open_array, metadata, changes):
    """Zeros behind them break zstd, and checksums of compressed data (format section 7.5)."""
    data = np.arange(1000, dtype="<i4")
    encoded = data
    for config in [*(changes.get("filters") or []), *filter(None, [changes.get("compressor")])]:
        encoded = numcodecs.get_codec(dict(config)).encode(encoded)
    value = "base64:" + base64.b64encode(bytes(encoded)).decode()
    assert (open_array(metadata("<i4", [1000], **changes), {"0": value})[...] == data).all()


def test_a_damaged_chunk_is_not_read_as_something_else(open_array, metadata):
    array = open_array(metadata("<i4", [4], compressor={"id": "zlib", "level": 1}), {"0": "rubbish"})
    with pytest.raises(Exception, match=r"decompress|header|zlib"):
        array[...]


def test_strings_are_not_filled_up(open_array, metadata):
    array = open_array(metadata("|S3", [2]), {"0": "ab"})
    with pytest.raises(ValueError, match=r"."):
        array[...]


@pytest.mark.parametrize("separator", [".", "/"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_missing_chunks_orders_and_separators(open_array, metadata, separator, order):
    block = np.arange(6, dtype="|u1").reshape(2, 3)
    array = open_array(
        metadata("|u1", [4, 6], [2, 3], fill_value=9, order=order, dimension_separator=separator),
        {f"0{separator}1": block.tobytes(order=order).decode()},
    )
    expected = np.full((4, 6), 9)
    expected[:2, 3:] = block
    assert (array[...] == expected).all()


# ---------------------------------------------------------------- object arrays


def payload(values, shape, compressor=BLOSC):
    data = json.dumps([*values, "|O", shape]).encode()
    data = data if compressor is None else bytes(numcodecs.get_codec(dict(compressor)).encode(data))
    return "base64:" + base64.b64encode(data).decode()


@pytest.mark.parametrize(
    ("values", "shape"),
    [
        (["a", "é", ""], [3]),
        ([["a", "b"], ["c", "d"]], [2, 2]),
        ([None, {"_REFERENCE": {"path": "/x"}}], [2]),
        ([[1, 1.5, True, "ab"], [2, float("nan"), False, ""]], [2]),
        ([[[1], [2]], [[3], [4]]], [2, 2]),
    ],
)
def test_elements_are_what_the_json_holds(open_array, metadata, values, shape):
    array = open_array(
        metadata("|O", shape, filters=[JSON2], compressor=BLOSC),
        {".".join("0" * len(shape)): payload(values, shape)},
    )
    found = array[...]
    assert (found.dtype, found.shape) == (np.dtype(object), tuple(shape))
    assert str(found.tolist()) == str(values)


def test_elements_that_were_never_written_and_the_element_alone(open_array, metadata):
    array = open_array(
        metadata("|O", [4], [2], filters=[JSON2], compressor=None), {"1": payload(["a", "b"], [2], None)}
    )
    assert array[...].tolist() == [0, 0, "a", "b"]
    assert array[2] == "a"
    assert array[1:3].tolist() == [0, "a"]


def test_the_whole_hierarchy_is_listed(store, metadata):
    group = zarr.open_group(
        store(
            {
                ".zattrs": {"title": "é"},
                "g/.zgroup": {"zarr_format": 2},
                "g/d/.zarray": metadata("<i4", [2]),
                "g/d/.zattrs": {"unit": "V"},
            }
        ),
        mode="r",
        zarr_format=2,
    )
    assert dict(group.attrs) == {"title": "é"}
    assert sorted(group["g"].array_keys()) == ["d"]
    assert group["g/d"].attrs["unit"] == "V"
    assert group["g/d"][...].tolist() == [0, 0]
    assert [name for name, _ in group.members(max_depth=None)] == ["g", "g/d"]


@pytest.mark.parametrize("imports", ["zarr, lindi_explorer", "lindi_explorer, zarr"])
def test_importing_the_package_registers_the_type(imports, tmp_path):
    """Plain zarr stores with LINDI's object arrays open once the package is imported."""
    metadata = {
        "chunks": [1],
        "compressor": None,
        "dtype": "|O",
        "fill_value": 0,
        "filters": [JSON2],
        "order": "C",
        "shape": [1],
        "zarr_format": 2,
    }
    (tmp_path / ".zarray").write_text(json.dumps(metadata))
    (tmp_path / "0").write_bytes(b'["x","|O",[1]]')
    opened = f"zarr.open_array({str(tmp_path)!r}, mode='r', zarr_format=2)"
    code = f"import {imports}; print({opened}[...].tolist())"
    out = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert out.split() == ["['x']"]


@pytest.mark.parametrize(
    ("dtype", "filters", "expected"),
    [
        ("<i4", None, "int32"),
        ("|O", [{"id": "vlen-utf8"}], "string"),
        ("|O", [JSON2], "lindi_json2"),
    ],
)
def test_the_type_is_for_arrays_of_json_alone(open_array, metadata, dtype, filters, expected):
    array = open_array(
        metadata(dtype, [1], filters=filters, fill_value="" if expected == "string" else 0), {}
    )
    assert array.metadata.dtype._zarr_v3_name == expected


@pytest.mark.parametrize("filters", [None, [{"id": "msgpack2"}]])
def test_objects_of_another_kind_are_refused(open_array, metadata, filters):
    with pytest.raises(ValueError, match=r"\|O"):
        open_array(metadata("|O", [1], filters=filters), {})
