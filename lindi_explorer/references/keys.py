"""Zarr keys: ``<path>/.zarray``, ``<path>/0.3``; and HDF5 paths: ``/group/dataset``.

Inside the package a path has no leading slash and the root is ``""``; people and h5py see ``/group/dataset``.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Sequence

from lindi_explorer.references.annotations import SIDECAR

METADATA = (".zgroup", ".zarray", ".zattrs", SIDECAR)
"""Last parts of the keys that describe a node."""


def join(path: str, name: str) -> str:
    """The path of a child, or the key of a node's part."""
    return f"{path}/{name}" if path else name


def split(path: str) -> tuple[str, str]:
    """Parent path and name; the root gives two empty strings."""
    parent, _, name = path.rpartition("/")
    return parent, name


def normalise(path: str) -> str:
    """The path without leading, trailing and doubled slashes and ``.`` parts, as HDF5 reads it.

    Parameters
    ----------
    path : str
        Any path a person or h5py may write, such as ``/g//d/`` or ``.``.

    Returns
    -------
    str
    """
    if not path.startswith("/") and "//" not in path and not path.endswith("/") and "." not in path:
        return path
    return "/".join(part for part in path.split("/") if part not in ("", "."))


def parents(path: str) -> list[str]:
    """The paths above a path, the root first; the path itself is not among them."""
    parts = path.split("/") if path else []
    return ["/".join(parts[:count]) for count in range(len(parts))]


def in_order(names: Iterable[str], order: Iterable[str]) -> list[str]:
    """Names as HDF5 lists them.

    Parameters
    ----------
    names : iterable of str
    order : iterable of str
        The order of creation, where the file keeps one; what it does not name comes behind, as it was added.

    Returns
    -------
    list of str
        Without an order: by the bytes of the names.
    """
    wanted = list(order) if isinstance(order, (list, tuple)) else []
    if not wanted:
        return sorted(names, key=lambda name: name.encode("utf-8", "surrogatepass"))
    place = {name: position for position, name in enumerate(wanted)}
    return sorted(names, key=lambda name: place.get(name, len(place)))


def chunk_name(index: Sequence[int], separator: str = ".") -> str:
    """The last part of a chunk's key; a scalar array's only chunk is ``0``."""
    return separator.join(map(str, index)) or "0"


def parse_chunk_name(name: str, axes: int, separator: str = ".") -> tuple[int, ...] | None:
    """The index a chunk name stands for.

    Parameters
    ----------
    name : str
        E.g. ``0.3``.
    axes : int
        Number of axes of the array.
    separator : str
        ``dimension_separator`` of the array.

    Returns
    -------
    tuple of int or None
        None where the name is no chunk name of such an array.
    """
    match = chunk_pattern(axes, separator).fullmatch(name)
    return None if match is None else tuple(map(int, match.groups()))


@functools.cache
def chunk_pattern(axes: int, separator: str) -> re.Pattern[str]:
    """What the chunk names of an array look like; a group for each index.

    Parameters
    ----------
    axes : int
        Number of axes of the array.
    separator : str
        ``dimension_separator`` of the array.

    Returns
    -------
    re.Pattern
        Takes numbers as Zarr writes them: no zeros in front, within 64 bits.
    """
    return re.compile(re.escape(separator).join(["(0|[1-9][0-9]{0,17})"] * axes) or "0")
