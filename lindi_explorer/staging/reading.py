"""Reading the byte ranges of many arrays, many at a time, while those that came before are written."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass

from lindi_explorer.byterange import ByteRange
from lindi_explorer.errors import FormatError, LindiError, MissingFileError, UnsupportedError
from lindi_explorer.remote import CancelToken, RangeReader
from lindi_explorer.remote.address import local_path
from lindi_explorer.staging.ahead import in_batches, one_ahead

_AT_ONCE = 16 << 20
"""Bytes of one batch."""

_WHOLE = 32 << 20
"""Ranges up to this length are read in one go; longer ones are written piece by piece."""

_REQUEST = 4 << 20
"""Longer ranges are asked for in parts of this size, at the same time."""

_GAP, _JOINED = 4 << 10, 1 << 20
"""Bytes in between that are read with their neighbours, and bytes of what is joined like this."""

_ITS_OWN = (FormatError, MissingFileError, UnsupportedError)
"""What is wrong with one range, and costs no other."""

Content = bytes | Iterator[bytes]
"""All of a range, or its pieces."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A chunk to read.

    Attributes
    ----------
    path : str
        Of its array.
    row : int
        Of the array's table.
    byte_range : ByteRange
    """

    path: str
    row: int
    byte_range: ByteRange


def contents(
    wanted: Iterable[Wanted], reader: RangeReader, cancel: CancelToken | None, *, alone: bool
) -> Generator[tuple[Wanted, Content | LindiError]]:
    """Read ranges; the next batch is on its way while the caller does something with this one.

    Parameters
    ----------
    wanted : iterable of Wanted
        Asked for in the caller's thread.
    reader : RangeReader
    cancel : CancelToken or None
        Stops the reads.
    alone : bool
        Whether to give what is wrong with one range, in place of raising it.

    Yields
    ------
    tuple
        What was wanted, and its bytes or what is wrong with it alone.

    Raises
    ------
    LindiError
        For a fault of the network.
    """
    batches = in_batches(wanted, lambda item: item.byte_range.length, _AT_ONCE)
    yield from one_ahead(batches, lambda batch: _read(batch, reader, cancel, alone))


def _read(
    batch: list[Wanted], reader: RangeReader, cancel: CancelToken | None, alone: bool
) -> list[Content | LindiError]:
    ranges = [item.byte_range for item in batch]
    if len(ranges) == 1 and ranges[0].length > _WHOLE:
        return [_one(ranges[0], reader, cancel, alone)]
    try:
        return list(_many(ranges, reader, cancel))
    except _ITS_OWN:
        if not alone:
            raise
        return [_one(byte_range, reader, cancel, alone) for byte_range in ranges]


def _one(
    byte_range: ByteRange, reader: RangeReader, cancel: CancelToken | None, alone: bool
) -> Content | LindiError:
    try:
        if byte_range.length <= _WHOLE:
            return _many([byte_range], reader, cancel)[0]
        # What is wrong with a long range is found out before its first piece is written.
        _many([ByteRange(byte_range.url, byte_range.end - 1, 1)], reader, cancel)
    except _ITS_OWN as error:
        if not alone:
            raise
        return error
    return _pieces(byte_range, reader, cancel)


def _pieces(byte_range: ByteRange, reader: RangeReader, cancel: CancelToken | None) -> Iterator[bytes]:
    for start in range(byte_range.offset, byte_range.end, _AT_ONCE):
        part = ByteRange(byte_range.url, start, min(_AT_ONCE, byte_range.end - start))
        yield from _many([part], reader, cancel)


def _many(ranges: list[ByteRange], reader: RangeReader, cancel: CancelToken | None) -> list[bytes]:
    """The bytes of ranges of which none is too long."""
    runs = list(_runs(ranges))
    parts = [part for run, _ in runs if local_path(run.url) is None for part in _parts(run)]
    came = iter(reader.read_many(parts, cancel=cancel))
    found: list[bytes] = []
    for run, inside in runs:
        if cancel is not None:
            cancel.check()
        if local_path(run.url) is None:
            data = b"".join([next(came) for _ in _parts(run)])
        else:
            data = reader.read_now(run, cancel=cancel)
        starts = [one.offset - run.offset for one in inside]
        found += [data[start : start + one.length] for start, one in zip(starts, inside, strict=True)]
    return found


def _runs(ranges: list[ByteRange]) -> Iterator[tuple[ByteRange, list[ByteRange]]]:
    """Neighbours together, each with what it is made of: a read of its own for each would take long."""
    inside: list[ByteRange] = []
    start = end = 0
    for one in ranges:
        near = bool(inside) and one.url == inside[0].url and start <= one.offset <= end + _GAP
        if near and max(end, one.end) - start <= _JOINED:
            inside.append(one)
            end = max(end, one.end)
            continue
        if inside:
            yield ByteRange(inside[0].url, start, end - start), inside
        inside, start, end = [one], one.offset, one.end
    if inside:
        yield ByteRange(inside[0].url, start, end - start), inside


def _parts(byte_range: ByteRange) -> list[ByteRange]:
    """A range in parts that are asked for at the same time."""
    starts = range(byte_range.offset, byte_range.end, _REQUEST) or [byte_range.offset]
    return [ByteRange(byte_range.url, start, min(_REQUEST, byte_range.end - start)) for start in starts]
