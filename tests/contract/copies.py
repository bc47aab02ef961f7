"""Whether an HDF5 file is a full copy of another: both are read by h5py itself."""

from __future__ import annotations

import contextlib

import h5py
import numpy as np

from tests.contract.objects import FACTS, LARGE, corners, misread, stored
from tests.contract.same import Judge, same_dtype

ERRORS = (OSError, TypeError, RuntimeError, ValueError, KeyError, NotImplementedError)
"""What h5py raises for what it cannot read."""
PROBLEM = "lindi_explorer_problem"
MOVED = {"chunks", "maxshape"}
"""Facts that a virtual dataset, or one in other files, cannot have in a file that stands alone."""


def assert_copy(source, copy, *, lost=()):
    """Assert that h5py says the same of two files.

    Parameters
    ----------
    source, copy : h5py.File
    lost : collection of str
        Paths of objects that need not be the same: something of them could not be copied.
    """
    judge = Judge(source, copy)
    problems = []
    spared = {_address(found) for found in (_open(source, path) for path in lost) if found is not None}
    for path, one, other in _every(source, copy, lost):
        if _address(one) in spared:
            continue
        try:
            _object(judge, one, other)
        except AssertionError as error:
            problems.append(f"{path}: {error}"[:600])
    assert not problems, "\n".join(problems)


def _every(source, copy, lost):
    """Pairs of objects, each once; links are compared on the way, and which names lead to one object."""
    seen = {}
    pending = [("/", source, copy)]
    while pending:
        path, one, other = pending.pop()
        yield path, one, other
        if not isinstance(one, h5py.Group) or path in lost:
            continue
        assert list(other) == list(one), path
        for name in one:
            child = f"{path.rstrip('/')}/{name}"
            if child in lost or not _same_link(one, other, name, child):
                continue
            found = _open(one, name)
            if found is None:
                assert _open(other, name) is None, child
                continue
            twin = other[name]
            mine, theirs = _address(twin), _address(found)
            if theirs in seen:
                assert seen[theirs] == mine, child
            else:
                seen[theirs] = mine
                pending.append((child, found, twin))


def _same_link(one, other, name, child):
    """Compare two links; whether they are hard links."""
    try:
        theirs = one.get(name, getlink=True)
    except (TypeError, UnicodeDecodeError):
        return False  # a kind of link, or bytes of a name, that h5py cannot do with
    ours = other.get(name, getlink=True)
    assert type(ours) is type(theirs), child
    if isinstance(theirs, h5py.HardLink):
        return True
    assert ours.path == theirs.path, child
    if isinstance(theirs, h5py.ExternalLink):
        assert ours.filename == theirs.filename, child
    return False


def _open(group, name):
    try:
        return group[name]
    except ERRORS:
        return None


def _address(found):
    return h5py.h5o.get_info(found.id).addr


def _object(judge, one, other):
    assert type(other) is type(one)
    assert PROBLEM not in other.attrs or PROBLEM in one.attrs
    judge.attributes(one.attrs, other.attrs)
    assert list(other.attrs) == list(one.attrs)
    if isinstance(one, h5py.Datatype):
        same_dtype(one.dtype, other.dtype)
    if isinstance(one, h5py.Dataset):
        _dataset(judge, one, other)


def _dataset(judge, one, other):
    same_dtype(one.dtype, other.dtype)
    alone = not one.is_virtual and not one.external
    for fact in FACTS if alone else sorted(set(FACTS) - MOVED):
        assert getattr(other, fact) == getattr(one, fact), fact
    # h5py frees twice what a compound fill value points to, which can end the process; and it sets none of
    # references.
    if not (one.dtype.names and one.dtype.hasobject) and h5py.check_ref_dtype(one.dtype) is None:
        with contextlib.suppress(RuntimeError):  # HDF5 calls it undefined
            judge.value(one.fillvalue, other.fillvalue)
    if one.chunks and alone and not one.dtype.hasobject and one.size >= 1000:
        assert other.id.get_num_chunks() == one.id.get_num_chunks()
    if (one.size or 0) > LARGE:
        corners(judge, one, other)
        stored(judge, one, other)
    elif not misread(one.dtype):
        _data(judge, one, other)


def _data(judge, one, other):
    try:
        expected = one[()]
    except ERRORS:
        _stored_bytes(one, other)
        return
    judge.value(expected, other[()])


def _stored_bytes(one, other):
    """What HDF5 here cannot decode has been copied as it is."""
    assert other.id.get_num_chunks() == one.id.get_num_chunks() > 0
    for number in range(one.id.get_num_chunks()):
        start = one.id.get_chunk_info(number).chunk_offset
        assert other.id.read_direct_chunk(start) == one.id.read_direct_chunk(start)
    np.testing.assert_equal(
        other.id.get_create_plist().get_nfilters(), one.id.get_create_plist().get_nfilters()
    )
