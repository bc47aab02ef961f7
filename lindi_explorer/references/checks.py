"""What the metadata of a document must be like. Each check says which key breaks the format."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec

from lindi_explorer.errors import FormatError, UnsupportedError
from lindi_explorer.references import keys
from lindi_explorer.references.annotations import SCALAR, SIDECAR, SOFT_LINK

DAMAGED = "The document is damaged, or was not written by a LINDI tool."
ZARR_3 = "It describes a Zarr 3 hierarchy; LINDI documents hold Zarr 2."
LARGEST = 2**63 - 1
"""Sizes and offsets are 64-bit numbers, in HDF5 as in our tables."""
MOST_AXES = 32
"""Of a dataset in HDF5."""

_ARRAY_MEMBERS = dict.fromkeys(
    ("chunks", "compressor", "dtype", "fill_value", "filters", "order", "shape", "zarr_format")
)

Layout = tuple[list[int], list[int], str]
"""Shape and chunks of an array, and what stands between the numbers of a chunk's key."""

UNSAFE_CODECS = frozenset({"pickle"})
"""Codecs that can run any program when they decode; documents come from the network."""


_TWO_PARAMETERS = frozenset({4, 6})
"""Numbers of the HDF5 filters szip and scale-offset, of which two parameters are shown."""


class _External(msgspec.Struct, frozen=True):
    filename: str
    path: str


class _Link(msgspec.Struct, frozen=True):
    external: _External | None = None
    hard: str | None = None
    soft: str | None = None


class _AttributeEntry(msgspec.Struct, frozen=True):
    shape: list[int] = []
    null: bool = False
    problem: str | None = None


Size = Annotated[int, msgspec.Meta(ge=0, le=LARGEST)]
Positive = Annotated[int, msgspec.Meta(ge=1, le=LARGEST)]


class _Selection(msgspec.Struct, frozen=True):
    """Blocks at equal distances, without end where something is null; or single blocks."""

    start: list[Size] = []
    count: list[Size | None] = []
    stride: list[Positive] = []
    block: list[Size | None] = []
    blocks: Annotated[list[tuple[list[Size], list[Size]]], msgspec.Meta(min_length=1)] | msgspec.UnsetType = (
        msgspec.UNSET
    )


class _Source(msgspec.Struct, frozen=True):
    file: str
    dataset: str
    shape: Annotated[list[Size], msgspec.Meta(max_length=MOST_AXES)]
    to: _Selection | Literal["all", "none"]
    from_: _Selection | Literal["all", "none"] = msgspec.field(name="from")


class _Virtual(msgspec.Struct, frozen=True):
    sources: list[_Source]
    base: str = ""


class _RawFile(msgspec.Struct, frozen=True):
    file: str
    offset: Size
    size: Size | None


class _Sidecar(msgspec.Struct, frozen=True):
    """The members of a side-car whose types others rely on; see `lindi_explorer.references.annotations`."""

    attributes: dict[str, _AttributeEntry] = {}
    type: str | dict[str, Any] | None = None
    null: bool = False
    maxshape: list[int | None] = []
    chunks: list[int] | None = None
    filters: list[tuple[int, str, list[int]]] = []
    link: _Link = _Link()
    external: list[_RawFile] = []
    virtual: _Virtual | msgspec.UnsetType = msgspec.UNSET
    order: list[str] = []
    attribute_order: list[str] = []
    committed: bool = False
    problem: str | None = None


def check_sidecar(path: str, sidecar: dict[str, Any], array: dict[str, Any] | None = None) -> None:
    """Raise `FormatError` unless a side-car is what this package writes; other members are let be.

    Parameters
    ----------
    path : str
    sidecar : dict
    array : dict, optional
        Checked content of the ``.zarray`` beside it.

    Raises
    ------
    FormatError
    """
    if not sidecar:
        return
    key = keys.join(path, SIDECAR)
    try:
        checked = msgspec.convert(sidecar, _Sidecar)
    except msgspec.ValidationError as error:
        raise FormatError(f"the side-car {key!r} is damaged: {error}", hint=DAMAGED) from error
    for number, _name, parameters in checked.filters:
        if number in _TWO_PARAMETERS and len(parameters) < 2:
            raise FormatError(f"the side-car {key!r} has a filter {number} without parameters", hint=DAMAGED)
    if checked.virtual is not msgspec.UNSET and array is not None:
        axes = len(array["shape"])
        if axes > MOST_AXES:
            raise FormatError(
                f"the virtual dataset /{path} has {axes} axes, and none has more than {MOST_AXES}",
                hint=DAMAGED,
            )


def check_annotations(path: str, attributes: dict[str, Any], array: dict[str, Any] | None) -> None:
    """Raise `FormatError` where an annotation is not what others rely on: where a link leads, one element."""
    link = attributes.get(SOFT_LINK, {"path": ""})
    if not isinstance(link, dict) or not isinstance(link.get("path"), str):
        raise FormatError(f"the soft link /{path} does not say where it leads: {short(link)}", hint=DAMAGED)
    if attributes.get(SCALAR) and array is not None and any(size != 1 for size in array["shape"]):
        raise FormatError(f"/{path} is called a scalar and has the shape {array['shape']}", hint=DAMAGED)


def check_array(path: str, array: dict[str, Any]) -> Layout:
    """Check the content of a ``.zarray``.

    Parameters
    ----------
    path : str
    array : dict

    Returns
    -------
    Layout

    Raises
    ------
    FormatError
    """
    if not array.keys() >= _ARRAY_MEMBERS.keys():
        missing = [member for member in _ARRAY_MEMBERS if member not in array]
        raise FormatError(f"the metadata of /{path} lacks {', '.join(missing)}", hint=DAMAGED)
    if array["zarr_format"] != 2:
        raise FormatError(
            f"the metadata of /{path} is of the Zarr format {array['zarr_format']!r}", hint=ZARR_3
        )
    shape, edges = array["shape"], array["chunks"]
    for name, numbers in (("shape", shape), ("chunks", edges)):
        if not isinstance(numbers, list) or not all(map(_is_size, numbers)):
            raise FormatError(
                f"the {name} of /{path} is not a list of whole numbers: {short(numbers)}", hint=DAMAGED
            )
    if len(shape) != len(edges):
        raise FormatError(f"the shape and chunks of /{path} differ in length: {shape}, {edges}", hint=DAMAGED)
    # Upstream LINDI writes edges of 0 where the shape is 0.
    if any(size and not edge for size, edge in zip(shape, edges, strict=True)):
        raise FormatError(f"the chunks of /{path} are empty: {edges} for the shape {shape}", hint=DAMAGED)
    _check_codecs(path, array)
    separator = array.get("dimension_separator", ".")
    for name, text, allowed in (
        ("order", array["order"], ("C", "F")),
        ("dimension_separator", separator, (".", "/")),
    ):
        if text not in allowed:
            raise FormatError(f"the {name} of /{path} is {short(text)}", hint=DAMAGED)
    return shape, edges, str(separator)


def _check_codecs(path: str, array: dict[str, Any]) -> None:
    compressor, filters = array["compressor"], array["filters"]
    codecs = [*([] if compressor is None else [compressor]), *(filters if isinstance(filters, list) else [])]
    sound = all(isinstance(codec, dict) and isinstance(codec.get("id"), str) for codec in codecs)
    if not sound or not (filters is None or isinstance(filters, list)):
        raise FormatError(
            f"the compressor or the filters of /{path} are no codecs: {short([compressor, filters])}",
            hint=DAMAGED,
        )


def refuse_unsafe(config: Mapping[str, Any]) -> None:
    """Raise `UnsupportedError` where a codec could run programs.

    Parameters
    ----------
    config : mapping
        Configuration of a codec, with ``id``.
    """
    if config.get("id") in UNSAFE_CODECS:
        raise UnsupportedError(
            f"data with the codec {config['id']!r} is not read: decoding it can run any program",
            hint="Ask whoever wrote the file to store the data in another way.",
        )


def _is_size(number: Any) -> bool:
    return type(number) is int and 0 <= number <= LARGEST


def short(value: Any) -> str:
    """A value for a message, however long it is."""
    try:
        text = repr(value)
    except ValueError:  # Python refuses to write out numbers of more than 4300 digits
        return "a number of thousands of digits"
    return text if len(text) <= 80 else text[:79] + "…"
