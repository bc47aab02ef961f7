"""A document from the network runs no program and reaches no file, on any route."""

from __future__ import annotations

import base64
import json
import pickle

import numcodecs
import pytest
import zarr

from lindi_explorer import LindiH5pyFile
from lindi_explorer.errors import AccessDeniedError, UnsupportedError
from lindi_explorer.samples import RangeServer


class Program:
    """What a pickle runs when it is decoded."""

    ran = False

    def __reduce__(self):
        return run, ()


def run():
    Program.ran = True
    return ["x"]


@pytest.fixture(autouse=True)
def _unsafe_numcodecs(monkeypatch):
    """Newer numcodecs refuse by themselves, unless the user has allowed it, for files of their own say."""
    monkeypatch.setattr(numcodecs.pickles, "ALLOW_UNSAFE_PICKLE_DECODE", True, raising=False)
    Program.ran = False


def test_the_bait_would_be_taken():
    numcodecs.get_codec({"id": "pickle"}).decode(pickle.dumps([Program(), "|O", [1]]))
    assert Program.ran


BAIT = "base64:" + base64.b64encode(pickle.dumps([Program(), "|O", (1,)])).decode()
PICKLE = {"id": "pickle", "protocol": 5}
ZLIB = {"id": "zlib", "level": 1}
VARIANTS = {
    "filter of objects": {"dtype": "|O", "filters": [PICKLE]},
    "filter of numbers": {"dtype": "<i4", "filters": [PICKLE]},
    "compressor of objects": {"dtype": "|O", "compressor": PICKLE},
    "compressor of numbers": {"dtype": "<i4", "compressor": PICKLE},
    "compressor under json": {"dtype": "|O", "filters": [{"id": "json2"}], "compressor": PICKLE},
    "second filter": {"dtype": "<i4", "filters": [ZLIB, PICKLE]},
    "several chunks": {"dtype": "<i4", "filters": [PICKLE], "shape": [4], "chunks": [2]},
    "text": {"dtype": "<U4", "filters": [PICKLE]},
    "compound": {"dtype": "|O", "filters": [PICKLE], "attributes": {"_COMPOUND_DTYPE": [["a", "<i4"]]}},
    "scalar": {"dtype": "|O", "filters": [PICKLE], "attributes": {"_SCALAR": True}},
}


def bait(metadata, changes):
    attributes = {**changes}.pop("attributes", {})
    array = {
        **metadata("|O", changes.get("shape", [1])),
        **{key: value for key, value in changes.items() if key != "attributes"},
    }
    return {"d/.zarray": array, "d/.zattrs": attributes, "d/0": BAIT, "ok/.zarray": metadata("<i4", [1])}


@pytest.mark.parametrize("changes", VARIANTS.values(), ids=VARIANTS)
def test_a_pickle_is_never_decoded_through_zarr(store, metadata, changes):
    group = zarr.open_group(store(bait(metadata, changes)), mode="r", zarr_format=2)
    with pytest.raises(UnsupportedError, match="codec 'pickle' is not read") as caught:
        group["d"][...]
    assert caught.value.hint
    assert not Program.ran
    assert group["ok"][...].tolist() == [0], "everything else is read"


def test_a_document_from_the_network_reaches_no_local_file(tmp_path, metadata):
    (tmp_path / "secret").write_bytes(b"abcd")
    refs = {
        ".zgroup": {"zarr_format": 2},
        "d/.zarray": metadata("|u1", [4]),
        "far/.zarray": metadata("|u1", [4]),
    }
    refs |= {"d/0": [str(tmp_path / "secret"), 0, 4], "far/0": [f"file://{tmp_path}/secret", 0, 4]}
    refs["linked/.zarray"] = metadata("|u1", [4])
    link = {"link_type": "hdf5_dataset", "name": "x", "url": str(tmp_path / "secret")}
    refs["linked/.zattrs"] = {"_EXTERNAL_ARRAY_LINK": link}
    (tmp_path / "f.lindi.json").write_text(json.dumps({"refs": refs}))
    with (
        RangeServer(tmp_path, latency_ms=0) as server,
        LindiH5pyFile.from_lindi_file(server.url("f.lindi.json")) as file,
    ):
        for name in ("d", "far", "linked"):
            with pytest.raises(AccessDeniedError):
                file[name][()]
    with LindiH5pyFile.from_lindi_file(tmp_path / "f.lindi.json") as file:
        assert file["d"][()].tobytes() == b"abcd", "a local document may"
