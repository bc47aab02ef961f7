"""References of a copy: they lead to the copies of what they led to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import h5py
import numpy as np

from lindi_explorer.errors import FormatError, NodeNotFoundError
from lindi_explorer.h5.arrays.selection import region_space
from lindi_explorer.h5.materialise.made import Made
from lindi_explorer.h5.materialise.tally import Tally
from lindi_explorer.h5.reference import encode_reference, make_reference
from lindi_explorer.h5.view import View
from lindi_explorer.hdf5.inline import has_references
from lindi_explorer.hdf5.types import array_parts
from lindi_explorer.hdf5.values import DecodeReference, decode, encode

FindCopy = Callable[[View, str, int], bytes | None]
"""From an object, and the depth of what refers to it, to the name of its copy; None where it has none."""

_Key = tuple[int, str, str]


class Pointers:
    """Makes the references of a copy.

    Parameters
    ----------
    file : h5py.h5f.FileID
        With the copies.
    find : callable or None
        Finds the copy of an object; None makes all references null, as HDF5 does between files.
    tally : Tally
    """

    def __init__(self, file: Any, find: FindCopy | None, tally: Tally) -> None:
        self._file = file
        self._find = find
        self._tally = tally
        self._known: dict[_Key, tuple[str, bytes] | None] = {}

    def decoder(self, made: Made) -> DecodeReference:
        """The function that makes the references of one copy."""
        view, path = made.view, made.path

        def make(inside: dict[str, Any] | None, region: bool) -> Any:
            null = h5py.RegionReference() if region else h5py.Reference()
            if self._find is None or inside is None:
                return null
            ours = make_reference(inside, region)
            if ours.path is None:
                return null
            if not isinstance(ours.path, str):
                raise FormatError(f"a reference leads to {ours.path!r}, which is no path")
            key = (id(view), ours.path, repr(ours.expected))
            if key not in self._known:
                self._known[key] = self._look_up(made, ours)
            target = self._known[key]
            if target is None:
                self._tally.lose(
                    path, f"its reference to {inside.get('path')} leads nowhere, and is null now"
                )
                return null
            return self._region(view, target, inside) if region else self._object(target[1])

        return make

    def _look_up(self, made: Made, ours: Any) -> tuple[str, bytes] | None:
        assert self._find is not None
        view = made.view
        try:
            path = view.resolve(view.follow(ours))
        except (NodeNotFoundError, FormatError, ValueError):
            return None
        name = self._find(view, path, made.depth)
        return None if name is None else (path, name)

    def _object(self, name: bytes) -> Any:
        return h5py.h5r.create(self._file, name, h5py.h5r.OBJECT)

    def _region(self, view: View, target: tuple[str, bytes], inside: dict[str, Any]) -> Any:
        path, name = target
        shape = view.data(path).shape if view.node(path).array is not None else None
        if not shape:
            raise FormatError(f"a region reference leads to /{path}, which has no regions")
        space = region_space(shape, inside.get("region", "none"))
        return h5py.h5r.create(self._file, name, h5py.h5r.DATASET_REGION, space)

    def translated(
        self, array: np.ndarray[Any, Any], dtype: np.dtype[Any], made: Made
    ) -> np.ndarray[Any, Any]:
        """An array of ours with the references of the copy in place of ours.

        Parameters
        ----------
        array : numpy.ndarray
            The axes of an array type come last.
        dtype : numpy.dtype
            Its type in HDF5.
        made : Made
            The dataset and its copy.

        Returns
        -------
        numpy.ndarray
        """
        if not has_references(dtype):
            return array
        base, _ = array_parts(dtype)
        return decode(encode(array, encode_reference), base, array.shape, self.decoder(made))
