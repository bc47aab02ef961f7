"""Files that this process appends to while it reads them.

What is known of a local file, its size and the time it was changed, tells that another program changed it. Of
these files it tells nothing: what was written once stays where it is, and what is added is read at once.
"""

from __future__ import annotations

import os
from collections.abc import Callable

_growing: dict[tuple[int, int], int] = {}
"""(device, number) of the file -> how many write to it."""


def let_grow(descriptor: int) -> Callable[[], None]:
    """Allow readers in this process to read a file while it grows.

    Parameters
    ----------
    descriptor : int
        Of the file, open. Bytes that were written once must stay as they are.

    Returns
    -------
    callable
        Ends it; calling it again does nothing.
    """
    file = identity(os.fstat(descriptor))
    _growing[file] = _growing.get(file, 0) + 1
    pending = [file]

    def end() -> None:
        if pending:
            pending.clear()
            left = _growing.pop(file, 1) - 1
            if left:
                _growing[file] = left

    return end


def grows(file: tuple[int, int]) -> bool:
    """Whether a file grows, by its `identity`."""
    return file in _growing


def identity(status: os.stat_result) -> tuple[int, int]:
    """What tells one file of this machine from all others, whatever its name."""
    return status.st_dev, status.st_ino
