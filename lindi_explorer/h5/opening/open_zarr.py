"""Opening the stores and groups of zarr-python."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import zarr
from zarr.abc.store import Store
from zarr.core.buffer import default_buffer_prototype

from lindi_explorer.errors import ConflictError, ExistingFileError, ReadOnlyError, UnsupportedError
from lindi_explorer.formats.lock import WriteLock
from lindi_explorer.h5.file import LindiH5pyFile
from lindi_explorer.h5.opening.open import checked_mode
from lindi_explorer.h5.opening.source_info import SourceInfo
from lindi_explorer.h5.saving.saving import Saving
from lindi_explorer.h5.saving.zarr_saving import ZarrSaving
from lindi_explorer.h5.saving.zarr_source import ROOTS, ZarrSource
from lindi_explorer.references.model import metadata_text
from lindi_explorer.remote import LocalCache, RangeReader

_FORMAT = "Zarr"


def zarr_store(store: Any, *, mode: str, local_cache: LocalCache | None, path: str = "") -> LindiH5pyFile:
    """Open a store; see `LindiH5pyFile.from_zarr_store`.

    Parameters
    ----------
    store : zarr.abc.store.Store
    mode : str
    local_cache : LocalCache or None
    path : str, optional
        Of the group in the store that is the root of the file.

    Returns
    -------
    LindiH5pyFile
    """
    checked_mode(mode)
    if not isinstance(store, Store):
        raise TypeError(
            f"{type(store).__name__} is no store of zarr-python 3: "
            "give a zarr.storage.LocalStore, a zarr.storage.MemoryStore or another"
        )
    source = ZarrSource(store, path)
    if mode == "r":
        return _opened(source, local_cache, lock=None, writable=False)
    if store.read_only:
        raise ReadOnlyError(f'the Zarr store {source.shown} is read-only: mode="{mode}" needs another')
    if not (store.supports_writes and store.supports_deletes):
        raise UnsupportedError(
            f"the Zarr store {source.shown} cannot be edited: its kind takes nothing away",
            hint='Open it with mode="r", and write the result with write_lindi_file.',
        )
    lock = _lock(store)
    try:
        _prepare(source, mode)
        return _opened(source, local_cache, lock=lock, writable=True)
    except BaseException:
        if lock is not None:
            lock.release()
        raise


def zarr_group(group: Any, *, mode: str, store: Any, local_cache: LocalCache | None) -> LindiH5pyFile:
    """Open a group as a file; see `LindiH5pyFile.from_zarr_group`."""
    if not isinstance(group, zarr.Group):
        raise TypeError(f"{type(group).__name__} is no group of zarr-python 3")
    return zarr_store(
        group.store if store is None else store, mode=mode, local_cache=local_cache, path=group.path
    )


def _lock(store: Store) -> WriteLock | None:
    folder = ZarrSource(store).folder
    if folder is None:
        return None
    Path(folder).parent.mkdir(parents=True, exist_ok=True)
    return WriteLock(folder)


def _prepare(source: ZarrSource, mode: str) -> None:
    """Make what a mode says is new."""
    if mode == "r+":
        return
    names = source.names(missing_ok=True)
    if mode in ("w-", "x") and names:
        raise ExistingFileError(f"the Zarr store {source.shown} is not empty", hint='Open it with mode="r+".')
    if names and set(names).isdisjoint(ROOTS):
        raise ConflictError(
            f"{source.shown} holds something else than a Zarr hierarchy: it is not replaced",
            hint="Give another store.",
        )
    if mode == "a" and names:
        return

    async def emptied() -> None:
        if names:
            await (source.store.delete_dir(source.path) if source.path else source.store.clear())
        empty = default_buffer_prototype().buffer.from_bytes(metadata_text({"zarr_format": 2}))
        await source.store.set(source.key(".zgroup"), empty)

    source.wait(emptied)


def _opened(
    source: ZarrSource, local_cache: LocalCache | None, *, lock: WriteLock | None, writable: bool
) -> LindiH5pyFile:
    references = source.references()
    reader = RangeReader(source.address, local_cache=local_cache)
    folder = source.folder
    return LindiH5pyFile(
        references,
        reader,
        SourceInfo.in_memory(_FORMAT) if folder is None else SourceInfo.of(folder, _FORMAT),
        writable=writable,
        saving=Saving(zarr=ZarrSaving(source, reader, references, lock)) if writable else None,
    )
