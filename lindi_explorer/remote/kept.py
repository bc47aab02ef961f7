"""What the local cache holds of the files that a reader reads, in the version that it reads."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from lindi_explorer.errors import ChunkTooLargeError
from lindi_explorer.remote.messages import OPENING_LENGTH, Ask, Facts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lindi_explorer.byterange import ByteRange
    from lindi_explorer.remote.cache import LocalCache
    from lindi_explorer.remote.pins import Pins
    from lindi_explorer.remote.stats import ReaderStats


class KeptParts:
    """The local cache as one reader sees it; without a cache, nothing is ever kept.

    A part is only found, and only kept, for a file whose version (strong ETag) an answer of this session
    confirmed.

    Parameters
    ----------
    cache : LocalCache or None
        The cache on disk.
    pins : Pins
        The versions that the reader reads.
    stats : ReaderStats
        Counts what is found.
    """

    def __init__(self, cache: LocalCache | None, pins: Pins, stats: ReaderStats) -> None:
        self._cache = cache
        self._pins = pins
        self._stats = stats
        self._told: dict[str, str] = {}

    def check(self, url: str) -> Ask | None:
        """Return the request that confirms the version last seen of a file; None if none was."""
        known = None if self._cache is None else self._cache.get_file(url)
        return None if known is None else Ask(url, length=1, mode="check", known=known)

    def head_of(self, url: str) -> tuple[Facts | None, bytes | None]:
        """Return the version last seen of a file and its first bytes, still to be confirmed."""
        known = None if self._cache is None else self._cache.get_file(url)
        if self._cache is None or known is None or known.total is None:
            return None, None
        length = min(OPENING_LENGTH, known.total)
        head = self._cache.get_remote_chunk(url=url, offset=0, size=length, etag=known.etag)
        return (None, None) if head is None else (known, head)

    def recall(self, byte_range: ByteRange) -> bytes | None:
        """Return a range that is kept; None if it is not."""
        url, offset, size = byte_range.url, byte_range.offset, byte_range.length
        etag = self._etag(url)
        if self._cache is None or not etag:
            return None
        data = self._cache.get_remote_chunk(url=url, offset=offset, size=size, etag=etag)
        if data is not None:
            self._stats.add(hits=1)
        return data

    def keep(self, byte_range: ByteRange, data: bytes) -> None:
        """Keep a range that was read."""
        url, offset, size = byte_range.url, byte_range.offset, byte_range.length
        etag = self._etag(url)
        if self._cache is None or not etag:
            return
        self._tell(self._cache, url, etag)
        with contextlib.suppress(ChunkTooLargeError):
            self._cache.put_remote_chunk(url=url, offset=offset, size=size, data=data, etag=etag)

    def recall_ahead(self, url: str, most_bytes: int) -> list[tuple[int, bytes]]:
        """Return what `keep_ahead` kept of a file, up to an amount: offset and bytes of each part."""
        etag = self._etag(url)
        if self._cache is None or not etag:
            return []
        return self._cache.get_ahead(url=url, etag=etag, most_bytes=most_bytes)

    def keep_ahead(self, url: str, parts: Sequence[tuple[int, bytes]]) -> None:
        """Keep what was read ahead of a file."""
        etag = self._etag(url)
        if self._cache is not None and etag and parts:
            self._tell(self._cache, url, etag)
            self._cache.put_ahead(url=url, etag=etag, parts=parts)

    def _tell(self, cache: LocalCache, url: str, etag: str) -> None:
        """Let the cache know which version its parts are of."""
        facts = self._pins.get(url)
        if facts is not None and self._told.get(url) != etag:
            cache.put_file(url, facts)
            self._told[url] = etag

    def _etag(self, url: str) -> str:
        facts = self._pins.get(url)
        return "" if facts is None else facts.etag
