"""Every object of a file is what h5py says it is: read directly, and after a trip through a document."""

from __future__ import annotations

import json

import h5py
import pytest

from lindi_explorer import LindiH5pyFile
from lindi_explorer.h5 import open_any
from lindi_explorer.samples import make_nwb
from tests.contract.objects import compare

HOW = ["direct", "dict", "file", "url"]


@pytest.fixture(scope="module")
def samples(tmp_path_factory, edge_cases_h5):
    folder = edge_cases_h5.parent
    return {"edge cases": edge_cases_h5, "NWB": make_nwb(folder / "sample.nwb", size="tiny")}


@pytest.fixture
def both(serve, tmp_path):
    """Open a file with h5py and with us: ``both(path, how)``."""
    opened = []

    def open_(path, how):
        theirs = h5py.File(path)
        opened.append(theirs)
        if how == "url":
            ours = open_any(serve(path.parent).url(path.name))
        else:
            ours = LindiH5pyFile.from_hdf5_file(path)
        opened.append(ours)
        if how == "dict":
            ours = LindiH5pyFile.from_reference_file_system(
                json.loads(json.dumps(ours.to_reference_file_system()))
            )
        elif how == "file":
            ours.write_lindi_file(tmp_path / "f.lindi.json")
            ours = LindiH5pyFile.from_lindi_file(tmp_path / "f.lindi.json")
        opened.append(ours)
        return theirs, ours

    yield open_
    for file in reversed(opened):
        file.close()


@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("sample", ["edge cases", "NWB"])
def test_every_object_of_the_samples(samples, both, sample, how):
    theirs, ours = both(samples[sample], how)
    compare(theirs, ours)


@pytest.mark.shared
@pytest.mark.corpus("generated/*.h5")
def test_every_object_of_the_generated_corpus(both, corpus_file, count):
    for how in ("dict", "direct")[: count(1, 2)]:  # a document is made of what is read directly
        theirs, ours = both(corpus_file, how)
        compare(theirs, ours)
