"""Keeping Python's garbage collector away from h5py objects where freeing them would wait for ever."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from h5py._objects import phil

_lock = threading.Lock()
_waiting = 0
_was_enabled = False


@contextmanager
def uncollected() -> Iterator[None]:
    """No garbage is collected while a thread that holds h5py's lock waits for another thread.

    The collector runs on whichever thread is at work. Freeing an h5py object takes h5py's lock: on zarr's
    thread, while the holder of the lock waits for zarr, that would never end. Readers without the lock are
    not affected.
    """
    global _waiting, _was_enabled  # noqa: PLW0603 - the collector is one for the process, too
    if not phil._is_owned():  # noqa: SLF001 - there is no public way to ask
        yield
        return
    with _lock:
        if _waiting == 0:
            _was_enabled = gc.isenabled()
            gc.disable()
        _waiting += 1
    try:
        yield
    finally:
        with _lock:
            _waiting -= 1
            if _waiting == 0 and _was_enabled:
                gc.enable()
