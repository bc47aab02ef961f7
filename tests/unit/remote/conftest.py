"""A range server on loopback that keeps the rules of HTTP, and breaks them on request."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from lindi_explorer.remote import RetryRules

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@dataclass
class Answer:
    """An answer by script. What is None is as a good server would have it."""

    status: int | None = None
    headers: dict[str, str | None] = field(default_factory=dict)
    body: bytes | None = None
    cut: int | None = None  # hang up after so many bytes of the body
    ignore_range: bool = False
    hang_up: bool = False  # before any answer


@dataclass
class Seen:
    """A request that came."""

    path: str
    headers: dict[str, str]
    port: int  # of the client: one per connection

    @property
    def range(self) -> tuple[int, int] | None:
        """Start and stop of the bytes asked for."""
        match = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("range", ""))
        return None if match is None else (int(match[1]), int(match[2]) + 1)


class Server:
    """Serves bytes by path; ``plan`` holds the scripted answers that come first, one per request."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.etags: dict[str, str | None] = {}
        self.plan: list[Answer | Callable[[Seen], Answer | None]] = []
        self.always: Callable[[Seen], Answer | None] | None = None
        self.seen: list[Seen] = []
        self.hold = threading.Event()  # cleared: answers wait
        self.hold.set()
        self.arrived = threading.Semaphore(0)  # released once per request
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        self.origin = f"http://127.0.0.1:{self._server.server_address[1]}"

    def put(self, name: str, data: bytes, etag: str | None = '"v1"') -> str:
        """Serve a file; returns its URL."""
        self.files["/" + name], self.etags["/" + name] = data, etag
        return f"{self.origin}/{name}"

    def ranges(self) -> list[tuple[int, int] | None]:
        """Return the ranges asked for so far."""
        return [seen.range for seen in self.seen]

    def next_answer(self, seen: Seen) -> Answer:
        """Return what to answer to a request."""
        with self._lock:
            self.seen.append(seen)
            step = self.plan.pop(0) if self.plan else self.always
        self.arrived.release()
        self.hold.wait()
        answer = step(seen) if callable(step) else step
        return answer or Answer()

    def close(self) -> None:
        """Stop serving."""
        self.hold.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _handler(server: Server) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            named = {name.lower(): value for name, value in self.headers.items()}
            seen = Seen(self.path, named, self.client_address[1])
            answer = server.next_answer(seen)
            if answer.hang_up:
                self.close_connection = True
                return
            status, headers, body = _by_the_rules(server, path, seen, answer)
            headers = {**headers, **answer.headers}
            self.send_response_only(answer.status or status)
            body = body if answer.body is None else answer.body
            headers.setdefault("Content-Length", str(len(body)))
            for name, value in headers.items():
                if value is not None:
                    self.send_header(name, value)
            if "Content-Length" in headers and headers["Content-Length"] is None:
                self.close_connection = True
            self.end_headers()
            if answer.cut is not None:
                body, self.close_connection = body[: answer.cut], True
            try:
                self.wfile.write(body)
            except ConnectionError:
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            pass

    return Handler


def _by_the_rules(server: Server, path: str, seen: Seen, answer: Answer) -> tuple[int, dict[str, Any], bytes]:
    if path not in server.files:
        return 404, {}, b"<html>nothing here</html>"
    data, etag = server.files[path], server.etags[path]
    headers: dict[str, Any] = {} if etag is None else {"ETag": etag}
    if "if-match" in seen.headers and seen.headers["if-match"] != etag:
        return 412, headers, b""
    if "if-none-match" in seen.headers and seen.headers["if-none-match"] == etag:
        return 304, headers, b""
    if seen.range is None or answer.ignore_range:
        return 200, headers, data
    start, stop = seen.range
    if start >= len(data):
        return 416, {**headers, "Content-Range": f"bytes */{len(data)}"}, b""
    stop = min(stop, len(data))
    return 206, {**headers, "Content-Range": f"bytes {start}-{stop - 1}/{len(data)}"}, data[start:stop]


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.close()


@pytest.fixture
def at_once() -> RetryRules:
    """Retries without waiting."""
    return RetryRules(first=0.0, longest=0.0)


@pytest.fixture
def answer() -> type[Answer]:
    return Answer
