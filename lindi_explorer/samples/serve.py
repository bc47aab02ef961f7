"""A range server on this machine, for the demo and the tests: with latency, faults and a log."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Self
from urllib.parse import quote

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping


@dataclass(frozen=True)
class Fault:
    """What goes wrong with one file.

    Parameters
    ----------
    status
        Answer with this status (403, 404, 503, ...) in place of the file.
    no_ranges
        Ignore ``Range`` and send the whole file, as plain web servers do.
    html
        Answer 200 with a page to sign in on, as portals do.
    truncate
        Send at most this many bytes of the promised body, then hang up.
    headers
        Headers to add or replace: ``{"Retry-After": "1"}``, ``{"Location": url}`` with status 302.
    times
        Wears off after this many requests; None lasts.
    """

    status: int | None = None
    no_ranges: bool = False
    html: bool = False
    truncate: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    times: int | None = None


@dataclass(frozen=True)
class Request:
    """One request that was answered; ``start`` and ``stop`` (exclusive) say which bytes were sent."""

    method: str
    name: str
    status: int
    start: int
    stop: int


@dataclass(frozen=True)
class Stats:
    """What was served since the start or the last reset; ``bytes`` counts bodies only."""

    requests: int
    bytes: int
    connections: int


class RangeServer:
    """Serves a folder over HTTP/1.1 on this machine, as object stores do.

    It runs in a process of its own: a server on a thread would share the interpreter with the reader under
    test, and could wait for a lock of h5py's that the reader holds.

    Parameters
    ----------
    root
        The folder to serve.
    latency_ms
        Wait before every answer, in milliseconds.
    host
        Address to listen on.
    faults
        What goes wrong, by the name of the file.

    Examples
    --------
    >>> with RangeServer(folder) as server:  # doctest: +SKIP
    ...     explore(server.url("session.nwb"))
    ...     print(server.stats().requests)
    """

    def __init__(
        self,
        root: str | os.PathLike[str],
        *,
        latency_ms: float = 20,
        host: str = "127.0.0.1",
        faults: Mapping[str, Fault] | None = None,
    ) -> None:
        self._command = [
            *(sys.executable, "-I", str(Path(__file__).with_name("serve_child.py"))),
            *(str(Path(root).resolve()), host, str(latency_ms / 1000)),
        ]
        self._host = host
        self._faults = dict(faults or {})
        self._lock = threading.Lock()
        self._child: subprocess.Popen[str] | None = None
        self._port = 0

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self) -> None:
        """Start serving; returns when requests are answered."""
        pipe = subprocess.PIPE
        self._child = subprocess.Popen(self._command, stdin=pipe, stdout=pipe, text=True)  # noqa: S603 - ours
        self._port = int(self._pipes()[1].readline())
        for name, fault in self._faults.items():
            self.fault(name, fault)

    def close(self) -> None:
        """Stop serving; it is no error to do so twice."""
        child, self._child = self._child, None
        if child is not None:
            child.communicate()  # closes its standard input, at which it ends

    def url(self, name: str = "") -> str:
        """Where a file of the folder is served."""
        return f"http://{self._host}:{self._port}/{quote(name)}"

    def fault(self, name: str, fault: Fault | None = None) -> None:
        """From now on, let this go wrong with a file; None mends it."""
        self._order("fault", name=name, fault=asdict(fault) if fault else {})

    def latency(self, milliseconds: float) -> None:
        """From now on, wait this long before every answer."""
        self._order("latency", seconds=milliseconds / 1000)

    def stats(self) -> Stats:
        """Count requests, bytes and connections."""
        log = self.log()
        return Stats(len(log), sum(entry.stop - entry.start for entry in log), self._order("connections"))

    def log(self) -> list[Request]:
        """Every request answered since the start or the last reset, in order."""
        return [Request(**entry) for entry in self._order("log")]

    def reset(self) -> None:
        """Forget what was served so far."""
        self._order("reset")

    def _pipes(self) -> tuple[IO[str], IO[str]]:
        if self._child is None or self._child.stdin is None or self._child.stdout is None:
            message = "The server is not running; use it in a `with` block, or call start()."
            raise RuntimeError(message)
        return self._child.stdin, self._child.stdout

    def _order(self, what: str, **details: object) -> Any:
        with self._lock:
            orders, answers = self._pipes()
            orders.write(json.dumps({"do": what, **details}) + "\n")
            orders.flush()
            return json.loads(answers.readline())
