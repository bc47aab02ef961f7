"""How far a download has come."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Downloaded:
    """How far a download has come.

    Attributes
    ----------
    objects, objects_total : int
        Datasets whose chunks are here, and all that were chosen.
    chunks, chunks_total : int
    bytes, bytes_total : int
        Stored bytes; of data that only HDF5 reads, bytes of its elements.
    resumed : int
        Bytes that an earlier run had fetched.
    rate : float
        Bytes in a second, without these.
    changed : tuple of str
        Addresses whose content has changed since that run: they are fetched anew.
    """

    objects: int
    objects_total: int
    chunks: int
    chunks_total: int
    bytes: int
    bytes_total: int
    resumed: int
    rate: float
    changed: tuple[str, ...]
