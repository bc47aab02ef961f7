"""Copies that stand alone are what h5py says of their sources: HDF5 files, and Zarr folders read by us."""

from __future__ import annotations

import base64
import json
import os
import re

import h5py
import pytest

from lindi_explorer import LindiH5pyFile
from lindi_explorer.h5 import open_any
from lindi_explorer.h5.copies.to_hdf5 import write_hdf5
from lindi_explorer.h5.copies.to_zarr import write_zarr
from lindi_explorer.references import keys
from tests.contract.copies import PROBLEM, assert_copy
from tests.contract.objects import compare

NOTHING_TO_READ = {
    # Data in files that HDF5 looks for in the current folder.
    *("external_storage.h5", "h5ex_d_extern.hdf5"),
    # Types that NumPy does not have.
    *("time-table-vlarray-1_x.h5", "tvms.h5"),
}
PARTS_GONE = {"virtual.h5": {"/v"}}
"""Virtual datasets of files that are not there."""
CRASHES_HDF5 = {"h5repack_attr_refs.h5"}


def test_the_samples_are_copied(sample_nwb, edge_cases_h5, tmp_path):
    for path, lost in ((sample_nwb, set()), (edge_cases_h5, {"/references/dangling"})):
        assert copied(LindiH5pyFile.from_hdf5_file(path), path, tmp_path / path.name) == lost


@pytest.mark.shared
@pytest.mark.corpus("generated/*.h5")
def test_the_generated_corpus_is_copied(corpus_file, serve, tmp_path, count):
    if corpus_file.name in NOTHING_TO_READ:
        return
    sources = [corpus_file]
    if corpus_file.name not in PARTS_GONE:
        # What is remote goes all the ways that local data goes.
        sources = [serve(corpus_file.parent).url(corpus_file.name), corpus_file][: count(1, 2)]
    for source in sources:
        lost = copied(open_any(source), corpus_file, tmp_path / "copy.h5")
        assert lost == PARTS_GONE.get(corpus_file.name, set())


@pytest.mark.shared
@pytest.mark.corpus("real/*.*")
def test_the_real_corpus_is_copied(corpus_file, tmp_path):
    if corpus_file.name in NOTHING_TO_READ | CRASHES_HDF5 or not h5py.is_hdf5(corpus_file):
        return
    copied(LindiH5pyFile.from_hdf5_file(corpus_file), corpus_file, tmp_path / "copy.h5")


def copied(file, source, target):
    """Copy a file and compare; what was lost."""
    with file:
        report = write_hdf5(file, target)
    lost = {loss.path for loss in report.losses}
    with h5py.File(source) as one, h5py.File(target) as other:
        assert_copy(one, other, lost=lost)
        # Nothing is lost but what h5py itself cannot read, or says of what is gone.
        gone = [loss for loss in report.losses if re.search("leads nowhere|no such file", loss.why)]
        rest = [loss for loss in report.losses if loss not in gone]
        assert all(unreadable(one, loss.path) for loss in rest)
        told = {loss.path for loss in rest if "attribute" not in loss.why}
        assert all(PROBLEM in other[path].attrs for path in told)
    return lost


def unreadable(file, path):
    """Whether h5py fails to read something of an object."""
    try:
        one = file[path]
        dict(one.attrs)
        if isinstance(one, h5py.Dataset):
            one[()]
    except (OSError, TypeError, RuntimeError, ValueError, KeyError):
        return True
    return False


@pytest.mark.shared
@pytest.mark.corpus("generated/*.h5")
def test_a_zarr_folder_of_the_generated_corpus_loses_nothing(corpus_file, tmp_path, monkeypatch):
    monkeypatch.setattr(os, "sync", lambda: None)  # the disk is not waited for: it is everybody's
    if corpus_file.name in NOTHING_TO_READ:
        return
    with LindiH5pyFile.from_hdf5_file(corpus_file) as file:
        report = write_zarr(file, tmp_path / "copy.zarr")
    with h5py.File(corpus_file) as theirs, read_folder(tmp_path / "copy.zarr") as ours:
        if corpus_file.name in ("filters_plugin.h5", "odd_names.h5"):
            assert report.losses
            return
        assert {loss.path for loss in report.losses} == PARTS_GONE.get(corpus_file.name, set())
        compare(theirs, ours)


def read_folder(folder):
    """Open a Zarr folder as the document of the same keys."""
    refs = {}
    for path in folder.rglob("*"):
        if path.is_file():
            key = str(path.relative_to(folder))
            metadata = path.name in keys.METADATA
            data = path.read_bytes()
            refs[key] = json.loads(data) if metadata else "base64:" + base64.b64encode(data).decode()
    return LindiH5pyFile.from_reference_file_system({"refs": refs})
