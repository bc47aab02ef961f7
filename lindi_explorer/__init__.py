"""LINDI, complete: any NWB or HDF5 file, local or remote, as an h5py-like file, and an explorer for Jupyter.

``LindiExplorer(path_or_url)`` in a notebook shows a file; ``LindiH5pyFile`` is what pynwb reads.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

# From here on zarr-python opens LINDI's object arrays, whoever asks it. (It looks for entry points of data
# types and does not load them: zarr 3.1.)
import lindi_explorer.store  # noqa: F401
from lindi_explorer.remote.archives import add_archive

if TYPE_CHECKING:
    from lindi_explorer.archive import add_dandi_instance as add_dandi_instance
    from lindi_explorer.archive import dandi_address as dandi_address
    from lindi_explorer.archive.at_once import upload as upload
    from lindi_explorer.byterange import ByteRange as ByteRange
    from lindi_explorer.errors import LindiError as LindiError
    from lindi_explorer.h5 import LindiH5pyDataset as LindiH5pyDataset
    from lindi_explorer.h5 import LindiH5pyFile as LindiH5pyFile
    from lindi_explorer.h5 import LindiH5pyGroup as LindiH5pyGroup
    from lindi_explorer.h5 import LindiH5pyHardLink as LindiH5pyHardLink
    from lindi_explorer.h5 import LindiH5pyReference as LindiH5pyReference
    from lindi_explorer.h5 import LindiH5pySoftLink as LindiH5pySoftLink
    from lindi_explorer.h5.opening.drop_in import File as File
    from lindi_explorer.h5.opening.hdf5_store import LindiH5ZarrStore as LindiH5ZarrStore
    from lindi_explorer.h5.opening.rfs_store import (
        LindiReferenceFileSystemStore as LindiReferenceFileSystemStore,
    )
    from lindi_explorer.h5.patches.applying import apply as apply
    from lindi_explorer.h5.patches.patching import diff as diff
    from lindi_explorer.hdf5.references import LindiH5ZarrStoreOpts as LindiH5ZarrStoreOpts
    from lindi_explorer.remote import ChunkTooLargeError as ChunkTooLargeError
    from lindi_explorer.remote import LocalCache as LocalCache
    from lindi_explorer.remote import add_additional_url_resolver as add_additional_url_resolver
    from lindi_explorer.remote import remove_additional_url_resolver as remove_additional_url_resolver
    from lindi_explorer.staging.area import StagingArea as StagingArea
    from lindi_explorer.staging.patch import Patch as Patch
    from lindi_explorer.staging.store import LindiStagingStore as LindiStagingStore
    from lindi_explorer.store import ReferenceStore as ReferenceStore
    from lindi_explorer.widget.explorer import LindiExplorer as LindiExplorer

# Where each public name lives. Importing the package loads none of it: h5py and the widget libraries come
# with the first name that needs them.
_HOMES = {
    "ByteRange": "byterange",
    "ChunkTooLargeError": "remote",
    "File": "h5.opening.drop_in",
    "LindiError": "errors",
    "LindiExplorer": "widget.explorer",
    "LindiH5ZarrStore": "h5.opening.hdf5_store",
    "LindiH5ZarrStoreOpts": "hdf5.references",
    "LindiH5pyDataset": "h5",
    "LindiH5pyFile": "h5",
    "LindiH5pyGroup": "h5",
    "LindiH5pyHardLink": "h5",
    "LindiH5pyReference": "h5",
    "LindiH5pySoftLink": "h5",
    "LindiReferenceFileSystemStore": "h5.opening.rfs_store",
    "LindiStagingStore": "staging.store",
    "LocalCache": "remote",
    "Patch": "staging.patch",
    "ReferenceStore": "store",
    "StagingArea": "staging.area",
    "add_additional_url_resolver": "remote",
    "add_dandi_instance": "archive",
    "dandi_address": "archive",
    "apply": "h5.patches.applying",
    "diff": "h5.patches.patching",
    "remove_additional_url_resolver": "remote",
    "upload": "archive.at_once",
}


def _dandi() -> Any:
    return importlib.import_module(f"{__name__}.archive.dandi").DANDI


# Loaded when an address needs it: `remote` is below `archive` and cannot name it.
add_archive(_dandi)

__version__ = "0.1.0.dev0"
__all__ = ["__version__", *sorted(_HOMES)]  # noqa: PLE0604 - keys of the table above


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
