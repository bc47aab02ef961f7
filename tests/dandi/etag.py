"""The identity of a file at DANDI: the ETag that S3 gives to a multi-part upload in parts of one size."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

PART = 64 << 20
MOST_PARTS = 10_000


def part_sizes(size: int, part: int = PART) -> list[int]:
    """The sizes of the parts of a file: all equal but the last, at most 10,000."""
    part = max(part, -(-size // MOST_PARTS))
    return [min(part, size - start) for start in range(0, size, part)]


def dandi_etag(path: Path, part: int = PART) -> str:
    """The digest of the parts' digests, and how many there are."""
    sizes = part_sizes(path.stat().st_size, part)
    with path.open("rb") as file:
        digests = [hashlib.md5(file.read(size), usedforsecurity=False).digest() for size in sizes]
    return joined_etag(digests)


def joined_etag(digests: list[bytes]) -> str:
    """The digest of digests, as S3 writes it."""
    return f"{hashlib.md5(b''.join(digests), usedforsecurity=False).hexdigest()}-{len(digests)}"
