"""Where downloaded data is from, as its document says."""

from __future__ import annotations

import shutil

import h5py
import numpy as np
import pytest

from lindi_explorer.h5 import open_any
from lindi_explorer.h5.copies.origins import noted_origins
from lindi_explorer.references.outline import Outline


@pytest.fixture
def served(serve, tmp_path):
    """The address of a file with two datasets."""
    path = tmp_path / "far" / "a.h5"
    path.parent.mkdir()
    with h5py.File(path, "w") as file:
        file.create_dataset("x", data=np.arange(1000.0), chunks=(100,))
        file.create_dataset("y", data=np.arange(1000.0), chunks=(100,))
    return serve(path.parent).url("a.h5")


def origins(path) -> list[str]:
    with open_any(path) as file:
        return file.to_reference_file_system().get("generationMetadata", {}).get("downloadedFrom", [])


@pytest.mark.parametrize("ending", ["lindi.tar", "lindi.d"])
def test_a_download_says_where_its_data_is_from(served, tmp_path, ending):
    first, second = tmp_path / f"1.{ending}", tmp_path / f"2.{ending}"
    with open_any(f"{served}?X-Amz-Signature=abc") as file:
        file.download(first, select="x")
    assert origins(first) == [served]
    # Downloaded once more, it has been downloaded from there all the same, and only from there.
    with open_any(first) as file:
        file.download(second)
    assert origins(second) == [served]


def test_what_was_noted_before_is_kept(served, tmp_path):
    document, path = tmp_path / "a.lindi.json", tmp_path / "b.lindi.tar"
    with open_any(served) as file:
        file.write_lindi_file(document, generation_metadata={"by": "me"})
    with open_any(document) as file:
        file.download(path)
    with open_any(path) as file:
        noted = file.to_reference_file_system()["generationMetadata"]
    assert noted == {"by": "me", "downloadedFrom": [served]}


def test_of_a_file_of_this_machine_nothing_is_noted(tmp_path, served):
    here, path = tmp_path / "here.h5", tmp_path / "b.lindi.tar"
    shutil.copyfile(tmp_path / "far" / "a.h5", here)
    with open_any(here) as file:
        file.download(path)
    assert origins(path) == []


@pytest.mark.parametrize(
    ("noted", "believed"),
    [
        (None, []),
        ("https://example.org", []),
        ({"downloadedFrom": "https://example.org"}, []),
        (
            {"downloadedFrom": [3, None, "/etc/passwd", "https://", "http://[x/", "https://a.org/b"]},
            ["https://a.org/b"],
        ),
    ],
)
def test_what_makes_no_sense_is_not_believed(noted, believed):
    outline = Outline({}, [], {"generationMetadata": noted})
    assert noted_origins(outline) == believed
