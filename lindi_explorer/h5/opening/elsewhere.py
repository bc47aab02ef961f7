"""Following links into other files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from lindi_explorer.errors import NodeNotFoundError
from lindi_explorer.remote import is_remote

if TYPE_CHECKING:
    from lindi_explorer.h5.view import LinkElsewhereError, View

_MOST_FILES = 32
"""Files that one file's links may open; links that lead round in circles end here."""

ENDINGS = (".lindi.json", ".lindi.tar", ".lindi.d")
"""Of LINDI files that may lie where an HDF5 file is looked for."""


def open_elsewhere(view: View, elsewhere: LinkElsewhereError) -> Any:
    """Open the object a link to another file leads to.

    Parameters
    ----------
    view : View
        Of the file with the link.
    elsewhere : LinkElsewhereError

    Returns
    -------
    object
        Of the other file, which stays open as long as this one.

    Raises
    ------
    NodeNotFoundError
        If the other file is not there, is neither HDF5 nor LINDI, or has no such object.
    """
    from lindi_explorer.h5.opening.open import open_linked

    link = elsewhere.link
    named = looked_for(str(link.get("filename", "")), str(link.get("base", "")))
    # An HDF5 file that is not there may have been written as LINDI, as the one with the link was.
    tried = [*named, *(address + ending for address in named for ending in ENDINGS)]
    for address in tried:
        other = view.others.get(address)
        if other is None and len(view.others) < _MOST_FILES:
            try:
                other = view.others[address] = open_linked(view.reader, address)
            except (OSError, ValueError):
                # Not there, or nothing that can be opened: HDF5 says the same of both.
                continue
        if other is not None:
            path = "/".join([str(link.get("path", "")).rstrip("/"), *elsewhere.rest])
            return other["/" + path.lstrip("/")]
    raise NodeNotFoundError(
        f"{elsewhere.message}, which cannot be opened", hint="Put that file beside this one."
    )


def looked_for(filename: str, base: str) -> list[str]:
    """Where HDF5 looks: the name as it is, relative to the file with the link, and beside that file.

    Parameters
    ----------
    filename : str
    base : str
        Path or URL of the file with the link.

    Returns
    -------
    list of str
    """
    if is_remote(filename):
        return [filename]
    leaf = filename.rpartition("/")[2]
    if is_remote(base):
        return [urljoin(base, filename), urljoin(base, leaf)]
    folder = base.rpartition("/")[0]
    if filename.startswith("/"):
        return [filename, f"{folder}/{leaf}"]
    return [f"{folder}/{filename}" if folder else filename, f"{folder}/{leaf}" if folder else leaf]
