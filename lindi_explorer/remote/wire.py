"""urllib3, taught two things: to ask before connecting to an address, and to let go when told to.

Imported when the first blocking request is made, so that importing the package stays cheap.
"""

from __future__ import annotations

import contextlib
import http.client
import socket
import threading
from typing import TYPE_CHECKING, Any

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from lindi_explorer.remote.http import CONNECT_SECONDS, READ_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lindi_explorer.remote.cancel import CancelToken

BROKEN = (OSError, urllib3.exceptions.HTTPError, http.client.HTTPException)
TIMEOUT = urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS)


class _Handle:
    """A second descriptor of a connection, which can end whatever the first one waits for.

    The first changes hands when TLS takes over; shutting down either ends the wait in connect, handshake
    and read alike. It closes when the last reference goes, so never under the feet of another thread.
    """

    def __init__(self, sock: socket.socket) -> None:
        self._socket = socket.fromfd(sock.fileno(), sock.family, sock.type)

    def shut_down(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def __del__(self) -> None:
        self._socket.close()


class _Call:
    """The request that a thread is carrying out."""

    def __init__(self, target: str, guard: Callable[[str], None], token: CancelToken | None) -> None:
        self.target = target
        self.guard = guard
        self._token = token
        self._handle: _Handle | None = None

    def watch(self, sock: socket.socket) -> None:
        """Let the token end what this socket waits for."""
        if self._token is not None:
            self._handle = _Handle(sock)
            self._token.check()  # a token that was set before it could meet the handle is seen here

    def stop(self) -> None:
        if (handle := self._handle) is not None:
            handle.shut_down()


_of_thread = threading.local()


@contextlib.contextmanager
def call(target: str, guard: Callable[[str], None], token: CancelToken | None) -> Iterator[None]:
    """Set up the request of this thread.

    Parameters
    ----------
    target : str
        Path and query, sent byte by byte: urllib3 would respell escapes, and a signature covers the spelling.
    guard : callable
        Told every numeric address before it is connected to; may raise.
    token : CancelToken or None
        Ends the wait for the network.
    """
    this = _Call(target, guard, token)
    _of_thread.call = this
    try:
        with token.calling(this.stop) if token is not None else contextlib.nullcontext():
            yield
    finally:
        _of_thread.call = None


def _connect(host: str, port: int, options: Any) -> socket.socket:
    this: _Call = _of_thread.call
    problem: OSError | None = None
    for family, kind, proto, _, address in socket.getaddrinfo(host.strip("[]"), port, 0, socket.SOCK_STREAM):
        this.guard(str(address[0]))
        sock = socket.socket(family, kind, proto)
        try:
            for option in options or ():
                sock.setsockopt(*option)
            sock.settimeout(CONNECT_SECONDS)
            this.watch(sock)
            sock.connect(address)
        except OSError as error:
            sock.close()
            problem = error
        except BaseException:
            sock.close()
            raise
        else:
            return sock
    raise problem or socket.gaierror(f"no address for port {port}")


def _this_call(sock: socket.socket | None) -> _Call:
    this: _Call = _of_thread.call
    if sock is not None:
        this.watch(sock)  # a connection that was kept from an earlier call
    return this


def _be_patient(sock: socket.socket | None) -> None:
    """Let a connection take its time: to send something may take longer than to connect."""
    if sock is not None:
        sock.settimeout(READ_SECONDS)


class _PlainConnection(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return _connect(self._dns_host, self.port, self.socket_options)

    def connect(self) -> None:
        super().connect()
        _be_patient(self.sock)

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> None:  # noqa: ARG002 - see `call`
        self.timeout = READ_SECONDS  # what urllib3 gives to a connection that is there
        super().request(method, _this_call(self.sock).target, *args, **kwargs)


class _EncryptedConnection(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return _connect(self._dns_host, self.port, self.socket_options)

    def connect(self) -> None:
        super().connect()
        _be_patient(self.sock)

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> None:  # noqa: ARG002 - see `call`
        self.timeout = READ_SECONDS  # as above
        super().request(method, _this_call(self.sock).target, *args, **kwargs)


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _PlainConnection


class _EncryptedPool(HTTPSConnectionPool):
    ConnectionCls = _EncryptedConnection


def pools() -> urllib3.PoolManager:
    """Return new connection pools, without proxies and cookies."""
    manager = urllib3.PoolManager(num_pools=16, maxsize=8)
    manager.pool_classes_by_scheme = {"http": _PlainPool, "https": _EncryptedPool}
    return manager
