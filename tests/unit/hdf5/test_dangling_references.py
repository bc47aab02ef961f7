"""References to objects that are gone: what lies at their address now may be anything."""

from __future__ import annotations

import h5py
import numpy as np
import pytest

from lindi_explorer.errors import NodeNotFoundError
from lindi_explorer.h5 import open_any


@pytest.mark.parametrize("seed", range(20))
def test_a_file_with_references_to_deleted_objects_is_indexed(tmp_path, seed):
    rng = np.random.default_rng(seed)
    path = tmp_path / "x.h5"
    with h5py.File(path, "w") as file:
        group = file.create_group("group")
        references = file.create_dataset("references", shape=(5,), dtype=h5py.ref_dtype)
        for number in range(5):
            group[f"gone{number}"] = np.arange(rng.integers(1, 2000))
            references[number] = group[f"gone{number}"].ref
            del group[f"gone{number}"]
        for number in range(rng.integers(0, 6)):
            file.create_group(f"new{number}").attrs["values"] = np.zeros(rng.integers(1, 400))
    with open_any(path) as file:
        again = open_any(file.to_reference_file_system())
        assert again["references"].shape == (5,)


def test_references_to_objects_that_no_name_leads_to(tmp_path):
    path = tmp_path / "x.h5"
    with h5py.File(path, "w") as file:
        group = file.create_group("group")
        group["itself"] = group
        group["data"] = np.arange(5)
        file["named"] = 1
        file["references"] = np.array([group.ref, file["named"].ref], dtype=h5py.ref_dtype)
        file.attrs["region"] = group["data"].regionref[1:3]
        del file["group"]
    with h5py.File(path) as theirs:
        assert theirs[theirs["references"][0]].name is None
    with open_any(path) as direct, open_any(direct.to_reference_file_system()) as decoded:
        for file in (direct, decoded):
            lost, named = file["references"][()]
            assert file[named].name == "/named"
            with pytest.raises(NodeNotFoundError):
                file[lost]
            with pytest.raises(NodeNotFoundError):
                file[file.attrs["region"]]


def test_the_edge_cases_are_indexed(edge_cases_h5):
    with open_any(edge_cases_h5) as file:
        refs = file.to_reference_file_system()["refs"]
    assert "references/dangling/.zarray" in refs
