"""How much is fetched of a file when HDF5 reads what is not at hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lindi_explorer.byterange import ByteRange
from lindi_explorer.errors import StaleFileError

if TYPE_CHECKING:
    from lindi_explorer.remote.pages import PageCache
    from lindi_explorer.remote.reader import RangeReader

# A read that misses fetches at least one block around it. While reads go on where the last one ended, twice
# as much each time, up to a limit.
BLOCK = 256 << 10
_LONGEST_READ = 4 << 20
# Records of HDF5's metadata are shorter. A chunk is often followed by its neighbours, which lie behind it.
_DATA = 32 << 10
# Reads of this size and more are array data: they are passed on, not kept, so as not to drive out metadata.
_BULK = 1 << 20


class Loader:
    """Fetches what no page of a file holds.

    Parameters
    ----------
    reader : RangeReader
    url : str
    length : int
        Of the file.
    pages : PageCache
        Gets what was fetched.
    """

    def __init__(self, reader: RangeReader, url: str, length: int, pages: PageCache) -> None:
        self._reader = reader
        self._url = url
        self._length = length
        self._pages = pages
        self._ahead = BLOCK
        self._next = -1

    def load(self, out: memoryview, offset: int) -> None:
        """Fetch bytes; unless they are many, with what is around and after them.

        Raises
        ------
        LindiError
            If a request fails for good.
        """
        try:
            if len(out) >= _BULK:
                self._load_bulk(out, offset)
            else:
                self._load_blocks(out, offset)
        except StaleFileError:
            self._pages.clear()
            raise

    def _load_bulk(self, out: memoryview, offset: int) -> None:
        end = offset + len(out)
        for at in range(offset, end, _LONGEST_READ):
            stop = min(at + _LONGEST_READ, end)
            out[at - offset : stop - offset] = self._reader.read_now(ByteRange(self._url, at, stop - at))

    def _load_blocks(self, out: memoryview, offset: int) -> None:
        end = offset + len(out)
        self._ahead = min(self._ahead * 2, _LONGEST_READ) if offset == self._next else BLOCK
        start = offset - offset % BLOCK
        least = end + (BLOCK if len(out) >= _DATA else 0)
        stop = min(max(-(-least // BLOCK) * BLOCK, start + self._ahead), self._length)
        self._next = stop
        data = self._reader.read_blocks(ByteRange(self._url, start, stop - start), BLOCK)
        out[:] = data[offset - start : end - start]
        self._pages.put(start, data)
