"""Every object of a file is what h5py says it is: read directly, and after a trip through a document."""

from __future__ import annotations

import contextlib
import json

import h5py
import numpy as np
import pytest

from lindi_explorer import LindiH5pyFile
from lindi_explorer.errors import LindiError
from lindi_explorer.h5 import open_any
from lindi_explorer.samples import make_nwb
from tests.contract.same import Judge, same_dtype

HOW = ["direct", "dict", "file", "url"]
UNREADABLE = (OSError, TypeError, RuntimeError, ValueError, KeyError, NotImplementedError)
LARGE = 10_000_000
"""Elements of a dataset that is compared at its corners alone."""
FACTS = ["shape", "ndim", "size", "nbytes", "chunks", "maxshape", "compression", "compression_opts"]
FACTS += ["shuffle", "fletcher32", "scaleoffset"]


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


def every(theirs, ours):
    """Pairs of objects under every name, each object once; links are compared on the way."""
    seen = set()
    pending = [("", theirs, ours)]
    while pending:
        path, one, other = pending.pop()
        yield path, one, other
        if not isinstance(one, h5py.Group):
            continue
        assert list(other) == list(one), path
        assert len(other) == len(one)
        for name in one:
            child = f"{path}/{name}"
            links(one, other, name)
            try:
                found = one[name]
            except (KeyError, OSError, RuntimeError):
                with pytest.raises((KeyError, LindiError)):
                    other[name]
                assert other.get(name) is None
                continue
            address = (h5py.h5o.get_info(found.id).fileno, h5py.h5o.get_info(found.id).addr)
            if address not in seen and found.file == one.file:
                seen.add(address)
                pending.append((child, found, other[name]))


def links(one, other, name):
    theirs, ours = one.get(name, getlink=True), other.get(name, getlink=True)
    assert isinstance(ours, type(theirs)), name
    assert other.get(name, getlink=True, getclass=True) is type(theirs)
    if isinstance(theirs, h5py.ExternalLink):
        assert (ours.filename, ours.path) == (theirs.filename, theirs.path)
    elif isinstance(theirs, h5py.SoftLink):
        assert ours.path == theirs.path


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


def compare(theirs, ours):
    judge = Judge(theirs, ours)
    problems = []
    for path, one, other in every(theirs, ours):
        try:
            assert isinstance(other, (h5py.Group, h5py.Dataset, h5py.Datatype))
            assert other.name == one.name
            judge.attributes(one.attrs, other.attrs)
            if isinstance(one, h5py.Dataset):
                dataset(judge, one, other)
            elif isinstance(one, h5py.Datatype):
                same_dtype(one.dtype, other.dtype)
        except (AssertionError, LindiError) as error:
            problems.append(f"{path}: {error!r}"[:600])
    assert not problems, "\n".join(problems)


def dataset(judge, one, other):
    try:
        same_dtype(one.dtype, other.dtype)
    except TypeError:
        return  # h5py knows no dtype for it
    for fact in FACTS:
        assert getattr(other, fact) == getattr(one, fact), fact
    with contextlib.suppress(RuntimeError):  # HDF5 calls it undefined
        judge.value(one.fillvalue, other.fillvalue)
    if (one.size or 0) > LARGE:
        corners(judge, one, other)
    elif not misread(one.dtype):
        data(judge, one, other)


def data(judge, one, other):
    try:
        expected = one[()]
    except UNREADABLE:
        with contextlib.suppress(LindiError):
            other[()]  # we may know a codec that HDF5 lacks
        return
    judge.value(expected, other[()])
    if one.shape:
        assert len(other) == len(one)
        judge.value(one[...], other[...])
        if one.size:
            corners(judge, one, other)
        if one.dtype.subdtype is None:  # h5py itself cannot do it for array types
            judge.value(np.asarray(one), np.asarray(other))


def corners(judge, one, other):
    for corner in ((0,) * one.ndim, tuple(size - 1 for size in one.shape)):
        judge.value(one[corner], other[corner])


def misread(dtype):
    """Whether h5py itself gives wrong numbers: it forgets the byte order of variable-length sequences."""
    vlen = h5py.check_vlen_dtype(dtype)
    return vlen is not None and not np.dtype(vlen).isnative
