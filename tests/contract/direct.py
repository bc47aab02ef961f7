"""All that is said of a file's objects, as text: read from its bytes where it is plain, or by HDF5 alone."""

from __future__ import annotations

import h5py

from lindi_explorer.errors import LindiError
from lindi_explorer.hdf5 import references
from lindi_explorer.references import keys


def told(path, *, direct):
    """Path -> what its node says, with all references; and how many objects HDF5 was not asked about.

    Parameters
    ----------
    path : path-like
    direct : bool
        Whether bytes are read without HDF5.

    Returns
    -------
    told : dict
    count : int
    """
    usual = references.objects_of
    if not direct:
        references.objects_of = lambda _file: None
    try:
        with h5py.File(path) as file:
            return _told(references.Hdf5References(file, "https://example.org/a.h5"))
    finally:
        references.objects_of = usual


def _told(refs):
    found, count = {}, 0
    mapped = refs._direct

    def counted(path, address):
        nonlocal count
        node = mapped(path, address)
        count += node is not None
        return node

    refs._direct = counted
    waiting = [""]
    while waiting:
        path = waiting.pop()
        node = refs.node(path)
        found[path] = repr((node.attributes, node.array, node.sidecar, _chunks(node.chunks)))
        waiting += [keys.join(path, name) for name in refs.children(path)]
    return found, count


def _chunks(chunks):
    if chunks is None:
        return None
    try:
        return {index: chunks[index] for index in chunks}
    except LindiError as error:
        return str(error)
