"""What a node means: its neurodata type, its time axis, what its numbers stand for, what its columns are.

Everything here follows from attributes and names alone, on any file that looks like h5py, so that it also
serves files that pynwb would refuse. Nothing reads the data of an array; only scalars and attributes are
looked at.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

TYPE = "neurodata_type"

Picture = Literal["", "picture", "frames", "mask"]
"""Whether a dataset is one picture, a stack of them over time, masks of pixels, or none of these."""

_PICTURE_TYPES = frozenset({"Image", "GrayscaleImage", "RGBImage", "RGBAImage"})
_FRAME_SUFFIXES = ("ImageSeries", "PhotonSeries", "OpticalSeries", "ImageMaskSeries")
_UNREADABLE = (KeyError, OSError, RuntimeError, TypeError, ValueError, NotImplementedError)
"""What an attribute or link that cannot be read raises: the rest of the file still means something."""

SYMBOLS = {
    "volts": "V",
    "volt": "V",
    "amperes": "A",
    "seconds": "s",
    "second": "s",
    "siemens": "S",
    "ohms": "Ω",
    "farads": "F",
    "watts": "W",
    "hertz": "Hz",
    "meters": "m",
    "pascals": "Pa",
}
"""Symbols of the units that the NWB schema spells out; any other unit is shown as the file has it."""


@dataclass(frozen=True, slots=True)
class TimeAxis:
    """When the samples of a series were taken.

    Attributes
    ----------
    start : float
        Seconds of sample 0; 0 where ``timestamps`` says it.
    step : float or None
        Seconds between samples; None where they are given one by one.
    timestamps : str
        Path of the dataset that gives them, empty for a regular axis.
    """

    start: float
    step: float | None
    timestamps: str = ""


@dataclass(frozen=True, slots=True)
class Scaling:
    """How stored numbers become a quantity: ``stored * conversion * channels + offset``.

    Attributes
    ----------
    conversion, offset : float
    channels : str
        Path of a dataset with one factor for each index of ``channel_axis``, empty where there is none.
    channel_axis : int
    unit : str
        As the file has it.
    ignored : str
        What the file says and could not be applied, in words.
    """

    conversion: float = 1.0
    offset: float = 0.0
    channels: str = ""
    channel_axis: int = 1
    unit: str = ""
    ignored: str = ""

    @property
    def plain(self) -> bool:
        """Whether stored numbers are the quantity."""
        return self.conversion == 1 and self.offset == 0 and not self.channels


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column of a DynamicTable.

    Attributes
    ----------
    name : str
        Also the name of its dataset.
    indices : tuple of str
        Names of the VectorIndex datasets that cut it into rows, the innermost first; empty for a plain
        column.
    """

    name: str
    indices: tuple[str, ...] = ()


# ---------------------------------------------------------------- reading what may be odd


def attribute(node: Any, name: str) -> Any:
    """An attribute, None where it is missing, cannot be read, or there is no node."""
    try:
        return None if node is None else node.attrs.get(name)
    except _UNREADABLE:
        return None


def child(group: Any, name: str) -> Any:
    """A member of a group, None where it is missing, cannot be read, or there is no group."""
    try:
        return None if group is None or is_dataset(group) else group.get(name)
    except _UNREADABLE:
        return None


def text_of(value: Any) -> str:
    """A text as h5py gives it (``str``, ``bytes``, or an array of one of them); empty where it is none."""
    if isinstance(value, np.ndarray) and value.size == 1:
        value = value.reshape(-1)[0]
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value if isinstance(value, str) else ""


def is_dataset(node: Any) -> bool:
    """Whether an h5py-like object is a dataset (not a group, a committed type or nothing)."""
    return hasattr(node, "shape")


def number_of(value: Any) -> float | None:
    """A finite number, None where the value is none (texts that look like one are none)."""
    if isinstance(value, np.ndarray) and value.size == 1:
        value = value.reshape(-1)[0]
    if isinstance(value, (int, float, np.number)) and not isinstance(value, (bool, np.complexfloating)):
        number = float(value)
        return number if math.isfinite(number) else None
    return None


# ---------------------------------------------------------------- types


def type_of(node: Any) -> str:
    """The ``neurodata_type`` of a node, empty where it has none."""
    return text_of(attribute(node, TYPE))


def nearest_type(file: Any, path: str) -> str:
    """The ``neurodata_type`` of a node or else of the nearest group above it.

    Parameters
    ----------
    file : h5py.File or alike
    path : str
        Absolute path.

    Returns
    -------
    str
        Empty where not even the root has one.
    """
    parts = [part for part in path.split("/") if part]
    for length in range(len(parts), -1, -1):
        name = type_of(child(file, "/" + "/".join(parts[:length])))
        if name:
            return name
    return ""


def unit_symbol(unit: str) -> str:
    """The symbol of a unit that the schema spells out (``volts`` -> ``V``); any other unit unchanged."""
    return SYMBOLS.get(unit, unit)


# ---------------------------------------------------------------- series


def time_axis(file: Any, path: str) -> TimeAxis | None:
    """The time axis of the first dimension of a dataset.

    Parameters
    ----------
    file : h5py.File or alike
    path : str
        Absolute path of a dataset.

    Returns
    -------
    TimeAxis or None
        None where the dataset is no ``data`` of a series, or nothing usable says when its samples were taken.
    """
    parent_path, _, name = path.rpartition("/")
    if name != "data":
        return None
    parent = child(file, parent_path or "/")
    if parent is None:
        return None
    starting_time = child(parent, "starting_time")
    rate = number_of(attribute(starting_time, "rate")) if is_dataset(starting_time) else None
    if rate is not None and rate > 0:
        return TimeAxis(start=_scalar(starting_time) or 0.0, step=1 / rate)
    timestamps = child(parent, "timestamps")
    if is_dataset(timestamps) and len(timestamps.shape or ()) == 1 and timestamps.dtype.kind in "iuf":
        return TimeAxis(start=0.0, step=None, timestamps=f"{parent_path}/timestamps")
    return None


def _scalar(dataset: Any) -> float | None:
    try:
        return number_of(dataset[()]) if dataset.shape == () else None
    except _UNREADABLE:
        return None


def scaling_of(file: Any, path: str) -> Scaling:
    """How the numbers of a dataset are meant.

    Parameters
    ----------
    file : h5py.File or alike
    path : str
        Absolute path of a dataset.

    Returns
    -------
    Scaling
        What is missing has no effect; what makes no sense is not applied and named in ``ignored``.
    """
    dataset = child(file, path)
    ignored: list[str] = []

    def factor(name: str, default: float) -> float:
        value = attribute(dataset, name)
        number = number_of(value)
        if value is not None and number is None:
            ignored.append(f"{name} is not a finite number")
        return default if number is None else number

    parent_path, _, name = path.rpartition("/")
    channels = child(child(file, parent_path or "/"), "channel_conversion") if name == "data" else None
    axis = number_of(attribute(channels, "axis")) if channels is not None else None
    channel_axis = 1 if axis is None else int(axis)
    shape = tuple(getattr(dataset, "shape", None) or ())
    fits = (
        channels is not None
        and is_dataset(channels)
        and 0 <= channel_axis < len(shape)
        and channels.shape == (shape[channel_axis],)
        and channels.dtype.kind in "iuf"
    )
    if channels is not None and not fits:
        ignored.append("channel_conversion does not fit the data")
    return Scaling(
        conversion=factor("conversion", 1.0),
        offset=factor("offset", 0.0),
        channels=f"{parent_path}/channel_conversion" if fits else "",
        channel_axis=channel_axis,
        unit=text_of(attribute(dataset, "unit")),
        ignored=", ".join(ignored),
    )


# ---------------------------------------------------------------- pictures


def picture_of(file: Any, path: str) -> Picture:
    """Whether a dataset holds pictures.

    Parameters
    ----------
    file : h5py.File or alike
    path : str
        Absolute path of a dataset.

    Returns
    -------
    str
        ``picture``, ``frames``, ``mask`` or empty.
    """
    dataset = child(file, path)
    axes = len(getattr(dataset, "shape", None) or ())
    parent_path, _, name = path.rpartition("/")
    if name == "image_mask" and axes >= 2:
        return "mask"
    if type_of(dataset) in _PICTURE_TYPES or text_of(attribute(dataset, "CLASS")) == "IMAGE":
        return "picture" if axes >= 2 else ""
    if name == "data" and axes >= 3:
        parent = child(file, parent_path or "/")
        return "frames" if type_of(parent).endswith(_FRAME_SUFFIXES) else ""
    return ""


# ---------------------------------------------------------------- tables


def table_columns(group: Any) -> list[TableColumn]:
    """The columns of a DynamicTable.

    Parameters
    ----------
    group : h5py.Group or alike

    Returns
    -------
    list of TableColumn
        ``id`` first, then as ``colnames`` has them; empty where the group is no such table.
    """
    names = _names(attribute(group, "colnames"))
    if names is None:
        return []
    return [
        TableColumn(name, _indices(group, name, names))
        for name in dict.fromkeys(["id", *names])
        if is_dataset(child(group, name))
    ]


def _names(value: Any) -> list[str] | None:
    """Value of ``colnames``; None where there is none."""
    if value is None:
        return None
    if isinstance(value, (str, bytes)):
        return [text_of(value)]
    return [text_of(item) for item in np.asarray(value).reshape(-1)] if hasattr(value, "shape") else []


def _indices(group: Any, name: str, columns: list[str]) -> tuple[str, ...]:
    found: list[str] = []
    index = f"{name}_index"
    while index not in columns and is_dataset(child(group, index)):
        found.append(index)
        index += "_index"
    return tuple(found)
