"""Stopping reads on request.

Whoever may want to stop sets up a `CancelToken` and reads inside ``with cancelling(token)``. The token
travels with the context, so it also reaches reads that are carried out on an event loop in another thread.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from contextvars import ContextVar
from typing import TYPE_CHECKING

from lindi_explorer.errors import CancelledByUserError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_SLICE_SECONDS = 0.05

_current: ContextVar[CancelToken | None] = ContextVar("lindi_explorer_cancel", default=None)


class CancelToken(threading.Event):
    """An event that, once set, stops every read made under it, at once.

    Set it from any thread. A read under a token that is set raises `CancelledByUserError`.
    """

    def __init__(self) -> None:
        super().__init__()
        self._callbacks: dict[object, Callable[[], None]] = {}

    def set(self) -> None:
        """Stop the reads; setting it again does nothing more."""
        super().set()
        for callback in list(self._callbacks.values()):
            callback()

    @contextlib.contextmanager
    def calling(self, callback: Callable[[], None]) -> Iterator[None]:
        """Call ``callback`` if the token is set while the block runs.

        Parameters
        ----------
        callback : callable
            Quick and never raising; called in the thread that sets the token, or at once if it is set
            already. It may be called twice.

        Returns
        -------
        context manager
            The callback is forgotten when the block ends.
        """
        key = object()
        self._callbacks[key] = callback
        try:
            if self.is_set():
                callback()
            yield
        finally:
            del self._callbacks[key]

    def sleep(self, seconds: float) -> None:
        """Wait some seconds, less if the token is set meanwhile (without a lock, unlike ``wait``)."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0 and not self.is_set():
            time.sleep(min(left, _SLICE_SECONDS))

    def check(self) -> None:
        """Raise if the token is set.

        Raises
        ------
        CancelledByUserError
            If it is set.
        """
        if self.is_set():
            raise cancelled()


def cancelled() -> CancelledByUserError:
    """Return the error of a read that was stopped."""
    return CancelledByUserError("The read was cancelled.")


@contextlib.contextmanager
def cancelling(token: CancelToken | None) -> Iterator[None]:
    """Put the reads inside the block under a token.

    Parameters
    ----------
    token : CancelToken or None
        None lifts the token of an outer block.

    Returns
    -------
    context manager
        Reads inside obey the token, on whatever thread or event loop they are carried out.
    """
    reset = _current.set(token)
    try:
        yield
    finally:
        _current.reset(reset)


def current_token() -> CancelToken | None:
    """Return the token of the innermost `cancelling` block, or None."""
    return _current.get()


@contextlib.contextmanager
def cancelling_task(token: CancelToken | None) -> Iterator[None]:
    """Make a token stop the running asyncio task inside the block, where `CancelledByUserError` comes out.

    Parameters
    ----------
    token : CancelToken or None
        None changes nothing.
    """
    if token is None:
        yield
        return
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None
    state = "running"

    def stop_here() -> None:
        nonlocal state
        if state == "running":
            state = "stopped"
            task.cancel()

    def stop() -> None:
        with contextlib.suppress(RuntimeError):  # the loop may have closed
            loop.call_soon_threadsafe(stop_here)

    try:
        with token.calling(stop):
            token.check()
            yield
    except asyncio.CancelledError:
        if state == "stopped" and task.uncancel() == 0:
            raise cancelled() from None
        raise
    finally:
        state = "over" if state == "running" else state
