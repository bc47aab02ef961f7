"""Rows of the tree, and the search for them."""

from __future__ import annotations

from typing import Literal

from lindi_explorer.explorer.protocol.messages import Message, Request, Response

Kind = Literal["group", "dataset", "datatype", "link", "broken", "asset"]
"""What a node is. ``link`` can be followed; ``broken`` is a link that cannot, or an unreadable node.
``asset`` is a file or a folder of a dandiset, before one is open."""

Icon = Literal[
    "folder", "box", "activity", "table", "image", "grid", "hash", "type", "clock", "link", "unlink"
]
"""Icon of a tree row by meaning, as the icon list of the design names them."""

Mark = Literal["", "M", "A", "D", "R"]
"""Edited, added, deleted, renamed; empty = untouched. A collapsed parent shows the strongest below it."""


class Row(Message, frozen=True, kw_only=True):
    """One row of the tree."""

    path: str
    """Absolute path, ``/`` is the root."""
    name: str
    kind: Kind
    icon: Icon
    type_name: str = ""
    """``neurodata_type`` where the node has one."""
    shape: list[int] | None = None
    """None for groups, links and null dataspaces; empty for scalars."""
    dtype: str = ""
    stored_bytes: int | None = None
    """Stored bytes of all chunks below or in the node, None where counting would need a read."""
    children: int = 0
    """How many children a group has; 0 = not expandable."""
    target: str = ""
    """Path a link leads to, or the path an object reference scalar leads to."""
    problem: str = ""
    """Why a broken node cannot be followed or read."""
    mark: Mark = ""
    below: Mark = ""
    """Strongest mark among the descendants, shown while the row is collapsed."""
    finding: Literal["", "error", "warning"] = ""
    finding_below: Literal["", "error", "warning"] = ""


class GetChildren(Request, frozen=True, kw_only=True, tag="children"):
    """A page of a group's children. Answer: Children."""

    path: str
    offset: int = 0
    limit: int = 500


class Search(Request, frozen=True, kw_only=True, tag="search"):
    """Nodes whose name contains the text. Answer: Found."""

    text: str
    limit: int = 500


class Children(Response, frozen=True, kw_only=True, tag="children"):
    """A page of children, in the file's order."""

    path: str
    offset: int
    total: int
    rows: list[Row]


class Found(Response, frozen=True, kw_only=True, tag="found"):
    """Matching rows in the order of the tree, each after its parents."""

    text: str
    total: int
    objects: int
    """How many objects were searched."""
    rows: list[Row]
    """Matches and their parents."""
    matches: list[str]
    """Paths of the matches among the rows."""
