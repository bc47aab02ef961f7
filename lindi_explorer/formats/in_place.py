"""What all containers that are written in their place have in common."""

from __future__ import annotations

import threading
import weakref
from abc import ABC, abstractmethod
from typing import ClassVar, Self

from lindi_explorer.formats.lock import WriteLock
from lindi_explorer.formats.relocated import Relocated
from lindi_explorer.formats.splice import Splice
from lindi_explorer.references.chunks import Reference
from lindi_explorer.references.model import References
from lindi_explorer.references.outline import Outline

INLINE = 1000
"""Encoded chunks of fewer bytes stay inside the document, as upstream has it."""

EMPTY = {"refs": {".zgroup": {"zarr_format": 2}}, "version": 1}
"""The document of a file in which there is nothing."""


class Container(ABC):
    """A LINDI file on this machine that is written in its place; any thread may call it.

    Parameters
    ----------
    address : str
        Absolute path of the file or folder.
    lock : WriteLock
        Released by `close`.
    """

    format: ClassVar[str]
    """``LINDI JSON``, ``LINDI tar`` or ``LINDI folder``."""

    def __init__(self, address: str, lock: WriteLock) -> None:
        self.address = address
        self._mutex = threading.RLock()
        self._release = weakref.finalize(self, lock.release)

    @abstractmethod
    def put(self, data: bytes | memoryview) -> Reference:
        """Keep the encoded bytes of one chunk.

        Parameters
        ----------
        data : bytes or memoryview
            The caller's again afterwards.

        Returns
        -------
        bytes or ByteRange
            ``data`` itself, as bytes, where it stays inside the document. Otherwise where it lies, with the
            absolute path of the file: it can be read at once, and is gone at `close` unless a `write` came
            before.

        Raises
        ------
        OSError
            If it cannot be written.
        """

    @abstractmethod
    def relocated(self, references: References) -> Relocated:
        """The hierarchy as the document of this container has it.

        Parameters
        ----------
        references : References
            With absolute addresses.

        Returns
        -------
        Relocated
            Byte ranges inside the container are ``./member``, and count from its beginning. All others are as
            they were.

        Raises
        ------
        FormatError
            When chunks are looked up: for a byte range that lies in no member.
        """

    @abstractmethod
    def text(self) -> bytes:
        """The text of the saved document."""

    @abstractmethod
    def write(self, document: Outline | Splice) -> None:
        """Make a document the saved one, with all chunks that were put.

        Parameters
        ----------
        document : Outline or Splice
            Of `relocated` references.

        Raises
        ------
        OSError
            If it cannot be written; then the old document stays the saved one. It does as well if the process
            is killed.
        """

    @property
    def closed(self) -> bool:
        """Whether it was closed."""
        return not self._release.alive

    def close(self) -> None:
        """Drop what was put and never saved, and release the lock; closing again does nothing."""
        with self._mutex:
            if not self.closed:
                try:
                    self._drop()
                finally:
                    self._release()

    @abstractmethod
    def _drop(self) -> None:
        """Drop what was put and never saved, and let go of the files."""

    def _check_open(self) -> None:
        if self.closed:
            raise ValueError(f"{self.address} is closed")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
