"""What differs between two hierarchies, in an order in which it can be done to the first."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from lindi_explorer.references import keys
from lindi_explorer.references.model import Node, References
from lindi_explorer.references.written import Index
from lindi_explorer.staging.changes import AttributeChange, changed_paths
from lindi_explorer.staging.edits import AttributeEdit, attribute_record
from lindi_explorer.staging.journal import EditJournal
from lindi_explorer.staging.node_record import metadata_refs, plain_grid
from lindi_explorer.staging.overlay import Overlay, is_group, same_value
from lindi_explorer.staging.table_difference import differing


@dataclass(frozen=True, slots=True)
class Removed:
    """A node that is gone, with all below it."""

    path: str
    old: Node


@dataclass(frozen=True, slots=True)
class Added:
    """A node that is new."""

    path: str
    new: Node


@dataclass(frozen=True, slots=True)
class NodeDiffers:
    """A node with other data, or other metadata than attributes alone.

    Attributes
    ----------
    path : str
    old, new : Node
        Both with the attributes of the new one.
    chunks : list of tuple of int
        Which chunks differ.
    """

    path: str
    old: Node
    new: Node
    chunks: Sequence[Index]


Difference = Removed | Added | AttributeChange | NodeDiffers


class ByReference:
    """What counts as the same: the same metadata, and the same references."""

    def same_metadata(self, path: str, old: Node, new: Node) -> bool:  # noqa: ARG002 - for those that look
        """Whether two nodes are described in the same way."""
        return same_value(metadata_refs(old), metadata_refs(new))

    def other_chunks(self, path: str, old: Node, new: Node, found: list[Index]) -> list[Index]:  # noqa: ARG002
        """Which of the chunks with other references are other chunks."""
        return found


def journal_differences(journal: EditJournal) -> Iterator[Difference]:
    """What the edits of a journal have come to; costs as much as has changed.

    Parameters
    ----------
    journal : EditJournal

    Returns
    -------
    iterator of Difference
    """
    overlay = journal.overlay
    return _differences(overlay.base, overlay, changed_paths(overlay), ByReference())


def differences(
    old: References, new: References, comparing: ByReference | None = None
) -> Iterator[Difference]:
    """What differs between any two hierarchies.

    Parameters
    ----------
    old, new : References
    comparing : ByReference, optional
        What counts as the same; by default data in another place is other data.

    Returns
    -------
    iterator of Difference
    """
    # What is in both comes in the order of the new one.
    paths = dict.fromkeys([*new.walk(), *old.walk()])
    return _differences(old, new, paths, comparing or ByReference())


def _differences(
    old: References, new: References | Overlay, paths: Iterable[str], comparing: ByReference
) -> Iterator[Difference]:
    both: list[str] = []
    removed: list[str] = []
    added: set[str] = set()
    for path in paths:
        was, is_there = old.has(path), new.has(path)
        if was and is_there:
            (removed if _is_another(old.node(path), new.node(path)) else both).append(path)
        elif was:
            removed.append(path)
        elif is_there:
            added.add(path)
    gone: set[str] = set()
    sketch = Overlay(old)
    for path in sorted(removed):
        if not _at_or_below(gone, path):
            gone.add(path)
            yield Removed(path, old.node(path))
            sketch = sketch.remove(path)
    # What a removed group held and the new one has, too, is added with it.
    for path in _with_all_below(new, added | {path for path in gone if new.has(path)}):
        yield Added(path, new.node(path))
        sketch = sketch.add(path, new.node(path))
    # The order of a group's children may be another one now.
    for path in dict.fromkeys([*both, *(keys.split(path)[0] for path in sorted(gone | added))]):
        if old.has(path) and new.has(path) and not _at_or_below(gone, path):
            yield from _at(sketch, path, new.node(path), comparing)


def _at_or_below(paths: set[str], path: str) -> bool:
    return path in paths or not paths.isdisjoint(keys.parents(path))


def _is_another(old: Node, new: Node) -> bool:
    """Whether a node is rather another one than the same with other content."""
    if old.array is None or new.array is None:
        return (old.array is None) != (new.array is None) or is_group(old) != is_group(new)
    if old.axes != new.axes or old.separator != new.separator:
        return True
    is_one_chunk = math.prod(plain_grid(old)) <= 1 and math.prod(plain_grid(new)) <= 1
    return not (is_one_chunk or same_form(old, new))


def same_form(one: Node, other: Node) -> bool:
    """Whether chunks of one array could be chunks of another."""
    return same_value(*({**(node.array or {}), "shape": [], "fill_value": 0} for node in (one, other)))


def _with_all_below(new: References | Overlay, paths: set[str]) -> dict[str, None]:
    """Paths with all that is below them, each once, parents first, groups in the order of their children."""
    names: dict[str, list[str]] = {}
    for path in paths:
        parent, name = keys.split(path)
        if parent not in paths:
            names.setdefault(parent, []).append(name)
    found: dict[str, None] = {}
    for parent in sorted(names):
        place = {name: number for number, name in enumerate(new.children(parent))}
        for name in sorted(names[parent], key=place.__getitem__):
            found.update(dict.fromkeys(new.walk(keys.join(parent, name))))
    return found


def _at(sketch: Overlay, path: str, new: Node, comparing: ByReference) -> Iterator[Difference]:
    """What differs at a node that is in both."""
    node = sketch.node(path)
    if node is new:
        return
    for name in _attribute_names(node, new):
        before, after = attribute_record(node, name), attribute_record(new, name)
        if before != after:
            yield AttributeChange(path, name, before, after)
            node = AttributeEdit(path, name, before, after).changed(node)
    chunks: list[Index] = []
    if node.array is not None and new.array is not None:
        found = differing(node.chunks, new.chunks, plain_grid(node), plain_grid(new))
        chunks = comparing.other_chunks(path, node, new, found) if found else []
    if chunks or not comparing.same_metadata(path, node, new):
        yield NodeDiffers(path, node, new, chunks)


def _attribute_names(*nodes: Node) -> list[str]:
    return list(
        dict.fromkeys(
            name for node in nodes for name in [*node.attributes, *node.sidecar.get("attributes", {})]
        )
    )
