"""What upstream LINDI has written, of every age, opens and means what h5py would say (no side-cars there)."""

from __future__ import annotations

import base64
import json

import h5py
import numcodecs
import numpy as np
import pytest

from lindi_explorer import LindiH5pyFile

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


@pytest.mark.parametrize("fill", [0, None])
def test_rows_that_were_never_written(open_refs, fill):
    notes = {"_COMPOUND_DTYPE": [["n", "int32"], ["s", "|S3"]]}
    file = open_refs({"rows/.zattrs": notes, "rows/.zarray": objects([2], fill_value=fill)})
    assert file["rows"][...].tolist() == [(0, b"")] * 2


def test_text_that_upstream_calls_a_reference(open_refs):
    fields = [["name", "<REFERENCE>"], ["r", "<REFERENCE>"], ["n", "int64"]]
    reference = {"_REFERENCE": {"object_id": None, "path": "/g", "source": ".", "source_object_id": None}}
    refs = {"g/.zgroup": GROUP, "d/.zattrs": {"_COMPOUND_DTYPE": fields}, "d/.zarray": objects([2])}
    file = open_refs({**refs, "d/0": payload([["a", reference, 1], ["é", reference, 2]], [2])})
    assert file["d"]["name"].tolist() == [b"a", "é".encode()]
    assert file[file["d"]["r"][0]].name == "/g"
    assert h5py.check_ref_dtype(file["d"].dtype["r"]) is h5py.Reference


def test_a_scalar_as_kerchunk_writes_it(open_refs):
    refs = {"d/.zarray": array("<i4", [], []), "d/0": "\x05\0\0\0", "e/.zarray": array("<i4", [], [])}
    refs |= {"c/.zarray": array("<i4", [], [], compressor={"id": "zlib", "level": 1})}
    refs["c/0"] = "base64:" + base64.b64encode(bytes(numcodecs.Zlib().encode(np.int32(7)))).decode()
    file = open_refs(refs)
    assert (file["d"].shape, file["d"][()], file["e"][()], file["c"][()]) == ((), 5, 0, 7)
