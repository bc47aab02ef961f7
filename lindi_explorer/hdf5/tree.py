"""All hard links of a file, in the order of HDF5's own visit, which opens every object to see what it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import h5py

from lindi_explorer.errors import LindiError
from lindi_explorer.hdf5.direct.header import LAYOUT, LINK_INFO, SYMBOL_TABLE
from lindi_explorer.hdf5.direct.links import links_of
from lindi_explorer.hdf5.direct.source import NOT_PLAIN, OddError

if TYPE_CHECKING:
    from lindi_explorer.hdf5.direct.objects import Objects


def hard_links(file: h5py.File, objects: Objects | None, root: int) -> Iterator[tuple[str, int]]:
    """Yield the path and the address of each hard link, a group's own before the next one's.

    Parameters
    ----------
    file : h5py.File
    objects : Objects or None
        Reads plain objects of the file without HDF5.
    root : int
        Address of the root group.

    Yields
    ------
    path : str
        Without leading slash. Of a group that several links lead to, the members have the path of the first.
    address : int
    """
    seen = {root}
    stack = [iter(_members(file, objects, "", root))]
    while stack:
        for path, address in stack[-1]:
            yield path, address
            if address not in seen and _is_group(file, objects, path, address):
                seen.add(address)
                stack.append(iter(_members(file, objects, path, address)))
                break
        else:
            stack.pop()


def _is_group(file: h5py.File, objects: Objects | None, path: str, address: int) -> bool:
    try:
        messages = _plain(objects).header(address).messages
    except LindiError:
        raise  # a fault of the network
    except NOT_PLAIN:
        return _is_group_for_hdf5(file, path)
    may_be = LINK_INFO in messages or SYMBOL_TABLE in messages
    return may_be and (LAYOUT not in messages or _is_group_for_hdf5(file, path))


def _is_group_for_hdf5(file: h5py.File, path: str) -> bool:
    try:
        return bool(h5py.h5g.get_objinfo(file.id, path_bytes(path)).type == h5py.h5g.GROUP)
    except LindiError:
        raise
    except _DAMAGED:
        return False


def _members(file: h5py.File, objects: Objects | None, path: str, address: int) -> list[tuple[str, int]]:
    """Path and address of the hard links in a group, in the order of their names."""
    try:
        plain = _plain(objects)
        links: list[tuple[bytes, Any]] = [*links_of(plain.source, plain.header(address))]
    except LindiError:
        raise
    except NOT_PLAIN:
        links = _links_for_hdf5(file, path)
    before = f"{path}/" if path else ""
    return [(before + name_text(name), target) for name, target in links if isinstance(target, int)]


def _links_for_hdf5(file: h5py.File, path: str) -> list[tuple[bytes, int | None]]:
    found: list[tuple[bytes, int | None]] = []

    def note(name: bytes, info: Any) -> None:
        found.append((name, info.u if info.type == h5py.h5l.TYPE_HARD else None))

    try:
        group = h5py.h5g.open(file.id, path_bytes(path))  # held: its links do not hold it
        group.links.iterate(note, info=True)
    except LindiError:
        raise
    except _DAMAGED:
        return []
    return found


def _plain(objects: Objects | None) -> Objects:
    if objects is None:
        raise OddError
    return objects


_DAMAGED = (RuntimeError, KeyError, ValueError)
"""What HDF5 says of a damaged object: that one has no members, and costs the others nothing. An `OSError` may
be of a disk that is there again in a moment."""


def name_text(name: str | bytes) -> str:
    """A name as text; h5py gives bytes where it is not UTF-8."""
    return name if isinstance(name, str) else name.decode("utf-8", "surrogateescape")


def path_bytes(path: str) -> bytes:
    """The absolute path as HDF5 has it."""
    return b"/" + path.encode("utf-8", "surrogateescape")
