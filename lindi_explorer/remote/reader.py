"""Reading byte ranges, local and remote: one reader per open file or document."""

from __future__ import annotations

import asyncio
import itertools
import os
import weakref
from typing import TYPE_CHECKING

from lindi_explorer.byterange import ByteRange
from lindi_explorer.errors import FormatError
from lindi_explorer.remote.address import local_path, origin_of
from lindi_explorer.remote.apart import run_apart
from lindi_explorer.remote.blocking import BlockingTransport
from lindi_explorer.remote.cancel import cancelling_task, current_token
from lindi_explorer.remote.concurrent import Transports
from lindi_explorer.remote.exchange import Exchange
from lindi_explorer.remote.faults import past_end, too_large
from lindi_explorer.remote.head import Head
from lindi_explorer.remote.kept import KeptParts
from lindi_explorer.remote.local import LocalFiles
from lindi_explorer.remote.messages import OPENING_LENGTH, Ask, Facts, Fetched
from lindi_explorer.remote.policy import OriginPolicy
from lindi_explorer.remote.retry import RetryRules
from lindi_explorer.remote.stats import Progress, ReaderStats

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import Any, Self

    from lindi_explorer.remote.cache import LocalCache
    from lindi_explorer.remote.cancel import CancelToken
    from lindi_explorer.remote.concurrent import LoopTransport

__all__ = ["Head", "RangeReader"]

# A document is fetched in pieces of this size, all at once.
_PIECE = 1 << 20


class RangeReader:
    """Reads byte ranges of one document and of the files it refers to.

    Any thread and any event loop may use it. What the first answer said of a file (size, ETag) must hold for
    all later ones, or `StaleFileError` is raised: bytes of two versions never mix.

    Parameters
    ----------
    source : path or str, optional
        Path or URL of the document that holds the references. References inside a document from the network
        reach http(s) only, and addresses inside this computer or network only on the document's own origin.
        None for a document in memory, which is trusted like a local file.
    local_cache : LocalCache, optional
        Keeps parts of remote files on disk.
    trusted_origins : iterable of str, optional
        Further origins (``https://host:port``) that may lie inside this computer or network.
    credentials : mapping, optional
        Origin -> headers that are sent to that origin, and to no other.
    max_in_flight : int, optional
        The most concurrent requests on one event loop.
    retries : RetryRules, optional
        When failed requests are sent again.
    keys : bool, optional
        Whether archives are asked for a key to what refuses a request; without, what everybody can read is.
    """

    def __init__(
        self,
        source: str | os.PathLike[str] | None = None,
        *,
        local_cache: LocalCache | None = None,
        trusted_origins: Iterable[str] = (),
        credentials: Mapping[str, Mapping[str, str]] | None = None,
        max_in_flight: int = 64,
        retries: RetryRules | None = None,
        keys: bool = True,
    ) -> None:
        self.source = None if source is None else os.fspath(source)
        self.local_cache = local_cache
        self.stats = ReaderStats()
        self.closed = False
        self._trusted_origins = tuple(trusted_origins)
        self._max_in_flight = max_in_flight
        self._policy = OriginPolicy(self.source, self._trusted_origins)
        known = {origin_of(origin): dict(headers) for origin, headers in (credentials or {}).items()}
        self._exchange = Exchange(self._policy, retries or RetryRules(), known, self.stats, keys=keys)
        self._blocking = BlockingTransport(self._policy)
        self._concurrent = Transports(self._exchange, max_in_flight)
        self._files = LocalFiles()
        self._held: dict[str, bytes] = {}
        self.kept = KeptParts(local_cache, self._exchange.pins, self.stats)
        # A reader that is dropped without `close` lets go of its connections all the same, without waiting.
        self._let_go = weakref.finalize(self, _let_go, self._blocking, self._concurrent)
        self._let_go.atexit = False

    def trust_folder(self, folder: str) -> None:
        """Let the document refer to the files of a folder of this machine: the user's new chunks are there.

        Parameters
        ----------
        folder : str
        """
        self._policy.trust_folder(folder)

    def linked(self, address: str) -> RangeReader:
        """Return a reader for a file that the document links to.

        What comes from the network is untrusted, also where a document links to it that is trusted. What an
        untrusted document links to reaches what that one may.

        Parameters
        ----------
        address : str
            Path or URL of the file.

        Returns
        -------
        RangeReader
            With the same cache, credentials and rules.
        """
        return _again(address if self._policy.is_trusting else self.source, *self._options())

    def _options(self) -> tuple[Any, ...]:
        exchange = self._exchange
        return (
            *(self.local_cache, self._trusted_origins, exchange.credentials, self._max_in_flight),
            *(exchange.rules, exchange.keys),
        )

    def __reduce__(self) -> tuple[Callable[..., RangeReader], tuple[object, ...]]:
        return _again, (self.source, *self._options())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    async def read(self, byte_range: ByteRange, *, cancel: CancelToken | None = None) -> bytes:
        """Read a range on the running event loop, together with whatever else is read at that moment.

        Parameters
        ----------
        byte_range : ByteRange
            What to read.
        cancel : CancelToken, optional
            Stops the read; by default the one of the surrounding `cancelling` block.

        Returns
        -------
        bytes
            Exactly ``byte_range.length`` of them.

        Raises
        ------
        LindiError
            One of the family.
        """
        if self._local(byte_range.url) is not None:
            data = await asyncio.to_thread(self._at_hand, byte_range)
        else:
            data = self._at_hand(byte_range)
        if data is not None:
            return data
        url, offset, length = byte_range.url, byte_range.offset, byte_range.length
        transport = self._concurrent.here()
        with cancelling_task(cancel or current_token()):
            if self.local_cache is None:
                self._refuse_past_end(byte_range)
                return await transport.batcher.read(url, offset, length)
            if not self._pinned(url) and (check := await asyncio.to_thread(self.kept.check, url)):
                await transport.fetch(check)
            self._refuse_past_end(byte_range)
            if (data := await asyncio.to_thread(self.kept.recall, byte_range)) is None:
                data = await transport.batcher.read(url, offset, length)
                await asyncio.to_thread(self.kept.keep, byte_range, data)
            return data

    def read_now(self, byte_range: ByteRange, *, cancel: CancelToken | None = None) -> bytes:
        """Read a range in the calling thread, which waits for no other: safe while h5py is on the stack.

        Parameters, result and errors are those of `read`.
        """
        if (data := self._at_hand(byte_range)) is not None:
            return data
        url, cancel = byte_range.url, cancel or current_token()
        if self.local_cache is not None and not self._pinned(url) and (check := self.kept.check(url)):
            self._fetch(check, cancel)
        self._refuse_past_end(byte_range)
        if (data := self.kept.recall(byte_range)) is None:
            data = self._fetch(Ask(url, byte_range.offset, byte_range.length), cancel).body
            self.kept.keep(byte_range, data)
        return data

    def read_many(
        self,
        byte_ranges: Sequence[ByteRange],
        *,
        progress: Callable[[int], None] | None = None,
        cancel: CancelToken | None = None,
    ) -> list[bytes]:
        """Read ranges all at once and wait for them; never call this while h5py is on the stack.

        Parameters
        ----------
        byte_ranges : sequence of ByteRange
            What to read.
        progress : callable, optional
            Told the bytes of each range that has come, in another thread.
        cancel : CancelToken, optional
            As in `read`.

        Returns
        -------
        list of bytes
            In the order of the ranges.
        """
        cancel = cancel or current_token()

        async def one(byte_range: ByteRange) -> bytes:
            data = await self.read(byte_range, cancel=cancel)
            if progress is not None:
                progress(len(data))
            return data

        async def all_of_them() -> list[bytes]:
            tasks = [asyncio.create_task(one(byte_range)) for byte_range in byte_ranges]
            try:
                return await asyncio.gather(*tasks)
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
                await self.release()

        return run_apart(all_of_them) if byte_ranges else []

    def size_and_head(self, url: str, *, cancel: CancelToken | None = None) -> Head:
        """Make the first request to a file: its size, its version and its first bytes at once.

        Parameters
        ----------
        url : str
            URL or path.
        cancel : CancelToken, optional
            As in `read`.

        Returns
        -------
        Head
            A web page or a listing in place of a file is not noticed here: look at the bytes.

        Raises
        ------
        LindiError
            One of the family.
        """
        if (path := self._local(url)) is not None:
            file = self._files.get(path)
            return Head(url, file.size, "", file.read(0, min(file.size, OPENING_LENGTH)), ranges=True)
        cancel = cancel or current_token()
        if (kept := self._kept_head(url, cancel)) is not None:
            return kept
        fetched = self._fetch(Ask(url, length=OPENING_LENGTH, mode="opening"), cancel)
        facts = fetched.facts
        head = fetched.body[:OPENING_LENGTH]
        size = len(head) if facts.total is None and len(fetched.body) <= OPENING_LENGTH else facts.total
        if fetched.ranges:
            self.kept.keep(ByteRange(url, 0, len(head)), head)
        return Head(url, size, facts.etag, head, fetched.ranges)

    def version(self, url: str, *, cancel: CancelToken | None = None) -> Facts:
        """What tells a remote file from another version of it: what its answers have said, or say now.

        Parameters
        ----------
        url : str
            URL.
        cancel : CancelToken, optional
            As in `read`.

        Returns
        -------
        Facts

        Raises
        ------
        LindiError
            One of the family.
        """
        known = self._exchange.pins.get(url)
        if known is not None:
            return known
        return self._fetch(Ask(url, length=1), cancel or current_token()).facts

    def known(self, url: str) -> Head | None:
        """What is known of a file without asking anybody: its size and version, and none of its bytes.

        Parameters
        ----------
        url : str
            URL or path.

        Returns
        -------
        Head or None
            None for a remote file that nothing has been read of.
        """
        if (path := self._local(url)) is not None:
            return Head(url, self._files.get(path).size, "", b"", ranges=True)
        facts = self._exchange.pins.get(url)
        return None if facts is None else Head(url, facts.total, facts.etag, b"", ranges=True)

    def fetch_whole(
        self,
        url: str,
        *,
        limit: int = 1 << 30,
        head: Head | None = None,
        progress: Callable[[int, int | None], None] | None = None,
        cancel: CancelToken | None = None,
    ) -> bytes:
        """Fetch a whole document, such as a LINDI JSON; also from a server without ranges.

        Parameters
        ----------
        url : str
            URL or path.
        limit : int, optional
            The most bytes that are taken.
        head : Head, optional
            From `size_and_head`, which saves its request.
        progress : callable, optional
            ``progress(bytes so far, bytes in all or None)``; may be called in another thread.
        cancel : CancelToken, optional
            As in `read`.

        Returns
        -------
        bytes
            All of it.

        Raises
        ------
        UnsupportedError
            If it is larger than ``limit``.
        LindiError
            Another one of the family.
        """
        cancel = cancel or current_token()
        head = head or self.size_and_head(url, cancel=cancel)
        size = head.size
        if size is not None and size > limit:
            raise too_large(url, size, limit)
        tell = Progress(progress, size, len(head.head))
        if head.complete:
            return head.head
        if head.ranges and size is not None:
            starts = range(len(head.head), size, _PIECE)
            pieces = [ByteRange(url, start, min(_PIECE, size - start)) for start in starts]
            return b"".join([head.head, *self.read_many(pieces, progress=tell.more, cancel=cancel)])
        body = self._fetch(Ask(url, length=limit, mode="whole"), cancel, tell.now).body
        if len(body) > limit:
            raise too_large(url, None, limit)
        return body

    def read_blocks(self, byte_range: ByteRange, block: int) -> bytes:
        """Read a stretch like `read_now`, but keep it in the local cache block by block.

        Reads of the next session that begin or end elsewhere then find their parts of it.

        Parameters
        ----------
        byte_range : ByteRange
            Begins at a multiple of ``block``.
        block : int
            Size of a block in bytes; the last one may be shorter.
        """
        if self.local_cache is None or local_path(byte_range.url) is not None:
            return self.read_now(byte_range)
        url, stop = byte_range.url, byte_range.end
        blocks = [ByteRange(url, at, min(block, stop - at)) for at in range(byte_range.offset, stop, block)]
        held = {one: data for one in blocks if (data := self.kept.recall(one)) is not None}
        for is_held, run in itertools.groupby(blocks, held.__contains__):
            if not is_held:
                wanted = list(run)
                start = wanted[0].offset
                data = self._fetch(Ask(url, start, wanted[-1].end - start), current_token()).body
                for one in wanted:
                    held[one] = data[one.offset - start : one.end - start]
                    self.kept.keep(one, held[one])
        return b"".join([held[one] for one in blocks])

    def transport(self, max_in_flight: int) -> LoopTransport:
        """Return what sends requests on the running event loop; see `release` when they are done."""
        return self._concurrent.here(max_in_flight)

    async def release(self) -> None:
        """Close the connections of the running event loop."""
        await self._concurrent.close_here()

    def hold(self, url: str, data: bytes) -> None:
        """Answer all reads of a small file from memory: ``data`` is the whole of it."""
        self._held[url] = data

    def forget(self, url: str) -> None:
        """Know nothing of a file any more: it was replaced on purpose, and is read anew from now on."""
        self._exchange.pins.forget(url)
        self._held.pop(url, None)
        if (path := local_path(url)) is not None:
            self._files.forget(path)

    def close(self) -> None:
        """Close files and connections; closing again does nothing."""
        self.closed = True
        self._let_go.detach()
        self._blocking.close()
        self._concurrent.close()
        self._files.close()
        self._held.clear()

    async def aclose(self) -> None:
        """Close like `close`, from a coroutine: those of this event loop are closed when it returns."""
        await self.release()
        self.close()

    def _local(self, url: str) -> str | None:
        if self.closed:
            raise ValueError("This reader is closed")
        path = local_path(url)
        if path is not None:
            self._policy.check_path(path)
        return path

    def _fetch(
        self, ask: Ask, cancel: CancelToken | None, progress: Callable[[int], None] | None = None
    ) -> Fetched:
        return self._blocking.run(self._exchange.talk(ask, progress), cancel)

    def _kept_head(self, url: str, cancel: CancelToken | None) -> Head | None:
        """Return the head from the local cache if the file is still the same; None if it is not."""
        known, head = self.kept.head_of(url)
        if known is None or head is None:
            return None
        try:
            facts = self._fetch(Ask(url, length=1, mode="check", known=known), cancel).facts
        except FormatError:
            return None  # it has become empty
        if facts.differs_from(known) or facts.etag != known.etag:
            return None
        self.stats.add(hits=1)
        return Head(url, known.total, known.etag, head, ranges=True)

    def _pinned(self, url: str) -> bool:
        return self._exchange.pins.get(url) is not None

    def _at_hand(self, byte_range: ByteRange) -> bytes | None:
        """Return a range that needs no network: of a local or a held file, or an empty one."""
        url, offset, length = byte_range.url, byte_range.offset, byte_range.length
        if (path := self._local(url)) is not None:
            return self._files.get(path).read(offset, length)
        if length == 0:
            return b""
        if (whole := self._held.get(url)) is None:
            return None
        if byte_range.end > len(whole):
            raise past_end(url, byte_range.end, len(whole))
        self.stats.add(hits=1)
        return whole[offset : byte_range.end]

    def _refuse_past_end(self, byte_range: ByteRange) -> None:
        facts = self._exchange.pins.get(byte_range.url)
        if facts is not None and facts.total is not None and byte_range.end > facts.total:
            raise past_end(byte_range.url, byte_range.end, facts.total)


def _let_go(blocking: BlockingTransport, concurrent: Transports) -> None:
    blocking.close()
    concurrent.close(patience=0.0)


def _again(source: str | None, cache: LocalCache | None, *options: Any) -> RangeReader:
    trusted_origins, credentials, max_in_flight, retries, keys = options
    return RangeReader(
        source,
        local_cache=cache,
        trusted_origins=trusted_origins,
        credentials=credentials,
        max_in_flight=max_in_flight,
        retries=retries,
        keys=keys,
    )
