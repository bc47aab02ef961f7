"""A byte range of a file or URL, and the one way in which a URL may be shown."""

from __future__ import annotations

from dataclasses import dataclass

_LONGEST_SHOWN = 300


@dataclass(frozen=True, slots=True)
class ByteRange:
    """Some bytes of a file: ``length`` of them, from ``offset`` on.

    Parameters
    ----------
    url : str
        http(s) URL, file URL or path of the file, as the document has it (not resolved).
    offset : int
        Position of the first byte, from 0.
    length : int
        Number of bytes; may be 0.

    Raises
    ------
    ValueError
        If offset or length is negative.
    """

    url: str
    offset: int
    length: int

    def __post_init__(self) -> None:
        if self.offset < 0 or self.length < 0:
            msg = f"A byte range needs offset and length of at least 0, not {self.offset} and {self.length}"
            raise ValueError(msg)

    @property
    def end(self) -> int:
        """Position after the last byte."""
        return self.offset + self.length


def redact_url(url: str) -> str:
    """Return a URL as it may be shown: without user name, password, query and fragment.

    Signed links carry their secret in the query. Paths of local files come back as they are. Characters
    that do not print are replaced and very long text is cut, since URLs come from untrusted documents.

    Parameters
    ----------
    url : str
        Any URL or path.

    Returns
    -------
    str
        The part that is safe to print, log and send to a browser.
    """
    scheme, separator, rest = url.partition("://")
    if separator:
        rest = rest.partition("#")[0].partition("?")[0]
        authority, slash, path = rest.partition("/")
        url = f"{scheme}://{authority.rpartition('@')[2]}{slash}{path}"
    if not url.isprintable():
        url = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in url)
    return url if len(url) <= _LONGEST_SHOWN else url[:_LONGEST_SHOWN] + "\N{HORIZONTAL ELLIPSIS}"
