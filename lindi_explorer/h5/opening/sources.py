"""From what somebody wants to open to where it is."""

from __future__ import annotations

import os
from typing import Any

from lindi_explorer.remote import Place, find_in_archives, https_address, is_remote, is_s3
from lindi_explorer.remote.archives import Want


def place_of(source: str | os.PathLike[str] | tuple[Any, ...], want: Want = "any") -> Place:
    """Where a source is.

    Parameters
    ----------
    source : str, path or tuple
        A path, a URL, ``s3://bucket/key``, or what an archive knows it by.
    want : str
        What the caller can open.

    Returns
    -------
    Place
        Its address is a URL or the absolute path (which references of a local file carry).

    Raises
    ------
    LindiError
        If an archive does not have it, or it cannot be an address.
    """
    name = source if isinstance(source, tuple) else os.fspath(source)
    found = find_in_archives(name, want)
    if found is not None:
        return found
    address = str(name)
    if is_s3(address):
        return Place(https_address(address))
    return Place(address if is_remote(address) else os.path.abspath(address))  # noqa: PTH100 - resolve() would follow links
