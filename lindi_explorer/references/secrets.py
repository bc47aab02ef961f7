"""Where a document has addresses, and what of an address may be published."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lindi_explorer.references.annotations import EXTERNAL_ARRAY_LINK
from lindi_explorer.remote import is_remote
from lindi_explorer.remote.address import scheme_of

_SECRET = re.compile(
    r"(^|[&;])([^=&;]*(signature|credential|token|password|passwd|secret|api[-_]?key|accesskey|auth)[^=&;]*"
    r"|sig|key|pwd|key-pair-id|policy)=",
    re.IGNORECASE,
)
"""Names of parameters that hold secrets, such as those of signed S3, CloudFront, Google and Azure links."""

_ABSOLUTE = re.compile(r"[/\\]|[A-Za-z]:[/\\]")
_URL = re.compile(r"https?://[^\s\"'<>]+", re.IGNORECASE)
_PATH = re.compile(
    r"(?<![\w:/\\.~-])(?:file:/*|~|[A-Za-z]:|[/\\])[/\\]?"
    r"(?:[^\s\"'<>:/\\]{1,255}[/\\])+[^\s\"'<>:/\\]{0,255}"
)
"""Paths with at least one folder, as they stand in other text as well."""


def without_secret(url: str) -> str:
    """An http(s) address without user, password and fragment, and without a query that holds a secret.

    Parameters
    ----------
    url : str
        Local paths come back as they are.

    Returns
    -------
    str
    """
    if not is_remote(url):
        return url
    address, _, query = url.partition("#")[0].partition("?")
    scheme, separator, rest = address.partition("://")
    authority, slash, path = rest.partition("/")
    clean = f"{scheme}{separator}{authority.rpartition('@')[2]}{slash}{path}"
    return f"{clean}?{query}" if query and not _SECRET.search(query) else clean


def addresses_of(document: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str]]:
    """Where the addresses of a metadata document stand, as holder and member.

    Parameters
    ----------
    document : dict
        Content of ``.zattrs`` or of a side-car.

    Returns
    -------
    iterator of (dict, str)
    """
    link = document.get(EXTERNAL_ARRAY_LINK)
    if isinstance(link, dict) and isinstance(link.get("url"), str):
        yield link, "url"
    other = document.get("link")
    external = other.get("external") if isinstance(other, dict) else None
    if isinstance(external, dict):
        yield from _named(external, "base")
        yield from _named(external, "filename")
    virtual = document.get("virtual")
    if isinstance(virtual, dict):
        yield from _named(virtual, "base")
        for source in virtual.get("sources") or ():
            if isinstance(source, dict):
                yield from _named(source, "file")
    entries = document.get("external")
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, dict):
            yield from _named(entry, "file")


def _named(holder: dict[str, Any], member: str) -> Iterator[tuple[dict[str, Any], str]]:
    name = holder.get(member)
    # Other names of files are seen from the base.
    if isinstance(name, str) and name and (member == "base" or scheme_of(name) or _ABSOLUTE.match(name)):
        yield holder, member


def scrubbed(value: Any) -> Any:
    """A copy of something in JSON in which no text holds a secret of an address, or a path of this machine.

    Parameters
    ----------
    value : Json
        What somebody has noted beside the references of a document.

    Returns
    -------
    Json
        Of paths, the names of the files are left.
    """
    if isinstance(value, str):
        return _PATH.sub(_name_of, _URL.sub(lambda found: without_secret(found[0]), value))
    if isinstance(value, list):
        return [scrubbed(item) for item in value]
    if isinstance(value, dict):
        return {scrubbed(name): scrubbed(item) for name, item in value.items()}
    return value


def _name_of(found: re.Match[str]) -> str:
    return re.split(r"[/\\]", found[0].rstrip("/\\"))[-1]
