"""What we write keeps every rule of the format, whatever the file: a checklist for each key."""

from __future__ import annotations

import json
import re

import h5py
import numcodecs
import numpy as np
import pytest

from lindi_explorer import LindiH5pyFile
from lindi_explorer.references import codec

ZARRAY = {"chunks", "compressor", "dtype", "fill_value", "filters", "order", "shape", "zarr_format"}
CODECS = {"shuffle", "zlib", "fletcher32", "blosc", "zstd", "json2"}  # what upstream LINDI can decode
REFERENCE = {"object_id", "path", "source", "source_object_id"}
ANNOTATIONS = {"_SCALAR", "_COMPOUND_DTYPE", "_SOFT_LINK", "_EXTERNAL_ARRAY_LINK"}
WORDS = {"NaN", "Infinity", "-Infinity"}


@pytest.mark.parametrize("sample", ["edge_cases_h5", "sample_nwb"])
def test_the_samples(request, sample):
    check(request.getfixturevalue(sample))


@pytest.mark.shared
@pytest.mark.corpus("generated/*.h5")
def test_the_generated_corpus(corpus_file):
    check(corpus_file)


def check(path):
    with LindiH5pyFile.from_hdf5_file(path) as file:
        document = file.to_reference_file_system()
    text = codec.to_text(document)
    assert text.isascii()
    json.loads(text, parse_constant=pytest.fail)
    assert json.loads(text) == document
    assert codec.to_text(json.loads(text)) == text
    assert set(document) <= {"refs", "templates", "version"}
    assert document["version"] == 1
    refs = document["refs"]
    check_templates(document, path)
    check_tree(refs)
    for key, value in refs.items():
        parent, _, name = key.rpartition("/")
        if name == ".zarray":
            check_array(refs, parent, value)
        elif name == ".zattrs":
            check_attributes(key, value)
        elif name not in (".zgroup", ".lindi_explorer"):
            check_chunk(document, parent, name, value, path.stat().st_size)
    assert codec.encode(codec.decode(document), {"refs": {}, "version": 1}) == document


def check_templates(document, path):
    uses = [value[0] for value in document["refs"].values() if isinstance(value, list)]
    templates = document.get("templates", {})
    for number, (name, url) in enumerate(sorted(templates.items(), key=lambda item: int(item[0][1:])), 1):
        assert name == f"u{number}"
        assert uses.count("{{" + name + "}}") >= 5
        assert url not in uses
        assert url == str(path)
    assert not [url for url in uses if "{{" not in url and uses.count(url) >= 5]


def check_tree(refs):
    """Every object has one kind of metadata, and every group above it is there."""
    groups = {key.rpartition("/")[0] for key in refs if key.rpartition("/")[2] == ".zgroup"}
    arrays = {key.rpartition("/")[0] for key in refs if key.rpartition("/")[2] == ".zarray"}
    assert "" in groups
    assert not groups & arrays
    for path in (groups | arrays) - {""}:
        assert path.rpartition("/")[0] in groups, path
    for key in refs:
        assert not key.startswith("/")
        owner = key.rpartition("/")[0]
        assert owner in groups | arrays, key


def check_array(refs, path, array):
    assert set(array) == ZARRAY, path
    assert (array["order"], array["zarr_format"]) == ("C", 2)
    assert len(array["shape"]) == len(array["chunks"]) > 0
    assert all(type(size) is int for size in array["shape"] + array["chunks"])
    assert min(array["chunks"]) > 0
    dtype = np.dtype(array["dtype"])
    configs = [*(array["filters"] or []), *filter(None, [array["compressor"]])]
    assert array["filters"] is None or array["filters"], path
    for config in configs:
        assert config["id"] in CODECS, path
        numcodecs.get_codec(dict(config))
    assert (dtype.kind == "O") == ("json2" in {config["id"] for config in configs})
    attributes = refs.get(f"{path}/.zattrs", {})
    if "_EXTERNAL_ARRAY_LINK" not in attributes:
        check_fill_value(array["fill_value"], dtype)
    if attributes.get("_SCALAR"):
        assert (array["shape"], array["chunks"]) == ([1], [1])
    if "_COMPOUND_DTYPE" in attributes:
        assert dtype.kind == "O"
        for name, kind in attributes["_COMPOUND_DTYPE"]:
            assert isinstance(name, str)
            assert kind == "<REFERENCE>" or np.dtype(kind).kind in "biufSUO"


def check_fill_value(fill, dtype):
    match dtype.kind:
        case "b":
            assert fill is False or fill is True
        case "i" | "u" | "O":
            assert type(fill) is int
        case "f":
            assert type(fill) is float or fill in WORDS
        case "S" | "U":
            assert fill == ""
        case _:
            assert fill is None


def check_attributes(key, attributes):
    assert attributes, "an empty one is left out"
    for name, value in attributes.items():
        if name not in ANNOTATIONS:
            check_value(key, value)
    link = attributes.get("_SOFT_LINK")
    if link is not None:
        assert link["path"].startswith("/"), key
    link = attributes.get("_EXTERNAL_ARRAY_LINK")
    if link is not None:
        assert link["link_type"] == "hdf5_dataset"
        assert not link["name"].startswith("/")
        assert link["url"]


def check_value(key, value):
    """Upstream's reader knows strings, numbers, booleans, references, and lists of one of them."""
    if isinstance(value, list):
        for item in value:
            check_value(key, item)
    elif isinstance(value, dict):
        assert set(value) == {"_REFERENCE"}, key
        assert set(value["_REFERENCE"]) == REFERENCE, key
        assert value["_REFERENCE"]["path"].startswith("/")
        assert value["_REFERENCE"]["source"] == "."
    else:
        assert isinstance(value, (str, int, float, bool)), key


def check_chunk(document, path, name, value, size):
    array = document["refs"][f"{path}/.zarray"]
    assert re.fullmatch(r"(0|[1-9]\d*)(\.(0|[1-9]\d*))*", name), path
    grid = [-(-edge // chunk) for edge, chunk in zip(array["shape"], array["chunks"], strict=True)]
    index = [int(part) for part in name.split(".")]
    assert len(index) == len(grid)
    assert all(at < count for at, count in zip(index, grid, strict=True))
    full = np.dtype(array["dtype"]).itemsize * int(np.prod(array["chunks"]))
    if isinstance(value, str):
        assert value.isascii()
        return
    url, offset, length = value
    assert isinstance(url, str)
    assert type(offset) is type(length) is int
    assert 0 < length <= size - offset, "inside of the file"
    if array["filters"] is None:
        last = index[0] == grid[0] - 1
        assert length == full or (last and length < full and np.dtype(array["dtype"]).kind in "iuf"), path


def test_no_object_is_lost(edge_cases_h5):
    """Every name of the HDF5 file is in the document."""
    names = []
    with h5py.File(edge_cases_h5) as file:
        file.visit_links(
            lambda name: names.append(
                name if isinstance(name, str) else name.decode("utf-8", "surrogateescape")
            )
        )
    with LindiH5pyFile.from_hdf5_file(edge_cases_h5) as file:
        paths = set(codec.decode(file.to_reference_file_system()).walk())
    assert set(names) <= paths
