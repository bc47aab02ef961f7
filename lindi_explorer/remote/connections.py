"""The connections of one event loop, by host: made when they are needed, kept while they are used."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from aiohappyeyeballs import start_connection

from lindi_explorer.errors import FormatError
from lindi_explorer.remote.address import authority_of, request_target, scheme_of
from lindi_explorer.remote.connection import Connection
from lindi_explorer.remote.http import CONNECT_SECONDS, READ_SECONDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiohappyeyeballs import AddrInfoType

    from lindi_explorer.remote.messages import Answer, Send
    from lindi_explorer.remote.policy import OriginPolicy

# How long the addresses of a host are believed, and how long the next of them waits for the one before.
_NAME_SECONDS = 10.0
# Connections that wait for a request, to all hosts: a document may name thousands.
_MOST_IDLE = 256
_NEXT_ADDRESS_SECONDS = 0.25


class _Host(NamedTuple):
    """Where requests go."""

    name: str
    port: int
    encrypted: bool
    authority: str


class _Secret(bytes):
    """A request, or what it begins with: it may hold a key or a signature, so it is not shown."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<{len(self)} bytes>"


@lru_cache(maxsize=256)
def _host_and_opening(url: str) -> tuple[_Host, _Secret]:
    parts = urlsplit(url)
    authority = authority_of(url)
    name, _, port = authority.rpartition(":")
    encrypted = scheme_of(url) == "https"
    # A signature may cover the Host header: a port that goes without saying is not in it.
    shown = parts.netloc.removesuffix(f":{443 if encrypted else 80}")
    opening = f"GET {request_target(url)} HTTP/1.1\r\nHost: {shown}\r\n"
    return _Host(name.strip("[]"), int(port), encrypted, authority), _Secret(opening.encode("ascii"))


def _request(opening: _Secret, headers: Mapping[str, str]) -> _Secret:
    lines = "".join([f"{name}: {value}\n" for name, value in headers.items()])
    if lines.count("\n") != len(headers) or "\r" in lines or "\0" in lines:
        # Whoever writes headers of their own into a header could write requests of their own, too.
        raise FormatError("A header of a request has a line break in it, so nothing was sent.")
    return _Secret(opening + f"{lines}\n".replace("\n", "\r\n").encode("utf-8", "surrogateescape"))


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    return context


class Connections:
    """Sends requests on the running event loop.

    Parameters
    ----------
    policy : OriginPolicy
        Asked about every address before it is connected to.
    """

    def __init__(self, policy: OriginPolicy) -> None:
        self._policy = policy
        self._closed = False
        self._idle: dict[_Host, list[Connection]] = {}
        self._names: dict[tuple[str, int], tuple[float, asyncio.Future[list[AddrInfoType]]]] = {}

    async def get(self, send: Send) -> Answer:
        """Carry out a request: no redirects, no proxies of the environment, no cookies, no decoding.

        Parameters
        ----------
        send : Send

        Returns
        -------
        Answer

        Raises
        ------
        OSError
            If the connection breaks before there is an answer.
        LindiError
            If the policy is against it.
        """
        host, opening = _host_and_opening(send.url)
        request = _request(opening, send.headers)
        while True:
            kept = self._take(host)
            connection = kept or await self._connect(host)
            try:
                return await connection.get(request, send.judge)
            except ConnectionError:
                # The server has ended a connection that it was waiting on; it has seen nothing of this.
                if kept is None or connection.answered:
                    raise
            finally:
                self._put_back(host, connection)

    def close(self) -> None:
        """End all that are not in use; the others end with the request that they are used for."""
        self._closed = True
        idle, self._idle = self._idle, {}
        for connections in idle.values():
            for connection in connections:
                connection.close()

    def _take(self, host: _Host) -> Connection | None:
        idle = self._idle.get(host, [])
        while idle:
            connection = idle.pop()
            if not connection.is_stale:
                return connection
            connection.close()
        self._idle.pop(host, None)
        return None

    def _put_back(self, host: _Host, connection: Connection) -> None:
        if self._closed or sum(map(len, self._idle.values())) >= _MOST_IDLE:
            connection.close()
        elif connection.reusable:
            self._idle.setdefault(host, []).append(connection)

    async def _connect(self, host: _Host) -> Connection:
        loop = asyncio.get_running_loop()
        addresses = await self._addresses(host.name, host.port)
        for *_, address in addresses:
            self._policy.check_address(host.authority, str(address[0]))
        async with asyncio.timeout(CONNECT_SECONDS):
            sock = await start_connection(
                addresses, happy_eyeballs_delay=_NEXT_ADDRESS_SECONDS, interleave=1, loop=loop
            )
        tls: dict[str, Any] = {}
        if host.encrypted:
            tls = {"ssl": _tls(), "server_hostname": host.name, "ssl_handshake_timeout": READ_SECONDS}
        try:
            _, connection = await loop.create_connection(Connection, sock=sock, **tls)
        except BaseException:
            sock.close()
            raise
        connection.socket = sock
        return connection

    async def _addresses(self, name: str, port: int) -> list[AddrInfoType]:
        """The addresses of a host, which is looked up once for all who ask at the same time."""
        try:
            family = socket.AF_INET6 if ipaddress.ip_address(name).version == 6 else socket.AF_INET
        except ValueError:
            pass
        else:
            address = (name, port) if family == socket.AF_INET else (name, port, 0, 0)
            return [(family, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", address)]
        loop = asyncio.get_running_loop()
        until, looking = self._names.get((name, port), (0.0, None))
        if looking is None or loop.time() >= until:
            looking = loop.create_task(_look_up(name, port))
            self._names[name, port] = loop.time() + _NAME_SECONDS, looking
            looking.add_done_callback(lambda done: self._forget_failure(name, port, done))
        return await asyncio.shield(looking)

    def _forget_failure(self, name: str, port: int, done: asyncio.Future[list[AddrInfoType]]) -> None:
        if done.cancelled() or done.exception() is not None:
            self._names.pop((name, port), None)


async def _look_up(name: str, port: int) -> list[AddrInfoType]:
    return [*await asyncio.get_running_loop().getaddrinfo(name, port, type=socket.SOCK_STREAM)]
