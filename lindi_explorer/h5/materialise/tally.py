"""How far a copy has come, and what of it could not be made."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from lindi_explorer.errors import (
    FormatError,
    LindiError,
    MissingFileError,
    NodeNotFoundError,
    UnsupportedError,
)
from lindi_explorer.remote import CancelToken, current_token

_EVERY = 0.1
"""Seconds between two calls of a progress function."""

ITS_OWN = (FormatError, MissingFileError, NodeNotFoundError, UnsupportedError)
"""What is wrong with one object, and costs no other; a fault of the network ends the copy."""


_ODD = (KeyError, MemoryError, OverflowError, RuntimeError, TypeError, ValueError)
"""What h5py and NumPy raise for values that do not fit."""


@dataclass(frozen=True, slots=True)
class Copied:
    """How far a copy has come.

    Attributes
    ----------
    objects : int
        Groups, datasets, committed types and links that are in place.
    objects_total : int or None
        Of all of them; None as long as nobody has counted.
    bytes : int
        Stored bytes of the data that is in place.
    bytes_total : int or None
        Of all data.
    """

    objects: int
    objects_total: int | None
    bytes: int
    bytes_total: int | None


@dataclass(frozen=True, slots=True)
class Loss:
    """Something that could not be copied.

    Attributes
    ----------
    path : str
        Of the object, with leading slash.
    why : str
        What is missing, and why.
    """

    path: str
    why: str


@dataclass(frozen=True, slots=True)
class CopyReport:
    """What came of a copy.

    Attributes
    ----------
    objects : int
        Groups, datasets, committed types and links.
    bytes : int
        Stored bytes of their data.
    losses : tuple of Loss
        What could not be copied; empty for a copy that is complete.
    """

    objects: int
    bytes: int
    losses: tuple[Loss, ...]


class Tally:
    """Counts, tells whoever wants to know, and stops where that is wanted.

    Parameters
    ----------
    progress : callable, optional
        Told now and then how far it has come.
    cancel : CancelToken, optional
        By default the one of the surrounding `cancelling` block.
    """

    def __init__(
        self, progress: Callable[[Copied], None] | None = None, cancel: CancelToken | None = None
    ) -> None:
        self.cancel = cancel or current_token()
        self.objects = 0
        self.objects_total: int | None = None
        self.bytes = 0
        self.bytes_total: int | None = None
        self.arrays = 0
        self._failed: dict[str, str] = {}
        self.losses: list[Loss] = []
        self._progress = progress
        self._told = 0.0

    def add(self, *, objects: int = 0, size: int = 0) -> None:
        """Count something; raises `CancelledByUserError` where the copy is to stop."""
        self.objects += objects
        self.bytes += size
        if self.cancel is not None:
            self.cancel.check()
        if self._progress is not None and time.monotonic() - self._told >= _EVERY:
            self.tell()

    def expect(self, size: int) -> None:
        """Count data that is going to come."""
        self.bytes_total = (self.bytes_total or 0) + size

    def tell(self) -> None:
        """Tell how far it has come, now."""
        if self._progress is not None:
            self._progress(Copied(self.objects, self.objects_total, self.bytes, self.bytes_total))
            self._told = time.monotonic()

    def lose(self, path: str, why: str, *, data: bool = False) -> None:
        """Note that something could not be copied.

        Parameters
        ----------
        path : str
            Of the object, without leading slash.
        why : str
        data : bool
            Whether it is the data of a dataset; noted once for each.
        """
        if data:
            if path in self._failed:
                return
            self._failed[path] = why
        loss = Loss(f"/{path}", why)
        if loss not in self.losses[-1:]:
            self.losses.append(loss)

    def has_failed(self, path: str) -> bool:
        """Whether the data at a path could not be copied."""
        return path in self._failed

    def why(self, path: str) -> str:
        """What was noted of the data at a path."""
        return self._failed.get(path, "")

    @contextmanager
    def losing(self, path: str, what: str, *, data: bool = False) -> Iterator[None]:
        """Note what is wrong with one object in place of raising it.

        Parameters
        ----------
        path : str
        what : str
            What is lost then, as the beginning of a sentence.
        data : bool
            As for `lose`.
        """
        try:
            yield
        except ITS_OWN as error:
            self.lose(path, f"{what}: {error.message}", data=data)
        except _ODD as error:
            if isinstance(error, LindiError):
                raise
            self.lose(path, f"{what}: {error}", data=data)

    def report(self) -> CopyReport:
        """What came of it.

        Raises
        ------
        UnsupportedError
            If there is data, and none of it could be copied.
        CancelledByUserError
            If the copy is to stop, at the last moment.
        """
        self.objects_total = self.objects
        self.tell()
        if self.cancel is not None:
            self.cancel.check()
        if self._failed and not self.arrays:
            path, why = next(iter(self._failed.items()))
            raise UnsupportedError(
                f"no data could be copied; that of /{path}: {why}", hint="Nothing was written."
            )
        return CopyReport(self.objects, self.bytes, tuple(self.losses))
