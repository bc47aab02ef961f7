"""One event loop in the background of the process: its connections stay open from read to read."""

from __future__ import annotations

import asyncio
import os
import threading
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

T = TypeVar("T")

_lock = threading.Lock()
_loop: asyncio.AbstractEventLoop | None = None


def run_in_background(
    main: Callable[[], Coroutine[Any, Any, T]], meanwhile: Callable[[], None] | None = None
) -> T:
    """Run a coroutine on the loop in the background, and wait for it.

    Whoever holds h5py's lock must not, as the thread of the loop may be waiting for it: `run_apart` is for
    those.

    Parameters
    ----------
    main : callable
        Makes the coroutine. It runs with the caller's context variables.
    meanwhile : callable, optional
        What the calling thread does as long as the coroutine runs; if it raises, the coroutine is cancelled.
    """

    async def outcome() -> tuple[list[T], Exception | None]:
        # Not raised: asyncio would print it where nobody waits any more, as after Ctrl-C.
        try:
            return [await main()], None
        except Exception as error:  # noqa: BLE001 - it belongs to the thread that waits
            return [], error

    loop = _running()
    future = asyncio.run_coroutine_threadsafe(outcome(), loop)
    try:
        if meanwhile is not None:
            meanwhile()
        results, error = future.result()
    except BaseException:
        future.cancel()  # interrupted from the keyboard; one that has ended stays as it is
        raise
    try:
        if error is not None:
            raise error
    finally:
        # An error whose traceback leads to itself waits for the collector, with h5py's objects on the way.
        del error, future
    return results[0]


def _running() -> asyncio.AbstractEventLoop:
    global _loop  # noqa: PLW0603 - one for the process
    with _lock:
        if _loop is None:
            loop = asyncio.new_event_loop()
            try:
                threading.Thread(target=loop.run_forever, name="lindi_io", daemon=True).start()
            except BaseException:
                loop.close()
                raise
            _loop = loop
        return _loop


def _forget() -> None:
    """A forked process has a copy of the loop, and no thread that runs it."""
    global _loop, _lock  # the lock may have been held by another thread
    _loop, _lock = None, threading.Lock()


if hasattr(os, "register_at_fork"):  # not on Windows
    os.register_at_fork(after_in_child=_forget)
