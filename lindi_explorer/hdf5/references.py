"""An HDF5 file as references, indexed on demand: a node is mapped the first time it is asked for."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import h5py

from lindi_explorer.errors import NodeNotFoundError
from lindi_explorer.hdf5.datasets import DatasetMapper
from lindi_explorer.hdf5.names import ObjectNames
from lindi_explorer.hdf5.read_attributes import read_attributes
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
    """

    def __init__(self, file: h5py.File, url: str | None, opts: LindiH5ZarrStoreOpts | None = None) -> None:
        self._file = file
        self.url = url
        opts = opts or LindiH5ZarrStoreOpts()
        self._names = ObjectNames(file)
        self._datasets = DatasetMapper(
            self._names,
            url or "",
            most_chunks=opts.num_dataset_chunks_threshold,
            largest_piece=opts.contiguous_dataset_max_chunk_size,
        )
        self._lock = threading.RLock()
        self._nodes: dict[str, Node] = {}
        self._children: dict[str, tuple[str, ...]] = {}

    def node(self, path: str) -> Node:
        """The node at a path, mapped now if it has not been; see `References.node`."""
        node = self._nodes.get(path)
        if node is not None:
            return node
        with self._lock:
            node = self._nodes.get(path)
            if node is None:
                node = self._map(path)
                self._nodes[path] = node
        return node

    def children(self, path: str) -> Sequence[str]:
        """Names of the nodes in a group; see `References.children`."""
        names = self._children.get(path)
        if names is None:
            with self._lock:
                node = self.node(path)
                is_group = (
                    node.array is None
                    and SOFT_LINK not in node.attributes
                    and not node.sidecar.keys()
                    & {
                        "link",
                        "committed",
                        "problem",
                    }
                )
                names = tuple(map(_text, self._file[_bytes(path)])) if is_group else ()
                self._children[path] = names
        return names

    def _map(self, path: str) -> Node:
        if not path:
            return self._group(self._file["/"])
        parent, name = keys.split(path)
        if name not in self.children(parent):
            raise NodeNotFoundError(f"there is no object at /{path}")
        group, child = self._file[_bytes(parent)], _bytes(name)[1:]
        links = group.id.links
        try:
            kind = links.get_info(child).type
            if kind == h5py.h5l.TYPE_SOFT:
                return _soft_link(parent, _text(links.get_val(child)))
            if kind == h5py.h5l.TYPE_EXTERNAL:
                filename, inside = map(_text, links.get_val(child))
                external = {"filename": filename, "path": inside, "base": self.url or ""}
                return Node(sidecar={"link": {"external": external}})
            target = group[child]
        except (OSError, RuntimeError, KeyError, TypeError, ValueError) as error:
            # One odd object must not cost the file: it stays in its place and says what is wrong.
            return Node(sidecar={"problem": f"HDF5 cannot open it: {error}"})
        canonical = self._names.canonical(target.id)
        if canonical is not None and canonical != path:
            return Node(
                attributes={SOFT_LINK: {"path": f"/{canonical}"}}, sidecar={"link": {"hard": f"/{canonical}"}}
            )
        return self._object(target)

    def _object(self, target: Any) -> Node:
        if isinstance(target, h5py.Dataset):
            attributes, sidecar = read_attributes(target.id, self._names.encode)
            return self._datasets.map(target, attributes, sidecar)
        if isinstance(target, h5py.Datatype):
            attributes, sidecar = read_attributes(target.id, self._names.encode)
            return Node(attributes, sidecar={**sidecar, "committed": True, **_committed(target)})
        return self._group(target)

    def _group(self, group: Any) -> Node:
        attributes, sidecar = read_attributes(group.id, self._names.encode)
        return Node(attributes, sidecar=sidecar)


def _text(name: str | bytes) -> str:
    """A name as text; h5py gives bytes where it is not UTF-8."""
    return name if isinstance(name, str) else name.decode("utf-8", "surrogateescape")


def _bytes(path: str) -> bytes:
    """The absolute path as HDF5 has it."""
    return b"/" + path.encode("utf-8", "surrogateescape")


def _soft_link(parent: str, target: str) -> Node:
    """A soft link: LINDI wants the absolute path, HDF5 may have a relative one (format section 8.4)."""
    if target.startswith("/"):
        return Node(attributes={SOFT_LINK: {"path": target}})
    absolute = f"/{keys.join(parent, target)}"
    return Node(attributes={SOFT_LINK: {"path": absolute}}, sidecar={"link": {"soft": target}})


def _committed(target: Any) -> dict[str, Any]:
    try:
        return {"type": type_of(target.dtype)}
    except (TypeError, ValueError) as error:
        return {"problem": f"this committed type has no NumPy dtype: {error}"}
