"""Refusals in all the shapes of the API."""

from __future__ import annotations

import json
from typing import Any

from tests.dandi.web import Answer, Request, in_json

NOT_GIVEN = {"detail": "Authentication credentials were not provided."}
NOT_YOURS = {"detail": "You do not have permission to perform this action."}
NOT_FOUND = {"detail": "Not found."}


class Refused(Exception):  # noqa: N818 - it is an answer, not an accident
    """Ends a route with an answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


def refuse(status: int, content: Any, **headers: str) -> Refused:
    """A refusal in JSON: ``{"detail": ...}``, a text, a list, or ``{field: [...]}``."""
    return Refused(in_json(status, content, **headers))


def refuse_empty(status: int) -> Refused:
    """A refusal without a word."""
    return Refused(Answer(status, {"Content-Type": "text/html; charset=utf-8"}))


def refuse_html(status: int) -> Refused:
    """A refusal that Django itself writes."""
    page = f"<!doctype html><html><title>Server Error ({status})</title></html>"
    return Refused(Answer(status, {"Content-Type": "text/html; charset=utf-8"}, page.encode()))


def content_of(request: Request) -> dict[str, Any]:
    """The JSON object that a request brings."""
    try:
        content = json.loads(request.body() or b"{}")
    except ValueError as error:
        raise refuse(400, {"detail": f"JSON parse error - {error}"}) from None
    if not isinstance(content, dict):
        raise refuse(400, {"non_field_errors": ["Invalid data. Expected a dictionary."]})
    return content
