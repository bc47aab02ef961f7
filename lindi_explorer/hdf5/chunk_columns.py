"""A chunk index as HDF5 lists it."""

from __future__ import annotations

import itertools
from collections.abc import Generator
from typing import Any

import numpy as np
import numpy.typing as npt

from lindi_explorer.references.outline import no_collection

_BATCH = 50_000
"""Entries of a chunk index that are Python objects at the same time."""


class Columns:
    """The chunk index as columns of numbers, filled in batches: as objects it would take ten times as much.

    Parameters
    ----------
    axes : int
    """

    def __init__(self, axes: int) -> None:
        self._axes = axes
        self._parts: list[npt.NDArray[np.int64]] = []

    def read(self, dataset: Any) -> npt.NDArray[np.int64]:
        """Read the index of a dataset.

        Parameters
        ----------
        dataset : h5py.h5d.DatasetID

        Returns
        -------
        numpy.ndarray
            Shape (axes + 3, n): the first element of each chunk, its byte offset, length and filter mask.
        """
        collector = self._collect()
        next(collector)
        with no_collection():
            # Sending to a generator costs half of calling a function, a million times.
            dataset.chunk_iter(collector.send)
            collector.close()
        return np.concatenate([np.empty((self._axes + 3, 0), dtype=np.int64), *self._parts], axis=1)

    def _collect(self) -> Generator[None, Any, None]:
        batch: list[Any] = []
        add = batch.append
        try:
            while True:
                for _ in range(_BATCH):
                    add((yield))
                self._take(batch)
                batch.clear()
        finally:
            self._take(batch)

    def _take(self, batch: list[Any]) -> None:
        if not batch:
            return
        start, masks, offset, length = zip(*batch, strict=True)
        part = np.empty((self._axes + 3, len(batch)), dtype=np.int64)
        numbers = np.fromiter(itertools.chain.from_iterable(start), np.int64, self._axes * len(batch))
        part[:-3] = numbers.reshape(len(batch), self._axes).T
        part[-3], part[-2], part[-1] = offset, length, masks
        self._parts.append(part)
