"""Making LINDI files, and opening those that exist, to write them in their place."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from lindi_explorer.errors import AccessDeniedError, ExistingFileError, FormatError
from lindi_explorer.formats.atomic import replacing, replacing_folder, require_folder
from lindi_explorer.formats.folder_container import FolderContainer, make_folder
from lindi_explorer.formats.in_place import EMPTY, Container
from lindi_explorer.formats.json_container import JsonContainer
from lindi_explorer.formats.json_file import write_json
from lindi_explorer.formats.lock import WriteLock
from lindi_explorer.formats.open import Opened
from lindi_explorer.formats.tar_container import TarContainer, make_tar

__all__ = ["ChunkContainer", "Container", "create", "new_container", "open_container", "require_place"]

ChunkContainer = TarContainer | FolderContainer
"""A container with a place for chunks beside the document."""


def create(path: str, *, exist_ok: bool) -> Container:
    """Make an empty LINDI file.

    Parameters
    ----------
    path : str
        Its name decides: ``.tar`` for an archive, ``.d`` for a folder, anything else for JSON.
    exist_ok : bool
        Whether to replace what is there. A folder is replaced only if it is empty or a LINDI file.

    Returns
    -------
    Container
        Open for writing; the empty file is there already.

    Raises
    ------
    ExistingFileError
        If it exists and may not be replaced.
    FileInUseError
        If it is open for writing elsewhere; nothing was replaced.
    FormatError
        If there is something that no LINDI file can take the place of.
    MissingFileError
        If there is no folder to put it in.
    """
    address = os.path.abspath(path)  # noqa: PTH100 - resolve() would follow symbolic links
    make = _maker(address)
    _check_free(address, exist_ok=exist_ok)
    _find_parent(address)
    lock = WriteLock(address)
    try:
        _check_free(address, exist_ok=exist_ok)
        return make(address, lock)
    except BaseException:
        lock.release()
        raise


def require_place(path: str) -> str:
    """Raise where `new_container` could not put anything; gives the absolute path.

    Parameters
    ----------
    path : str

    Returns
    -------
    str

    Raises
    ------
    ExistingFileError, FormatError, MissingFileError
        As for `new_container`.
    """
    address = os.path.abspath(path)  # noqa: PTH100 - as above
    _check_free(address, exist_ok=_maker(address) is not make_folder)
    _find_parent(address)
    return address


@contextmanager
def new_container(path: str) -> Iterator[ChunkContainer]:
    """Make an archive or a folder under another name; it takes its place when the block ends well.

    Parameters
    ----------
    path : str
        Its name decides: ``.d`` for a folder, anything else for an archive. An archive that is there is
        replaced at once, or not at all.

    Yields
    ------
    ChunkContainer
        Open for writing, and empty.

    Raises
    ------
    ExistingFileError
        If there is a folder.
    FileInUseError
        If what is there is open for writing elsewhere.
    FormatError
        If there is something that no LINDI file can take the place of.
    MissingFileError
        If there is no folder to put it in.
    OSError
        If it cannot be written.
    """
    address = require_place(path)
    folder = _maker(address) is make_folder
    lock = WriteLock(address)
    try:
        with (replacing_folder if folder else replacing)(Path(address)) as temporary:
            new = str(temporary)
            inner = WriteLock(new)
            with make_folder(new, inner) if folder else make_tar(new, inner) as container:
                yield container
            # Somebody may have made it in the meantime.
            _check_free(address, exist_ok=not folder)
    finally:
        lock.release()


def open_container(address: str, opened: Opened, lock: WriteLock | None = None) -> Container:
    """Open a LINDI file of this machine, to write it in its place.

    Parameters
    ----------
    address : str
        Absolute path.
    opened : Opened
        What `read_document` made of it.
    lock : WriteLock, optional
        Of this address, where it was taken before the document was read, so nobody can have saved another
        since. It is released if this fails.

    Returns
    -------
    Container

    Raises
    ------
    FileInUseError
        If it is open for writing elsewhere.
    AccessDeniedError
        If it may not be written.
    FormatError
        If it is an archive that is damaged.
    """
    lock = lock or WriteLock(address)
    try:
        _check_writable(address)
        if opened.format == TarContainer.format:
            return TarContainer(address, lock)
        if opened.format == FolderContainer.format:
            return FolderContainer(address, lock)
        return JsonContainer(address, lock, opened.relative)
    except BaseException:
        lock.release()
        raise


def _maker(address: str) -> Callable[[str, WriteLock], Container]:
    if address.endswith(".tar"):
        return make_tar
    return make_folder if address.endswith(".d") else _make_json


def _make_json(address: str, lock: WriteLock) -> Container:
    write_json(address, EMPTY)
    return JsonContainer(address, lock, {})


def _find_parent(address: str) -> None:
    """The folder that the file is put into has to be there; of a folder it is made."""
    path = Path(address)
    if address.endswith(".d"):
        path.parent.mkdir(parents=True, exist_ok=True)
    else:
        require_folder(path)


def _check_writable(address: str) -> None:
    if not os.access(address, os.W_OK):
        raise AccessDeniedError(
            f"{address} may not be written", hint="Check its permissions, or write a copy elsewhere."
        )


def _check_free(address: str, *, exist_ok: bool) -> None:
    if not exist_ok and os.path.lexists(address):
        raise ExistingFileError(
            f"{address} exists", hint='Open it with mode="r+", or replace it with mode="w".'
        )
    if os.path.isdir(address) and not address.endswith(".d"):  # noqa: PTH112 - addresses are text everywhere
        raise FormatError(f"{address} is a folder", hint="Give another name; a LINDI folder ends in .d.")
