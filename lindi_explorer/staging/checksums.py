"""Checksums of chunks that are written to files of this machine, and whether they still hold."""

from __future__ import annotations

import zlib
from array import array
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from lindi_explorer.byterange import ByteRange
from lindi_explorer.errors import TransferError
from lindi_explorer.remote import CancelToken

Numbers = npt.NDArray[np.int64]

_PIECE = 4 << 20
"""Bytes that are in memory at once."""

_OFTEN = 1024
"""Rows after which it is looked whether to stop."""


class Summed(Iterable[bytes]):
    """Bytes whose checksum is known once they have gone through.

    Parameters
    ----------
    parts : iterable of bytes
    """

    def __init__(self, parts: Iterable[bytes]) -> None:
        self._parts = parts
        self.checksum = 0

    def __iter__(self) -> Iterator[bytes]:
        for part in self._parts:
            self.checksum = zlib.crc32(part, self.checksum)
            yield part


class KeptChunks:
    """Remembers what was written where, to compare it with what can be read."""

    def __init__(self) -> None:
        self._rows: dict[str, Any] = {}

    def keep(self, append: Callable[[Iterable[bytes]], ByteRange], parts: Iterable[bytes]) -> ByteRange:
        """Write the bytes of a chunk.

        Parameters
        ----------
        append : callable
            Writes them, and says where they are.
        parts : iterable of bytes

        Returns
        -------
        ByteRange
        """
        summed = Summed(parts)
        found = append(summed)
        rows = self._rows.setdefault(found.url, array("q"))
        rows.extend((found.offset, found.length, summed.checksum))
        return found

    def require_whole(self, cancel: CancelToken | None) -> None:
        """Read everything back.

        Parameters
        ----------
        cancel : CancelToken or None

        Raises
        ------
        TransferError
            If something is not what was written.
        """
        for url, rows in self._rows.items():
            offset, length, checksum = np.frombuffer(rows, dtype=np.int64).reshape(-1, 3).T
            if not whole_rows(Path(url), offset, length, checksum, cancel).all():
                raise TransferError(
                    f"what can be read of {url} is not what was written there",
                    hint="Look at the disk, and begin again.",
                )


def whole_rows(
    path: Path, offset: Numbers, length: Numbers, checksum: Numbers, cancel: CancelToken | None
) -> npt.NDArray[np.bool_]:
    """Which stretches of a file have the content that they had.

    Parameters
    ----------
    path : Path
    offset, length, checksum : numpy.ndarray
    cancel : CancelToken or None

    Returns
    -------
    numpy.ndarray
        bool
    """
    whole = np.zeros(len(offset), dtype=bool)
    if not path.is_file():
        return whole
    order = np.argsort(offset, kind="stable")
    with path.open("rb", buffering=_PIECE) as file:
        for number, row in enumerate(order.tolist()):
            if cancel is not None and number % _OFTEN == 0:
                cancel.check()
            file.seek(int(offset[row]))
            left, found = int(length[row]), 0
            while left > 0 and (part := file.read(min(left, _PIECE))):
                found, left = zlib.crc32(part, found), left - len(part)
            whole[row] = left == 0 and found == checksum[row]
    return whole
