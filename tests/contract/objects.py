"""Whether every object of a file is what h5py says it is: links, attributes, facts and data."""

from __future__ import annotations

import contextlib

import h5py
import numpy as np
import pytest

from lindi_explorer.errors import LindiError
from tests.contract.same import Judge, same_dtype

UNREADABLE = (OSError, TypeError, RuntimeError, ValueError, KeyError, NotImplementedError)
LARGE = 10_000_000
"""Elements of a dataset that is compared at its corners and in its stored chunks alone."""
CHUNKS = 50
"""So many of the stored chunks."""
FACTS = ["shape", "ndim", "size", "nbytes", "chunks", "maxshape", "compression", "compression_opts"]
FACTS += ["shuffle", "fletcher32", "scaleoffset"]


def compare(theirs, ours, *, readable=lambda _one: True):
    """Assert that two files are the same; the data of those datasets only that are readable."""
    judge = Judge(theirs, ours)
    problems = []
    for path, one, other in every(theirs, ours):
        try:
            assert isinstance(other, (h5py.Group, h5py.Dataset, h5py.Datatype))
            assert other.name == name_of(one)
            judge.attributes(one.attrs, other.attrs)
            if isinstance(one, h5py.Dataset):
                dataset(judge, one, other, readable=readable(one))
            elif isinstance(one, h5py.Datatype):
                same_dtype(one.dtype, other.dtype)
        except (AssertionError, LindiError) as error:
            problems.append(f"{path}: {error!r}"[:600])
    assert not problems, "\n".join(problems)


def name_of(one):
    """The name as h5py gives it, and where it cannot: what is no UTF-8 as surrogates, as in its listings."""
    return h5py.h5i.get_name(one.id).decode("utf-8", "surrogateescape")


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
    try:
        theirs = one.get(name, getlink=True)
    except (TypeError, UnicodeDecodeError):
        return  # a kind of link, or bytes of a name, that h5py cannot do with
    ours = other.get(name, getlink=True)
    assert isinstance(ours, type(theirs)), name
    assert other.get(name, getlink=True, getclass=True) is type(theirs)
    if isinstance(theirs, h5py.ExternalLink):
        assert (ours.filename, ours.path) == (theirs.filename, theirs.path)
    elif isinstance(theirs, h5py.SoftLink):
        assert ours.path == theirs.path


def dataset(judge, one, other, *, readable):
    try:
        same_dtype(one.dtype, other.dtype)
    except (TypeError, ValueError, KeyError):
        return  # h5py knows no dtype for it
    for fact in FACTS:
        assert getattr(other, fact) == getattr(one, fact), fact
    # h5py frees twice what a compound fill value points to, which can end the process.
    if not (one.dtype.names and one.dtype.hasobject):
        with contextlib.suppress(RuntimeError):  # HDF5 calls it undefined
            judge.value(one.fillvalue, other.fillvalue)
    if not readable:
        return
    if (one.size or 0) > LARGE:
        corners(judge, one, other)
        stored(judge, one, other)
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


def stored(judge, one, other):
    """Compare the first chunks that hold anything."""
    if one.chunks is None or np.prod(one.chunks) > LARGE:
        return
    for number in range(min(one.id.get_num_chunks(), CHUNKS)):
        start = one.id.get_chunk_info(number).chunk_offset
        chunk = tuple(
            slice(at, min(at + edge, size))
            for at, edge, size in zip(start, one.chunks, one.shape, strict=True)
        )
        judge.value(one[chunk], other[chunk])


def misread(dtype):
    """Whether h5py itself gives wrong numbers: it forgets the byte order of variable-length sequences."""
    vlen = h5py.check_vlen_dtype(dtype)
    return vlen is not None and not np.dtype(vlen).isnative
