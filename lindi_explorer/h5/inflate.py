"""Unpacking deflate, the compression of nearly all chunks: ISA-L takes half of zlib's time for it."""

from __future__ import annotations

from typing import Any

try:
    from isal.isal_zlib import decompress
except ImportError:  # a machine for which there is no wheel of it
    from zlib import decompress


def inflated(data: Any) -> bytes:
    """Unpack what numcodecs' ``zlib`` codec unpacks, with its checksum checked.

    Parameters
    ----------
    data : bytes-like
        A stream of RFC 1950, which is what HDF5's deflate filter writes.

    Returns
    -------
    bytes

    Raises
    ------
    Exception
        ISA-L's or zlib's own error, if the stream is cut off or damaged.
    """
    return decompress(data)
