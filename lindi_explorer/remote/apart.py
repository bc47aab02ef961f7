"""Running a coroutine beside whatever runs already."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import threading
from collections.abc import Callable
from concurrent import futures
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Coroutine

T = TypeVar("T")

_TIDYING_SECONDS = 1.0

waiting: Callable[[], contextlib.AbstractContextManager[None]] = contextlib.nullcontext
"""Surrounds the wait; `h5.collecting` puts something here. It is not for this layer to know of h5py."""


def run_apart(main: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run a coroutine on an event loop of its own in another thread, and wait for it.

    A notebook's main thread has a running loop already, so a second one cannot run there.

    Parameters
    ----------
    main : callable
        Makes the coroutine.
    """
    outcome: futures.Future[T] = futures.Future()
    running: list[tuple[asyncio.AbstractEventLoop, asyncio.Task[Any] | None]] = []

    async def body() -> T:
        running.append((asyncio.get_running_loop(), asyncio.current_task()))
        return await main()

    def run() -> None:
        try:
            outcome.set_result(asyncio.run(body()))
        except BaseException as error:  # noqa: BLE001 - it belongs to the thread that waits
            outcome.set_exception(error)

    context = contextvars.copy_context()
    try:
        with waiting():
            threading.Thread(target=context.run, args=(run,), name="lindi-explorer-read", daemon=True).start()
            return outcome.result()
    except BaseException:
        if not outcome.done():  # interrupted from the keyboard
            for loop, task in running:
                if task is not None:
                    with contextlib.suppress(RuntimeError):  # it has just ended
                        loop.call_soon_threadsafe(task.cancel)
            with contextlib.suppress(TimeoutError):
                outcome.exception(_TIDYING_SECONDS)  # what has come is kept on disk
        raise
