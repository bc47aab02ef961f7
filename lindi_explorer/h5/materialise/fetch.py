"""Fetching the chunks of many arrays, many at a time, while those that came before are written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from lindi_explorer.byterange import ByteRange
from lindi_explorer.errors import LindiError
from lindi_explorer.h5.collecting import uncollected
from lindi_explorer.h5.materialise.tally import ITS_OWN
from lindi_explorer.references.chunks import Reference
from lindi_explorer.remote import CancelToken, RangeReader, is_remote
from lindi_explorer.staging.ahead import in_batches, one_ahead

_BYTES = 32 << 20
"""Of one batch: large enough for many requests at once."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Some bytes to copy.

    Attributes
    ----------
    writer : object
        Whose they are.
    place : object
        Where they go, in the words of the writer.
    content : bytes or ByteRange
    reader : RangeReader
        Reads them.
    """

    writer: Any
    place: Any
    content: Reference
    reader: RangeReader

    @property
    def size(self) -> int:
        """In bytes."""
        return self.content.length if isinstance(self.content, ByteRange) else len(self.content)


Outcome = bytes | LindiError
"""The bytes of a piece, or what is wrong with it alone."""


def fetched(pieces: Iterable[Piece], cancel: CancelToken | None) -> Iterator[tuple[Piece, Outcome]]:
    """Fetch pieces; the next batch is on its way while the caller does something with this one.

    Parameters
    ----------
    pieces : iterable of Piece
        Asked for in the caller's thread.
    cancel : CancelToken or None
        Stops the reads.

    Yields
    ------
    tuple
        Piece, and its bytes or what is wrong with it.

    Raises
    ------
    LindiError
        For a fault of the network.
    """
    # From before the other thread begins: the caller may hold h5py's lock, and wait for it.
    with uncollected():
        batches = in_batches(pieces, lambda piece: piece.size, _BYTES, lambda piece: piece.reader)
        yield from one_ahead(batches, lambda batch: _fetch(batch, cancel))


def _fetch(batch: list[Piece], cancel: CancelToken | None) -> list[Outcome]:
    reader = batch[0].reader
    away = [
        piece.content
        for piece in batch
        if isinstance(piece.content, ByteRange) and is_remote(piece.content.url)
    ]
    try:
        came = iter(reader.read_many(away, cancel=cancel))
    except ITS_OWN:
        # One of them is not there; the others are not to suffer.
        return [_one(piece, cancel) for piece in batch]
    return [
        next(came)
        if isinstance(piece.content, ByteRange) and is_remote(piece.content.url)
        else _one(piece, cancel)
        for piece in batch
    ]


def _one(piece: Piece, cancel: CancelToken | None) -> Outcome:
    if cancel is not None:
        cancel.check()
    if not isinstance(piece.content, ByteRange):
        return piece.content
    try:
        return piece.reader.read_now(piece.content, cancel=cancel)
    except ITS_OWN as error:
        return error
