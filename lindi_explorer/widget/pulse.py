"""Signs of life while something takes long."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Self

FIRST = 0.3
"""Seconds after which something takes long."""

EVERY = 0.4
"""Seconds between two signs."""


class Pulse:
    """Calls a function from time to time while a block runs, in a thread of its own.

    Parameters
    ----------
    beat : callable
        Quick, never raising; not called any more once the block has ended.
    """

    def __init__(self, beat: Callable[[], None]) -> None:
        self._beat = beat
        self._stopped = threading.Event()
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        threading.Thread(target=self._run, name="lindi-explorer-pulse", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        # The lock: a beat under way ends before what follows the block.
        with self._lock:
            self._stopped.set()

    def _run(self) -> None:
        wait = FIRST
        while not self._stopped.wait(wait):
            with self._lock:
                if not self._stopped.is_set():
                    self._beat()
            wait = EVERY
