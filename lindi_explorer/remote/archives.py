"""Archives: services that have names of their own for files, and want a key for some of them.

What knows one (``archive/``) is registered here as a function that loads it, so that nobody pays for it
before an address needs it. `find` turns a name into an address, once, when it is opened. Reads ask for a key
only after an answer without one was a refusal; the `Exchange` sends it to the address that refused and no
further.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

from lindi_explorer.remote.address import is_remote, scheme_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from lindi_explorer.errors import LindiError
    from lindi_explorer.remote.messages import Headers

Want = Literal["any", "hdf5", "lindi"]
"""What the caller can open: whatever is best, the file itself, or a LINDI file."""

_BARE_ID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a source is.

    Attributes
    ----------
    address : str
        URL or absolute path.
    name : str
        What to call it; empty where the address says it.
    note : str
        What whoever opens it should know; mostly empty.
    """

    address: str
    name: str = ""
    note: str = ""


class Archive(Protocol):
    """What is asked of an archive; `find` may go to the network, and `key_for` to the system's keyring."""

    def find(self, source: str | tuple[Any, ...], want: Want) -> Place | None:
        """Where a name leads; None if it is none of this archive's."""

    def key_for(self, url: str) -> Headers | None:
        """Headers for an address that refused a request without them; None if there are none."""

    def refusal(self, url: str, status: int, *, keyed: bool) -> LindiError | None:
        """What to say about a refusal (401 or 403); None if the address is none of this archive's."""

    def is_configured(self, authority: str) -> bool:
        """Whether the user has named this ``host:port``, wherever it lies."""


_loaders: tuple[Callable[[], Archive], ...] = ()


def add_archive(load: Callable[[], Archive]) -> None:
    """Register an archive for the whole process.

    Parameters
    ----------
    load : callable
        Gives it; called again and again, so it remembers.
    """
    global _loaders  # noqa: PLW0603 - as resolvers are, archives are the process's
    _loaders = (*_loaders, load)


def load() -> None:
    """Load all archives now, for reads that must wait for nobody: imports wait for one another."""
    for load_one in _loaders:
        load_one()


def is_name(source: str | tuple[Any, ...]) -> bool:
    """Tell whether only an archive could know a source: it is no path, no file here and no web address.

    Parameters
    ----------
    source : str or tuple
        What somebody wants to open.

    Returns
    -------
    bool
    """
    if isinstance(source, tuple):
        return True
    if _BARE_ID.fullmatch(source):
        return not os.path.exists(source)  # noqa: PTH110 - any text
    return scheme_of(source) == "dandi"


def is_elsewhere(source: str) -> bool:
    """Tell whether a source is on the network: a web address, ``s3://``, or a name of an archive's."""
    return is_remote(source) or scheme_of(source) == "s3" or is_name(source)


def find(source: str | tuple[Any, ...], want: Want = "any") -> Place | None:
    """Where the archives find a source.

    Parameters
    ----------
    source : str or tuple
        What somebody wants to open.
    want : str
        What they can open.

    Returns
    -------
    Place or None
        None for paths, and addresses that no archive knows better.

    Raises
    ------
    LindiError
        If an archive knows the name and has no such file, or refuses to say.
    TypeError
        For a tuple that no archive understands.
    """
    if is_name(source) or (isinstance(source, str) and is_remote(source)):
        for load_one in _loaders:
            found = load_one().find(source, want)
            if found is not None:
                return found
    if isinstance(source, tuple):
        raise TypeError(
            "a tuple that is opened has to be (dandiset, path), such as ('000003', 'sub-1/a.nwb')"
        )
    return None


def key_for(url: str) -> Headers | None:
    """The headers with which an address that has refused a request may be asked again."""
    for load_one in _loaders:
        if (headers := load_one().key_for(url)) is not None:
            return headers
    return None


def refusal(url: str, status: int, *, keyed: bool) -> LindiError | None:
    """What the archive at an address says about a refusal, in words; None where there is no archive."""
    for load_one in _loaders:
        if (error := load_one().refusal(url, status, keyed=keyed)) is not None:
            return error
    return None


def is_configured(authority: str) -> bool:
    """Tell whether the user has named ``host:port`` as an archive or its storage."""
    return any(load_one().is_configured(authority) for load_one in _loaders)
