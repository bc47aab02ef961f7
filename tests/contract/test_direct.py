"""Every file of the corpus is the same, whether plain objects are read from its bytes or by HDF5."""

from __future__ import annotations

import h5py
import pytest

from tests.contract.direct import told

CRASHES_H5PY = {"h5repack_attr_refs.h5"}


@pytest.mark.shared
@pytest.mark.corpus("generated/*.h5")
def test_the_generated_corpus(corpus_file):
    compare(corpus_file)


@pytest.mark.shared
@pytest.mark.corpus("real/*")
def test_the_real_corpus(corpus_file):
    compare(corpus_file)


def compare(path):
    if path.name in CRASHES_H5PY or not h5py.is_hdf5(path):
        pytest.skip("no file that HDF5 opens")
    try:
        theirs, _ = told(path, direct=False)
    except (OSError, RuntimeError) as error:
        pytest.skip(f"HDF5 does not open it: {error}")
    ours, _ = told(path, direct=True)
    assert ours == theirs
