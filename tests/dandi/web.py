"""HTTP/1.1 for both origins: reading requests, faults, sending answers."""

from __future__ import annotations

import json
import socket
import struct
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.dandi.archive import Archive
    from tests.dandi.faults import Fault

_PIECE = 1 << 20


@dataclass
class Request:
    """A request; header names are in lower case, and ``pieces`` must be read to its end."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    pieces: Iterator[bytes]

    def body(self) -> bytes:
        """All of the body."""
        return b"".join(self.pieces)


@dataclass
class Answer:
    """An answer; ``part``: of a file, where the body comes from one."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    file: Path | None = None
    start: int = 0
    length: int = 0


def in_json(status: int, content: Any, **headers: str) -> Answer:
    """An answer of the API."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, {"Content-Type": "application/json", **named}, json.dumps(content).encode())


def serve(archive: Archive, origin: str, answer: Callable[[Request], Answer]) -> ThreadingHTTPServer:
    """Make a server of this machine; who calls this runs it."""
    parts = {"archive": archive, "origin": origin, "answer": staticmethod(answer)}
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), parts))
    server.daemon_threads = True
    return server


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    archive: Archive
    origin: str
    answer: Callable[[Request], Answer]

    def do(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        path, _, query = self.path.partition("?")
        request = Request(self.command, path, query, headers, self._pieces(headers))
        with self.archive.lock:
            entry = self.archive.watch.see(self.origin, self.command, self.path, headers)
            fault = self.archive.faults.next(self.origin, self.command, path)
            entry["fault"] = "" if fault is None else fault.kind
            entry["beside"] = self.archive.under_way
            self.archive.under_way += 1
        kind = entry["fault"]
        try:
            made = None if kind == "reset" else self._answer(request, fault)
        finally:
            with self.archive.lock:
                self.archive.under_way -= 1
        if made is None or kind == "lost":
            self._reset()
            return
        entry["status"] = made.status
        self._send(made, cut=kind == "short")

    def _answer(self, request: Request, fault: Fault | None) -> Answer:
        is_whole = fault is None or fault.kind in {"short", "lost"}
        made = self.answer(request) if is_whole else Answer(*fault.answer())
        for _ in request.pieces:  # what nobody wanted of the body
            pass
        with self.archive.lock:
            self.archive.look_for_kept()
        return made

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_PATCH = do  # noqa: N815 - http.server's names

    def _pieces(self, headers: dict[str, str]) -> Iterator[bytes]:
        left = int(headers.get("content-length", "0"))
        while left and (piece := self.rfile.read(min(left, _PIECE))):
            left -= len(piece)
            yield piece

    def _send(self, made: Answer, *, cut: bool) -> None:
        length = made.length if made.file is not None else len(made.body)
        cut = cut and made.status < 400 and length > 1
        self.send_response_only(made.status)
        for name, value in {"Content-Length": str(length), **made.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "HEAD":
            return
        try:
            self._send_body(made, length // 2 if cut else length)
        except ConnectionError:
            self.close_connection = True
        if cut:
            self.close_connection = True

    def _send_body(self, made: Answer, length: int) -> None:
        if made.file is None:
            self.wfile.write(made.body[:length])
            return
        with made.file.open("rb") as file:
            file.seek(made.start)
            while length and (piece := file.read(min(length, _PIECE))):
                length -= len(piece)
                self.wfile.write(piece)

    def _reset(self) -> None:
        # Closing without lingering makes it a reset, not an orderly end.
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    def log_message(self, *_: object) -> None:
        pass
