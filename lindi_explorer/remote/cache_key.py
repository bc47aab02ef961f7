"""The name under which a URL is cached: never its secrets, but enough to tell two files apart."""

from __future__ import annotations

import hashlib

_SIGNATURES = (
    "x-amz-signature=",
    "x-goog-signature=",
    "signature=",
    "sig=",
    "awsaccesskeyid=",
    "key-pair-id=",
)


def cache_key(url: str) -> str:
    """Return the URL without user name, password, query and fragment.

    A query that signs a link changes with every link and is left out. Any other may be what names the file,
    so a digest of it stands in its place.
    """
    address, _, query = url.partition("#")[0].partition("?")
    scheme, separator, rest = address.partition("://")
    authority, slash, path = rest.partition("/")
    key = f"{scheme.lower()}{separator}{authority.rpartition('@')[2].lower()}{slash}{path}"
    if query and not any(part.lower().startswith(_SIGNATURES) for part in query.split("&")):
        key += "?" + hashlib.sha256(query.encode()).hexdigest()[:32]
    return key
