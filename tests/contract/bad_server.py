"""A web server with bad days, in a process of its own: one on a thread could wait for h5py's lock."""

from __future__ import annotations

import contextlib
import json
import random
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qs, quote, urlsplit

from lindi_explorer.samples import serve_child

DEFAULTS: dict[str, Any] = {
    "refuse_share": 0.0,  # of requests, answered with `refuse_status`
    "refuse_status": 503,
    "retry_after": None,  # seconds, sent with a refusal
    "cut_share": 0.0,  # of answers, which break off in the middle
    "jitter": 0.0,  # seconds at most
    "cap": None,  # requests under way; more are refused
    "no_ranges": False,
    "redirect": 0,  # times that a request is sent on to a link with a signature
    "links_last": None,  # requests after which a signature is refused
    "changes_after": None,  # requests after which the file has another ETag
    "slow_after": None,  # requests after which the others wait `slow` seconds
    "slow": 60.0,
    "broken": [],  # requests that begin at these bytes are refused
    "broken_from": None,  # all requests are refused from this number on, the first has 0
}


class BadServer:
    """Serves a folder; ``behave(name=value, ...)`` says how badly from now on, and counts anew."""

    def __init__(self, root: Path) -> None:
        self._child = subprocess.Popen(
            [sys.executable, "-m", "tests.contract.bad_server", str(root)],
            cwd=Path(__file__).parents[2],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._child.stdout is not None
        self.origin = f"http://127.0.0.1:{int(self._child.stdout.readline())}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._child.communicate()

    def url(self, name: str) -> str:
        return f"{self.origin}/{quote(name)}"

    def behave(self, **how: Any) -> None:
        assert how.keys() <= DEFAULTS.keys()
        self._order({**DEFAULTS, **how})

    def counts(self) -> dict[str, Any]:
        """``requests``, ``refused``, ``most`` under way, ``bytes``, ``signatures``, ``heads``, ``starts``."""
        return self._order(None)

    def _order(self, order: Any) -> Any:
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        self._child.stdin.write(json.dumps(order) + "\n")
        self._child.stdin.flush()
        return json.loads(self._child.stdout.readline())


class Day:
    """How the child behaves, and what it has seen."""

    def __init__(self, how: dict[str, Any], signature: int = 1) -> None:
        self.how = how
        self.lock = threading.Lock()
        self.chance = random.Random(1)
        self.under_way = 0
        self.signature = signature
        self.used = 0  # requests under this signature
        names = ("requests", "refused", "most", "bytes", "signatures", "heads")
        self.counts: dict[str, Any] = {**dict.fromkeys(names, 0), "starts": []}

    def lucky(self, share: float) -> bool:
        with self.lock:
            return self.chance.random() < share


class Handler(serve_child.Handler):
    day = Day(DEFAULTS)

    def do_HEAD(self) -> None:  # noqa: N802 - the base class names it
        with self.day.lock:
            self.day.counts["heads"] += 1
        self._refuse(405)

    def do_GET(self) -> None:  # noqa: N802 - the base class names it
        day = self.day
        with day.lock:
            number = day.counts["requests"]
            day.counts["requests"] += 1
            day.under_way += 1
            under_way = day.under_way
            day.counts["most"] = max(day.counts["most"], under_way)
        try:
            self._answer_to(day, number, under_way)
        finally:
            with day.lock:
                day.under_way -= 1

    def _answer_to(self, day: Day, number: int, under_way: int) -> None:
        how = day.how
        self.extra: dict[str, str] = {}
        parts = urlsplit(self.path)
        self.name = parts.path.lstrip("/")
        if how["jitter"]:
            time.sleep(how["jitter"] * day.chance.random())
        if how["slow_after"] is not None and number >= how["slow_after"]:
            time.sleep(how["slow"])
        start = int((self.headers.get("Range") or "bytes=0-").removeprefix("bytes=").split("-")[0])
        broken_from = how["broken_from"]
        is_broken = start in how["broken"] or (broken_from is not None and number >= broken_from)
        with day.lock:
            day.counts["starts"].append(start)
        if is_broken or (how["cap"] and under_way > how["cap"]) or day.lucky(how["refuse_share"]):
            with day.lock:
                day.counts["refused"] += 1
            if how["retry_after"] is not None:
                self.extra["Retry-After"] = str(how["retry_after"])
            return self._refuse(how["refuse_status"])
        signature = parse_qs(parts.query).get("signature", ["0"])[0]
        hop = int(parse_qs(parts.query).get("hop", ["0"])[0])
        if how["redirect"] and hop < how["redirect"]:
            self.extra["Location"] = f"/{self.name}?signature={self._sign(day, new=hop == 0)}&hop={hop + 1}"
            return self._refuse(302)
        if how["links_last"] is not None and not self._is_valid(day, signature):
            return self._refuse(403)
        path = self.state.find(self.name)
        if path is None:
            return self._refuse(404)
        fault: dict[str, Any] = {"no_ranges": how["no_ranges"]}
        if day.lucky(how["cut_share"]):
            fault["truncate"] = 1000
        self.changed = how["changes_after"] is not None and number >= how["changes_after"]
        return self._serve(path, fault)

    def _sign(self, day: Day, *, new: bool) -> int:
        with day.lock:
            if new:
                day.signature += 1
                day.used = 0
                day.counts["signatures"] += 1
            return day.signature

    def _is_valid(self, day: Day, signature: str) -> bool:
        with day.lock:
            day.used += signature == str(day.signature)
            return signature == str(day.signature) and day.used <= day.how["links_last"]

    def _serve(self, path: Path, fault: dict[str, Any]) -> None:
        etag = '"changed"' if self.changed else serve_child.etag_of(path)
        if not serve_child.named(self.headers.get("If-Match", "*"), etag):
            return self._refuse(412)
        if serve_child.named(self.headers.get("If-None-Match", "none"), etag):
            self.extra["ETag"] = etag
            return self._answer(304, b"", {})
        self.extra["ETag"] = etag
        if "If-Match" in self.headers:
            del self.headers["If-Match"]
        return super()._serve(path, fault)

    def _send_body(self, body: bytes | Path, start: int, stop: int) -> None:
        with self.day.lock:
            self.day.counts["bytes"] += stop - start
        with contextlib.suppress(ConnectionError):
            super()._send_body(body, start, stop)


def _say(what: object) -> None:
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


def main(root: str) -> None:
    Handler.state = serve_child.State(root, 0.0)
    server = serve_child.Server(("127.0.0.1", 0), Handler)
    serve_child.signal.signal(serve_child.signal.SIGINT, serve_child.signal.SIG_IGN)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    _say(server.server_port)
    for line in sys.stdin:
        order = json.loads(line)
        if order is not None:
            Handler.day = Day(order, Handler.day.signature)
        _say(json.dumps(Handler.day.counts))


if __name__ == "__main__":
    main(sys.argv[1])
