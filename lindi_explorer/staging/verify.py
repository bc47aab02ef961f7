"""Whether what was uploaded is what was to be uploaded."""

from __future__ import annotations

from pathlib import Path

from lindi_explorer.byterange import ByteRange
from lindi_explorer.remote import RangeReader, is_remote
from lindi_explorer.remote.faults import no_ranges

WHOLE = 8 << 20
"""Remote files of at most so many bytes are read back whole, of larger ones the beginning, middle and end."""

_SAMPLE = 64 << 10
_PIECE = 8 << 20


def is_copy(reader: RangeReader, address: str, path: Path) -> bool:
    """Whether an address leads to the content of a local file.

    Parameters
    ----------
    reader : RangeReader
        Knows nothing of the address yet.
    address : str
        URL, or absolute path. A file on this machine is compared whole.
    path : Path
        What was uploaded.

    Returns
    -------
    bool

    Raises
    ------
    MissingFileError
        If there is nothing at the address.
    RangeNotSupportedError
        If nobody could read parts of it, as readers of LINDI files do.
    LindiError
        Another one of the family, if it cannot be read.
    """
    size = path.stat().st_size
    reader.forget(address)
    head = reader.size_and_head(address)
    if not (head.ranges or head.complete):
        raise no_ranges(address, head.size)
    if head.size != size:
        return False
    whole = size <= WHOLE or not is_remote(address)
    starts = range(0, size, _PIECE) if whole else (0, size // 2, size - _SAMPLE)
    length = _PIECE if whole else _SAMPLE
    with path.open("rb") as file:
        for start in starts:
            file.seek(start)
            expected = file.read(length)
            known = head.head[start : start + len(expected)]
            if len(known) < len(expected):
                known = reader.read_now(ByteRange(address, start, len(expected)))
            if known != expected:
                return False
    return True
