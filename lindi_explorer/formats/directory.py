"""``.lindi.d``: a folder with a LINDI document, ``lindi.json``, and the chunks it holds, one file each."""

from __future__ import annotations

import functools
import os

from lindi_explorer.errors import FormatError
from lindi_explorer.references.places import Locate, Place, check_member

DOCUMENT = "lindi.json"
"""Name of the document in its folder."""


def document_of(folder: str) -> str:
    """The path of a folder's document.

    Parameters
    ----------
    folder : str

    Returns
    -------
    str

    Raises
    ------
    FormatError
        If the folder has none.
    """
    path = os.path.join(folder, DOCUMENT)  # noqa: PTH118 - addresses are text everywhere
    if not os.path.isfile(path):  # noqa: PTH113 - as above
        raise FormatError(
            f"the folder {folder} is no LINDI file: it has no {DOCUMENT}",
            hint="Give the path of a file, or of a .lindi.d folder.",
        )
    return path


def inside(folder: str) -> Locate:
    """Where the members of a folder are; a link may lead from one to another, but not out of the folder.

    Parameters
    ----------
    folder : str
        Absolute path.

    Returns
    -------
    callable
    """
    root = os.path.realpath(folder)

    @functools.cache
    def resolved(path: str) -> str:
        return os.path.realpath(path)

    def locate(name: str) -> Place:
        check_member(name)
        path = os.path.join(folder, name)  # noqa: PTH118 - as above
        # Most members are plain files in few folders: only those need a look each.
        above, leaf = os.path.split(path)
        real = os.path.realpath(path) if os.path.islink(path) else os.path.join(resolved(above), leaf)  # noqa: PTH114, PTH118
        if os.path.commonpath([root, real]) != root:
            raise FormatError(
                f"a reference of this document leads out of its folder, through a link: {name[:80]!r}",
                hint="Put the file itself into the folder, or refer to it by its absolute path.",
            )
        return Place(path)

    return locate
