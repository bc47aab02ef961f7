from __future__ import annotations

import json

import h5py
import numpy as np
import pytest

from lindi_explorer import LindiH5pyFile
from lindi_explorer.errors import UnsupportedError


def test_one_object_that_cannot_be_opened_does_not_cost_the_listing(tmp_path, opened):
    path = tmp_path / "f.h5"
    with h5py.File(path, "w") as file:
        for name in "abc":
            file[f"g/{name}"] = np.arange(3)
        at = h5py.h5o.get_info(file["g/b"].id).addr
    data = bytearray(path.read_bytes())
    data[at] = 77  # the version of the object's header
    path.write_bytes(data)
    with h5py.File(path) as theirs:
        assert theirs["g"].get("b") is None
        assert [item is None for item in theirs["g"].values()] == [False, True, False]
    direct = opened(LindiH5pyFile.from_hdf5_file(path))
    document = json.loads(json.dumps(direct.to_reference_file_system()))
    for file in (direct, opened(LindiH5pyFile.from_reference_file_system(document))):
        assert list(file["g"]) == ["a", "b", "c"]
        assert file["g"].get("b") is None
        assert [item is None for item in file["g"].values()] == [False, True, False]
        assert dict(file["g"].items())["c"][2] == 2
        with pytest.raises(UnsupportedError, match="b"):
            file["g/b"]
