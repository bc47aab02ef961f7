"""Which of many sources of a virtual dataset a read may meet, found for all of them at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lindi_explorer.h5.virtual.mapping import Mapping


class Around:
    """The boxes around what the sources give.

    Parameters
    ----------
    mappings : sequence of Mapping
    """

    def __init__(self, mappings: Sequence[Mapping]) -> None:
        self.endless = [number for number, one in enumerate(mappings) if one.to.unlimited is not None]
        sized = [number for number, one in enumerate(mappings) if one.to.unlimited is None and one.to.count]
        rank = mappings[0].to.rank if mappings else 0
        self._numbers = np.array(sized, np.int64)
        self._boxes = np.array([mappings[number].to.box for number in sized], np.int64)
        self._boxes = self._boxes.reshape(len(sized), rank, 2)

    def meeting(self, low: Sequence[int], high: Sequence[int]) -> list[int]:
        """The numbers of the sources that may give something of a box, in their order.

        Parameters
        ----------
        low, high : sequence of int
            First indices, and behind the last.

        Returns
        -------
        list of int
            With those that have no end.
        """
        if not len(self._numbers):
            return self.endless
        start, stop = self._boxes[:, :, 0], self._boxes[:, :, 1]
        where = np.all((start < np.array(high)) & (stop > np.array(low)), axis=1)
        return sorted([*self._numbers[where].tolist(), *self.endless])
