"""References: what stands behind the keys of one hierarchy.

Everything that holds a hierarchy is a `References`: a decoded LINDI document, an HDF5 file that is indexed
on demand, a journal of edits over either. It answers for whole nodes; the mapping from Zarr keys to
references that stores and upstream's users know is derived here, once.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lindi_explorer.errors import NodeNotFoundError
from lindi_explorer.references import keys
from lindi_explorer.references.annotations import SIDECAR
from lindi_explorer.references.chunks import ChunkTable, Reference

_GROUP = b'{"zarr_format":2}'


@dataclass(frozen=True, slots=True)
class Node:
    """A group or array of the hierarchy, as Zarr v2 metadata says it.

    Attributes
    ----------
    attributes : dict
        Content of ``.zattrs``.
    array : dict or None
        Content of ``.zarray``; None for a group.
    chunks : mapping
        Chunk index -> reference; empty for a group. A `ChunkTable` wherever there may be many.
    sidecar : dict
        Content of the side-car (see `lindi_explorer.references.annotations`); often empty.
    """

    attributes: dict[str, Any] = field(default_factory=dict)
    array: dict[str, Any] | None = None
    chunks: ChunkTable | Mapping[tuple[int, ...], Reference] = field(default_factory=dict)
    sidecar: dict[str, Any] = field(default_factory=dict)

    @property
    def separator(self) -> str:
        """Between the numbers of a chunk's key."""
        return str((self.array or {}).get("dimension_separator", "."))

    @property
    def axes(self) -> int:
        """Number of axes of the array."""
        return len((self.array or {}).get("shape", ()))

    def metadata(self) -> dict[str, Any]:
        """The metadata documents: last part of the key -> content."""
        out: dict[str, Any] = {".zattrs": self.attributes} if self.attributes else {}
        if self.array is None:
            out[".zgroup"] = {"zarr_format": 2}
        else:
            out[".zarray"] = self.array
        if self.sidecar:
            out[SIDECAR] = self.sidecar
        return out


class References(ABC, Mapping[str, Reference]):
    """The mapping of one hierarchy, and its nodes.

    A path has no leading slash; the root is ``""``.
    """

    reads_files = False
    """Whether a look-up may read a file, and so must not run on an event loop."""

    @abstractmethod
    def node(self, path: str) -> Node:
        """The node at a path.

        Parameters
        ----------
        path : str

        Returns
        -------
        Node

        Raises
        ------
        NodeNotFoundError
            If there is none.
        """

    @abstractmethod
    def children(self, path: str) -> Sequence[str]:
        """Names of the nodes in a group, in the order of the file.

        Parameters
        ----------
        path : str

        Returns
        -------
        sequence of str
            Empty for arrays.

        Raises
        ------
        NodeNotFoundError
            If there is no node at the path.
        """

    @property
    def extra(self) -> Mapping[str, Any]:
        """What the document they come from holds besides nodes and chunks; empty where there is none."""
        return {}

    def has(self, path: str) -> bool:
        """Whether there is a node at a path."""
        try:
            self.node(path)
        except NodeNotFoundError:
            return False
        return True

    def aliases(self) -> dict[str, str]:
        """The further names of objects that have several: path -> the path that the object goes by."""
        found = {}
        for path in self.walk():
            hard = self.node(path).sidecar.get("link", {}).get("hard")
            if isinstance(hard, str):
                found[path] = keys.normalise(hard)
        return found

    def walk(self, path: str = "") -> Iterator[str]:
        """Paths of a node and all below it, parents before children.

        Soft links are nodes of their own and are not followed, so the walk ends.
        """
        pending = [path]
        while pending:
            current = pending.pop()
            # First the children: a group that cannot be listed learns only then what is wrong with it.
            pending.extend(keys.join(current, name) for name in reversed(self.children(current)))
            yield current

    # ------------------------------------------------------------ the face of a mapping

    def metadata(self, key: str) -> dict[str, Any] | None:
        """The metadata document behind a key, None where the key is none of a node's metadata.

        Parameters
        ----------
        key : str
            ``<path>/.zgroup``, ``.zarray``, ``.zattrs`` or the side-car.

        Returns
        -------
        dict or None
        """
        path, name = keys.split(key)
        if name not in keys.METADATA:
            return None
        try:
            node = self.node(path)
        except NodeNotFoundError:
            return None
        return node.metadata().get(name)

    def __getitem__(self, key: str) -> Reference:
        path, name = keys.split(key)
        if name in keys.METADATA:
            document = self.metadata(key)
            if document is not None:
                return metadata_text(document)
        else:
            reference = self._chunk(path, name)
            if reference is not None:
                return reference
        raise NodeNotFoundError(f"there is nothing behind the key {key!r}")

    def _chunk(self, path: str, name: str) -> Reference | None:
        """The reference behind ``<path>/<name>``; chunk keys with slashes belong to an array further up."""
        while True:
            try:
                node = self.node(path)
            except NodeNotFoundError:
                node = None
            if node is not None and node.array is not None:
                index = keys.parse_chunk_name(name, node.axes, node.separator)
                return None if index is None else node.chunks.get(index)
            if not path:
                return None
            path, part = keys.split(path)
            name = f"{part}/{name}"

    def __iter__(self) -> Iterator[str]:
        for path in self.walk():
            yield from self.node_keys(path)

    def metadata_keys(self, path: str) -> Iterator[str]:
        """The keys of one node's metadata."""
        for name in self.node(path).metadata():
            yield keys.join(path, name)

    def node_keys(self, path: str) -> Iterator[str]:
        """The keys of one node: its metadata, then its chunks."""
        yield from self.metadata_keys(path)
        node = self.node(path)
        for index in node.chunks:
            yield keys.join(path, keys.chunk_name(index, node.separator))

    def __len__(self) -> int:
        return sum(
            1 + bool(node.attributes) + bool(node.sidecar) + len(node.chunks)
            for node in map(self.node, self.walk())
        )

    def __contains__(self, key: object) -> bool:
        if not isinstance(key, str):
            return False
        path, name = keys.split(key)
        if name in keys.METADATA:
            return self.metadata(key) is not None
        return self._chunk(path, name) is not None


def metadata_text(document: dict[str, Any]) -> bytes:
    """A metadata document as a store hands it out: JSON without spaces."""
    if document == {"zarr_format": 2}:
        return _GROUP
    return json.dumps(document, separators=(",", ":")).encode("ascii")
