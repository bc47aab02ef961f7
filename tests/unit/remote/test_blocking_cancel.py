"""Stopping a blocking read from another thread, wherever it waits."""

from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING

import pytest

from lindi_explorer.byterange import ByteRange
from lindi_explorer.errors import CancelledByUserError
from lindi_explorer.remote import CancelToken, RangeReader, cancelling

if TYPE_CHECKING:
    from collections.abc import Callable


def _stopped(reader: RangeReader, url: str, when: Callable[[], object]) -> BaseException | bytes | None:
    """Read in a thread, set the token once ``when`` returns, and return what came of the read."""
    token, outcome = CancelToken(), []

    def read() -> None:
        with cancelling(token):
            try:
                outcome.append(reader.read_now(ByteRange(url, 0, 10)))
            except CancelledByUserError as error:
                outcome.append(error)

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    when()
    token.set()
    thread.join(30)
    assert not thread.is_alive(), "the read did not stop"
    return outcome[0]


def test_while_the_server_thinks(server) -> None:
    url = server.put("f", b"x" * 100)
    server.hold.clear()
    with RangeReader() as reader:
        assert isinstance(_stopped(reader, url, server.arrived.acquire), CancelledByUserError)
    assert len(server.seen) == 1


def test_on_a_connection_that_was_used_before(server) -> None:
    url = server.put("f", b"x" * 100)
    with RangeReader() as reader:
        reader.read_now(ByteRange(url, 0, 1))
        server.arrived.acquire()
        server.hold.clear()
        assert isinstance(_stopped(reader, url, server.arrived.acquire), CancelledByUserError)
        server.hold.set()
        assert reader.read_now(ByteRange(url, 0, 1)) == b"x"  # the reader is none the worse


@pytest.mark.parametrize("status", [200, 206])
def test_in_the_middle_of_a_body(status) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        half_sent = threading.Event()

        def serve() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.recv(4096)
                head = (
                    f"HTTP/1.1 {status} OK\r\nContent-Range: bytes 0-9/10\r\nContent-Length: 10\r\n\r\nhalf"
                )
                connection.sendall(head.encode())
                half_sent.set()
                connection.recv(1)  # returns when the client lets go

        serving = threading.Thread(target=serve, daemon=True)
        serving.start()
        with RangeReader() as reader:
            found = _stopped(reader, f"http://127.0.0.1:{port}/f", half_sent.wait)
        assert isinstance(found, CancelledByUserError)
        serving.join(30)
        assert not serving.is_alive(), "the connection was not let go"


def test_while_it_waits_for_the_next_try(server, answer) -> None:
    server.always = lambda _: answer(503, headers={"Retry-After": "100"})
    with RangeReader() as reader:
        assert isinstance(
            _stopped(reader, server.put("f", b"x"), server.arrived.acquire), CancelledByUserError
        )
    assert len(server.seen) == 1


def test_during_the_encrypted_handshake() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:  # accepts, and never says a word
        port = listening.getsockname()[1]
        hello = threading.Event()

        def serve() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.recv(4096)
                hello.set()
                connection.recv(1)

        threading.Thread(target=serve, daemon=True).start()
        with RangeReader() as reader:
            found = _stopped(reader, f"https://127.0.0.1:{port}/f", hello.wait)
        assert isinstance(found, CancelledByUserError)


def test_before_it_begins(server) -> None:
    token = CancelToken()
    token.set()
    with RangeReader() as reader, pytest.raises(CancelledByUserError, match="cancelled"):
        reader.read_now(ByteRange(server.put("f", b"x"), 0, 1), cancel=token)
    assert server.seen == []


def test_a_token_that_is_never_set_changes_nothing(server) -> None:
    token = CancelToken()
    with RangeReader() as reader, cancelling(token):
        assert reader.read_now(ByteRange(server.put("f", b"xyz"), 1, 2)) == b"yz"


def test_a_bulk_read_stops_as_one(server) -> None:
    url = server.put("f", b"x" * 1000)
    server.hold.clear()
    token = CancelToken()
    outcome = []

    def read() -> None:
        with pytest.raises(CancelledByUserError) as caught, cancelling(token), RangeReader() as reader:
            reader.read_many([ByteRange(url, 0, 10)] * 5)
        outcome.append(caught.value)

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    server.arrived.acquire()
    token.set()
    thread.join(30)
    assert outcome
    server.hold.set()
