"""Which walks over one file's metadata were made, so that none is made twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from lindi_explorer.errors import StaleFileError

if TYPE_CHECKING:
    from lindi_explorer.remote.pages import PageCache
    from lindi_explorer.remote.reader import RangeReader
    from lindi_explorer.remote.stats import Walked


class How(NamedTuple):
    """What a walk fetches; see `RemoteFile.read_ahead`."""

    chunks: bool = True
    levels: int | None = None
    names: bool = False
    at: int | None = None


_EVERYTHING = {How(chunks=False), How(chunks=True)}
"""How the whole hierarchy is read, without chunk indexes and with them."""


class Walks:
    """The walks over one remote file.

    Parameters
    ----------
    reader : RangeReader
    url : str
    length : int
        Of the file.
    pages : PageCache
        Gets what is fetched.
    """

    def __init__(self, reader: RangeReader, url: str, length: int, pages: PageCache) -> None:
        self._reader = reader
        self._url = url
        self._length = length
        self._pages = pages
        self._done: set[How] = set()

    @property
    def has_all_groups(self) -> bool:
        """Whether one of them went over the whole hierarchy."""
        return not self._done.isdisjoint(_EVERYTHING)

    def walk(self, how: How, most_bytes: int, **told: Any) -> Walked | None:
        """Walk over the file, unless that was done.

        Parameters
        ----------
        how : How
        most_bytes : int
            No more than this is fetched.
        **told
            ``progress`` and ``cancel``.

        Returns
        -------
        Walked or None
            None if nothing had to be done.

        Raises
        ------
        LindiError
            If a request fails for good.
        """
        if not self._done.isdisjoint({how, How(chunks=how.chunks), How(chunks=True)}):
            return None
        from lindi_explorer.remote.walk import read_ahead

        options: Any = how._asdict() | told
        try:
            walked = read_ahead(
                self._reader, self._url, self._pages, self._length, most_bytes=most_bytes, **options
            )
        except StaleFileError:
            self._pages.clear()
            raise
        self._done.add(how)
        return walked
