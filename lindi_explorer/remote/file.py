"""A remote file as a Python file object, for h5py."""

from __future__ import annotations

import io
import os
import threading
from typing import TYPE_CHECKING

from lindi_explorer.byterange import redact_url
from lindi_explorer.remote import archives
from lindi_explorer.remote.address import is_remote
from lindi_explorer.remote.faults import no_ranges, past_end
from lindi_explorer.remote.loading import Loader
from lindi_explorer.remote.pages import PageCache
from lindi_explorer.remote.walks import How, Walks

if TYPE_CHECKING:
    from collections.abc import Callable

    from lindi_explorer.remote.cancel import CancelToken
    from lindi_explorer.remote.head import Head
    from lindi_explorer.remote.reader import RangeReader
    from lindi_explorer.remote.stats import Walked

# Files up to this size are fetched whole when they are opened: that takes less time than a few of h5py's
# dependent reads.
WHOLE_FILE = 11 << 20


class RemoteFile(io.RawIOBase):
    """A read-only, seekable file object over a `RangeReader`.

    Misses are blocking requests in the calling thread, and no other Python thread is waited for, so h5py may
    read from it. Local paths work, too.

    **An h5py.File over this object that is still open when the interpreter exits crashes it.** Whoever opens
    one closes it in time, by registering ``atexit`` or ``weakref.finalize(owner, h5_file.close)``.

    Parameters
    ----------
    reader : RangeReader
        Does the reading; it is not closed with the file.
    url : str
        URL or path.
    head : Head, optional
        From ``reader.size_and_head(url)``, which saves its request.
    memory_limit : int, optional
        The most bytes of pages that are kept.

    Attributes
    ----------
    waits : int
        Reads that had to wait for a request of their own.

    Raises
    ------
    RangeNotSupportedError
        If the server sends whole files only and this one is larger than the head.
    LindiError
        Another one of the family.
    """

    def __init__(
        self, reader: RangeReader, url: str, *, head: Head | None = None, memory_limit: int = 256 << 20
    ) -> None:
        super().__init__()
        archives.load()
        head = head or reader.size_and_head(url)
        if head.size is None or not (head.ranges or head.complete):
            raise no_ranges(url, head.size)
        self.reader = reader
        self.url = url
        self.length = head.size
        self.pages = PageCache(self.length, memory_limit=memory_limit)
        self._whole: bytes | None = None
        if self.length <= max(WHOLE_FILE, len(head.head)):
            self._whole = reader.fetch_whole(url, head=head)
            reader.hold(url, self._whole)
        else:
            self.pages.put(0, head.head)
            for offset, data in reader.kept.recall_ahead(url, memory_limit):
                self.pages.put(offset, data)
        self._memory_limit = memory_limit
        # Thread -> its reads that failed, while somebody wants to know: HDF5 may make another error of one,
        # or none at all.
        self.noted: dict[int, list[BaseException]] = {}
        self.waits = 0
        self._walks = Walks(reader, url, self.length, self.pages)
        self._loader = Loader(reader, url, self.length, self.pages)
        self._position = 0

    def __repr__(self) -> str:
        # h5py takes this text for the file name.
        return f"<RemoteFile {redact_url(self.url)!r}>"

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def tell(self) -> int:
        """Return the position, in bytes."""
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Move the position; returns the new one, in bytes."""
        self._check_open()
        if whence == os.SEEK_SET and offset >= 0:  # as HDF5 does before each read
            self._position = offset
            return offset
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self.length}
        if whence not in base:
            raise ValueError(f"whence is {whence}, not 0, 1 or 2")
        position = base[whence] + offset
        if position < 0:
            raise ValueError(f"The position {position} lies before the beginning of the file")
        self._position = position
        return position

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]
        """Read into a buffer; returns the number of bytes, fewer only at the end of the file."""
        self._check_open()
        out = memoryview(buffer).cast("B")
        # HDF5 reads short records by the thousand.
        record = self.pages.peek(self._position, len(out))
        if record is not None and len(record) == len(out):
            out[:] = record
            self._position += len(record)
            self.reader.stats.add(hits=1)
            return len(record)
        count = max(0, min(len(out), self.length - self._position))
        self._read_into(out[:count], self._position)
        self._position += count
        return count

    def read_at(self, offset: int, length: int) -> bytes:
        """Return ``length`` bytes from ``offset`` on; does not move the position, so any thread may call it.

        Raises
        ------
        FormatError
            If the file ends before.
        """
        self._check_open()
        if offset + length > self.length:
            raise past_end(self.url, offset + length, self.length)
        out = bytearray(length)
        self._read_into(memoryview(out), offset)
        return bytes(out)

    def read_record(self, offset: int, length: int) -> bytes:
        """The same for short records that are read by the thousand; what is at hand is not counted.

        Raises
        ------
        FormatError
            If the file ends before.
        """
        if self._whole is not None and offset + length <= self.length:
            return self._whole[offset : offset + length]
        data = self.pages.peek(offset, length)
        return self.read_at(offset, length) if data is None or len(data) != length else data

    @property
    def is_walked(self) -> bool:
        """Whether all groups are at hand, so that going through them costs no request."""
        return self._whole is not None or self._walks.has_all_groups

    def read_ahead(
        self,
        *,
        chunks: bool = True,
        levels: int | None = None,
        names: bool = False,
        at: int | None = None,
        most_bytes: int | None = None,
        progress: Callable[[Walked], None] | None = None,
        cancel: CancelToken | None = None,
    ) -> Walked | None:
        """Fetch the HDF5 metadata of the file, all branches at once, so that reading it meets no waits.

        Never call this while h5py is on the stack: it waits for another thread. A file that is at hand as a
        whole, and one that was walked so before, cost nothing.

        Parameters
        ----------
        chunks : bool, optional
            Whether to fetch all that indexing needs, chunk indexes and small data, or only what browsing
            does: groups and the attributes of objects.
        levels : int, optional
            Only objects that are so many steps from the root group, or fewer.
        names : bool, optional
            Whether the names of objects one step deeper are wanted, too, but not these objects.
        at : int, optional
            Only the object whose header has this address.
        most_bytes : int, optional
            No more than this is fetched; by default as much as the pages may take.
        progress : callable, optional
            Told now and then how far it has come, in another thread.
        cancel : CancelToken, optional
            Stops it; by default the one of the surrounding `cancelling` block.

        Returns
        -------
        Walked or None
            None if nothing had to be done.

        Raises
        ------
        LindiError
            If a request fails for good.
        """
        self._check_open()
        if self._whole is not None or not is_remote(self.url):
            return None
        how = How(chunks, levels, names, at)
        limit = self._memory_limit if most_bytes is None else most_bytes
        return self._walks.walk(how, limit, progress=progress, cancel=cancel)

    def close(self) -> None:
        """Drop the pages; the reader stays open."""
        if not self.closed:
            self.pages.clear()
            self._whole = None
        super().close()

    def _check_open(self) -> None:
        if self.closed:
            raise ValueError("This file is closed")

    def _read_into(self, out: memoryview, offset: int) -> None:
        if self._whole is not None:
            out[:] = self._whole[offset : offset + len(out)]
            return
        missing = self.pages.fill(out, offset)
        self.reader.stats.add(hits=not missing, misses=len(missing))
        self.waits += len(missing)
        try:
            for start, stop in missing:
                self._loader.load(out[start - offset : stop - offset], start)
        except BaseException as error:
            if (noted := self.noted.get(threading.get_ident())) is not None:
                noted.append(error)
            raise
