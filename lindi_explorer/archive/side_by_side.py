"""Doing a few things at the same time, each to its end, while the calling thread tells how far they are."""

from __future__ import annotations

import contextlib
import contextvars
import queue
import threading
from collections import deque
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from functools import partial
from typing import TypeVar

from lindi_explorer.remote.cancel import CancelToken, cancelling, current_token

_Item = TypeVar("_Item")
_Words = queue.SimpleQueue[Callable[[], None] | None]

AT_ONCE = 4
"""Parts of a file that are sent at once: they fill most lines, and no more is sent again after a crash."""

_SLICE_SECONDS = 0.2
"""How long the calling thread waits at a time: on some systems Ctrl-C is not heard in longer waits."""

_to_caller: ContextVar[_Words | None] = ContextVar("lindi_explorer_to_caller", default=None)


def by_caller(tell: Callable[[], None]) -> None:
    """Have something told by the thread that `side_by_side` was called in; at once where that is this one.

    Parameters
    ----------
    tell : callable
    """
    words = _to_caller.get()
    if words is None:
        tell()
    else:
        words.put(tell)


def side_by_side(
    work: Callable[[_Item], None],
    items: Iterable[_Item],
    hopeless: type[BaseException] | tuple[type[BaseException], ...] = (),
) -> None:
    """Do something with each of several things, a few at a time.

    Where one fails, no other is begun; those under way are brought to their end, which saves them for later.

    Parameters
    ----------
    work : callable
        Threads of its own call it. A token of the surrounding `cancelling` block stops it.
    items : iterable
    hopeless : type of exception, optional
        After one of these nothing is worth being brought to its end.

    Raises
    ------
    BaseException
        Whatever ``work`` raised first, or what was told to the calling thread.
    """
    left, failed = deque(items), list[BaseException]()
    words: _Words = queue.SimpleQueue()
    outer, stop = current_token(), CancelToken()

    def take_turns() -> None:
        _to_caller.set(words)
        try:
            with cancelling(stop):
                while (item := _next_of(left)) is not None:
                    work(item)
        except BaseException as error:  # noqa: BLE001 - the calling thread raises it
            left.clear()
            words.put(partial(failed.append, error))  # before the others hear of it, and fail as well
            if isinstance(error, hopeless):
                stop.set()
        finally:
            words.put(None)

    # Daemons: a program that ends does not wait for what it has not sent.
    threads = [
        threading.Thread(
            target=contextvars.copy_context().run,
            args=(take_turns,),
            name="lindi-explorer-upload-part",
            daemon=True,
        )
        for _ in range(min(AT_ONCE, len(left)))
    ]
    with contextlib.nullcontext() if outer is None else outer.calling(stop.set):
        for thread in threads:
            thread.start()
        try:
            _hear(words, len(threads))
        except BaseException:
            left.clear()
            stop.set()
            raise
        finally:
            for thread in threads:
                thread.join()
    if failed:
        raise failed.pop(0)


def _next_of(left: deque[_Item]) -> _Item | None:
    try:
        return left.popleft()
    except IndexError:
        return None


def _hear(words: _Words, speakers: int) -> None:
    """Tell what there is to tell, until all have come to an end."""
    while speakers:
        with contextlib.suppress(queue.Empty):
            tell = words.get(timeout=_SLICE_SECONDS)
            if tell is None:
                speakers -= 1
            else:
                tell()
