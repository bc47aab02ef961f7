"""Where a document has addresses, and what of an address may be published."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lindi_explorer.references.annotations import EXTERNAL_ARRAY_LINK
from lindi_explorer.remote import is_remote

_SECRET = re.compile(
    r"(^|[&;])([^=&;]*(signature|credential|token|password|passwd|secret|api[-_]?key|accesskey|auth)[^=&;]*"
    r"|sig|key|pwd|key-pair-id|policy)=",
    re.IGNORECASE,
)
"""Names of parameters that hold secrets, such as those of signed S3, CloudFront, Google and Azure links."""


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
    if isinstance(external, dict) and isinstance(external.get("base"), str) and external["base"]:
        yield external, "base"
