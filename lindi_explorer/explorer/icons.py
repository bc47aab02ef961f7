"""The icon of a tree row, by meaning: a table of neurodata types, then the shape and type of the data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lindi_explorer.explorer.nodes import neurodata_type

if TYPE_CHECKING:
    from lindi_explorer.explorer.protocol import Icon, Kind
    from lindi_explorer.hdf5.types import TypeSpec
    from lindi_explorer.references.model import Node

_BY_TYPE: dict[str, Icon] = {
    "AlignedDynamicTable": "table",
    "DynamicTable": "table",
    "EventWaveform": "activity",
    "GrayscaleImage": "image",
    "Image": "image",
    "ImageSeries": "image",
    "Images": "image",
    "IndexSeries": "image",
    "OnePhotonSeries": "image",
    "OpticalSeries": "image",
    "PlaneSegmentation": "table",
    "RGBAImage": "image",
    "RGBImage": "image",
    "TimeIntervals": "table",
    "TwoPhotonSeries": "image",
    "Units": "table",
}
"""Types whose name does not end in what they are; the endings follow."""

_BY_ENDING: tuple[tuple[str, Icon], ...] = (
    ("Series", "activity"),
    ("Table", "table"),
    ("Intervals", "table"),
    ("Image", "image"),
)

_TIMES = ("timestamps", "starting_time", "start_time", "stop_time", "spike_times")


def icon_of(kind: Kind, node: Node, name: str, spec: TypeSpec | None, shape: tuple[int, ...] | None) -> Icon:
    """Choose the icon of a row.

    Parameters
    ----------
    kind : str
    node : Node
    name : str
        Last part of its path.
    spec : TypeSpec or None
        Type of a dataset's elements.
    shape : tuple of int or None

    Returns
    -------
    str
    """
    if kind == "broken":
        return "unlink"
    if kind == "link":
        return "link"
    if kind == "datatype":
        return "box"
    type_name = neurodata_type(node)
    named = _named(type_name)
    if kind == "group":
        if named is None and "colnames" in node.attributes:
            return "table"
        return named or ("box" if type_name else "folder")
    return "image" if named == "image" else _icon_of_data(name, spec, shape)


def _named(type_name: str) -> Icon | None:
    found = _BY_TYPE.get(type_name)
    if found is None and type_name:
        found = next((icon for ending, icon in _BY_ENDING if type_name.endswith(ending)), None)
    return found


def _icon_of_data(name: str, spec: TypeSpec | None, shape: tuple[int, ...] | None) -> Icon:
    form: Any = spec if isinstance(spec, dict) else {}
    if "reference" in form:
        return "link"
    if "compound" in form:
        return "table"
    if "string" in form:
        return "type"
    if name in _TIMES:
        return "clock"
    return "grid" if shape else "hash"
