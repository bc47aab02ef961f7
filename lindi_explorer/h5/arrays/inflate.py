"""Unpacking deflate, the compression of nearly all chunks: ISA-L takes half of zlib's time for it."""

from __future__ import annotations

from typing import Any

try:
    from isal.isal_zlib import decompressobj
except ImportError:  # a machine for which there is no wheel of it
    from zlib import decompressobj  # type: ignore[assignment]


def inflated(data: Any, most: int | None = None) -> bytes:
    """Unpack what numcodecs' ``zlib`` codec unpacks, with its checksum checked.

    Parameters
    ----------
    data : bytes-like
        A stream of RFC 1950, which is what HDF5's deflate filter writes.
    most : int, optional
        The most bytes it may become.

    Returns
    -------
    bytes

    Raises
    ------
    ValueError
        If it becomes more, or is cut off.
    Exception
        ISA-L's or zlib's own error, if it is damaged.
    """
    stream = decompressobj()
    out: bytes = stream.decompress(data) if most is None else stream.decompress(data, most + 1)
    if most is not None and len(out) > most:
        raise ValueError(f"it becomes more than the {most:,} bytes that belong there")
    if not stream.eof:
        raise ValueError("it is cut off")
    return out
