"""The concurrent transport, on whatever event loop asks for it.

Connections belong to one event loop, so a reader has one `LoopTransport` per loop (the one in the
background, zarr's, the loop of a bulk read, a user's own); `Transports` finds and closes them.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import threading
import weakref
from typing import TYPE_CHECKING

from lindi_explorer.errors import LindiError
from lindi_explorer.remote import archives
from lindi_explorer.remote.batch import Batcher
from lindi_explorer.remote.broken import hidden_error, why_broken
from lindi_explorer.remote.messages import (
    Answer,
    Ask,
    Fetched,
    Lead,
    Resolve,
    Retry,
    Send,
    Sleep,
    Unlock,
)
from lindi_explorer.remote.resolve import has_resolvers, resolve
from lindi_explorer.remote.slots import Slots
from lindi_explorer.remote.turns import Turn

if TYPE_CHECKING:
    from lindi_explorer.remote.connections import Connections
    from lindi_explorer.remote.exchange import Exchange

_CLOSE_SECONDS = 1.0


class LoopTransport:
    """Carries out the requests of one reader on one event loop.

    Parameters
    ----------
    exchange : Exchange
        The rules and the memory of the reader.
    max_in_flight : int
        The most requests under way at a time.
    """

    def __init__(self, exchange: Exchange, max_in_flight: int) -> None:
        self._exchange = exchange
        self.slots = Slots(max_in_flight)
        self._connections: Connections | None = None
        self._leaders: dict[str, asyncio.Future[None]] = {}
        self.batcher = Batcher(self._fetch_range)

    async def fetch(self, ask: Ask) -> Fetched:
        """Carry a conversation through.

        Parameters
        ----------
        ask : Ask
            What is wanted.

        Raises
        ------
        LindiError
            One of the family.
        """
        talk = self._exchange.talk(ask)
        outcome: object = None
        turn = Turn(self._leaders, ask.url, self._exchange.routes)
        try:
            with contextlib.closing(talk):
                while True:
                    try:
                        action = talk.send(outcome)
                    except StopIteration as stop:
                        fetched: Fetched = stop.value
                        return fetched
                    if isinstance(action, Lead):
                        outcome = await turn.lead(wait=action.wait)
                    else:
                        outcome = await self._carry_out(action)
        except Exception as error:
            turn.share(error)
            raise
        finally:
            turn.end()

    async def close(self) -> None:
        """Close the connections; must run on the loop."""
        if self._connections is not None:
            connections, self._connections = self._connections, None
            connections.close()

    async def _fetch_range(self, url: str, offset: int, length: int) -> bytes:
        return (await self.fetch(Ask(url, offset, length))).body

    async def _carry_out(self, action: Resolve | Unlock | Send | Sleep) -> object:
        match action:
            case Send():
                async with self.slots:
                    sent_in = self.slots.round
                    answer = await self._send(action)
                if isinstance(answer.verdict, Retry) and answer.verdict.busy:
                    self.slots.busy(sent_in)
                elif answer.verdict is not None:
                    self.slots.good()
                return answer
            case Sleep():
                await asyncio.sleep(action.seconds)
                return None
            case Unlock():
                # It may ask the system's keyring.
                return await asyncio.to_thread(archives.key_for, action.url)
            case Resolve():
                # Resolvers are users' functions, and may go to the network themselves.
                return (
                    await asyncio.to_thread(resolve, action.url) if has_resolvers() else resolve(action.url)
                )

    async def _send(self, send: Send) -> Answer:
        from lindi_explorer.remote.connections import Connections

        if self._connections is None:
            self._connections = Connections(self._exchange.policy)
        try:
            return await self._connections.get(send)
        except (OSError, LindiError) as error:
            ours, (why, no_contact) = hidden_error(error), why_broken(error)
        # Raised here, and anew: where it was raised first, variables hold what was sent.
        try:
            if ours is not None:
                raise ours.with_traceback(None)
        finally:
            del ours  # an error whose traceback leads to itself waits for the collector, with all on the way
        return Answer(None, broken=why, no_contact=no_contact)


class Transports:
    """The transports of one reader, one per event loop.

    Parameters
    ----------
    exchange : Exchange
        The rules and the memory of the reader.
    max_in_flight : int
        The most requests under way at a time, on each loop.
    """

    def __init__(self, exchange: Exchange, max_in_flight: int) -> None:
        self._exchange = exchange
        self._max_in_flight = max_in_flight
        self._lock = threading.Lock()
        self._of_loop: dict[asyncio.AbstractEventLoop, LoopTransport] = {}
        _open.add(self)

    def here(self, max_in_flight: int | None = None) -> LoopTransport:
        """Return the transport of the running event loop; a new one with so many requests at a time."""
        loop = asyncio.get_running_loop()
        with self._lock:
            if loop not in self._of_loop:
                self._drop_closed_loops()
                self._of_loop[loop] = LoopTransport(self._exchange, max_in_flight or self._max_in_flight)
            return self._of_loop[loop]

    async def close_here(self) -> None:
        """Close the transport of the running event loop."""
        with self._lock:
            transport = self._of_loop.pop(asyncio.get_running_loop(), None)
        if transport is not None:
            await transport.close()

    def close(self, patience: float = _CLOSE_SECONDS) -> None:
        """Close all; waits at most ``patience`` seconds for loops that run in other threads."""
        with self._lock:
            transports, self._of_loop = self._of_loop, {}
        for loop, transport in transports.items():
            _close_from_outside(loop, transport, patience)

    def _drop_closed_loops(self) -> None:
        for loop in [loop for loop in self._of_loop if loop.is_closed()]:
            _close_from_outside(loop, self._of_loop.pop(loop), 0.0)


_open: weakref.WeakSet[Transports] = weakref.WeakSet()


def _close_from_outside(loop: asyncio.AbstractEventLoop, transport: LoopTransport, patience: float) -> None:
    try:
        here = asyncio.get_running_loop()
    except RuntimeError:
        here = None
    if loop.is_closed():
        # Nothing is waited for on a closed loop, so one step brings the coroutine to its end.
        with contextlib.suppress(StopIteration), contextlib.closing(transport.close()) as closing:
            closing.send(None)
    elif loop is here:
        _closing.add(task := loop.create_task(transport.close()))
        task.add_done_callback(_closing.discard)
    elif loop.is_running():
        future = asyncio.run_coroutine_threadsafe(transport.close(), loop)
        if patience > 0:
            with contextlib.suppress(TimeoutError):
                future.result(patience)
    elif here is None and patience > 0:  # without patience, the collector may have called from anywhere
        loop.run_until_complete(transport.close())


_closing: set[asyncio.Task[None]] = set()


@atexit.register
def _close_all() -> None:
    """Close what is left open, while the loops in the background still run: nothing complains at exit."""
    for transports in list(_open):
        transports.close()
