"""References to parts of datasets, as ``dataset.regionref`` makes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import h5py
from h5py._hl import selections

from lindi_explorer.h5.arrays.selection import region_space
from lindi_explorer.h5.reference import LindiH5pyRegionReference
from lindi_explorer.hdf5.regions import region_of_space

if TYPE_CHECKING:
    from lindi_explorer.h5.objects import LindiObject


class RegionReferences:
    """Makes region references to one dataset, and tells shapes of those to any.

    Parameters
    ----------
    target : LindiObject
    """

    def __init__(self, target: LindiObject) -> None:
        self._target = target

    def __getitem__(self, args: Any) -> LindiH5pyRegionReference:
        """A reference to a selection.

        Parameters
        ----------
        args : object
            Anything h5py takes between the brackets of a dataset.

        Returns
        -------
        LindiH5pyRegionReference

        Raises
        ------
        TypeError
            If the object is no dataset.
        ReadOnlyError
            If the file is open for reading.
        """
        if not isinstance(self._target, h5py.Dataset):
            raise TypeError("Region references can only be made to datasets")
        shape = self._target.shape
        region: Any = "all"
        if shape is not None:
            region = region_of_space(selections.select(shape, args, dataset=self._target).id)
        inside = self._target.ref.to_json()
        return LindiH5pyRegionReference({**inside, "region": region})

    def shape(self, reference: LindiH5pyRegionReference) -> tuple[int, ...]:
        """Shape of the dataset that a region reference leads to."""
        shape: tuple[int, ...] = self._target.file[reference].shape
        return shape

    def selection(self, reference: LindiH5pyRegionReference) -> tuple[int, ...] | None:
        """Shape of what a region reference selects."""
        space = region_space(self.shape(reference), reference.region)
        found: tuple[int, ...] | None = selections.guess_shape(space)
        return found
