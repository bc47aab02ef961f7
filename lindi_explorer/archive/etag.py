"""The identity of a file at DANDI: the ETag that S3 gives to what was uploaded in parts of one size."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import BinaryIO

from lindi_explorer.remote.cancel import current_token

PART = 64 << 20
"""Bytes of a part; more only where there would be too many."""

MOST_PARTS = 10_000

_PIECE = 1 << 20
SENT_PIECE = 64 << 10
"""Bytes that are sent at once: each piece has to be through before the connection counts as broken."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a file.

    Attributes
    ----------
    number : int
        From 1 on.
    start, size : int
        Bytes.
    md5 : str
        What S3 answers when it has it.
    """

    number: int
    start: int
    size: int
    md5: str


@dataclass(frozen=True, slots=True)
class Digest:
    """What a file is known by.

    Attributes
    ----------
    size : int
        Bytes.
    sha256, etag : str
        The second is DANDI's ``dandi-etag``.
    parts : tuple of Part
    """

    size: int
    sha256: str
    etag: str
    parts: tuple[Part, ...]


def digest_of(path: Path, told: Callable[[int], None] = lambda _count: None) -> Digest:
    """Read a file once, in pieces, and say what it is known by.

    Parameters
    ----------
    path : Path
        Of a file that is not empty.
    told : callable, optional
        Told how many bytes were read, again and again.

    Returns
    -------
    Digest

    Raises
    ------
    CancelledByUserError
        If the token of the surrounding `cancelling` block is set.
    """
    size = path.stat().st_size
    each = max(PART, -(-size // MOST_PARTS))
    whole = hashlib.sha256()
    parts = []
    with path.open("rb", buffering=0) as file:
        for number, start in enumerate(range(0, size, each), 1):
            length = min(each, size - start)
            one = hashlib.md5(usedforsecurity=False)
            for piece in pieces_of(file, length):
                whole.update(piece)
                one.update(piece)
                told(len(piece))
            parts.append(Part(number, start, length, one.hexdigest()))
    joined = hashlib.md5(b"".join(bytes.fromhex(part.md5) for part in parts), usedforsecurity=False)
    return Digest(size, whole.hexdigest(), f"{joined.hexdigest()}-{len(parts)}", tuple(parts))


def pieces_of(file: BinaryIO | FileIO, length: int, most: int = _PIECE) -> Iterator[bytes]:
    """So many bytes of an open file, piece by piece, for as long as nobody cancels it.

    Parameters
    ----------
    file : binary file
    length : int
    most : int, optional
        Bytes of a piece.

    Yields
    ------
    bytes
    """
    token = current_token()
    left = length
    while left:
        if token is not None:
            token.check()
        piece = file.read(min(most, left))
        if not piece:
            raise OSError("the file has become shorter while it was read")
        left -= len(piece)
        yield piece
