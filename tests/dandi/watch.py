"""What came to both origins, and which secrets came where they must not."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Mapping

_SIGNATURE = re.compile(r"X-Amz-(Signature|Credential)=", re.IGNORECASE)


class Watch:
    """A log of requests, and of leaks; ``secrets``: every key that there is or was."""

    def __init__(self) -> None:
        self.secrets: set[str] = set()
        self.log: list[dict[str, Any]] = []
        self.leaks: list[str] = []

    def see(self, origin: str, method: str, target: str, headers: Mapping[str, str]) -> dict[str, Any]:
        """Look at a request before it is answered; returns its entry in the log."""
        path = target.partition("?")[0]
        entry = {
            "origin": origin,
            "method": method,
            "path": path,
            "status": 0,
            "range": headers.get("range", ""),
            "if_match": headers.get("if-match", ""),
            "keyed": "authorization" in headers,
            "part": _number("partNumber", target),
            "length": int(headers.get("content-length", "0")),
            "beside": 0,
        }
        self.log.append(entry)
        self.leaks += [
            f"{what} at {origin}: {method} {path}" for what in self._found(origin, target, headers)
        ]
        return entry

    def _found(self, origin: str, target: str, headers: Mapping[str, str]) -> list[str]:
        found = []
        if origin == "storage" and "authorization" in headers:
            found.append("Authorization")
        if "cookie" in headers:
            found.append("Cookie")
        if any(secret in unquote(target) for secret in self.secrets):
            found.append("key in the address")
        if origin == "api" and _SIGNATURE.search(target):
            found.append("signature in the address")
        for name, value in headers.items():
            if _SIGNATURE.search(value):
                found.append(f"signature in {name}")
            if name != "authorization" and any(secret in value for secret in self.secrets):
                found.append(f"key in {name}")
        return found


def _number(name: str, target: str) -> int:
    """A number in the query of an address; 0 if it is not there."""
    found = re.search(rf"[?&]{name}=(\d+)", target)
    return int(found[1]) if found else 0
