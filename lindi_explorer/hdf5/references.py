"""An HDF5 file as references, indexed on demand: a node is mapped the first time it is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import partial
from typing import Any

import h5py
from h5py._objects import phil

from lindi_explorer.byterange import redact_url
from lindi_explorer.errors import FormatError, LindiError, NodeNotFoundError, UnsupportedError
from lindi_explorer.hdf5.browsing import Browsing
from lindi_explorer.hdf5.datasets import DatasetMapper
from lindi_explorer.hdf5.direct.dataset import Datasets
from lindi_explorer.hdf5.direct.header import LAYOUT, is_plain_group
from lindi_explorer.hdf5.direct.links import Link, links_of
from lindi_explorer.hdf5.direct.objects import objects_of
from lindi_explorer.hdf5.direct.source import NOT_PLAIN
from lindi_explorer.hdf5.names import ObjectNames
from lindi_explorer.hdf5.over_http import RemoteHdf5, faults_told
from lindi_explorer.hdf5.read_attributes import AttributeReader
from lindi_explorer.hdf5.tree import name_text, path_bytes
from lindi_explorer.hdf5.types import type_of
from lindi_explorer.references import keys
from lindi_explorer.references.annotations import SOFT_LINK
from lindi_explorer.references.model import Node, References


@dataclass(frozen=True)
class LindiH5ZarrStoreOpts:
    """How an HDF5 file is mapped.

    Attributes
    ----------
    num_dataset_chunks_threshold : int or None
        A dataset with more chunks than this becomes an external array link instead of references.
        None (the default here; upstream LINDI: 1000) = never: a table of chunks costs little.
    contiguous_dataset_max_chunk_size : int or None
        Contiguous data of more bytes than this is cut into chunks of at most so many bytes; None = never.
    """

    num_dataset_chunks_threshold: int | None = None
    contiguous_dataset_max_chunk_size: int | None = 20_000_000


class Hdf5References(References):
    """The references of an open HDF5 file.

    Parameters
    ----------
    file : h5py.File
        Open for reading; stays the caller's to close.
    url : str or None
        The address that byte ranges carry. None: the file can be browsed, but there is no address to write.
    opts : LindiH5ZarrStoreOpts, optional

    Raises
    ------
    FormatError
        If HDF5 has opened the file and cannot read its root.
    """

    reads_files = True

    def __init__(self, file: h5py.File, url: str | None, opts: LindiH5ZarrStoreOpts | None = None) -> None:
        self._file = file
        self.url = url
        opts = opts or LindiH5ZarrStoreOpts()
        self._objects = objects_of(file)
        self._plain = None if self._objects is None else Datasets(self._objects)
        try:
            self._names = ObjectNames(file, self._objects)
        except LindiError:
            raise  # a fault of the network
        except (OSError, RuntimeError, KeyError, ValueError) as error:
            name = redact_url(url) if url else "the file"
            raise FormatError(
                f"{name} cannot be opened: HDF5 cannot read its root ({error})",
                hint="It is damaged, or was not closed by whoever wrote it: compare it with another copy.",
            ) from error
        self._attributes = AttributeReader(self._names)
        self._datasets = DatasetMapper(
            self._names,
            url or "",
            most_chunks=opts.num_dataset_chunks_threshold,
            largest_piece=opts.contiguous_dataset_max_chunk_size,
            ahead=file.read_dataset_ahead if isinstance(file, RemoteHdf5) else None,
            objects=self._objects,
        )
        self._browsing = Browsing(file) if isinstance(file, RemoteHdf5) else None
        self._nodes: dict[str, Node] = {}
        self._children: dict[str, tuple[str, ...]] = {}
        # Addresses of hard links, paths of soft ones.
        self._targets: dict[str, dict[str, int | bytes]] = {}
        self._latest: tuple[str, Any] | None = None
        self._name_sets: dict[str, frozenset[str]] = {}

    def node(self, path: str) -> Node:
        """The node at a path, mapped now if it has not been; see `References.node`."""
        node = self._nodes.get(path)
        if node is not None:
            return node
        with self._looking(path), phil:
            node = self._nodes.get(path)
            if node is None:
                with faults_told(self._file):
                    node = self._map(path)
                self._nodes[path] = node
        return node

    def children(self, path: str) -> Sequence[str]:
        """Names of the nodes in a group; see `References.children`."""
        names = self._children.get(path)
        if names is None:
            with self._looking(path, listing=True), phil:
                with faults_told(self._file):
                    names, problem = self._list(path, self.node(path))
                if problem is not None:
                    self._nodes[path] = problem
                self._children[path] = names
        return names

    def aliases(self) -> dict[str, str]:
        """The further names of objects that have several; see `References.aliases`."""
        try:
            with phil, faults_told(self._file):
                return self._names.aliases()
        except OSError:
            return super().aliases()  # of the nodes that could be read

    def _looking(self, path: str, *, listing: bool = False) -> AbstractContextManager[None]:
        return _AT_HAND if self._browsing is None else self._browsing.looking(path, listing=listing)

    @staticmethod
    def _is_group(node: Node) -> bool:
        is_leaf = node.array is not None or SOFT_LINK in node.attributes
        return not is_leaf and _NOT_GROUPS.isdisjoint(node.sidecar)

    def _list(self, path: str, node: Node) -> tuple[tuple[str, ...], Node | None]:
        """The children's names, and what the node is instead where they cannot be listed."""
        if not self._is_group(node):
            return (), None
        try:
            return tuple(node.sidecar.get("order") or self._names_in(path)), None
        except (OSError, RuntimeError, KeyError, ValueError) as error:
            # A damaged table of links must not cost the file: the group stays and says what is wrong.
            problem = f"HDF5 cannot list this group: {error}"
            return (), Node(node.attributes, sidecar={**node.sidecar, "problem": problem})

    def _names_in(self, path: str) -> list[str]:
        """The names in a group; notes where links lead, which costs nothing more."""
        links = self._direct_links(path)
        if links is not None:
            known = [(name_text(link.name), link.target) for link in links]
            self._targets[path] = {name: target for name, target in known if target is not None}
            return [name for name, _target in known]
        names: list[str] = []
        targets: dict[str, int | bytes] = {}

        def note(link: bytes, info: Any) -> None:
            name = name_text(link)
            names.append(name)
            if info.type == h5py.h5l.TYPE_HARD:
                targets[name] = info.u

        self._group(path).links.iterate(note, info=True)
        self._targets[path] = targets
        return names

    def _direct_links(self, path: str) -> list[Link] | None:
        """The links of a plain group, None where HDF5 has to read them."""
        parent, name = keys.split(path) if path else ("", "")
        address = self._targets.get(parent, {}).get(name) if path else self._names.root
        if self._objects is None or not isinstance(address, int):
            return None
        try:
            return links_of(self._objects.source, self._objects.header(address))
        except LindiError:
            raise  # a fault of the network
        except NOT_PLAIN:
            return None

    def _group(self, path: str) -> Any:
        """The open group at a path; the latest stays open, as its children are asked for in a row."""
        if self._latest is None or self._latest[0] != path:
            self._latest = (path, h5py.h5g.open(self._file.id, path_bytes(path)))
        return self._latest[1]

    def _map(self, path: str) -> Node:
        if not path:
            return self._direct("", self._names.root) or self._group_node(self._group(""))
        parent, name = keys.split(path)
        if not self._has_child(parent, name):
            raise NodeNotFoundError(f"there is no object at /{path}")
        target = self._targets.get(parent, {}).get(name)
        if isinstance(target, bytes):
            return _soft_link(parent, name_text(target))
        node = None if target is None else self._direct(path, target)
        return self._linked(path, parent, name) if node is None else node

    def _linked(self, path: str, parent: str, name: str) -> Node:
        """What a link in a group leads to, as HDF5 says."""
        try:
            group, child = self._group(parent), path_bytes(name)[1:]
            info = group.links.get_info(child)
            kind = info.type
            if kind == h5py.h5l.TYPE_SOFT:
                return _soft_link(parent, name_text(group.links.get_val(child)))
            if kind == h5py.h5l.TYPE_EXTERNAL:
                filename, inside = map(name_text, group.links.get_val(child))
                external = {"filename": filename, "path": inside, "base": self.url or ""}
                return Node(sidecar={"link": {"external": external}})
            node = self._direct(path, info.u)
            if node is not None:
                return node
            target = h5py.h5o.open(group, child)
        except LindiError:
            raise  # a fault of the network
        except (OSError, RuntimeError, KeyError, TypeError, ValueError) as error:
            # One odd object must not cost the file: it stays in its place and says what is wrong.
            return Node(sidecar={"problem": f"HDF5 cannot open it: {' '.join(map(str, error.args))}"})
        canonical = self._names.canonical(target)
        if canonical is not None and canonical != path:
            return _hard_link(canonical)
        return self._object(path, target)

    def _direct(self, path: str, address: int) -> Node | None:
        """The node of a plain object, None where HDF5 has to read it."""
        if self._objects is None or self._plain is None:
            return None
        try:
            header = self._objects.header(address)
            canonical = self._names.canonical_at(address, header.links)
            if canonical is not None and canonical != path:
                return _hard_link(canonical)
            attributes, sidecar = self._attributes.read_direct(self._objects, header)
            if header.only(LAYOUT) is None:
                return Node(attributes, sidecar=sidecar) if is_plain_group(header) else None
            facts = self._plain.facts(header, partial(self._names.open_dataset, path))
            return self._datasets.map_direct(facts, path, attributes, sidecar)
        except (FormatError, UnsupportedError):
            return None  # HDF5 says what is wrong
        except LindiError:
            raise  # a fault of the network
        except NOT_PLAIN:
            return None

    def _has_child(self, path: str, name: str) -> bool:
        """Whether a group has a child of that name: a path through a link is no node of its own."""
        if (
            path in self._children
            or not self._is_group(self.node(path))
            or not isinstance(self._file, RemoteHdf5)
        ):
            return name in self._listed(path)
        # One name is looked up in a few records, which may be far apart; a list of all takes all records.
        try:
            with faults_told(self._file):
                return name not in _THEMSELVES and bool(self._group(path).links.exists(path_bytes(name)[1:]))
        except LindiError:
            raise
        except (OSError, RuntimeError, KeyError, ValueError):
            return name in self._listed(path)

    def _listed(self, path: str) -> frozenset[str]:
        """The children's names, for looking up."""
        names = self._name_sets.get(path)
        if names is None:
            names = self._name_sets[path] = frozenset(self.children(path))
        return names

    def _object(self, path: str, target: Any) -> Node:
        if isinstance(target, h5py.h5t.TypeID):
            attributes, sidecar = self._attributes.read(target, target.get_create_plist())
            return Node(attributes, sidecar={**sidecar, "committed": True, **_committed(target)})
        if isinstance(target, h5py.h5d.DatasetID):
            plist = target.get_create_plist()
            attributes, sidecar = self._attributes.read(target, plist)
            return self._datasets.map(target, plist, path, attributes, sidecar)
        return self._group_node(target)

    def _group_node(self, group: Any) -> Node:
        plist = group.get_create_plist()
        attributes, sidecar = self._attributes.read(group, plist)
        # Whether HDF5 lists the children in the order of their creation.
        if plist.get_link_creation_order() & h5py.h5p.CRT_ORDER_TRACKED:
            names = [name_text(name) for name in group]
            if names != keys.in_order(names, ()):
                sidecar["order"] = names
        return Node(attributes, sidecar=sidecar)


_AT_HAND: AbstractContextManager[None] = nullcontext()
"""A local file is never waited for."""

_THEMSELVES = frozenset({"", ".", ".."})
"""No names of children, though HDF5 finds something there."""

_NOT_GROUPS = frozenset({"link", "committed", "problem"})
"""Side-car members of placeholder groups, which have no children."""


def _soft_link(parent: str, target: str) -> Node:
    """A soft link: LINDI wants the absolute path, HDF5 may have a relative one (format section 8.4)."""
    if target.startswith("/"):
        return Node(attributes={SOFT_LINK: {"path": target}})
    absolute = f"/{keys.join(parent, target)}"
    return Node(attributes={SOFT_LINK: {"path": absolute}}, sidecar={"link": {"soft": target}})


def _hard_link(canonical: str) -> Node:
    return Node(
        attributes={SOFT_LINK: {"path": f"/{canonical}"}}, sidecar={"link": {"hard": f"/{canonical}"}}
    )


def _committed(target: Any) -> dict[str, Any]:
    try:
        return {"type": type_of(target.dtype)}
    except (TypeError, ValueError) as error:
        return {"problem": f"this committed type has no NumPy dtype: {error}"}
