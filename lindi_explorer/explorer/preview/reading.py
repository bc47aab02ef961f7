"""Reading a selection in blocks: aligned to chunks, bounded in memory, cancellable, measured."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from lindi_explorer.errors import InvalidSelectionError
from lindi_explorer.explorer.preview.counting import as_span
from lindi_explorer.explorer.preview.need import Need, is_decoded_whole, is_unwritten, need_of
from lindi_explorer.explorer.preview.raw import raw_pieces
from lindi_explorer.explorer.preview.subject import node_of
from lindi_explorer.explorer.protocol import Cost
from lindi_explorer.explorer.selection import Selection, Span, as_index, selected_shape, with_part
from lindi_explorer.references.model import Node
from lindi_explorer.remote import CancelToken

TellProgress = Callable[[str, int, int | None], None]
"""Called between blocks: words, how much is done, of how much (None = not known)."""

BLOCK = 16_000_000
"""Bytes in memory that one block decodes, if its chunks allow it."""


class Reading:
    """The reads of one answer.

    Parameters
    ----------
    file : LindiH5pyFile
    cancel : CancelToken, optional
        Checked between blocks; reads inside a block obey the token of `lindi_explorer.remote.cancelling`.
    progress : callable, optional
    agreed : int
        Bytes that may be read, if they are more than what is read unasked.
    """

    def __init__(
        self,
        file: Any,
        cancel: CancelToken | None = None,
        progress: TellProgress | None = None,
        *,
        agreed: int = 0,
    ) -> None:
        self.file = file
        self._agreed = agreed
        self.need = Need()
        """All that is read here; what is found to be needed on the way is added."""
        self._cancel = cancel
        self._progress = progress
        self._done = 0
        self._started = time.perf_counter()
        self._before = file.reader.stats.snapshot()

    def check(self) -> None:
        """Stop here where the answer is not wanted any more.

        Raises
        ------
        CancelledByUserError
        """
        if self._cancel is not None:
            self._cancel.check()

    def may(self, need: Need) -> bool:
        """Whether a further read stays within what has been agreed to."""
        return (self.need + need).is_within(self._agreed)

    def allow(self, need: Need) -> None:
        """Take a further read into account, before it.

        Raises
        ------
        InvalidSelectionError
            If all reads together become too much.
        """
        self.need += need
        if not self.may(Need()):
            raise InvalidSelectionError(
                f"This would read {self.need.weight / 1e6:,.0f} MB",
                hint="Select less, or read it in Python.",
            )

    def take(self, thing: Any, selection: Selection) -> np.ndarray[Any, Any]:
        """Read a selection at once.

        Parameters
        ----------
        thing : LindiH5pyDataset
        selection : tuple of int or Span
            Small enough: the caller has looked at what it needs.

        Returns
        -------
        numpy.ndarray
            Shape of the selection; ``()`` where it is one element.
        """
        self.check()
        shape = selected_shape(selection)
        if 0 not in shape and is_unwritten(thing, selection):
            return np.full(shape, thing.fillvalue, dtype=thing.dtype)
        # Not np.asarray: it would look into the sequences that elements may be.
        value = thing[as_index(selection)]
        if isinstance(value, np.ndarray):
            return value
        out = np.empty((), dtype=thing.dtype)
        out[()] = value
        return out

    def blocks(
        self, thing: Any, selection: Selection, axis: int
    ) -> Iterator[tuple[Span, np.ndarray[Any, Any]]]:
        """Read a selection piece by piece.

        Parameters
        ----------
        thing : LindiH5pyDataset
        selection : tuple of int or Span
        axis : int
            Along which the selection is cut; one of its spans.

        Yields
        ------
        span : Span
            Which part of the axis this is.
        values : numpy.ndarray
            Shape of the selection with that part.
        """
        whole = selection[axis]
        assert isinstance(whole, Span)
        chunks = need_of(thing, selection).chunks
        for span in cut(node_of(thing), selection, axis, thing.dtype.itemsize):
            self._tell(self._done, self.need.chunks)
            yield span, self.take(thing, with_part(selection, axis, span))
            self._done += round(chunks * len(span) / len(whole))

    def _tell(self, done: int, total: int) -> None:
        if self._progress is not None:
            self._progress("Reading chunks", min(done, total), total or None)

    def cost(self) -> Cost:
        """What the reads took, measured."""
        now = self.file.reader.stats.snapshot()
        return self.need.cost(
            seconds=round(time.perf_counter() - self._started, 4),
            requests=now.requests - self._before.requests,
        )


def cut(node: Node, selection: Selection, axis: int, itemsize: int) -> Iterator[Span]:
    """Cut a span of a selection so that no chunk is read twice and each part fits into memory.

    Parameters
    ----------
    node : Node
        Of an array.
    selection : tuple of int or Span
    axis : int
        One of its spans.
    itemsize : int
        Bytes of an element.

    Yields
    ------
    Span
        In order, on the grid of the span's step; none where it is empty.
    """
    span = selection[axis]
    assert isinstance(span, Span)
    array = node.array or {}
    edges = [1] * len(selection) if is_decoded_whole(node) else array["chunks"]
    raw = (
        bool(len(span))
        and raw_pieces(node, with_part(selection, axis, Span(span.start, span.start + 1))) is not None
    )
    edge = 1 if raw and axis == 0 else max(edges[axis], 1)
    beside = itemsize * math.prod(
        min(_covered(as_span(part), edges[other]), array["shape"][other])
        for other, part in enumerate(selection)
        if other != axis
    )
    rows = max(edge, BLOCK // max(beside, 1) // edge * edge)
    start = span.start
    while start < span.stop:
        end = min(span.stop, (start // rows + 1) * rows)
        yield Span(start, end, span.step)
        start += -(-(end - start) // span.step) * span.step


def _covered(span: Span, edge: int) -> int:
    """Elements along an axis of all the chunks that a span touches."""
    edge = max(edge, 1)
    return (-(-span.stop // edge) - span.start // edge) * edge
