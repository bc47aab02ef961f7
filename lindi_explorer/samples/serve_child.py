"""The process behind `RangeServer`: HTTP/1.1 with ranges on one folder, orders on its standard input.

Run by path, with the standard library alone, so that it starts fast. It ends when its standard input closes,
that is, when the process that started it is gone, however it went.
"""

from __future__ import annotations

import contextlib
import json
import re
import signal
import sys
import threading
import time
from email.utils import formatdate
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

PIECE = 1 << 18
LOGIN_PAGE = b"<!DOCTYPE html><html><title>Sign in</title><body>Sign in to continue</body></html>"


class State:
    """What the server serves, how badly, and what it has served so far."""

    def __init__(self, root: str, latency: float) -> None:
        self.root = Path(root).resolve()
        self.latency = latency  # s
        self.lock = threading.Lock()
        self.faults: dict[str, dict[str, Any]] = {}
        self.reset()

    def reset(self) -> None:
        """Forget what was served so far."""
        self.log: list[dict[str, Any]] = []
        self.connections = 0

    def fault_for(self, name: str) -> dict[str, Any]:
        """The fault to show now; one that is limited to some times wears off."""
        with self.lock:
            fault = self.faults.get(name, {})
            times = fault.get("times")
            if times is None:
                return fault
            if times <= 0:
                return {}
            fault["times"] = times - 1
            return dict(fault)

    def find(self, name: str) -> Path | None:
        """The file of that name, unless it is missing or outside the folder."""
        path = (self.root / name).resolve()
        return path if path.is_file() and path.is_relative_to(self.root) else None


def etag_of(path: Path) -> str:
    """Changes whenever the file is written."""
    facts = path.stat()
    return f'"{facts.st_mtime_ns:x}-{facts.st_size:x}"'


def named(header: str, etag: str) -> bool:
    """Whether a header of the kind of If-Match names this ETag."""
    return header.strip() == "*" or etag in [part.strip() for part in header.split(",")]


def wanted_range(header: str | None, size: int) -> tuple[int, int] | None:
    """The one range a request asks for, end exclusive; None for the whole file.

    A range outside the file comes back empty. Several ranges at once, or a header that is not understood,
    give the whole file, as object stores answer.
    """
    match = re.fullmatch(r"bytes=(\d*)-(\d*)", (header or "").strip())
    if match is None or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if not first:
        return max(0, size - int(last)), size
    return int(first), min(int(last) + 1, size) if last else size


class Handler(BaseHTTPRequestHandler):
    """Answers GET and HEAD."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # a held-back last packet would add 40 ms of its own
    wbufsize = -1  # headers and body leave together
    timeout = 60
    state: State

    def setup(self) -> None:
        """Count the connection."""
        super().setup()
        with self.state.lock:
            self.state.connections += 1

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it
        """Say nothing: what was served is in the log of the state."""

    def do_HEAD(self) -> None:
        """Answer as to GET, without the body."""
        self.do_GET()

    def do_GET(self) -> None:
        """Wait, then answer with the file, or with its fault."""
        self.name = unquote(urlsplit(self.path).path).lstrip("/")
        time.sleep(self.state.latency)
        fault = self.state.fault_for(self.name)
        self.extra: dict[str, str] = fault.get("headers") or {}
        if fault.get("status"):
            return self._refuse(fault["status"])
        if fault.get("html"):
            return self._answer(HTTPStatus.OK, LOGIN_PAGE, {"Content-Type": "text/html; charset=utf-8"})
        path = self.state.find(self.name)
        if path is None:
            return self._refuse(HTTPStatus.NOT_FOUND)
        return self._serve(path, fault)

    def _serve(self, path: Path, fault: dict[str, Any]) -> None:
        size, etag = path.stat().st_size, etag_of(path)
        headers = {
            "Content-Type": "application/octet-stream",
            "ETag": etag,
            "Last-Modified": formatdate(path.stat().st_mtime, usegmt=True),
        }
        if not named(self.headers.get("If-Match", "*"), etag):
            return self._refuse(HTTPStatus.PRECONDITION_FAILED)
        asked = None
        if not fault.get("no_ranges"):
            headers["Accept-Ranges"] = "bytes"
            if named(self.headers.get("If-Range", "*"), etag):
                asked = wanted_range(self.headers.get("Range"), size)
        if asked is None:
            return self._answer(HTTPStatus.OK, path, headers, 0, size, fault.get("truncate"))
        start, stop = asked
        if start >= stop:
            headers["Content-Range"] = f"bytes */{size}"
            return self._answer(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, b"", headers)
        headers["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
        return self._answer(HTTPStatus.PARTIAL_CONTENT, path, headers, start, stop, fault.get("truncate"))

    def _refuse(self, status: int) -> None:
        self._answer(
            status, f"{status} {HTTPStatus(status).phrase}\n".encode(), {"Content-Type": "text/plain"}
        )

    def _answer(
        self,
        status: int,
        body: bytes | Path,
        headers: dict[str, str],
        start: int = 0,
        stop: int | None = None,
        truncate: int | None = None,
    ) -> None:
        stop = len(body) if isinstance(body, bytes) else stop or 0
        self.send_response(status)
        for key, value in {**headers, "Content-Length": str(stop - start), **self.extra}.items():
            self.send_header(key, value)
        self.end_headers()
        cut = stop if truncate is None else min(stop, start + truncate)
        self.close_connection = self.close_connection or cut < stop
        if self.command == "HEAD":
            cut = start
        entry = {"method": self.command, "name": self.name, "status": status, "start": start, "stop": cut}
        with self.state.lock:
            self.state.log.append(entry)
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # the client has hung up
            self._send_body(body, start, cut)

    def _send_body(self, body: bytes | Path, start: int, stop: int) -> None:
        if isinstance(body, bytes):
            self.wfile.write(body[start:stop])
            return
        with body.open("rb") as file:
            file.seek(start)
            while start < stop:
                piece = file.read(min(PIECE, stop - start))
                if not piece:
                    break
                self.wfile.write(piece)
                start += len(piece)


class Server(ThreadingHTTPServer):
    """Accepts as many connections at once as a reader may open."""

    request_queue_size = 512

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that hang up."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


def obey(state: State, order: dict[str, Any]) -> Any:
    """Carry out one order of the parent."""
    with state.lock:
        match order["do"]:
            case "fault":
                state.faults[order["name"]] = order["fault"]
            case "latency":
                state.latency = order["seconds"]
            case "reset":
                state.reset()
            case "log":
                return state.log
            case "connections":
                return state.connections
    return None


def main(root: str, host: str, latency: str) -> None:
    """Serve until standard input closes."""
    Handler.state = State(root, float(latency))
    server = Server((host, 0), Handler)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent; this process follows it
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdout.write(f"{server.server_port}\n")
    sys.stdout.flush()
    for line in sys.stdin:
        sys.stdout.write(json.dumps(obey(Handler.state, json.loads(line))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
