"""Groups, datasets, committed types and links of an HDF5 copy, without attributes and data."""

from __future__ import annotations

from collections import deque
from typing import Any, cast

import h5py

from lindi_explorer.errors import LindiError
from lindi_explorer.h5.group import LindiH5pyGroup
from lindi_explorer.h5.materialise.attributes import tell_problem
from lindi_explorer.h5.materialise.made import Made, Options
from lindi_explorer.h5.materialise.properties import create_dataset
from lindi_explorer.h5.materialise.tally import ITS_OWN, Tally
from lindi_explorer.h5.view import View
from lindi_explorer.hdf5.types import dtype_of
from lindi_explorer.references import keys

_TRACKED = h5py.h5p.CRT_ORDER_TRACKED | h5py.h5p.CRT_ORDER_INDEXED


class Structure:
    """Makes copies in one HDF5 file; an object with several names is copied once.

    Parameters
    ----------
    file : h5py.h5f.FileID
    options : Options
    tally : Tally
    """

    def __init__(self, file: Any, options: Options, tally: Tally) -> None:
        self._file = file
        self._options = options
        self._tally = tally
        self._copies: dict[tuple[int, str], bytes] = {}
        self._groups: deque[Made] = deque()
        self._pointed = 0
        self.made: deque[Made] = deque()
        """Copies that have no attributes and data yet."""
        self.begun: list[bytes] = []
        """Names that `begin` was told."""

    # ------------------------------------------------------------ where copies begin

    def adopt(self, view: View, path: str, name: bytes) -> None:
        """Take a group that is there for the copy of one."""
        self._note(view, path, name, 0)

    def begin(self, view: View, path: str, name: bytes, depth: int = 0) -> None:
        """Copy an object to a name, with the groups above it where they are missing."""
        self.begun.append(name)
        self._make(self._file, name, view, path, depth, _links(name, intermediate=True))
        self.finish()

    def copy_of(self, view: View, path: str, depth: int) -> bytes | None:
        """The name of the copy of an object; where references are expanded, it is made now.

        Parameters
        ----------
        view : View
        path : str
        depth : int
            Of the object with the reference.

        Returns
        -------
        bytes or None
        """
        found = self._copies.get((id(view), path))
        if found is None and self._options.expand_refs:
            found = self._free_name()
            self.begin(view, path, found, depth)
        return found

    def _free_name(self) -> bytes:
        """A name at the top, as HDF5 gives it to what only a reference leads to; it puts an address there."""
        root = h5py.h5g.open(self._file, b"/")
        while root.links.exists(b"~obj_pointed_by_%d" % self._pointed):
            self._pointed += 1
        return b"/~obj_pointed_by_%d" % self._pointed

    def finish(self) -> None:
        """Copy all that lies below of what was begun."""
        while self._groups:
            made = self._groups.popleft()
            if made.depth == 0 or not self._options.shallow:
                self._fill(made, made.depth + 1)

    # ------------------------------------------------------------ members of groups

    def _fill(self, made: Made, depth: int) -> None:
        view, path = made.view, made.path
        group = h5py.h5g.open(self._file, made.name)
        source = LindiH5pyGroup(view, path, path)
        for child in view.journal.children(path):
            raw = child.encode("utf-8", "surrogateescape")
            with self._tally.losing(keys.join(path, child), "it is missing"):
                if b"\0" in raw or raw in (b"", b"."):
                    raise ValueError("HDF5 has no such names")
                self._member(group, raw, source, child, depth)
                self._tally.add(objects=1)
        problem = view.node(path).sidecar.get("problem")
        if problem:
            self._lost(group, path, str(problem))

    def _member(self, group: Any, name: bytes, source: LindiH5pyGroup, child: str, depth: int) -> None:
        link = source.get(child, getlink=True)
        expand = self._options
        if isinstance(link, h5py.SoftLink):
            target = _target(source, child) if expand.expand_soft else None
            if target is None:
                group.links.create_soft(name, _raw(link.path), _links(name))
                return
        elif isinstance(link, h5py.ExternalLink):
            target = _target(source, child) if expand.expand_external else None
            if target is None:
                group.links.create_external(name, _raw(link.filename), _raw(link.path), _links(name))
                return
        else:
            view, above = source.place
            target = view, view.resolve(keys.join(above, child))
        copy = self._copies.get((id(target[0]), target[1]))
        if copy is not None:
            group.links.create_hard(name, h5py.h5g.open(self._file, b"/"), copy, _links(name))
            return
        self._make(group, name, *target, depth, _links(name))

    # ------------------------------------------------------------ single objects

    def _make(self, group: Any, name: bytes, view: View, path: str, depth: int, links: Any) -> None:
        node = view.node(path)
        if node.array is not None:
            made = create_dataset(group, name, view, path, links, self._tally)
        elif node.sidecar.get("committed") and "type" in node.sidecar:
            made = h5py.h5t.py_create(dtype_of(node.sidecar["type"]), logical=True)
            made.commit(group, name, links)
        else:
            plist = h5py.h5p.create(h5py.h5p.GROUP_CREATE)
            if node.sidecar.get("order"):
                plist.set_link_creation_order(_TRACKED)
            if node.sidecar.get("attribute_order"):
                plist.set_attr_creation_order(_TRACKED)
            made = h5py.h5g.create(group, name, links, plist)
            if node.sidecar.get("committed"):
                self._lost(made, path, str(node.sidecar.get("problem", "its type is unknown")))
        above = b"" if group is self._file else h5py.h5i.get_name(group).rstrip(b"/") + b"/"
        self._note(view, path, above + name, depth)

    def _note(self, view: View, path: str, name: bytes, depth: int) -> None:
        self._copies[id(view), path] = name
        node = view.node(path)
        made = Made(view, path, name, depth, is_dataset=node.array is not None)
        self.made.append(made)
        if node.array is None and not node.sidecar.get("committed"):
            self._groups.append(made)

    def _lost(self, oid: Any, path: str, why: str) -> None:
        self._tally.lose(path, why)
        tell_problem(oid, why)


def _target(source: LindiH5pyGroup, child: str) -> tuple[View, str] | None:
    """Where a link leads; None where it leads nowhere, and stays a link."""
    try:
        return cast("tuple[View, str]", source[child].place)
    except (*ITS_OWN, KeyError) as error:
        if isinstance(error, LindiError) and not isinstance(error, ITS_OWN):
            raise
        return None


def _links(name: bytes, *, intermediate: bool = False) -> Any:
    links = h5py.h5p.create(h5py.h5p.LINK_CREATE)
    if intermediate:
        links.set_create_intermediate_group(True)
    try:
        if not name.isascii():
            name.decode("utf-8")
            links.set_char_encoding(h5py.h5t.CSET_UTF8)
    except UnicodeDecodeError:
        pass  # bytes of no known encoding, as h5py writes them
    return links


def _raw(text: str | bytes) -> bytes:
    """The bytes of a path in a link."""
    raw = text if isinstance(text, bytes) else text.encode("utf-8", "surrogateescape")
    if not raw or b"\0" in raw:
        raise ValueError(f"HDF5 has no links to {text!r}")
    return raw
