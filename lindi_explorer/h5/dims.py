"""Dimension scales, kept in attributes as HDF5's library for them does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
from h5py._hl.dims import DimensionManager, DimensionProxy

from lindi_explorer.h5.attribute_values import stored_value
from lindi_explorer.staging.edits import AttributeEdit, AttributeRecord, attribute_record

if TYPE_CHECKING:
    from lindi_explorer.h5.dataset import LindiH5pyDataset

SCALES = "DIMENSION_LIST"
"""On a dataset: for each axis the references to its scales."""

LABELS = "DIMENSION_LABELS"
"""On a dataset: a name for each axis."""

USERS = "REFERENCE_LIST"
"""On a scale: which datasets and axes it is a scale of."""

_KIND, _NAME = "CLASS", "NAME"
_SCALE = "DIMENSION_SCALE"

_SCALES_TYPE = h5py.vlen_dtype(h5py.ref_dtype)
_USERS_TYPE = np.dtype(
    {
        "names": ["dataset", "dimension"],
        "formats": [h5py.ref_dtype, "<u4"],
        "offsets": [0, 8],
        "itemsize": 16,
    }
)


class LindiH5pyDimensions(DimensionManager):
    """The axes of a dataset.

    Parameters
    ----------
    dataset : LindiH5pyDataset
    """

    def __init__(self, dataset: LindiH5pyDataset) -> None:
        self._id = dataset.id
        self._dataset = dataset

    def __len__(self) -> int:
        return self._dataset.ndim

    def __getitem__(self, index: int) -> LindiH5pyDimension:
        if not 0 <= index < len(self):
            raise IndexError(f"{self._dataset.name} has {len(self)} axes: there is none of number {index}")
        return LindiH5pyDimension(self._dataset, index)


class LindiH5pyDimension(DimensionProxy):
    """One axis of a dataset: its label, and the scales attached to it.

    Parameters
    ----------
    dataset : LindiH5pyDataset
    dimension : int
    """

    def __init__(self, dataset: LindiH5pyDataset, dimension: int) -> None:
        self._id = dataset.id
        self._dimension = dimension
        self._dataset = dataset

    @property
    def label(self) -> str:
        """A name for the axis; empty where it has none."""
        labels = self._dataset.attrs.get(LABELS)
        return "" if labels is None else str(labels[self._dimension])

    @label.setter
    def label(self, value: str) -> None:
        labels = list(self._dataset.attrs.get(LABELS, [""] * self._dataset.ndim))
        labels[self._dimension] = value
        self._dataset.attrs.create(LABELS, labels, dtype=h5py.string_dtype("ascii"))

    def __len__(self) -> int:
        return len(_scales(self._dataset)[self._dimension])

    def __getitem__(self, item: Any) -> Any:
        """A scale by number or name."""
        if SCALES not in self._dataset.attrs:
            raise RuntimeError(f"no axis of {self._dataset.name} has a scale")
        if isinstance(item, int):
            return self._scales()[item]
        for name, scale in self.items():
            if name == item:
                return scale
        raise KeyError(item)

    def items(self) -> list[tuple[str, Any]]:
        """Names and scales."""
        return [(_name_of(scale), scale) for scale in self._scales()]

    def _scales(self) -> list[Any]:
        file = self._dataset.file
        return [file[reference] for reference in _scales(self._dataset)[self._dimension]]

    def attach_scale(self, dset: LindiH5pyDataset) -> None:
        """Make a dataset a scale of the axis.

        Parameters
        ----------
        dset : LindiH5pyDataset
            Of the same file. It is made a scale where it is none yet.

        Raises
        ------
        RuntimeError
            If it has scales itself, or the dataset of the axis is a scale.
        """
        dataset, step = self._dataset, _Step(self._dataset)
        if dset == dataset or is_scale(dataset) or SCALES in dset.attrs:
            raise RuntimeError(f"{dset.name} cannot be a scale of {dataset.name}: no scale has scales itself")
        scales = _scales(dataset)
        if dset in self._scales():
            return
        scales[self._dimension].append(dset.ref)
        users = [*_users(dset), (dataset.ref, self._dimension)]
        step.set(dset, _KIND, _SCALE.encode(), "S16")
        step.set(dset, USERS, np.array(users, dtype=_USERS_TYPE), _USERS_TYPE)
        step.set_scales(dataset, scales)
        step.done(f"Attach {dset.name} to {dataset.name}")

    def detach_scale(self, dset: LindiH5pyDataset) -> None:
        """Have a dataset be no scale of the axis any more.

        Parameters
        ----------
        dset : LindiH5pyDataset

        Raises
        ------
        RuntimeError
            If it is none.
        """
        dataset, file, step = self._dataset, self._dataset.file, _Step(self._dataset)
        scales = _scales(dataset)
        left = [one for one in scales[self._dimension] if file[one] != dset]
        if len(left) == len(scales[self._dimension]):
            raise RuntimeError(f"{dset.name} is no scale of the axis {self._dimension} of {dataset.name}")
        scales[self._dimension] = left
        users = [
            (user, number)
            for user, number in _users(dset)
            if number != self._dimension or file[user] != dataset
        ]
        step.set(dset, USERS, np.array(users, dtype=_USERS_TYPE) if users else None, _USERS_TYPE)
        step.set_scales(dataset, scales)
        step.done(f"Detach {dset.name} from {dataset.name}")


def is_scale(dataset: LindiH5pyDataset) -> bool:
    """Whether a dataset is a dimension scale."""
    kind = dataset.attrs.get(_KIND)
    return isinstance(kind, (bytes, str)) and kind in (_SCALE, _SCALE.encode())


def make_scale(dataset: LindiH5pyDataset, name: str | bytes) -> None:
    """Make a dataset a dimension scale; see `h5py.Dataset.make_scale`."""
    if SCALES in dataset.attrs:
        raise RuntimeError(f"{dataset.name} cannot be a scale: it has scales itself")
    text = name.encode("utf-8") if isinstance(name, str) else name
    step = _Step(dataset)
    step.set(dataset, _KIND, _SCALE.encode(), "S16")
    step.set(dataset, _NAME, text, f"S{len(text) + 1}")
    step.done(f"Make {dataset.name} a scale")


def _name_of(scale: LindiH5pyDataset) -> str:
    name = scale.attrs.get(_NAME, "")
    return name.decode("utf-8", "surrogateescape") if isinstance(name, bytes) else str(name)


def _scales(dataset: LindiH5pyDataset) -> list[list[Any]]:
    """References to the scales of each axis."""
    stored = dataset.attrs.get(SCALES)
    if stored is None:
        return [[] for _ in range(dataset.ndim)]
    return [[reference for reference in axis if reference] for axis in stored]


def _users(scale: LindiH5pyDataset) -> list[tuple[Any, int]]:
    return [(user, int(number)) for user, number in scale.attrs.get(USERS, ())]


class _Step:
    """Edits of attributes, made as one step.

    Parameters
    ----------
    dataset : LindiH5pyDataset
        Of the file that is changed.

    Raises
    ------
    ReadOnlyError
        If the file is open for reading.
    """

    def __init__(self, dataset: LindiH5pyDataset) -> None:
        self._view = dataset.id.view
        self._view.require_writable(f"scales of {dataset.name} cannot be changed")
        self._edits: list[AttributeEdit] = []

    def set(self, dataset: LindiH5pyDataset, name: str, value: Any, dtype: Any) -> None:
        """Set an attribute; None takes it away."""
        path = dataset.id.path
        old = attribute_record(self._view.node(path), name)
        new = None if value is None else AttributeRecord.of(stored_value(name, value, None, dtype))
        if old != new:
            self._edits.append(AttributeEdit(path, name, old, new))

    def set_scales(self, dataset: LindiH5pyDataset, scales: list[list[Any]]) -> None:
        """Set the scales of all axes of a dataset."""
        data: Any = None
        if any(scales):
            data = np.empty(len(scales), dtype=object)
            for axis, references in enumerate(scales):
                data[axis] = np.array(references, dtype=object)
        self.set(dataset, SCALES, data, _SCALES_TYPE)

    def done(self, words: str) -> None:
        """Apply them."""
        if self._edits:
            self._view.journal.apply(words, self._edits)
