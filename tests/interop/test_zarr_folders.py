"""Zarr folders that we write open in Zarr 2 and 3 without anything of ours; all is equal."""

from __future__ import annotations

import os
import warnings

import h5py
import pytest

from lindi_explorer import LindiH5pyFile
from lindi_explorer.h5.copies.to_zarr import write_zarr
from tests.interop.compare import Comparison, Verdict, by_h5py
from tests.interop.environments import ROOT, UPSTREAM, ZARR_3, ask

READERS = {
    "zarr 2": (UPSTREAM,),
    "zarr 3 with this package": (ZARR_3, ROOT),
    "zarr 3": (ZARR_3,),
}
NO_FOLDERS = {"/names/.zattrs", "/names/.zattrs/data", "/names/" + 300 * "n", f"/names/{300 * 'n'}/data"}
"""Names in the edge cases that no folder can have."""


@pytest.fixture(scope="module")
def folders(sources, made_names, folder):
    """Name -> the Zarr folder we write of a source."""
    written = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "sync", lambda: None)  # the disk is not waited for: it is everybody's
        for name in made_names:
            written[name] = folder / f"{name}.zarr"
            with LindiH5pyFile.from_hdf5_file(sources[name][0]) as file:
                write_zarr(file, written[name])
    return written


@pytest.mark.parametrize("reader", READERS)
def test_read(sources, folders, folder, tell, reader):
    environment, *arguments = READERS[reader]
    jobs = {name: str(path) for name, path in folders.items()}
    answers = ask(environment, "read_folder.py", jobs, folder, *arguments)
    verdict = Verdict()
    for name, found in answers.items():
        with warnings.catch_warnings(), h5py.File(sources[name][0]) as original:
            warnings.simplefilter("ignore")
            expected = by_h5py(original)
            if name == "edge_cases.h5":
                expected = {path: one for path, one in expected.items() if path not in NO_FOLDERS}
            options = {"no_objects": reader == "zarr 3", "globs": True}
            verdict.add(Comparison(expected, found, original, **options).run(), name)
    tell(verdict)
    assert verdict.arrays > 100
    assert verdict.wrong == []
