"""The keys of a document in their order, in which all that lies below a path is one stretch.

So a group is listed without a look at the rest of the document: of a hundred thousand objects most are never
asked for.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable

_BEHIND = chr(ord("/") + 1)
"""Every key below a path comes before the path with this behind it."""

_STEP = 4
"""How many keys a search passes over first; what it looks for is mostly near."""


class SortedKeys:
    """Keys that are looked up by what they begin with.

    Parameters
    ----------
    keys : iterable of str
        In any order.
    """

    def __init__(self, keys: Iterable[str]) -> None:
        self._keys = sorted(keys)
        # Who goes through a document asks for one path after the other.
        self._last = 0

    def below(self, path: str) -> list[str]:
        """The keys below a path: all that begin with it and a slash.

        Parameters
        ----------
        path : str

        Returns
        -------
        list of str
            In their order.
        """
        first, stop = self._stretch(path)
        return self._keys[first:stop]

    def names(self, path: str) -> list[str]:
        """What comes between a path and the next slash in the keys below it.

        Parameters
        ----------
        path : str

        Returns
        -------
        list of str
            Each name once. Keys without a further slash have none.
        """
        start = len(path) + 1 if path else 0
        at, stop = self._stretch(path)
        names = []
        while at < stop:
            key = self._keys[at]
            slash = key.find("/", start)
            if slash < 0:
                at += 1
            else:
                names.append(key[start:slash])
                at = self._ahead(key[:slash] + _BEHIND, at, stop)
        return names

    def _stretch(self, path: str) -> tuple[int, int]:
        """Where the keys below a path begin and end."""
        count = len(self._keys)
        if not path:
            return 0, count
        last, wanted = self._last, f"{path}/"
        if last < count and self._keys[last] < wanted:
            first = self._ahead(wanted, last, count)
        else:
            first = bisect_left(self._keys, wanted, 0, last)
        self._last = first
        return first, self._ahead(path + _BEHIND, first, count)

    def _ahead(self, wanted: str, at: int, stop: int) -> int:
        """The place of a key that does not come before ``at``, in steps that grow."""
        step = _STEP
        while at + step < stop and self._keys[at + step] < wanted:
            at += step
            step *= _STEP
        return bisect_left(self._keys, wanted, at, min(at + step, stop))
