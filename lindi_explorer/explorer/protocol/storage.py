"""Where chunks live."""

from __future__ import annotations

from typing import Literal

from lindi_explorer.explorer.protocol.messages import Message, Request, Response

Place = Literal["source", "inline", "staged", "local", "external", "missing"]
"""Where a chunk lives: in the source file, in the document itself, in the staging area, in another
local file, behind an external array link, or nowhere (fill value)."""


class ChunkRow(Message, frozen=True, kw_only=True):
    """Where one chunk lives."""

    index: list[int]
    place: Place
    url: str
    """Without query; the file name alone for local files."""
    offset: int | None
    length: int | None


class GetStorage(Request, frozen=True, kw_only=True, tag="storage"):
    """Answer: Storage."""

    path: str
    offset: int = 0
    limit: int = 200


class Storage(Response, frozen=True, kw_only=True, tag="storage"):
    """Where the chunks of a dataset live."""

    path: str
    chunk_shape: list[int]
    grid: list[int]
    filters: list[str]
    stored_bytes: int
    size_bytes: int | None
    places: list[tuple[Place, int]]
    """How many chunks live where."""
    offset: int
    total: int
    chunks: list[ChunkRow]
