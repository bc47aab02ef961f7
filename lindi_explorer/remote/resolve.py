"""From the URL in a document to the URL that answers, and how long the answer may be believed.

Two things move a URL: resolvers, functions that the user (or ``archive/``) registers for the whole process,
and redirects, which an `Exchange` follows. Where both led is kept per reader in `Routes`.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import threading
import time
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from lindi_explorer.byterange import redact_url
from lindi_explorer.errors import UnsupportedError
from lindi_explorer.remote.address import is_remote

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROUTE_SECONDS = 600.0
# A signed link is given up this long before it expires, so that no request starts too late ...
_EXPIRY_MARGIN = 60.0
# ... but used this long at least: where the clock of this computer is wrong, the server's 403 decides.
_LEAST_SECONDS = 30.0

# Requests that may be under way to a URL before it is known where it leads.
_MOST_GUESSES = 32

_resolvers: tuple[Callable[[str], str], ...] = ()
_changing = threading.Lock()  # for those who register; reading the tuple needs none


def add_additional_url_resolver(resolver: Callable[[str], str]) -> None:
    """Register a function that turns a URL into the one to read instead.

    Resolvers hold for the whole process and for every URL: documents, the files they refer to, chunks.
    They run in the order in which they were added, each on the result of the one before.

    Parameters
    ----------
    resolver : callable
        ``resolver(url) -> url``; returns what it does not care about unchanged. It may take its time and
        is asked again after 10 minutes, or when a signed link it returned expires.
    """
    global _resolvers  # noqa: PLW0603 - the process-wide list is the contract
    with _changing:
        _resolvers = (*_resolvers, resolver)


def remove_additional_url_resolver(resolver: Callable[[str], str]) -> None:
    """Take back what `add_additional_url_resolver` registered.

    Parameters
    ----------
    resolver : callable
        The same function.

    Raises
    ------
    ValueError
        If it is not registered.
    """
    global _resolvers  # noqa: PLW0603 - as above
    with _changing:
        if resolver not in _resolvers:
            raise ValueError(f"The URL resolver {resolver!r} is not registered")
        place = _resolvers.index(resolver)
        _resolvers = _resolvers[:place] + _resolvers[place + 1 :]


def has_resolvers() -> bool:
    """Tell whether any resolver is registered."""
    return bool(_resolvers)


def resolve(url: str) -> str:
    """Return where the registered resolvers lead a URL.

    Raises
    ------
    UnsupportedError
        If what comes out is not an http(s) URL.
    TypeError
        If a resolver does not return text.
    """
    found = url
    for resolver in _resolvers:
        found = resolver(found)
        if not isinstance(found, str):
            raise TypeError(f"The URL resolver {resolver!r} returned {type(found).__name__}, not a str")
    if not is_remote(found):
        raise UnsupportedError(
            f"{redact_url(found)} is not an http or https address, so it cannot be read.",
            hint="Use its http address, or register what knows it with add_additional_url_resolver.",
        )
    return found


class Routes:
    """Where each URL was last found.

    Parameters
    ----------
    clock : callable, optional
        Seconds since the epoch.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._found: dict[str, tuple[str, float]] = {}
        self._guesses: dict[str, list[str]] = {}

    def get(self, url: str) -> str | None:
        """Return the address that answers for a URL; None if it is not known or too old."""
        address, until = self._found.get(url, ("", 0.0))
        return address if address and self._clock() < until else None

    def may_be_straight(self, url: str) -> bool:
        """Tell whether a URL looks as if it answered itself: nothing is known to lead it elsewhere.

        Addresses that end in ``download`` are a service's, which leads on to a storage.
        """
        moved = self._found.get(url, (url, 0.0))[0] != url
        path = url.partition("?")[0].rstrip("/")
        many = len(self._guesses.get(url, ())) >= _MOST_GUESSES
        return is_remote(url) and not (has_resolvers() or moved or many or path.lower().endswith("/download"))

    @contextlib.contextmanager
    def guessing(self, url: str) -> Iterator[None]:
        """Surround a guess that a URL answers itself: only so many are made at a time."""
        guesses = self._guesses.setdefault(url, [])
        guesses.append(url)
        try:
            yield
        finally:
            guesses.pop()

    def refute(self, url: str) -> None:
        """Note that such a guess was wrong."""
        self._found.setdefault(url, ("", 0.0))

    def keep(self, url: str, address: str) -> None:
        """Remember the address that answered for a URL."""
        now = self._clock()
        expiry = expiry_of(address)
        until = now + ROUTE_SECONDS if expiry is None else max(expiry - _EXPIRY_MARGIN, now + _LEAST_SECONDS)
        self._found[url] = (address, until)

    def forget(self, url: str, address: str) -> None:
        """Forget the address of a URL, unless another one was found meanwhile."""
        if self._found.get(url, ("", 0.0))[0] == address:
            self._found[url] = (address, 0.0)  # that it leads elsewhere still holds


@lru_cache(maxsize=256)
def expiry_of(address: str) -> float | None:
    """Return when a signed link expires, in seconds since the epoch; None if it does not say.

    Knows the links of S3 (both signature versions) and of Google's storage.
    """
    try:
        query = {name.lower(): value for name, value in parse_qsl(urlsplit(address).query)}
    except ValueError:
        return None
    for family in ("x-amz-", "x-goog-"):
        if family + "expires" in query:
            try:
                signed = dt.datetime.strptime(query.get(family + "date", "") + "+0000", "%Y%m%dT%H%M%SZ%z")
                return signed.timestamp() + float(query[family + "expires"])
            except (ValueError, OverflowError):
                return None
    expires = query.get("expires", "")
    return float(expires) if expires.isdecimal() and len(expires) < 12 else None
