"""The members of an archive by their places, to find the one that holds some bytes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from lindi_explorer.errors import FormatError
from lindi_explorer.references.places import RELATIVE

Int64 = npt.NDArray[np.int64]


class Members:
    """Where the members of one file lie.

    Parameters
    ----------
    address : str
        Of the file.
    found : iterable of tuple
        Name, offset of the data and size. Of two members with one name only the later can be named.
    """

    def __init__(self, address: str, found: Iterable[tuple[str, int, int]]) -> None:
        self.address = address
        places = {name: (start, size) for name, start, size in found}
        numbers = np.array(list(places.values()), dtype=np.int64).reshape(-1, 2)
        order = np.argsort(numbers[:, 0], kind="stable")
        names = list(places)
        self.urls = [RELATIVE + names[at] for at in order.tolist()]
        self.start: Int64 = numbers[order, 0]
        self._end: Int64 = self.start + numbers[order, 1]

    def rows(self, offset: Int64, length: Int64) -> npt.NDArray[np.intp]:
        """Which members hold some byte ranges.

        Parameters
        ----------
        offset, length : numpy.ndarray
            In the file.

        Returns
        -------
        numpy.ndarray
            Positions in ``urls`` and ``start``.

        Raises
        ------
        FormatError
            If one of them lies in no member.
        """
        rows: Any = np.searchsorted(self.start, offset, side="right") - 1
        # Before the first member there is none, and -1 would be the last.
        outside = rows < 0
        if len(self.start):
            outside |= offset + length > self._end[rows]
        if outside.any():
            at = int(np.argmax(outside))
            raise FormatError(
                f"bytes {offset[at]} to {offset[at] + length[at]} of {self.address} are in no member of it",
                hint="The file was changed by another program since it was opened: open it again.",
            )
        return rows  # type: ignore[no-any-return]
