"""Making hdmf at home with datasets of ours, wherever it is in use; it is not imported for that.

hdmf leaves the data of an `h5py.Dataset` where it is: it links to it, or copies it from file to file. Whether
something is one it asks by its exact type; all else it reads into memory, and converts. Datasets of text it
wraps in an `h5py.Dataset` of its own, which asks HDF5 for file and name by an identifier that ours have not.
"""

from __future__ import annotations

import sys
from typing import Any

_told: set[int] = set()


def introduce(kind: type) -> None:
    """Have hdmf take a type for one of datasets, if it is imported by now.

    Parameters
    ----------
    kind : type
    """
    mapper = getattr(sys.modules.get("hdmf.build.objectmapper"), "ObjectMapper", None)
    if mapper is None or id(mapper) in _told:
        return
    _told.add(id(mapper))
    mapper.no_convert(kind)
    wrapper = getattr(sys.modules.get("hdmf.utils"), "StrDataset", None)
    for name in ("file", "name", "parent") if wrapper is not None else ():
        setattr(wrapper, name, _of_what_is_wrapped(name))


def _of_what_is_wrapped(name: str) -> property:
    def ask(self: Any) -> Any:
        return getattr(self.dset, name)

    return property(ask)
