"""Reading a selection of a chunked array: chunks are fetched all at once, each is decoded when it has come.

zarr does this, too; it takes half a millisecond for each chunk besides, which is more than decoding it, and
reads chunks as wholes.
"""

from __future__ import annotations

import asyncio
import math
import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from lindi_explorer.byterange import ByteRange
from lindi_explorer.errors import FormatError, LindiError
from lindi_explorer.h5.collecting import is_locked, uncollected
from lindi_explorer.h5.decode import chunk_array, filled
from lindi_explorer.h5.dtypes import stored_dtype
from lindi_explorer.h5.pieces import Index, Piece, pieces_of, result_shape
from lindi_explorer.h5.selection import Plan
from lindi_explorer.references.chunks import Reference
from lindi_explorer.remote import RangeReader, is_remote
from lindi_explorer.remote.apart import run_apart
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
    path: str, array: dict[str, Any], chunks: Mapping[Index, Reference], read: Plan, reader: RangeReader
) -> np.ndarray[Any, Any]:
    """Read a selection.

    Parameters
    ----------
    path : str
        Of the array, for messages.
    array : dict
        Content of ``.zarray``, with at least one axis and no objects.
    chunks : mapping
        Its chunks, as far as the selection touches them.
    read : Plan
        Not empty.
    reader : RangeReader

    Returns
    -------
    numpy.ndarray
        Of the product's lengths, or of the number of points; elements as Zarr says them.

    Raises
    ------
    FormatError
        If a chunk does not decode to what the metadata says.
    UnsupportedError
        If a codec is not installed, or could run programs.
    TransferError, AccessDeniedError, MissingFileError, RangeNotSupportedError, StaleFileError
        If a byte range cannot be read.
    """
    dtype = stored_dtype(array)
    pieces, complete = pieces_of(array, chunks, read)
    shape = result_shape(read)
    out = np.empty(shape, dtype=dtype) if complete else filled(shape, array, dtype)

    def put(piece: Piece, data: bytes) -> None:
        try:
            out[piece.target] = chunk_array(data, array, dtype, piece.shape)[piece.inside]
        except (LindiError, MemoryError):
            raise
        except Exception as error:
            raise FormatError(
                f"chunk {piece.chunk} of /{path} does not decode: {error}",
                hint="The file is damaged, or has been changed.",
            ) from error

    chunk_bytes = max(1, math.prod(array["chunks"]) * dtype.itemsize)
    if not _are_at_hand(pieces):
        at_once = min(max(_BYTES_AT_ONCE // chunk_bytes, _LEAST_AT_ONCE), _MOST_AT_ONCE)
        _fetch(pieces, reader, put, at_once)
    elif len(pieces) * chunk_bytes <= _SHORT:
        _take(pieces, reader, put)
    else:
        _share_out(pieces, reader, put, max(1, _SHORT // chunk_bytes))
    return out


def _are_at_hand(pieces: Sequence[Piece]) -> bool:
    return not any(
        isinstance(piece.reference, ByteRange) and is_remote(piece.reference.url) for piece in pieces
    )


def _take(pieces: Sequence[Piece], reader: RangeReader, put: _Put) -> None:
    """Read chunks that are at hand, in the calling thread."""
    for piece in pieces:
        data = piece.reference
        put(piece, reader.read_now(data) if isinstance(data, ByteRange) else data)


def _share_out(pieces: Sequence[Piece], reader: RangeReader, put: _Put, share: int) -> None:
    """Read chunks that are at hand in several threads, which decode at the same time."""
    token = current_token()

    def take_share(first: int) -> None:
        if token is not None:
            token.check()
        _take(pieces[first : first + share], reader, put)

    # Threads of this read alone: those of others may be waiting for the lock that the caller holds.
    with uncollected(), ThreadPoolExecutor(os.cpu_count()) as threads:
        try:
            for _ in threads.map(take_share, range(0, len(pieces), share)):
                pass
        except BaseException:
            threads.shutdown(cancel_futures=True)
            raise


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

    async def alone() -> None:
        try:
            await work()
        finally:
            await reader.release()

    if is_locked():
        run_apart(alone)
    else:
        run_in_background(work)
