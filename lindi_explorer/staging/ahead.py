"""Reading batch after batch: the next one is on its way while something is done with the last."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from lindi_explorer.remote import apart

T = TypeVar("T")
R = TypeVar("R")

MOST = 2048
"""Items of one batch."""


def in_batches(
    items: Iterable[T],
    size_of: Callable[[T], int],
    most_bytes: int,
    belonging: Callable[[T], object] = lambda _item: None,
) -> Iterator[list[T]]:
    """Cut a row of items into batches.

    Parameters
    ----------
    items : iterable
    size_of : callable
        Bytes of an item.
    most_bytes : int
        Of a batch, unless it is of one item.
    belonging : callable, optional
        What the items of a batch have in common: for all of them the same object.

    Yields
    ------
    list
        Not empty, and of `MOST` items at most.
    """
    batch: list[T] = []
    total = 0
    for item in items:
        size = size_of(item)
        full = total + size > most_bytes or len(batch) >= MOST
        if batch and (full or belonging(item) is not belonging(batch[0])):
            yield batch
            batch, total = [], 0
        batch.append(item)
        total += size
    if batch:
        yield batch


def one_ahead(batches: Iterable[list[T]], read: Callable[[list[T]], list[R]]) -> Iterator[tuple[T, R]]:
    """Read batches in another thread, one ahead of the caller: two of them are in memory.

    Parameters
    ----------
    batches : iterable of list
        Asked for in the caller's thread.
    read : callable
        Gives what was read for each item of a batch.

    Yields
    ------
    tuple
        Item, and what was read for it.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="lindi-explorer-copy") as pool:
        before: tuple[list[T], Future[list[R]]] | None = None
        for batch in batches:
            coming = batch, pool.submit(read, batch)
            if before is not None:
                yield from _arrived(*before)
            before = coming
        if before is not None:
            yield from _arrived(*before)


def _arrived(batch: list[T], coming: Future[list[R]]) -> Iterator[tuple[T, R]]:
    with apart.waiting():
        found = coming.result()
    # The batch lets go of what was written.
    found.reverse()
    for item in batch:
        yield item, found.pop()
