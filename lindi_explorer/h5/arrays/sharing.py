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
        What ``work`` raised first. What still waits is left undone.
    """
    faults: list[BaseException] = []

    def take() -> None:
        try:
            while (one := waiting.get()) is not None and not faults:
                work(one)
        except BaseException as error:  # noqa: BLE001 - it belongs to the thread that waits
            faults.append(error)
        waiting.put(None)  # for the next thread

    others = []
    # As many as there are: at the end of the interpreter there are none.
    with suppress(RuntimeError):
        for _ in range(threads - 1):
            thread = threading.Thread(target=take, daemon=True)
            thread.start()
            others.append(thread)
    take()
    for thread in others:
        thread.join()
    if faults:
        try:
            raise faults[0]
        finally:
            # An error whose traceback leads to itself waits for the collector.
            faults.clear()
