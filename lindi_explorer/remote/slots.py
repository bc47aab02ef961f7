"""How many requests are under way at a time, and fewer while a server says that it is busy."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType

_LEAST = 4


class Slots:
    """Places for the requests of one event loop: ``async with slots: ...``.

    Parameters
    ----------
    most : int
        How many there are at first. `busy` halves them; with every round of good answers one comes back.
    """

    def __init__(self, most: int) -> None:
        self.limit = most
        self._most = most
        self._least = min(_LEAST, most)
        self._taken = 0
        self._round = 0
        self._good = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    @property
    def round(self) -> int:
        """Number of this round; note it when a request is sent."""
        return self._round

    def busy(self, sent_in: int) -> None:
        """Note that the server answered that it is busy.

        Parameters
        ----------
        sent_in : int
            The round in which that request was sent: the refusals of one round halve the places once.
        """
        if sent_in == self._round:
            self._round += 1
            self._good = 0
            self.limit = max(self._least, self.limit // 2)

    def good(self) -> None:
        """Note a good answer."""
        if self.limit == self._most:
            return
        self._good += 1
        if self._good >= self.limit:
            self._good = 0
            self.limit += 1
            self._wake()

    async def __aenter__(self) -> None:
        if self._taken < self.limit and not self._waiting:
            self._taken += 1
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        self._wake()  # those before it may all have gone
        try:
            await turn  # whoever ends it has taken the place
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._give_back()  # its turn had come: the next one takes it
            raise

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._give_back()

    def _give_back(self) -> None:
        self._taken -= 1
        self._wake()

    def _wake(self) -> None:
        while self._taken < self.limit and self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                self._taken += 1
                turn.set_result(None)
