"""Keeping Python's garbage collector away from h5py objects where freeing them would wait for ever."""

from __future__ import annotations

import atexit
import gc
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from h5py import File, h5f  # `File` at once: who replaces h5py.File by ours must not be sent round in circles
from h5py._objects import phil

from lindi_explorer.remote import apart

_lock = threading.Lock()
_waiting = 0
_was_enabled = False


def is_locked() -> bool:
    """Whether this thread holds h5py's lock, as in a callback of ``visititems``.

    Another thread may just be collecting, and wait for that lock: whoever holds it must not wait for others.
    """
    return bool(phil._is_owned())  # noqa: SLF001 - there is no public way to ask


@contextmanager
def uncollected() -> Iterator[None]:
    """No garbage is collected while a thread that holds h5py's lock waits for another thread.

    The collector runs on whichever thread is at work. Freeing an h5py object takes h5py's lock: on a
    thread that the holder of the lock waits for, that would never end. Readers without the lock are
    not affected.
    """
    global _waiting, _was_enabled  # noqa: PLW0603 - the collector is one for the process, too
    if not is_locked():
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


apart.waiting = uncollected

_END_SECONDS = 5.0


@atexit.register
def _keep_lock_at_end() -> None:
    """Take h5py's lock when the interpreter ends, and keep it.

    Last of all Python frees h5py's own objects, which takes the lock. A daemon thread that is stopped for
    good while it has the lock would make that wait for ever.

    One that was just collecting a file, and waited for the lock, will not close it any more. HDF5 would do so
    when there is no Python, and crash where the file is read through a Python object: it is closed now.
    """
    end = time.monotonic() + _END_SECONDS
    while not phil.acquire(False):
        if time.monotonic() >= end:
            return
        time.sleep(0.01)
    for identifier in h5f.get_obj_ids(h5f.OBJ_ALL, h5f.OBJ_FILE):
        file = File(identifier)
        if file.driver == "fileobj" and file.mode == "r":
            file.close()
