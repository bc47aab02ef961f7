"""Asking for several things at the same time."""

from __future__ import annotations

import contextvars
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

_Item = TypeVar("_Item")
_Found = TypeVar("_Found")

_AT_ONCE = 6
"""Requests, as many as an archive likes."""


def together(look: Callable[[_Item], _Found], items: Sequence[_Item]) -> list[_Found]:
    """Ask for several things at the same time, for as long as nobody cancels it.

    Parameters
    ----------
    look : callable
        Any thread calls it.
    items : sequence

    Returns
    -------
    list
        What it gave for each.
    """
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="lindi-explorer-archive") as pool:
        # The token that cancels it travels with the context.
        asked = [pool.submit(contextvars.copy_context().run, look, item) for item in items]
        try:
            return [one.result() for one in asked]
        finally:
            for one in asked:
                one.cancel()
