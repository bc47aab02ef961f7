"""Work that several threads share."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from typing import TypeVar

T = TypeVar("T")


def work_off(waiting: SimpleQueue[T | None], work: Callable[[T], None], threads: int) -> None:
    """Do the work that waits, in this thread and in others, until there is no more.

    Never where h5py's lock is held: the other threads may be waiting for it.

    Parameters
    ----------
    waiting : queue.SimpleQueue
        What there is to do; more may come meanwhile. None says that this was all.
    work : callable
        Does one of them.
    threads : int
        How many threads work, with this one.

    Raises
    ------
    Exception
        What ``work`` raised first, unless this thread was interrupted from the keyboard. What still waits is
        left undone.
    """
    faults: list[BaseException] = []
    over = threading.Event()

    def end(fault: BaseException) -> None:
        faults.append(fault)
        over.set()

    def take() -> None:
        try:
            while (one := waiting.get()) is not None and not over.is_set():
                work(one)
        except BaseException as error:  # noqa: BLE001 - it belongs to the thread that waits
            end(error)
        waiting.put(None)  # for the next thread

    others = []
    try:
        # As many as there are: at the end of the interpreter there are none.
        with suppress(RuntimeError):
            for _ in range(threads - 1):
                thread = threading.Thread(target=take, daemon=True)
                thread.start()
                others.append(thread)
        take()
        for thread in others:
            thread.join()
    except BaseException as error:  # noqa: BLE001 - interrupted, but not while it worked
        end(error)
        waiting.put(None)
    if faults:
        try:
            raise next((fault for fault in faults if not isinstance(fault, Exception)), faults[0])
        finally:
            # An error whose traceback leads to itself waits for the collector.
            faults.clear()
