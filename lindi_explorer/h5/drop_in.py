"""`File`: a drop-in for `h5py.File` that knows LINDI files by their names."""

from __future__ import annotations

import os
from typing import Any

from h5py import File as Hdf5File

from lindi_explorer.h5.file import LindiH5pyFile
from lindi_explorer.remote import LocalCache
from lindi_explorer.staging.area import StagingArea

_ENDINGS = (".lindi.json", ".lindi.tar", ".lindi.d")


class File:
    """Open a file as `h5py.File` does, and LINDI files by their names.

    Those end in ``.lindi.json``, ``.lindi.tar`` or ``.lindi.d``. What it gives is a `LindiH5pyFile` or an
    `h5py.File`, never an instance of this class.

    Parameters
    ----------
    name : str, path or object
        For other names, whatever `h5py.File` takes.
    mode : str
        As in h5py. New chunks of a ``.lindi.json`` go into a folder beside it, ``<name>.d``, which stays.
    **options : object
        For `h5py.File`; LINDI files take none.

    Returns
    -------
    LindiH5pyFile or h5py.File

    Examples
    --------
    >>> with File("new.lindi.json", "w") as file:  # doctest: +SKIP
    ...     file["data"] = [1, 2, 3]
    """

    def __new__(cls, name: Any, mode: str = "r", **options: Any) -> Any:
        """Open the file."""
        address = os.fspath(name) if isinstance(name, (str, os.PathLike)) else ""
        if isinstance(address, bytes):
            address = os.fsdecode(address)
        if not address.endswith(_ENDINGS):
            return Hdf5File(name, mode, **options)
        area = None
        if mode != "r" and address.endswith(".lindi.json") and "://" not in address:
            area = StagingArea.create(dir=f"{address}.d")
        cache = LocalCache() if "://" in address and os.environ.get("LINDI_LOCAL_CACHE_DIR") else None
        return LindiH5pyFile.from_lindi_file(address, mode=mode, staging_area=area, local_cache=cache)
