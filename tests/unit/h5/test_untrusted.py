"""A document from the network runs no program and reaches no file, on any route."""

from __future__ import annotations

import base64
import contextlib
import pickle

import numcodecs
import numpy as np
import pytest

from lindi_explorer import LindiH5pyFile
from lindi_explorer.errors import FormatError, LindiError, UnsupportedError


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


def metadata(dtype, shape, chunks=None, **changes):
    kind = np.dtype(dtype).kind
    return {
        "chunks": list(chunks or shape),
        "compressor": None,
        "dtype": dtype,
        "fill_value": "" if kind in "SU" else 0,
        "filters": None,
        "order": "C",
        "shape": list(shape),
        "zarr_format": 2,
        **changes,
    }


def bait(changes):
    attributes = {**changes}.pop("attributes", {})
    array = {
        **metadata("|O", changes.get("shape", [1])),
        **{key: value for key, value in changes.items() if key != "attributes"},
    }
    return {"d/.zarray": array, "d/.zattrs": attributes, "d/0": BAIT, "ok/.zarray": metadata("<i4", [1])}


@pytest.mark.parametrize("changes", VARIANTS.values(), ids=VARIANTS)
def test_a_pickle_is_never_decoded_through_the_h5py_view(changes):
    document = {"refs": {".zgroup": {"zarr_format": 2}, **bait(changes)}}
    with LindiH5pyFile.from_reference_file_system(document) as file:
        for read in (
            lambda: file["d"][()],
            lambda: file["d"].dtype,
            lambda: file["d"].fillvalue,
            lambda: file["d"].asstr()[...],
            lambda: np.array(file["d"]),
        ):
            with contextlib.suppress(LindiError, TypeError):
                read()
            assert not Program.ran
        with pytest.raises(UnsupportedError, match="codec 'pickle' is not read"):
            file["d"][()]
        assert file["ok"][()].tolist() == [0]


def test_a_size_beyond_any_memory_is_an_error_of_the_family():
    huge = metadata("<i8", [2**61], [2**61], compressor=ZLIB)
    refs = {".zgroup": {"zarr_format": 2}, "d/.zarray": huge, "d/0": "x"}
    with LindiH5pyFile.from_reference_file_system({"refs": refs}) as file:
        assert file["d"].shape == (2**61,)
        with pytest.raises((FormatError, UnsupportedError, MemoryError)):
            file["d"][0]
