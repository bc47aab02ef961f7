"""What a rule of the walk asks for: a stretch of the file, and what to make of it when it is there."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple


class Want(NamedTuple):
    """A stretch of the file that HDF5 will read.

    Attributes
    ----------
    offset, length : int
        The bytes, inside the file.
    parse : callable or None
        ``parse(data)`` gives what this stretch leads to; None where it leads nowhere.
    around : int
        Bytes of the neighbourhood that come along if a request is needed at all.
    late : bool
        Whether others go first, because they lead further.
    """

    offset: int
    length: int
    parse: Callable[[bytes], Iterable[Want]] | None = None
    around: int = 0
    late: bool = False
