"""Which addresses a document may reach. Pure: nothing here opens a connection.

A document that came over the network is untrusted input, and so are the references inside it: they reach
http(s) only, and addresses inside this computer or this network only on the document's own origin or on one
that the user configured. A local document may reach whatever its owner could.
"""

from __future__ import annotations

import ipaddress
import os
from functools import lru_cache
from typing import TYPE_CHECKING

from lindi_explorer.byterange import redact_url
from lindi_explorer.errors import AccessDeniedError
from lindi_explorer.remote import archives
from lindi_explorer.remote.address import authority_of, bare_host, is_remote, scheme_of

if TYPE_CHECKING:
    from collections.abc import Iterable

_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class OriginPolicy:
    """The addresses that one document may reach.

    Parameters
    ----------
    source : str or None
        Path or URL of the document; None for one in memory, which is trusted like a local file.
    trusted_origins : iterable of str
        Origins (``https://host:port``) that may lie inside this computer or network, too.
    """

    def __init__(self, source: str | None, trusted_origins: Iterable[str] = ()) -> None:
        self._untrusted = source is not None and scheme_of(source) not in {"", "file"}
        self._trusted = {authority_of(origin) for origin in trusted_origins}
        self._folders: tuple[str, ...] = ()
        if source is not None and is_remote(source):
            self.trust(source)

    @property
    def is_trusting(self) -> bool:
        """Whether the document may reach whatever its owner could."""
        return not self._untrusted

    def trust(self, url: str) -> None:
        """Trust the host and port of a URL: the user's own code chose it."""
        self._trusted.add(authority_of(url))

    def trust_folder(self, folder: str) -> None:
        """Let the document refer to the files of a folder: the user's own code puts its new chunks there."""
        self._folders += (os.path.join(os.path.realpath(folder), ""),)  # noqa: PTH118 - text is compared

    def check_path(self, path: str) -> None:
        """Raise `AccessDeniedError` unless the document may refer to files of this computer."""
        if self._untrusted and not os.path.realpath(path).startswith(self._folders or ("\0",)):
            raise AccessDeniedError(
                f"A document from the network refers to the local file {redact_url(path)}; it was not read.",
                hint="Download the document, look at it, and open the local copy if you trust it.",
            )

    def check_url(self, url: str) -> None:
        """Raise `AccessDeniedError` if the host of the URL is off limits as it is written."""
        if not self._untrusted:
            return
        authority = authority_of(url)
        host = bare_host(authority)
        if host == "localhost" or host.endswith(".localhost"):
            host = "127.0.0.1"
        self.check_address(authority, host)

    def check_address(self, authority: str, address: str) -> None:
        """Raise `AccessDeniedError` if a host leads to an address that is off limits.

        Parameters
        ----------
        authority : str
            ``host:port`` that is to be read from.
        address : str
            The numeric address that the host turned out to have; a name is let pass, since connecting to it
            looks it up and asks again.
        """
        if not self._untrusted or not is_private(address) or authority in self._trusted:
            return
        if not archives.is_configured(authority):
            raise AccessDeniedError(
                f"A document from the network refers to {authority}, which is inside this computer "
                "or network; it was not read.",
                hint="Download the document, look at it, and open the local copy if you trust it.",
            )


def check_redirect(source: str, target: str) -> None:
    """Raise `AccessDeniedError` if a redirect may not be followed, wherever it came from.

    Parameters
    ----------
    source, target : str
        The http(s) URL that answered, and where it points.
    """
    if not is_remote(target):
        raise AccessDeniedError(
            f"{redact_url(source)} redirects to {redact_url(target)}, which is no http address.",
            hint="Ask the owner of the server.",
        )
    if scheme_of(source) == "https" and scheme_of(target) == "http":
        raise AccessDeniedError(
            f"{redact_url(source)} redirects to {redact_url(target)}, which is not encrypted.",
            hint="Ask the owner of the server to redirect to https.",
        )


@lru_cache(maxsize=256)
def is_private(host: str) -> bool:
    """Tell whether a numeric address lies inside this computer or network; False for names."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        elif address in _NAT64:
            address = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return not address.is_global or address.is_multicast


@lru_cache(maxsize=256)
def may_carry_credentials(url: str) -> bool:
    """Tell whether a URL is a fit place for credentials: encrypted, or on this very computer."""
    if scheme_of(url) == "https":
        return True
    host = bare_host(authority_of(url))
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
