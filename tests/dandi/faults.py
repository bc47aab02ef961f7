"""What goes wrong, by schedule: the same requests always meet the same faults."""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass
from typing import Any

KINDS = {
    "throttled": (429, '{"detail": "Request was throttled. Expected available in %d seconds."}'),
    "broken": (500, "<!doctype html><title>Server Error (500)</title>"),
    "router": (503, "<!DOCTYPE html><html><title>Application Error</title></html>"),
    "gateway": (504, ""),
    "slow-down": (
        503,
        "<Error><Code>SlowDown</Code><Message>Slow down.</Message></Error>",
    ),
    "reset": (0, ""),
    "short": (0, ""),
    "late-error": (
        200,
        "<Error><Code>InternalError</Code><Message>Internal error.</Message></Error>",
    ),
    "request-timeout": (
        400,
        "<Error><Code>RequestTimeout</Code><Message>Nothing came for too long.</Message></Error>",
    ),
    "incomplete": (400, "<Error><Code>IncompleteBody</Code><Message>Too few bytes.</Message></Error>"),
    "bad-digest": (400, "<Error><Code>BadDigest</Code><Message>It did not match.</Message></Error>"),
    "denied": (403, "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"),
    "other-etag": (200, f"<CompleteMultipartUploadResult><ETag>{'0' * 32}-1</ETag></...>"),
    "lost": (0, ""),
    "damaged": (200, ""),
    "expired": (403, "<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>"),
}
"""Kind -> status and body.

``reset``: no answer at all; ``short``: half of the body; ``late-error``: an error with status 200, as S3 may
complete uploads; ``other-etag``: the parts come to something else; ``lost``: what is asked is done, and the
answer does not come; ``damaged``: other bytes have arrived than were sent, which only the ETag tells.
"""

ROTATION = (
    *("reset", "broken", "lost", "throttled", "short"),
    *("router", "slow-down", "gateway", "damaged", "late-error"),
)
"""The ten ways in which requests fail by turns."""


@dataclass
class Fault:
    """A fault of some requests.

    Attributes
    ----------
    kind : str
        One of `KINDS`.
    origin : str
        ``api`` or ``storage``.
    path : str
        Expression that the path holds.
    method : str
        Only these; empty: all.
    every : int
        It meets every so many of these requests.
    times : int
        Wears off after so many.
    after : int
        Seconds in ``Retry-After``; 0: none.
    """

    kind: str
    origin: str
    path: str = ""
    method: str = ""
    every: int = 1
    times: int = 1 << 30
    after: int = 0
    met: int = 0

    def meets(self, origin: str, method: str, path: str) -> bool:
        """Whether it is this request's turn."""
        if self.times <= 0 or origin != self.origin or self.method not in {"", method}:
            return False
        if not re.search(self.path, path):
            return False
        self.met += 1
        if self.met % self.every:
            return False
        self.times -= 1
        return True

    def answer(self) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body."""
        status, text = KINDS[self.kind]
        if "%d" in text:
            text %= self.after
        kind = {"{": "application/json", "<": "text/html"}.get(text[:1], "text/plain")
        headers = {"Content-Type": "application/xml" if text.startswith("<Error") else kind}
        if self.after:
            headers["Retry-After"] = str(self.after)
        if self.kind == "damaged":
            headers["ETag"] = f'"{"0" * 32}"'
        return status, headers, text.encode()


class Faults:
    """The schedule."""

    def __init__(self) -> None:
        self._planned: list[Fault] = []
        self._every = self._come = 0
        self._turns = deque(ROTATION)

    def plan(self, **fault: Any) -> None:
        """Add a fault."""
        if fault["kind"] not in KINDS:
            raise ValueError(f"there is no fault {fault['kind']!r}")
        self._planned.append(Fault(**fault))

    def rotate(self, every: int) -> None:
        """Let every so many of all requests fail, in all ways by turns."""
        self._every, self._come = every, 0

    def clear(self) -> None:
        """Let everything go well."""
        self._planned.clear()
        self._every = 0

    def next(self, origin: str, method: str, path: str) -> Fault | None:
        """The fault that a request meets."""
        for fault in self._planned:
            if fault.meets(origin, method, path):
                return fault
        self._come += 1
        if not self._every or self._come % self._every:
            return None
        kind = next(kind for kind in self._turns if _suits(kind, origin, method))
        self._turns.remove(kind)
        self._turns.append(kind)
        return Fault(kind, origin)


def _suits(kind: str, origin: str, method: str) -> bool:
    """Whether a fault is one that this kind of request can meet."""
    if kind in {"slow-down", "damaged", "late-error"}:
        only = {"damaged": "PUT", "late-error": "POST"}.get(kind, method)
        return origin == "storage" and method == only
    return kind != "throttled" or origin == "api"
