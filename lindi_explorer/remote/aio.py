"""aiohttp, set up for range reading.

Imported when the first concurrent request is made, so that importing the package stays cheap.
"""

from __future__ import annotations

import asyncio
import socket
from functools import lru_cache
from typing import TYPE_CHECKING

import aiohttp
import yarl
from aiohttp.abc import AbstractResolver, ResolveResult

from lindi_explorer.remote.http import CONNECT_SECONDS, READ_SECONDS

if TYPE_CHECKING:
    from lindi_explorer.remote.messages import Take
    from lindi_explorer.remote.policy import OriginPolicy

_TIMEOUT = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS, sock_read=READ_SECONDS)
_BUFFER = 1 << 18


class _GuardedResolver(AbstractResolver):
    """Looks up host names, and asks the policy about the addresses they turn out to have."""

    def __init__(self, policy: OriginPolicy) -> None:
        self._policy = policy
        self._names = aiohttp.ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._names.resolve(host, port, family)
        for address in found:
            self._policy.check_address(f"{host.lower().rstrip('.')}:{port}", address["host"])
        return found

    async def close(self) -> None:
        await self._names.close()


def session(policy: OriginPolicy, max_in_flight: int) -> aiohttp.ClientSession:
    """Return a new session of the running loop: no proxies from the environment, no cookies, no decoding."""
    connector = aiohttp.TCPConnector(limit=max_in_flight, resolver=_GuardedResolver(policy))
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        timeout=_TIMEOUT,
        read_bufsize=_BUFFER,
    )


@lru_cache(maxsize=256)
def as_written(url: str) -> yarl.URL:
    """Return a URL that is sent byte by byte as it is: a signature covers the spelling."""
    return yarl.URL(url, encoded=True)


async def body_of(answer: aiohttp.ClientResponse, verdict: Take) -> bytes:
    """Read as much of the body as the verdict says; less, if the connection breaks before that."""
    if verdict.length is not None:
        try:
            return await answer.content.readexactly(verdict.length)
        except asyncio.IncompleteReadError as short:
            return short.partial
        except aiohttp.ClientPayloadError:
            return b""
    body = bytearray()
    while len(body) < verdict.limit and (piece := await answer.content.read(verdict.limit - len(body))):
        body += piece
    return bytes(body)
