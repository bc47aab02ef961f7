"""What the first request to a file tells."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Head:
    """Size, version and first bytes of a file.

    Attributes
    ----------
    url : str
        URL or path, as it was asked for.
    size : int or None
        Size of the file in bytes; None only where the server knows no ranges and names no length.
    etag : str
        The strong ETag with its quotes; empty if there is none, and for local files.
    head : bytes
        The first bytes, at most 1 MiB.
    ranges : bool
        Whether parts of the file can be read.
    """

    url: str
    size: int | None
    etag: str
    head: bytes
    ranges: bool

    @property
    def complete(self) -> bool:
        """Whether ``head`` is the whole file."""
        return len(self.head) == self.size
