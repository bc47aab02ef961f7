"""Where the references ``./member`` of a document lead, which depends on what the document lies in."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from lindi_explorer.errors import FormatError


class Place(NamedTuple):
    """Where a member lies.

    Attributes
    ----------
    address : str
        Absolute path or URL of the file that holds it.
    start : int
        Where it begins in that file, in bytes.
    size : int or None
        Its bytes; None where reading will tell.
    """

    address: str
    start: int = 0
    size: int | None = None


Locate = Callable[[str], Place]
"""Name of a member, without ``./`` -> its place; `FormatError` for a name that no member can have."""

RELATIVE = "./"
"""How the address of a member starts."""


def check_member(name: str) -> None:
    """Raise `FormatError` for a name that could lead out of the container.

    Parameters
    ----------
    name : str
        As the reference has it, without ``./``.
    """
    if any(part in ("", "..") for part in name.replace("\\", "/").split("/")):
        raise FormatError(
            f"a reference of this document leads out of it: {name[:80]!r}",
            hint="The document is damaged, or was made to reach other files.",
        )
