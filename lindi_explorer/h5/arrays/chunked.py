"""Reading a selection of a chunked array: chunks are fetched all at once, each is decoded when it has come.

zarr does this, too; it takes half a millisecond for each chunk besides, which is more than decoding it, and
reads chunks as wholes.
"""

from __future__ import annotations

import asyncio
import math
import os
from collections.abc import Callable, Mapping, Sequence
from queue import SimpleQueue
from typing import Any

import numpy as np

from lindi_explorer.byterange import ByteRange
from lindi_explorer.errors import FormatError, LindiError
from lindi_explorer.h5.arrays.decode import chunk_array, put_fill
from lindi_explorer.h5.arrays.pieces import Index, Piece, pieces_of
from lindi_explorer.h5.arrays.selection import Plan
from lindi_explorer.h5.arrays.sharing import work_off
from lindi_explorer.h5.collecting import is_locked
from lindi_explorer.references.chunks import Reference
from lindi_explorer.remote import RangeReader, is_remote
from lindi_explorer.remote.background import run_in_background
from lindi_explorer.remote.cancel import current_token

_LEAST_AT_ONCE, _MOST_AT_ONCE = 64, 1024
"""Chunks that are under way at once. The reader bounds the requests."""

_BYTES_AT_ONCE = 256 << 20
"""Decoded bytes of the chunks that are under way at once, where there are more than the least."""

_SHORT = 1 << 18
"""Decoded bytes of chunks that are decoded in the calling thread: others would take longer to start."""

_MOST_THREADS = 8
"""Threads that decode: containers may use fewer processors than the machine has."""

_Put = Callable[[Piece, bytes], None]


def read_chunks(
    out: np.ndarray[Any, Any],
    path: str,
    array: dict[str, Any],
    chunks: Mapping[Index, Reference],
    read: Plan,
    reader: RangeReader,
) -> None:
    """Read a selection.

    Parameters
    ----------
    out : numpy.ndarray
        Takes what is read: zeros, of the product's lengths or of the number of points, of the type that Zarr
        says.
    path : str
        Of the array, for messages.
    array : dict
        Content of ``.zarray``, with at least one axis and no objects.
    chunks : mapping
        Its chunks, as far as the selection touches them.
    read : Plan
        Not empty.
    reader : RangeReader

    Raises
    ------
    FormatError
        If a chunk does not decode to what the metadata says.
    UnsupportedError
        If a codec is not installed, or could run programs.
    TransferError, AccessDeniedError, MissingFileError, RangeNotSupportedError, StaleFileError
        If a byte range cannot be read.
    """
    pieces, complete = pieces_of(array, chunks, read)
    if not complete:
        put_fill(out, array)

    def put(piece: Piece, data: bytes) -> None:
        try:
            # Whatever thread it is in, and whatever its caller has told NumPy.
            with np.errstate(all="ignore"):
                out[piece.target] = chunk_array(data, array, out.dtype, piece.shape)[piece.inside]
        except (LindiError, MemoryError):
            raise
        except Exception as error:
            raise FormatError(
                f"chunk {piece.chunk} of /{path} does not decode: {error}",
                hint="The file is damaged, or has been changed.",
            ) from error

    chunk_bytes = max(1, math.prod(array["chunks"]) * out.dtype.itemsize)
    is_short = len(pieces) * chunk_bytes <= _SHORT
    threads = 1 if is_short else min(os.cpu_count() or 1, _MOST_THREADS, len(pieces))
    at_hand = _are_at_hand(pieces)
    if is_locked() or (at_hand and is_short):
        # Whoever holds h5py's lock waits for no other thread: that one may be waiting for the lock.
        for piece in pieces:
            put(piece, _now(piece, reader))
    elif at_hand:
        _take(pieces, reader, put, threads)
    else:
        at_once = min(max(_BYTES_AT_ONCE // chunk_bytes, _LEAST_AT_ONCE), _MOST_AT_ONCE)
        _fetch(pieces, reader, put, threads, at_once)


def _are_at_hand(pieces: Sequence[Piece]) -> bool:
    return not any(
        isinstance(piece.reference, ByteRange) and is_remote(piece.reference.url) for piece in pieces
    )


def _now(piece: Piece, reader: RangeReader) -> bytes:
    data = piece.reference
    return reader.read_now(data) if isinstance(data, ByteRange) else data


def _take(pieces: Sequence[Piece], reader: RangeReader, put: _Put, threads: int) -> None:
    """Read chunks that are at hand, in several threads."""
    token = current_token()
    waiting: SimpleQueue[Piece | None] = SimpleQueue()

    def read(piece: Piece) -> None:
        if token is not None:
            token.check()
        put(piece, _now(piece, reader))

    for piece in pieces:
        waiting.put(piece)
    waiting.put(None)
    work_off(waiting, read, threads)


def _fetch(pieces: Sequence[Piece], reader: RangeReader, put: _Put, threads: int, at_once: int) -> None:
    """Fetch chunks on the loop in the background, and decode them here as they come.

    An executor of that loop would decode them, too, but with two steps of the loop for each, which is busy
    receiving the next ones.
    """
    token = current_token()
    arrived: SimpleQueue[tuple[Piece, bytes] | None] = SimpleQueue()
    room: list[tuple[asyncio.AbstractEventLoop, asyncio.Semaphore]] = []

    def decode(one: tuple[Piece, bytes]) -> None:
        if token is not None:
            token.check()
        put(*one)
        for loop, places in room:
            loop.call_soon_threadsafe(places.release)

    async def fetch() -> None:
        waiting = iter(pieces)
        places = asyncio.Semaphore(at_once)
        if len(pieces) > at_once:
            room.append((asyncio.get_running_loop(), places))

        async def take_turns() -> None:
            for piece in waiting:
                if room:
                    await places.acquire()
                data = piece.reference
                arrived.put((piece, await reader.read(data) if isinstance(data, ByteRange) else data))

        turns = [asyncio.create_task(take_turns()) for _ in range(min(at_once, len(pieces)))]
        try:
            await asyncio.gather(*turns)
        finally:
            arrived.put(None)
            for turn in turns:
                turn.cancel()
            await asyncio.gather(*turns, return_exceptions=True)

    run_in_background(fetch, meanwhile=lambda: work_off(arrived, decode, threads))
