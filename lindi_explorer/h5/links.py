"""Links as `Group.get(name, getlink=True)` gives them."""

from __future__ import annotations

import h5py


class LindiH5pyHardLink(h5py.HardLink):
    """The name is the object itself (or one of its names)."""


class LindiH5pySoftLink(h5py.SoftLink):
    """The name stands for a path.

    Parameters
    ----------
    path : str
        As the file has it: from the root, or from the group of the link.
    """


class LindiH5pyExternalLink(h5py.ExternalLink):
    """The name stands for a path in another file.

    Parameters
    ----------
    filename, path : str
    """
