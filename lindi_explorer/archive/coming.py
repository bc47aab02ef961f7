"""How much of a file has come to an archive."""

from __future__ import annotations

import threading
from collections.abc import Callable

from lindi_explorer.archive.etag import Part
from lindi_explorer.archive.side_by_side import by_caller


def never_back(told: Callable[[int], None]) -> Callable[[int], None]:
    """Have nobody told of less than before: what is sent again has been told of.

    Parameters
    ----------
    told : callable
        Takes a count.

    Returns
    -------
    callable
    """
    most = 0

    def onward(count: int) -> None:
        nonlocal most
        most = max(most, count)
        told(most)

    return onward


class Coming:
    """How much of a file has come, in parts that are sent side by side; what is sent again counts once.

    Parameters
    ----------
    before : int
        Bytes that were there.
    told : callable
        Told how many there are, in the calling thread; while it takes its time, what comes is told later.
    """

    def __init__(self, before: int, told: Callable[[int], None]) -> None:
        self._all = before
        self._told = told
        self._of_part: dict[int, int] = {}
        self._lock = threading.Lock()
        self._is_to_be_told = False

    def tell(self, part: Part, count: int) -> None:
        """Say that so many bytes of a part are under way.

        Parameters
        ----------
        part : Part
        count : int
        """
        with self._lock:
            before = self._of_part.get(part.number, 0)
            if count <= before:
                return
            self._of_part[part.number] = count
            self._all += count - before
            was_to_be_told, self._is_to_be_told = self._is_to_be_told, True
        if not was_to_be_told:
            by_caller(self.tell_all)

    def tell_all(self) -> None:
        """Say how many bytes there are."""
        with self._lock:
            self._is_to_be_told = False
            count = self._all
        self._told(count)
