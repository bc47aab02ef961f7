"""Choosing a file of a dandiset."""

from __future__ import annotations

from lindi_explorer.explorer.protocol.messages import Request, Response
from lindi_explorer.explorer.protocol.tree import Row


class ChooseAsset(Request, frozen=True, kw_only=True, tag="choose"):
    """Open a file of the dandiset, as its row has it. Answer: Opened; every view is told."""

    path: str
    ready_made: bool = True
    """Whether a LINDI file beside it is opened in its place."""


class BackToAssets(Request, frozen=True, kw_only=True, tag="back_to_assets"):
    """Close the file, whose edits stay in its journal. Answer: Choosing; every view is told."""


class Choosing(Response, frozen=True, kw_only=True, tag="choosing"):
    """No file is open yet. Until one is, Children and Found list the files and folders of a dandiset."""

    name: str
    """``Dandiset 000123``."""
    title: str
    version: str
    archive: str
    """Name of the instance."""
    web_page: str
    """Address; empty where the archive has none."""
    embargoed: bool
    files: int
    bytes: int
    root: Row
    selected: str
    """The row to begin with."""
