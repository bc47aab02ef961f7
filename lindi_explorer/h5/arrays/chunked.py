"""Reading a selection of a chunked array: chunks are fetched all at once, each is decoded when it has come.

zarr does this, too; it takes half a millisecond for each chunk besides, which is more than decoding it, and
reads chunks as wholes.
"""

from __future__ import annotations

import asyncio
import math
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

import numpy as np

from lindi_explorer.byterange import ByteRange
from lindi_explorer.errors import FormatError, LindiError
from lindi_explorer.h5.arrays.decode import chunk_array, put_fill
from lindi_explorer.h5.arrays.pieces import Index, Piece, pieces_of
from lindi_explorer.h5.arrays.selection import Plan
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
"""Decoded bytes of chunks at hand that are read in the calling thread: others would take longer to start."""

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
            out[piece.target] = chunk_array(data, array, out.dtype, piece.shape)[piece.inside]
        except (LindiError, MemoryError):
            raise
        except Exception as error:
            raise FormatError(
                f"chunk {piece.chunk} of /{path} does not decode: {error}",
                hint="The file is damaged, or has been changed.",
            ) from error

    chunk_bytes = max(1, math.prod(array["chunks"]) * out.dtype.itemsize)
    at_hand = _are_at_hand(pieces)
    if is_locked() or (at_hand and len(pieces) * chunk_bytes <= _SHORT):
        # Whoever holds h5py's lock waits for no other thread: that one may be waiting for the lock.
        _take(pieces, reader, put)
    elif at_hand:
        _share_out(pieces, reader, put)
    else:
        at_once = min(max(_BYTES_AT_ONCE // chunk_bytes, _LEAST_AT_ONCE), _MOST_AT_ONCE)
        _fetch(pieces, reader, put, at_once)


def _are_at_hand(pieces: Sequence[Piece]) -> bool:
    return not any(
        isinstance(piece.reference, ByteRange) and is_remote(piece.reference.url) for piece in pieces
    )


def _take(pieces: Iterable[Piece], reader: RangeReader, put: _Put) -> None:
    """Read chunks one after the other, in the calling thread."""
    for piece in pieces:
        data = piece.reference
        put(piece, reader.read_now(data) if isinstance(data, ByteRange) else data)


def _share_out(pieces: Sequence[Piece], reader: RangeReader, put: _Put) -> None:
    """Read chunks that are at hand in several threads, which decode at the same time."""
    token = current_token()
    waiting = iter(pieces)
    faults: list[BaseException] = []

    def left() -> Iterator[Piece]:
        for piece in waiting:
            if faults:
                return
            if token is not None:
                token.check()
            yield piece

    def work() -> None:
        try:
            _take(left(), reader, put)
        except BaseException as error:  # noqa: BLE001 - it belongs to the thread that waits
            faults.append(error)

    threads = []
    # As many more as there are: at the end of the interpreter there are none.
    with suppress(RuntimeError):
        for _ in range((os.cpu_count() or 1) - 1):
            thread = threading.Thread(target=work, daemon=True)
            thread.start()
            threads.append(thread)
    work()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]


def _fetch(pieces: Sequence[Piece], reader: RangeReader, put: _Put, at_once: int) -> None:
    async def work() -> None:
        loop = asyncio.get_running_loop()
        waiting = iter(pieces)

        async def take_turns() -> None:
            for piece in waiting:
                data = piece.reference
                if isinstance(data, ByteRange):
                    data = await reader.read(data)
                await loop.run_in_executor(None, put, piece, data)

        turns = [asyncio.create_task(take_turns()) for _ in range(min(at_once, len(pieces)))]
        try:
            await asyncio.gather(*turns)
        finally:
            for turn in turns:
                turn.cancel()
            await asyncio.gather(*turns, return_exceptions=True)

    run_in_background(work)
