"""Whether what two files refer to in different places is the same: it is read and compared."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from lindi_explorer.byterange import ByteRange
from lindi_explorer.errors import LindiError
from lindi_explorer.references.annotations import EXTERNAL_ARRAY_LINK
from lindi_explorer.references.chunks import Reference
from lindi_explorer.references.model import Node
from lindi_explorer.references.written import Index
from lindi_explorer.staging.differences import ByReference, same_form
from lindi_explorer.staging.node_record import metadata_refs
from lindi_explorer.staging.overlay import same_value
from lindi_explorer.staging.patch_addresses import Addresses

if TYPE_CHECKING:
    from lindi_explorer.h5.view import View

_AT_ONCE = 16 << 20
"""Bytes of each file that are held while they are compared."""


class SameContent(ByReference):
    """Two files are the same where they hold the same, wherever it lies.

    Parameters
    ----------
    old, new : View
    """

    def __init__(self, old: View, new: View) -> None:
        self._old, self._new = old, new
        self._addresses = Addresses(old.reader.source or ""), Addresses(new.reader.source or "")

    def same_metadata(self, path: str, old: Node, new: Node) -> bool:
        """Whether two nodes are described in the same way, each in its own file."""
        one, other = metadata_refs(old), metadata_refs(new)
        if same_value(one, other):
            return True
        is_linked = all(EXTERNAL_ARRAY_LINK in node.attributes for node in (old, new))
        if is_linked:
            one, other = metadata_refs(_without_link(old)), metadata_refs(_without_link(new))
        if not same_value(self._addresses[0].neutral_refs(one), self._addresses[1].neutral_refs(other)):
            return False
        return not is_linked or self._same_linked(path, old, new)

    def other_chunks(self, path: str, old: Node, new: Node, found: list[Index]) -> list[Index]:  # noqa: ARG002
        """Which of the chunks with other references hold other bytes."""
        if not same_form(old, new):
            return found
        unsure, other = [], []
        for index in found:
            one, two = old.chunks.get(index), new.chunks.get(index)
            if one is None or two is None or not _may_be_same(one, two):
                other.append(index)
            else:
                unsure.append((index, one, two))
        for batch in _batches(unsure):
            befores = _read(self._old, [one for _, one, _ in batch])
            afters = _read(self._new, [two for _, _, two in batch])
            for (index, _, _), before, after in zip(batch, befores, afters, strict=True):
                if before != after:
                    other.append(index)
        return sorted(other)

    def _same_linked(self, path: str, old: Node, new: Node) -> bool:
        """Whether arrays that HDF5 reads have the same elements."""
        one, other = self._old.data_of(path, old), self._new.data_of(path, new)
        if one.dtype != other.dtype or one.shape != other.shape:
            return False
        try:
            return all(
                _same_elements(np.asarray(one.read(box, None)), np.asarray(other.read(box, None)))
                for box in _boxes(one.shape or (), one.dtype.itemsize)
            )
        except LindiError:
            return False  # what cannot be read is not known to be the same


def _without_link(node: Node) -> Node:
    attributes = {name: value for name, value in node.attributes.items() if name != EXTERNAL_ARRAY_LINK}
    return Node(attributes, node.array, node.chunks, node.sidecar)


def _may_be_same(one: Reference, other: Reference) -> bool:
    """Whether references that differ may stand for the same bytes."""
    both_known = isinstance(one, bytes) and isinstance(other, bytes)
    return not both_known and _length(one) == _length(other)


def _length(reference: Reference) -> int:
    return reference.length if isinstance(reference, ByteRange) else len(reference)


def _batches(
    pairs: list[tuple[Index, Reference, Reference]],
) -> Iterator[list[tuple[Index, Reference, Reference]]]:
    """Some pairs at a time, so that memory stays small."""
    batch: list[tuple[Index, Reference, Reference]] = []
    size = 0
    for pair in pairs:
        if batch and size + _length(pair[1]) > _AT_ONCE:
            yield batch
            batch, size = [], 0
        batch.append(pair)
        size += _length(pair[1])
    if batch:
        yield batch


def _read(view: View, references: list[Reference]) -> list[bytes]:
    read = iter(view.reader.read_many([item for item in references if isinstance(item, ByteRange)]))
    return [next(read) if isinstance(item, ByteRange) else item for item in references]


def _boxes(shape: tuple[int, ...], itemsize: int) -> Iterator[tuple[slice, ...]]:
    """Some rows at a time."""
    if not shape:
        yield ()
        return
    rows = max(1, _AT_ONCE // max(itemsize * math.prod(shape[1:]), 1))
    for start in itertools.takewhile(lambda at: at < shape[0], itertools.count(0, rows)):
        yield (slice(start, min(start + rows, shape[0])),)


def _same_elements(one: np.ndarray[Any, Any], other: np.ndarray[Any, Any]) -> bool:
    if one.dtype.hasobject:
        return all(np.array_equal(a, b) for a, b in zip(one.reshape(-1), other.reshape(-1), strict=True))
    return one.tobytes() == other.tobytes()
