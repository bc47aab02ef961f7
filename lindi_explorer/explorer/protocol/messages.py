"""What all messages are."""

from __future__ import annotations

import msgspec


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """Base of all parts of messages."""


class Request(Message, frozen=True, kw_only=True, tag_field="op"):
    """Base of all requests."""

    id: str
    """Unique; starts with the prefix of the view that asks, as replies reach every view."""


class Response(Message, frozen=True, kw_only=True, tag_field="type"):
    """Base of all that goes to the view."""

    id: str = ""
    """The request that is answered; empty for events, which every view takes."""
