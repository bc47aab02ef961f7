"""Sending over a connection that takes long for every piece."""

from __future__ import annotations

import socket
import threading
import time

import pytest

from lindi_explorer.remote import RetryRules, wire
from lindi_explorer.remote.calls import WebCalls
from lindi_explorer.remote.messages import Content

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
SIZE = 8 << 20


@pytest.fixture
def stalling():
    """A server of two requests on one connection; bodies wait for longer than connecting may take."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    come = []

    def serve() -> None:
        with listener:
            connection, _ = listener.accept()
        with connection:
            for _ in range(2):
                head = b""
                while b"\r\n\r\n" not in head:
                    head += connection.recv(1 << 10)
                time.sleep(0.6)
                left = SIZE - len(head.partition(b"\r\n\r\n")[2])
                while left and (piece := connection.recv(1 << 16)):
                    left -= len(piece)
                come.append(left)
                connection.sendall(ANSWER)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}/", come
    thread.join(10)


def test_a_body_may_take_longer_than_connecting(stalling, monkeypatch):
    url, come = stalling
    monkeypatch.setattr(wire, "CONNECT_SECONDS", 0.2)
    calls = WebCalls(url, "the server", RetryRules(tries=1))
    content = Content(SIZE, lambda: [bytes(SIZE)])
    # The second one finds the connection that is there.
    assert [calls.send("PUT", url, None, content).status for _ in range(2)] == [200, 200]
    assert come == [0, 0]
    calls.close()
