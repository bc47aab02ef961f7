"""The card of the whole file."""

from __future__ import annotations

from lindi_explorer.explorer.protocol.messages import Message, Request, Response


class Fact(Message, frozen=True, kw_only=True):
    """A labelled fact of the home card."""

    label: str
    text: str
    path: str = ""


class Item(Message, frozen=True, kw_only=True):
    """A named link to a node."""

    name: str
    path: str
    note: str = ""


class Contents(Message, frozen=True, kw_only=True):
    """A line of the home card's contents."""

    label: str
    items: list[Item]
    stored_bytes: int | None


class TimeBar(Message, frozen=True, kw_only=True):
    """When one object has data, in seconds of the session's time."""

    name: str
    path: str
    spans: list[tuple[float, float]]
    note: str
    """``30 kHz``, ``640 rows`` ..."""


class GetHome(Request, frozen=True, kw_only=True, tag="home"):
    """Session card, contents, time alignment. Answer: Home."""


class Home(Response, frozen=True, kw_only=True, tag="home"):
    """The card of the whole file."""

    session: list[Fact]
    """Empty for files that are not NWB."""
    file: list[Fact]
    contents: list[Contents]
    timeline: list[TimeBar]
