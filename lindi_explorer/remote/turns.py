"""Who of many that want the same finds out where it is."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from lindi_explorer.errors import FormatError

if TYPE_CHECKING:
    from lindi_explorer.remote.resolve import Routes


class Turn:
    """Whether a conversation finds the way to its URL, or another one on the same loop does.

    Parameters
    ----------
    leaders : dict
        Of all URLs whose way is being looked for: what those wait for who do not lead.
    url : str
    routes : Routes
        What is known by now.
    """

    def __init__(self, leaders: dict[str, asyncio.Future[None]], url: str, routes: Routes) -> None:
        self._routes = routes
        self._leaders = leaders
        self._url = url
        self._own: asyncio.Future[None] | None = None
        self._others: asyncio.Future[None] | None = None

    async def lead(self, *, wait: bool) -> bool:
        """Tell whether this one leads; where another does, perhaps after waiting until it has ended."""
        if self._own is None:
            # One that was not waited for may have ended meanwhile: what it met counts.
            self._others = self._others or self._leaders.get(self._url)
            if self._others is None:
                self._own = self._leaders[self._url] = asyncio.get_running_loop().create_future()
            elif wait:
                others, self._others = self._others, None
                try:
                    await asyncio.shield(others)
                except Exception:
                    if self._routes.get(self._url) is None:
                        raise  # else it failed for reasons of its own
        return self._own is not None

    def share(self, error: Exception) -> None:
        """Tell those who wait what went wrong: they would meet the same, one after the other.

        But a range past the end says nothing about the file.
        """
        if self._own is not None and not isinstance(error, FormatError):
            self._own.set_exception(error)
            self._own.exception()  # nobody may be waiting: it has been seen

    def end(self) -> None:
        """Let the others look."""
        if self._own is not None:
            del self._leaders[self._url]
            if not self._own.done():
                self._own.set_result(None)
