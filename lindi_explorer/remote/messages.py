"""What the parts of a request tell each other: the question, what to do next, what an answer means.

An `Ask` becomes `Action`s, which a transport carries out; the head of each `Answer` becomes a `Verdict`; in
the end there is a `Fetched` or an error.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from lindi_explorer.errors import LindiError

OPENING_LENGTH = 1 << 20


class Headers(dict[str, str]):
    """Headers of a request, which may hold a secret: only their names are ever shown."""

    def __repr__(self) -> str:
        return f"Headers({', '.join(self)})"

    __str__ = __repr__


@dataclass(frozen=True, slots=True)
class Facts:
    """What the answers say about a file: enough to notice that it changed.

    Attributes
    ----------
    total : int or None
        Size of the file in bytes; None if the server does not say.
    etag : str
        The strong ETag with its quotes; empty if there is none.
    modified : str
        The Last-Modified header; empty if there is none.
    """

    total: int | None
    etag: str = ""
    modified: str = ""

    def differs_from(self, other: Facts) -> bool:
        """Tell whether both cannot be about the same content."""
        if None not in (self.total, other.total) and self.total != other.total:
            return True
        if self.etag and other.etag:
            return self.etag != other.etag
        return bool(self.modified and other.modified) and self.modified != other.modified


@dataclass(frozen=True, slots=True)
class Ask:
    """What is wanted of a URL.

    Attributes
    ----------
    url : str
        As the document has it, not resolved.
    offset, length : int
        The bytes; for mode "whole" the length is the most that is taken.
    mode : str
        "exact": these bytes and no others. "opening": the first request to a file of unknown size; it may be
        shorter, and the server may not know ranges. "check": is the file still the one in ``known``?
        "whole": all of it, without a range.
    known : Facts or None
        What the local cache holds of this URL: an answer 304 says that it still holds.
    """

    url: str = field(repr=False)  # it may be signed
    offset: int = 0
    length: int = OPENING_LENGTH
    mode: Literal["exact", "opening", "check", "whole"] = "exact"
    known: Facts | None = None

    @property
    def end(self) -> int:
        """Position after the last wanted byte."""
        return self.offset + self.length


@dataclass(frozen=True, slots=True)
class Take:
    """Read the body: ``length`` bytes of it; None: until it ends, but at most ``limit``."""

    length: int | None
    limit: int
    facts: Facts
    ranges: bool


@dataclass(frozen=True, slots=True)
class Unchanged:
    """The file is still the one that is known."""


@dataclass(frozen=True, slots=True)
class Redirect:
    """The file is elsewhere."""

    location: str = field(repr=False)  # it may be signed


@dataclass(frozen=True, slots=True)
class Retry:
    """Not now; ``after`` seconds, if the server says so. ``busy``: it has more requests than it likes.

    ``status``: what it answered; 0 if nothing came.
    """

    why: str
    after: float | None = None
    busy: bool = False
    status: int = 0


@dataclass(frozen=True, slots=True)
class Failed:
    """No. ``renewable``: the link may only have expired. ``facts``: the file itself is there.

    ``refused``: the status, where it is 401 or 403 and a key might help.
    """

    error: LindiError
    renewable: bool = False
    facts: Facts | None = None
    refused: int = 0


Verdict = Take | Unchanged | Redirect | Retry | Failed


@dataclass(frozen=True, slots=True)
class Lead:
    """Be the first to find the way to a URL; sent back: False if another is, or was meanwhile, so look again.

    ``wait``: until that one has found it.
    """

    url: str
    wait: bool = True


@dataclass(frozen=True, slots=True)
class Resolve:
    """Ask the registered resolvers; sent back: the URL they lead to."""

    url: str


@dataclass(frozen=True, slots=True)
class Unlock:
    """Ask the archives for a key to an address that refused; sent back: `Headers`, or None."""

    url: str = field(repr=False)  # as above


@dataclass(frozen=True, slots=True)
class Content:
    """What a request takes along.

    Attributes
    ----------
    length : int
        Bytes.
    pieces : callable
        Gives all of it piece by piece; called anew for every try.
    kind : str
        The Content-Type; none where that is empty.
    """

    length: int
    pieces: Callable[[], Iterable[bytes]] = field(repr=False)
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Send:
    """Send a request, judge the answer's head, read what the verdict says; sent back: an `Answer`.

    The blocking transport alone knows other methods than GET, and content.
    """

    url: str = field(repr=False)  # as above
    headers: Headers
    judge: Callable[[int, Mapping[str, str]], Verdict]
    progress: Callable[[int], None] | None
    method: str = "GET"
    content: Content | None = None


@dataclass(frozen=True, slots=True)
class Sleep:
    """Wait before the next try."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Answer:
    """The outcome of `Send`.

    Attributes
    ----------
    verdict : Verdict or None
        What its head means; None if nothing came.
    body : bytes
        As much as came of what the verdict said to take.
    broken : str
        Why there is no verdict.
    no_contact : bool
        There was not even a connection (no such host, refused).
    """

    verdict: Verdict | None
    body: bytes = field(default=b"", repr=False)  # there may be signed links in it
    broken: str = ""
    no_contact: bool = False


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came of it all. ``unchanged``: the known version still holds, so there is no body."""

    body: bytes = field(repr=False)  # as above
    facts: Facts
    ranges: bool = True
    unchanged: bool = False


Action = Lead | Resolve | Unlock | Send | Sleep
