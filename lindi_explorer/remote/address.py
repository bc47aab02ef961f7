"""What a URL or path points at, said once: local or remote, which origin, how it is written on the wire."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import quote, unquote, urljoin, urlsplit, urlunsplit

from lindi_explorer.byterange import redact_url
from lindi_explorer.errors import FormatError

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://")
_AUTHORITY = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_.-]+)(:\d*)?")
_DEFAULT_PORTS = {"http": 80, "https": 443}
# Thousands of requests go to the same few addresses.
_KNOWN = 256
# Everything that may stand in a URL stays as it is (signed queries must not change by a byte); only what
# may not, such as spaces and letters beyond ASCII, is escaped.
_KEEP = "%/:=&?~#+!$,;'@()*[]"


class SecretUrl(str):
    """An address, or its path and query, that may be signed: where variables are shown, the query is not."""

    __slots__ = ()

    def __repr__(self) -> str:
        return repr(redact_url(self).partition("?")[0])


def scheme_of(address: str) -> str:
    """Return the scheme of a URL in lower case; empty for a path, also one that begins with a drive."""
    match = _SCHEME.match(address)
    return match[1].lower() if match else ""


def is_remote(address: str) -> bool:
    """Tell whether an address is read over HTTP.

    Parameters
    ----------
    address : str
        A URL or a path.

    Returns
    -------
    bool
        True for http and https URLs.
    """
    return scheme_of(address) in _DEFAULT_PORTS


def local_path(address: str) -> str | None:
    """Return the path of a local file (a plain path or a file URL); None for every other URL."""
    scheme = scheme_of(address)
    if scheme == "":
        return address
    if scheme != "file":
        return None
    parts = urlsplit(address)
    if parts.netloc not in {"", "localhost"}:
        raise FormatError(
            f"The file URL {redact_url(address)} names another computer.",
            hint="Use a path on this computer or an http address.",
        )
    return unquote(parts.path)


@lru_cache(maxsize=_KNOWN)
def origin_of(url: str) -> str:
    """Return scheme, host and port of an http(s) URL in one spelling, such as ``https://host:443``.

    Raises
    ------
    FormatError
        If the URL cannot be taken apart.
    """
    try:
        parts = urlsplit(url)
        scheme, host, port = parts.scheme.lower(), parts.hostname, parts.port
    except ValueError:
        scheme, host, port = "", None, None
    if scheme not in _DEFAULT_PORTS or not host:
        raise FormatError(
            f"{redact_url(url)} is not a valid http address.",
            hint="Check the address; it should look like https://host/path.",
        )
    host = f"[{host}]" if ":" in host else host
    return f"{scheme}://{host.rstrip('.')}:{_DEFAULT_PORTS[scheme] if port is None else port}"


def authority_of(url: str) -> str:
    """Return ``host:port`` of an http(s) URL in one spelling."""
    return origin_of(url).partition("://")[2]


def bare_host(authority: str) -> str:
    """Return the host of ``host:port``, without the brackets of IPv6."""
    return authority.rpartition(":")[0].strip("[]")


@lru_cache(maxsize=_KNOWN)
def wire_url(url: str) -> str:
    """Return the URL as it is sent: escaped where needed, without user name, password and fragment."""
    origin_of(url)
    parts = urlsplit(url)
    try:
        netloc = parts.netloc.rpartition("@")[2].encode("idna").decode("ascii")
    except UnicodeError:
        netloc = ""
    if not _AUTHORITY.fullmatch(netloc):
        raise FormatError(f"{redact_url(url)} names a host that cannot exist.", hint="Check the address.")
    # A server may redirect to bytes that are no text.
    path = quote(parts.path or "/", safe=_KEEP, errors="surrogateescape")
    query = quote(parts.query, safe=_KEEP, errors="surrogateescape")
    return urlunsplit((parts.scheme.lower(), netloc, path, query, ""))


def request_target(sent: str) -> str:
    """Return path and query of a URL from `wire_url`."""
    return "/" + sent.split("/", 3)[3]


def basic_authorization(url: str) -> str:
    """Return the Authorization value for the user name and password inside a URL, or an empty text."""
    parts = urlsplit(url)
    if parts.username is None:
        return ""
    import base64

    pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return "Basic " + base64.b64encode(pair.encode()).decode("ascii")


def joined(base: str, location: str) -> str:
    """Return the target of a redirect, which may be relative to where it came from."""
    try:
        return urljoin(base, location)
    except ValueError:
        return location
