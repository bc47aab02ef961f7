"""Bad input gives one clear error: type, code, a message that names the thing without secrets, and a hint."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil

import h5py
import numpy as np
import pytest
from numcodecs.checksum32 import jenkins_lookup3

from lindi_explorer import LindiH5pyFile
from lindi_explorer.errors import (
    AccessDeniedError,
    FileInUseError,
    FormatError,
    InvalidSelectionError,
    LindiError,
    MissingFileError,
    RangeNotSupportedError,
    TransferError,
    UnsupportedError,
)
from lindi_explorer.h5 import open_any
from lindi_explorer.samples import Fault

OPENINGS = {
    "open_any": open_any,
    "hdf5": LindiH5pyFile.from_hdf5_file,
    "lindi": LindiH5pyFile.from_lindi_file,
    "rfs": LindiH5pyFile.from_reference_file_system,
}
SECRET = "?X-Amz-Signature=hush"


@pytest.fixture
def folder(tmp_path, sample_nwb):
    shutil.copy(sample_nwb, tmp_path / "good.nwb")
    data = sample_nwb.read_bytes()
    (tmp_path / "half.nwb").write_bytes(data[: len(data) // 2])
    (tmp_path / "kilobyte.nwb").write_bytes(data[:1024])
    (tmp_path / "magic.nwb").write_bytes(data[:8])
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / "text").write_bytes(b"hello")
    (tmp_path / "bytes").write_bytes(bytes(range(256)) * 10)
    (tmp_path / "page.html").write_bytes(b"<!DOCTYPE html><html></html>")
    (tmp_path / "cut.json").write_bytes(b'{"refs": {".zgroup": {"zarr_fo')
    (tmp_path / "other.json").write_bytes(b'{"name": "package", "version": "1"}')
    (tmp_path / "list.json").write_bytes(b"[1, 2]")
    (tmp_path / "noroot.json").write_bytes(b'{"refs": {}}')
    (tmp_path / "folder").mkdir()
    return tmp_path


@pytest.fixture
def fails(folder):
    """Assert that opening fails well: ``fails(opening, source, type, name)`` gives the error."""

    def check(opening, source, kind, name):
        with pytest.raises(kind) as caught:
            OPENINGS[opening](source)
        error = caught.value
        assert isinstance(error, LindiError)
        assert error.code == kind.code
        assert name in error.message, error.message
        assert error.hint, error.message
        assert "hush" not in f"{error.message} {error.hint} {error!r}"
        assert len(error.message) < 400
        assert "\n" not in error.message
        return error

    return check


@pytest.mark.parametrize("opening", OPENINGS)
def test_a_file_that_is_not_there(folder, fails, opening):
    for name in ("nowhere.nwb", "nowhere/x.lindi.json", "good.nwb/x"):
        error = fails(opening, folder / name, MissingFileError, name)
        assert isinstance(error, FileNotFoundError)


@pytest.mark.parametrize("opening", OPENINGS)
@pytest.mark.parametrize("name", ["empty", "text", "bytes", "page.html", "list.json"])
def test_a_file_of_another_kind(folder, fails, opening, name):
    error = fails(opening, folder / name, FormatError, name)
    assert isinstance(error, ValueError)


@pytest.mark.parametrize("opening", OPENINGS)
def test_a_folder(folder, fails, opening):
    fails(opening, folder / "folder", FormatError, "folder")


@pytest.mark.parametrize("opening", ["open_any", "hdf5"])
def test_an_hdf5_file_that_is_cut(folder, fails, opening, serve):
    server = serve(folder)
    for name in ("half.nwb", "kilobyte.nwb", "magic.nwb"):
        for source in (folder / name, server.url(name)):
            error = fails(opening, source, FormatError, "HDF5")
            assert "incomplete" in error.hint


@pytest.mark.parametrize("opening", ["open_any", "lindi", "rfs"])
@pytest.mark.parametrize("name", ["cut.json", "other.json", "noroot.json"])
def test_json_that_is_no_lindi(folder, fails, opening, name):
    fails(opening, folder / name, FormatError, "")


def test_the_other_kind_of_file_is_named_with_the_way_to_open_it(folder, fails):
    (folder / "good.lindi.json").write_text('{"refs": {".zgroup": {"zarr_format": 2}}}')
    error = fails("lindi", folder / "good.nwb", FormatError, "is an HDF5 file")
    assert "from_hdf5_file" in error.hint
    error = fails("hdf5", folder / "good.lindi.json", FormatError, "is a JSON file")
    assert "from_lindi_file" in error.hint


FAULTS = {
    "404": (Fault(status=404), MissingFileError),
    "410": (Fault(status=410), MissingFileError),
    "401": (Fault(status=401), AccessDeniedError),
    "403": (Fault(status=403), AccessDeniedError),
    "page": (Fault(html=True), FormatError),
}


@pytest.mark.parametrize("opening", OPENINGS)
def test_a_server_that_refuses(folder, fails, serve, opening):
    server = serve(folder)
    for fault, kind in FAULTS.values():
        server.fault("good.nwb", fault)
        fails(opening, server.url("good.nwb") + SECRET, kind, server.url("good.nwb"))


@pytest.mark.parametrize("opening", ["open_any", "hdf5"])
def test_a_server_without_ranges(folder, fails, serve, opening):
    with h5py.File(folder / "large.h5", "w") as file:
        file["d"] = np.zeros(3_000_000)
    server = serve(folder, faults={name: Fault(no_ranges=True) for name in ("large.h5", "good.nwb")})
    fails(opening, server.url("large.h5") + SECRET, RangeNotSupportedError, "large.h5")
    with OPENINGS[opening](server.url("good.nwb")) as file:  # a small one is fetched whole
        assert len(file)


def test_nobody_listens(fails, monkeypatch):
    from lindi_explorer.remote import retry

    monkeypatch.setattr(retry.RetryRules.__init__, "__defaults__", (1, 0.0, 0.0, 0.0))
    fails("open_any", "http://127.0.0.1:9/f.nwb" + SECRET, TransferError, "127.0.0.1:9/f.nwb")


@pytest.mark.parametrize("mode", ["", "rw", "read", None, 5], ids=str)
def test_unknown_modes(folder, mode):
    for opening in ("hdf5", "lindi", "rfs"):
        with pytest.raises(ValueError, match="mode"):
            OPENINGS[opening](folder / "good.nwb", mode=mode)


def test_unknown_keywords(folder):
    for opening in OPENINGS.values():
        with pytest.raises(TypeError, match="colour"):
            opening(folder / "good.nwb", colour="green")


@pytest.mark.parametrize("selection", [10**9, slice(None, None, -1), (0,) * 7])
def test_a_selection_out_of_bounds(folder, selection):
    with open_any(folder / "good.nwb") as file:
        dataset = file["acquisition/raw/data"]
        with pytest.raises((InvalidSelectionError, IndexError, TypeError)) as caught:
            dataset[selection]
        assert str(caught.value)


def test_data_behind_a_document_that_is_gone(folder, opened):
    with LindiH5pyFile.from_hdf5_file(folder / "good.nwb") as file:
        file.write_lindi_file(folder / "good.lindi.json")
    (folder / "good.nwb").unlink()
    file = opened(LindiH5pyFile.from_lindi_file(folder / "good.lindi.json"))
    assert file.attrs["nwb_version"], "all that the document holds can be read"
    for _ in range(2):
        with pytest.raises(MissingFileError, match=r"good\.nwb") as caught:
            file["acquisition/raw/data"][:10]
        assert caught.value.hint


def test_data_behind_a_document_that_was_cut(folder, opened):
    with LindiH5pyFile.from_hdf5_file(folder / "good.nwb") as file:
        document = file.to_reference_file_system()
    data = (folder / "good.nwb").read_bytes()
    (folder / "good.nwb").write_bytes(data[:3000])
    file = opened(LindiH5pyFile.from_reference_file_system(document))
    with pytest.raises(FormatError, match=r"good\.nwb"):
        file["acquisition/raw/data"][...]


@pytest.mark.parametrize(
    ("attributes", "metadata", "value"),
    [
        ({}, {"dtype": "nonsense"}, "x"),
        ({}, {"dtype": ["<i4"]}, "x"),
        ({}, {"dtype": "<i4", "compressor": {"id": "no_such_codec"}}, "x"),
        ({}, {"dtype": "<i4", "compressor": {"id": "zlib", "level": "high"}}, "x"),
        ({}, {"dtype": "<i4", "compressor": {"id": "zlib", "level": 1}}, "rubbish"),
        ({}, {"dtype": "<i4", "filters": [{"id": "shuffle"}]}, "x"),
        ({}, {"dtype": "|O", "filters": [{"id": "json2"}]}, "not json"),
        ({}, {"dtype": "|O", "filters": [{"id": "json2"}]}, '["a","b","|O",[1]]'),
        ({}, {"dtype": "|O", "filters": [{"id": "json2"}]}, "[5]"),
        ({}, {"dtype": "|O", "filters": [{"id": "json2"}]}, '[{"_REFERENCE": 5},"|O",[1]]'),
        ({}, {"dtype": "|O"}, "x"),
        ({"_COMPOUND_DTYPE": "x"}, {"dtype": "|O", "filters": [{"id": "json2"}]}, '[[1],"|O",[1]]'),
        (
            {"_COMPOUND_DTYPE": [["a", "nonsense"]]},
            {"dtype": "|O", "filters": [{"id": "json2"}]},
            '[[1],"|O",[1]]',
        ),
        (
            {"_COMPOUND_DTYPE": [["a", "<i4"]]},
            {"dtype": "|O", "filters": [{"id": "json2"}]},
            '[[1,2],"|O",[1]]',
        ),
        (
            {"_COMPOUND_DTYPE": [["a", "<i4"]]},
            {"dtype": "|O", "filters": [{"id": "json2"}]},
            '[["x"],"|O",[1]]',
        ),
        (
            {"_COMPOUND_DTYPE": [["a", "<i4"], ["a", "<i4"]]},
            {"dtype": "|O", "filters": [{"id": "json2"}]},
            '[[1,2],"|O",[1]]',
        ),
        ({"_EXTERNAL_ARRAY_LINK": "x"}, {"dtype": "<i4"}, None),
        ({"_EXTERNAL_ARRAY_LINK": {"link_type": "wormhole"}}, {"dtype": "<i4"}, None),
        ({"_EXTERNAL_ARRAY_LINK": {"link_type": "hdf5_dataset"}}, {"dtype": "<i4"}, None),
        (
            {"_EXTERNAL_ARRAY_LINK": {"link_type": "hdf5_dataset", "url": 5, "name": "d"}},
            {"dtype": "<i4"},
            None,
        ),
        (
            {"_EXTERNAL_ARRAY_LINK": {"link_type": "hdf5_dataset", "url": "/no.h5", "name": "d"}},
            {"dtype": "<i4"},
            None,
        ),
        ({}, {"dtype": "<i4", "sidecar": {"type": "nonsense"}}, "abcd"),
        ({}, {"dtype": "<i4", "sidecar": {"problem": "nobody knows it"}}, "abcd"),
    ],
    ids=str,
)
def test_one_damaged_array_is_an_error_of_its_own(opened, attributes, metadata, value):
    sidecar = metadata.get("sidecar", {})
    array = {"chunks": [1], "compressor": None, "fill_value": 0, "filters": None, "order": "C", "shape": [1]}
    array |= {key: item for key, item in metadata.items() if key != "sidecar"} | {"zarr_format": 2}
    refs = {".zgroup": {"zarr_format": 2}, "g/.zgroup": {"zarr_format": 2}, "g/d/.zarray": array}
    refs |= {"g/d/.zattrs": {**attributes, "unit": "V"}, "g/d/.lindi_explorer": sidecar}
    if value is not None:
        refs["g/d/0"] = value
    file = opened(LindiH5pyFile.from_reference_file_system(json.loads(json.dumps({"refs": refs}))))
    assert list(file["g"]) == ["d"]
    assert file["g/d"].attrs["unit"] == "V"
    assert repr(file["g/d"])
    for use in (lambda: file["g/d"][...], lambda: file["g/d"][0], lambda: np.asarray(file["g/d"])):
        with pytest.raises(LindiError) as caught:
            use()
        assert caught.value.hint
    for fact in ("shape", "chunks", "maxshape", "compression", "nbytes", "dtype", "fillvalue", "size"):
        with contextlib.suppress(LindiError):
            getattr(file["g/d"], fact)
    file.to_reference_file_system()


@pytest.mark.parametrize("compression", ["gzip", "lzf"])
@pytest.mark.parametrize("size", [5, 5000])
def test_a_damaged_chunk_is_named(tmp_path, opened, compression, size):
    path = tmp_path / "f.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("g/d", data=np.arange(size), chunks=(5,), compression=compression)
        info = file["g/d"].id.get_chunk_info(0)
    with LindiH5pyFile.from_hdf5_file(path) as file:
        document = file.to_reference_file_system()
    with path.open("r+b") as raw:
        raw.seek(info.byte_offset)
        raw.write(b"\xff" * info.size)
    for file in (
        opened(LindiH5pyFile.from_hdf5_file(path)),
        opened(LindiH5pyFile.from_reference_file_system(document)),
    ):
        if size == 5 and file.source.format != "HDF5":
            continue  # the data is in the document
        with pytest.raises(LindiError) as caught:
            file["g/d"][...]
        assert isinstance(caught.value, (FormatError, NotImplementedError)), repr(caught.value)


@pytest.mark.parametrize("spec", [{"string": "utf-8"}, {"vlen": "<i4"}, {"reference": "object"}], ids=str)
def test_a_side_car_that_contradicts_the_array(opened, spec):
    array = {"chunks": [1], "compressor": None, "fill_value": 0, "filters": None, "order": "C", "shape": [1]}
    array |= {"dtype": "<i4", "zarr_format": 2}
    refs = {
        ".zgroup": {"zarr_format": 2},
        "d/.zarray": array,
        "d/0": "abcd",
        "d/.lindi_explorer": {"type": spec},
    }
    file = opened(LindiH5pyFile.from_reference_file_system(json.loads(json.dumps({"refs": refs}))))
    with pytest.raises(FormatError):
        file["d"][...]


def test_a_file_whose_root_is_damaged(folder, fails):
    path = folder / "rootless.h5"
    with h5py.File(path, "w", libver="latest") as file:
        root = h5py.h5o.get_info(file.id).addr
    data = bytearray(path.read_bytes())
    data[root] ^= 0xFF
    path.write_bytes(data)
    for opening in ("open_any", "hdf5"):
        assert "cannot read its root" in fails(opening, path, FormatError, "rootless.h5").message
    with h5py.File(path, "r") as file, pytest.raises(FormatError, match="cannot read its root"):
        open_any(file)


def test_why_hdf5_calls_a_file_damaged(folder, fails):
    assert "truncated" in fails("hdf5", folder / "half.nwb", FormatError, "half.nwb").message


@pytest.mark.skipif(os.environ.get("HDF5_USE_FILE_LOCKING") == "FALSE", reason="files are not locked here")
def test_a_file_that_another_program_is_writing(folder, fails):
    with (folder / "good.nwb").open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        error = fails("hdf5", folder / "good.nwb", FileInUseError, "good.nwb")
    assert "another program" in error.message
    assert LindiH5pyFile.from_hdf5_file(folder / "good.nwb")


def test_a_file_that_a_program_has_not_closed(folder, fails):
    path = folder / "unclosed.h5"
    with h5py.File(path, "w", libver="latest") as file:
        file["a"] = 1
    data = bytearray(path.read_bytes())
    data[11] = 1  # open for writing
    data[44:48] = jenkins_lookup3(bytes(data[:44]), 0).to_bytes(4, "little")
    path.write_bytes(data)
    assert "without closing it" in fails("hdf5", path, FileInUseError, "unclosed.h5").message


def test_a_file_that_is_spread_over_several(folder, fails):
    access = h5py.h5p.create(h5py.h5p.FILE_ACCESS)
    access.set_fapl_split()
    h5py.h5f.create(bytes(folder / "whole"), fapl=access).close()
    assert "several files" in fails("hdf5", folder / "whole-m.h5", UnsupportedError, "whole-m.h5").message
