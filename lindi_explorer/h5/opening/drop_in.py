"""`File`: a drop-in for `h5py.File` that knows LINDI files by their names."""

from __future__ import annotations

import inspect
import os
from typing import Any

import h5py
from h5py import File as Hdf5File

from lindi_explorer.byterange import redact_url
from lindi_explorer.errors import UnsupportedError
from lindi_explorer.h5.file import LindiH5pyFile
from lindi_explorer.h5.structure import new_group
from lindi_explorer.remote import LocalCache
from lindi_explorer.staging.area import StagingArea
from lindi_explorer.staging.edits import NodeEdit
from lindi_explorer.staging.node_record import NodeRecord

_ENDINGS = (".lindi.json", ".lindi.tar", ".lindi.d")

_SEEN = ("driver", "swmr", "userblock_size")
"""Options of h5py's that would make another file; the others say how HDF5 lays one out, and caches it."""


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
    track_order : bool, optional
        List children and attributes of the root in the order of their creation, in a new file.
    **options : object
        For `h5py.File`. Of LINDI files those make no difference that say how HDF5 lays out its own: there is
        neither a library version (``libver``) nor a cache of chunks to choose.

    Returns
    -------
    LindiH5pyFile or h5py.File

    Raises
    ------
    UnsupportedError
        For a LINDI file with a driver, a user block or SWMR.
    TypeError
        For a LINDI file with an option that h5py does not have either.

    Examples
    --------
    >>> with File("new.lindi.json", "w") as file:  # doctest: +SKIP
    ...     file["data"] = [1, 2, 3]
    """

    def __new__(cls, name: Any, mode: str = "r", *, track_order: bool | None = None, **options: Any) -> Any:
        """Open the file."""
        address = os.fspath(name) if isinstance(name, (str, os.PathLike)) else ""
        if isinstance(address, bytes):
            address = os.fsdecode(address)
        if not address.endswith(_ENDINGS):
            return Hdf5File(name, mode, track_order=track_order, **options)
        _check(address, options)
        is_new = mode in ("w", "w-", "x") or (mode == "a" and not os.path.exists(address))  # noqa: PTH110 - URLs too
        area = None
        if mode != "r" and address.endswith(".lindi.json") and "://" not in address:
            area = StagingArea.create(dir=f"{address}.d")
        cache = LocalCache() if "://" in address and os.environ.get("LINDI_LOCAL_CACHE_DIR") else None
        file = LindiH5pyFile.from_lindi_file(address, mode=mode, staging_area=area, local_cache=cache)
        if is_new and (h5py.get_config().track_order if track_order is None else track_order):
            before, after = NodeRecord(file.journal.node("")), NodeRecord(new_group(ordered=True))
            file.journal.apply("Keep the order of creation", [NodeEdit("", before, after)])
        return file


def _check(address: str, options: dict[str, Any]) -> None:
    """Refuse options of h5py's that a LINDI file cannot follow; their values may be secret."""
    for option in _SEEN:
        if options.get(option):
            raise UnsupportedError(
                f"{redact_url(address)} cannot be opened with {option}: a LINDI file has none",
                hint=f"Leave {option} out.",
            )
    for option in options.keys() - inspect.signature(Hdf5File.__init__).parameters.keys():
        raise TypeError(f"{option!r} is no option of h5py.File, nor of a LINDI file")
