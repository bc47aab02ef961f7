"""Requests as a plain client makes them: one at a time, redirects not followed."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit


@dataclass
class Reply:
    """What came back; header names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, decoded."""
        return json.loads(self.body)


def ask(
    method: str,
    url: str,
    content: Any = None,
    *,
    token: str = "",
    body: bytes = b"",
    **headers: str,
) -> Reply:
    """Send a request; ``content`` goes as JSON, ``If_Match="x"`` as the header If-Match."""
    parts = urlsplit(url)
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    if token:
        sent["Authorization"] = f"token {token}"
    if content is not None:
        body, sent["Content-Type"] = json.dumps(content).encode(), "application/json"
    connection = http.client.HTTPConnection(parts.netloc, timeout=20)
    try:
        connection.request(method, f"{parts.path}?{parts.query}", body=body or None, headers=sent)
        answer = connection.getresponse()
        return Reply(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
    finally:
        connection.close()
