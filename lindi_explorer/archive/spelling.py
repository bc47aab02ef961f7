"""Addresses that are spelt in different ways, and lead to the same place."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from lindi_explorer.remote.address import origin_of


def below(base: str, url: str) -> str | None:
    """Path and query of an address relative to a base; None if it has another scheme, host or port, or path.

    Parameters
    ----------
    base : str
        Address without slash at the end.
    url : str

    Returns
    -------
    str or None
        Begins with a slash.
    """
    if origin_of(base) != origin_of(url):
        return None
    parts, folder = urlsplit(url), urlsplit(base).path
    if not parts.path.startswith(f"{folder}/"):
        return None
    path = parts.path[len(folder) :]
    return f"{path}?{parts.query}" if parts.query else path


def below_loosely(base: str, url: str) -> str | None:
    """As `below`, for all spellings that come to the same place in the end; empty for the base itself.

    Servers redirect from http to https, and take escaped letters for the letters.

    Parameters
    ----------
    base : str
        Address without slash at the end.
    url : str

    Returns
    -------
    str or None
    """
    if _host_of(base) != _host_of(url):
        return None
    parts, folder = urlsplit(url), urlsplit(base).path
    path = unquote(parts.path)
    if not f"{path}/".startswith(f"{folder}/"):
        return None
    rest = path[len(folder) :]
    return f"{rest}?{parts.query}" if parts.query else rest.removesuffix("/") and rest


def _host_of(url: str) -> str:
    return re.sub(r"^http://(.*):80$", r"https://\1:443", origin_of(url))
